"""Write word vectors in the formats of other tools."""

import contextlib
import gzip
import lzma
import os
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np

from seqkit.errors import ConfigError, DataError, choices
from seqkit.files import atomic_write
from seqkit.vectors.fasttext_model import FASTTEXT_VERSION, FastTextArguments
from seqkit.vectors.file_rows import ends_as_a_number
from seqkit.vectors.formats import FASTTEXT_MAGIC, FORMATS, VectorFormat
from seqkit.vectors.stored import StoredVectors

__all__ = ["write_vector_file"]

_BLOCK = 4096  # rows at a time
_NO_WORD = re.compile(r"[\x00-\x20]")  # white space and control characters, which end a word


def write_vector_file(
    path: str | os.PathLike[str], vectors: StoredVectors, *, format: VectorFormat
) -> None:
    """Write a file of word vectors, whole or not at all; packed where its name ends in .gz or .xz.

    What is read back equals what was written, to the last bit, and the same vectors make the same
    bytes. Only fastText's .bin has another number for a word's vector (its own row, without its
    n-grams), whose rounding shows in the last digits; the output layer in it is zero, as in an
    untrained model, and what is unknown of the training has fastText's defaults.

    Args:
        path: the file.
        vectors: what to write; a table of n-grams is left out of all formats but fasttext-binary.
        format: see `VectorFormat`; fasttext is the text of a .vec file.

    Raises:
        ConfigError: an unknown format, or fasttext-binary without n-grams or counts.
        DataError: a word that the format cannot hold.
    """
    if format not in FORMATS:
        raise ConfigError(choices("format", format, FORMATS))
    if format == "fasttext-binary" and (vectors.subwords is None or vectors.counts is None):
        raise ConfigError(
            f"{path}: fasttext-binary holds n-grams and counts of words, which these vectors lack: "
            "choose word2vec-binary"
        )
    _check_words(path, vectors.words, format)
    with _packing(path) as stream:
        _WRITERS[format](stream, vectors)


@contextlib.contextmanager
def _packing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    suffix = Path(path).suffix
    with atomic_write(path) as handle, contextlib.ExitStack() as stack:
        if suffix == ".gz":  # without name and time, so that the same vectors make the same bytes
            handle = stack.enter_context(gzip.GzipFile("", "wb", fileobj=handle, mtime=0))
        elif suffix == ".xz":
            handle = stack.enter_context(lzma.open(handle, "wb"))
        yield handle


def _check_words(path: str | os.PathLike[str], words: list[str], format: VectorFormat) -> None:
    for number, word in enumerate(words, start=1):
        try:
            key = word.encode()
        except UnicodeEncodeError:
            fits = False
        else:
            fits = _fits(word, key, format, first=number == 1)
        if not fits:
            raise DataError(
                f"{path}: the format {format} cannot hold the word {word!r} (row {number}): leave "
                "it out, or save a bundle, which holds any word"
            )


def _fits(word: str, key: bytes, format: VectorFormat, *, first: bool) -> bool:
    if format == "fasttext-binary":
        return "\0" not in word
    if format == "glove" and " " in word and not first:  # that row says how wide the others are
        return not _NO_WORD.search(word.replace(" ", "")) and not ends_as_a_number(key)
    return (bool(word) or (format == "glove" and not first)) and not _NO_WORD.search(word)


def _blocks(vectors: StoredVectors) -> Iterator[tuple[list[bytes], np.ndarray]]:
    for start in range(0, len(vectors.words), _BLOCK):
        words = vectors.words[start : start + _BLOCK]
        rows = np.asarray(vectors.vectors[start : start + _BLOCK], "<f4")
        yield [word.encode() for word in words], rows


def _header(vectors: StoredVectors) -> bytes:
    return b"%d %d\n" % (len(vectors.words), vectors.vectors.shape[1])


def _text(stream: IO[bytes], vectors: StoredVectors, *, header: bool, end: bytes) -> None:
    if header:
        stream.write(_header(vectors))
    values = b" ".join([b"%.9g"] * vectors.vectors.shape[1])  # 9 digits are any float32
    line = b"%b " + values + end
    for words, rows in _blocks(vectors):
        stream.writelines(
            line % (word, *row) for word, row in zip(words, rows.tolist(), strict=True)
        )


def _word2vec(stream: IO[bytes], vectors: StoredVectors) -> None:
    _text(stream, vectors, header=True, end=b"\n")


def _glove(stream: IO[bytes], vectors: StoredVectors) -> None:
    _text(stream, vectors, header=False, end=b"\n")


def _fasttext(stream: IO[bytes], vectors: StoredVectors) -> None:
    _text(stream, vectors, header=True, end=b" \n")


def _word2vec_binary(stream: IO[bytes], vectors: StoredVectors) -> None:
    stream.write(_header(vectors))
    for words, rows in _blocks(vectors):
        stream.writelines(
            word + b" " + row.tobytes() + b"\n" for word, row in zip(words, rows, strict=True)
        )


def _fasttext_binary(stream: IO[bytes], vectors: StoredVectors) -> None:
    subwords, counts = vectors.subwords, vectors.counts
    assert subwords is not None and counts is not None, "checked at the door"
    size, dim = len(vectors.words), subwords.dim
    arguments = FastTextArguments(
        dim=dim, ws=5, epoch=5, min_count=int(counts.min(initial=1)), neg=5, word_ngrams=1, loss=2,
        model=2, bucket=subwords.buckets, minn=subwords.minn, maxn=subwords.maxn,
        lr_update_rate=100, t=1e-4,
    )  # fmt: skip
    stream.write(struct.pack("<2i", FASTTEXT_MAGIC, FASTTEXT_VERSION))
    stream.write(FastTextArguments.LAYOUT.pack(*arguments))
    stream.write(struct.pack("<3i2q", size, size, 0, int(counts.sum()), -1))
    for word, count in zip(vectors.words, counts.tolist(), strict=True):
        stream.write(word.encode() + b"\0" + struct.pack("<q?", count, False))
    stream.write(struct.pack("<?2q", False, size + subwords.buckets, dim))
    for start in range(0, size, _BLOCK):
        rows = np.asarray(vectors.vectors[start : start + _BLOCK], np.float64)
        sums, ngrams = subwords.sums(vectors.words[start : start + _BLOCK])
        stream.write((rows * (ngrams + 1)[:, None] - sums).astype("<f4").tobytes())
    for start in range(0, subwords.buckets, _BLOCK):
        at = np.arange(start, min(start + _BLOCK, subwords.buckets))
        stream.write(np.asarray(subwords.table[at], "<f4").tobytes())
    stream.write(struct.pack("<?2q", False, size, dim))
    for start in range(0, size, _BLOCK):
        stream.write(bytes(4 * dim * min(_BLOCK, size - start)))


_WRITERS: dict[VectorFormat, Callable[[IO[bytes], StoredVectors], None]] = {
    "word2vec": _word2vec,
    "word2vec-binary": _word2vec_binary,
    "glove": _glove,
    "fasttext": _fasttext,
    "fasttext-binary": _fasttext_binary,
}
