"""The formats of word vectors: which one a file has, found by its content."""

import codecs
import contextlib
import gzip
import lzma
import math
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal, get_args

from seqkit.errors import DataError

__all__ = [
    "FASTTEXT_MAGIC",
    "FORMATS",
    "VectorFormat",
    "detect_format",
    "is_number",
    "is_packed",
    "open_vectors",
    "read_header",
]

VectorFormat = Literal["word2vec", "word2vec-binary", "glove", "fasttext", "fasttext-binary"]
"""word2vec's text and binary form, GloVe (no header), fastText's .vec and its .bin with n-grams."""

FORMATS: tuple[VectorFormat, ...] = get_args(VectorFormat)
"""The names of the formats."""

FASTTEXT_MAGIC = 793712314
"""The number that a fastText model begins with."""

_PACKED = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ\x00": lzma.open}
_FOREIGN = {
    b"\x80": "a pickle, such as gensim's own .model or .kv, which is never loaded here: load it "
    "with gensim and write it by wv.save_word2vec_format(PATH)",
    b"PK\x03\x04": "a zip archive: unpack it and give the file of vectors in it",
    b"\x93NUMPY": "an array without words: give the file that has the words too",
}
_HTML = re.compile(rb"\s*<(!doctype|html|head|\?xml)\b", re.IGNORECASE)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_LINE = 1 << 20  # bytes of a line that are looked at


@contextlib.contextmanager
def open_vectors(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file for reading, unpacking gzip and xz, whatever its name.

    Raises:
        DataError: there is none, or what is packed is damaged, also while it is read.
    """
    if not Path(path).is_file():
        raise DataError(f"{path}: no such file of word vectors")
    with open(path, "rb") as plain:
        start = plain.read(max(map(len, _PACKED)))
    opener: Any = next((o for magic, o in _PACKED.items() if start.startswith(magic)), open)
    try:
        with opener(path, "rb") as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
        raise DataError(f"{path}: damaged or cut short ({error}): fetch it again") from None


def is_packed(stream: IO[bytes]) -> bool:
    """Whether `open_vectors` unpacks what it reads."""
    return isinstance(stream, gzip.GzipFile | lzma.LZMAFile)


def detect_format(path: str | os.PathLike[str]) -> VectorFormat:
    """Tell the format of a file by its first two lines; a .vec of fastText is word2vec's text.

    Raises:
        DataError: no such file, an empty one, or one that holds something else.
    """
    with open_vectors(path) as stream:
        first = stream.readline(_LINE)
        second = stream.readline(_LINE)
    if not first:
        raise DataError(f"{path}: empty: expected word vectors")
    if first.startswith(FASTTEXT_MAGIC.to_bytes(4, "little")):
        return "fasttext-binary"
    for magic, what in _FOREIGN.items():
        if first.startswith(magic):
            raise DataError(f"{path}: {what}")
    if _HTML.match(first):
        raise DataError(f"{path}: a web page, not word vectors: the download went wrong")
    if read_header(first) is not None:
        return "word2vec" if _is_text(second) else "word2vec-binary"
    if _NO_TEXT.search(first + second):
        raise DataError(
            f"{path}: no word vectors: expected the text or binary form of word2vec, GloVe or "
            "fastText"
        )
    return "glove"


def read_header(line: bytes) -> tuple[int, int] | None:
    """Read the line `count dim`, as (count, dim); None where it is none such."""
    fields = line.removeprefix(codecs.BOM_UTF8).split()
    if len(fields) != 2 or not all(map(bytes.isdigit, fields)):
        return None
    return int(fields[0]), int(fields[1])


def is_number(field: bytes, *, finite: bool = True) -> bool:
    """Whether a field of a row is a number, and a finite one where that is asked for."""
    try:
        return math.isfinite(float(field)) or not finite
    except ValueError:
        return False


def _is_text(row: bytes) -> bool:
    """Whether the row after the header is text: bytes of floats are hardly ever such."""
    if _NO_TEXT.search(row):
        return False
    values = row.split()[1:]
    if not values:  # a word alone; with a blank behind it, a float whose first byte ends the line
        return b" " not in row
    return any(is_number(value, finite=False) for value in values)
