"""Read the .bin file of fastText: a dictionary, the rows of its words, and those of n-grams."""

import os
import struct
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.vectors.byte_reader import ByteReader
from seqkit.vectors.formats import FASTTEXT_MAGIC, is_packed, open_vectors
from seqkit.vectors.subwords import Subwords

__all__ = ["FASTTEXT_VERSION", "FastTextArguments", "FastTextModel", "read_fasttext"]

FASTTEXT_VERSION = 12
"""Of the format, since 2017."""

_BLOCK = 4096  # words that are composed at a time


class FastTextArguments(NamedTuple):
    """How a model was trained: the numbers after the magic and the version, in their order."""

    LAYOUT = struct.Struct("<12id")

    dim: int
    ws: int
    epoch: int
    min_count: int
    neg: int
    word_ngrams: int
    loss: int
    model: int
    bucket: int
    minn: int
    maxn: int
    lr_update_rate: int
    t: float


@dataclass(frozen=True)
class FastTextModel:
    """What a .bin file holds of vectors; the labels and the output layer are left out."""

    words: list[str]
    counts: npt.NDArray[np.int64]
    """(V,)"""
    rows: npt.NDArray[np.float32]
    """(V, E): a word's own row, which is not its vector where there are n-grams."""
    subwords: Subwords | None
    """None for a model without n-grams of characters."""

    def vectors(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Return the vectors of words (N, E): the mean of a word's row and those of its n-grams.

        Raises:
            DataError: a value that is not finite.
        """
        vectors = np.empty((len(indices), self.rows.shape[1]), np.float32)
        for start in range(0, len(indices), _BLOCK):
            block = indices[start : start + _BLOCK]
            part = np.array(self.rows[block])
            if self.subwords is not None:
                sums, counts = self.subwords.sums([self.words[index] for index in block])
                part += sums
                part /= (counts + 1).astype(np.float32)[:, None]
            vectors[start : start + len(block)] = part
        bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
        if len(bad):
            word = self.words[indices[bad[0]]]
            raise DataError(
                f"the vector of {word!r} has a value that is not finite in float32: "
                "fetch the file again, or train it anew"
            )
        return vectors


def read_fasttext(path: str | os.PathLike[str]) -> FastTextModel:
    """Read a .bin file; its rows are mapped into memory where the file is not packed.

    Raises:
        DataError: cut short, damaged, quantised, or of a newer fastText.
    """
    with open_vectors(path) as stream:
        reader = ByteReader(stream)
        magic, version = _unpack(reader, "<2i", path)
        if magic != FASTTEXT_MAGIC or not 11 <= version <= FASTTEXT_VERSION:
            raise DataError(f"{path}: fastText format {version}, expected 11 or {FASTTEXT_VERSION}")
        content = _take(reader, FastTextArguments.LAYOUT.size, path)
        arguments = FastTextArguments(*FastTextArguments.LAYOUT.unpack(content))
        words, counts = _read_dictionary(reader, path)
        (quantised,) = _unpack(reader, "<?", path)
        if quantised:
            raise DataError(
                f"{path}: a quantised fastText model (.ftz): its vectors are only approximate; "
                "give the .bin or .vec file that it was made from"
            )
        rows, dim = _unpack(reader, "<2q", path)
        if rows != len(words) + max(arguments.bucket, 0) or dim != arguments.dim or dim < 1:
            raise DataError(
                f"{path}: damaged: a matrix of {rows} x {dim} for {len(words)} words, "
                f"{arguments.bucket} buckets and vectors of {arguments.dim} values"
            )
        matrix = _read_matrix(reader, (rows, dim), path, mapped=not is_packed(stream))
    subwords = None
    minn, maxn = max(arguments.minn, 0), arguments.maxn
    # supervised models of version 11 have no n-grams of characters, whatever they say
    old_supervised = version == 11 and arguments.model == 3
    if maxn >= max(minn, 1) and arguments.bucket > 0 and not old_supervised:
        subwords = Subwords(matrix[len(words) :], minn, maxn)
    return FastTextModel(words, counts, matrix[: len(words)], subwords)


def _read_dictionary(
    reader: ByteReader, path: str | os.PathLike[str]
) -> tuple[list[str], npt.NDArray[np.int64]]:
    size, count, labels, _, pruned = _unpack(reader, "<3i2q", path)
    if size != count + labels or count < 1 or labels < 0:
        raise DataError(f"{path}: damaged: a dictionary of {count} words and {labels} labels")
    if pruned >= 0:
        raise DataError(
            f"{path}: a fastText model with n-grams cut off (quantize -cutoff): give the model "
            "that it was made from"
        )
    words, counts = [], np.zeros(count, np.int64)
    for index in range(size):
        key = reader.until(b"\0")
        if key is None:
            raise _cut_short(path)
        frequency, label = _unpack(reader, "<q?", path)
        if label != (index >= count):
            kind = "label" if label else "word"
            raise DataError(f"{path}: damaged: entry {index + 1} of its dictionary is a {kind}")
        if not label:
            try:
                words.append(key.decode())
            except UnicodeDecodeError:
                raise DataError(f"{path}: word {index + 1}, {key!r}, is not UTF-8") from None
            counts[index] = frequency
    return words, counts


def _read_matrix(
    reader: ByteReader, shape: tuple[int, int], path: str | os.PathLike[str], *, mapped: bool
) -> npt.NDArray[np.float32]:
    if mapped:
        if os.path.getsize(path) < reader.offset + 4 * shape[0] * shape[1]:
            raise _cut_short(path)
        return np.memmap(path, "<f4", "r", offset=reader.offset, shape=shape)
    matrix = np.empty(shape, "<f4")
    if not reader.fill(matrix):
        raise _cut_short(path)
    return matrix


def _unpack(reader: ByteReader, layout: str, path: str | os.PathLike[str]) -> tuple[int, ...]:
    return struct.unpack(layout, _take(reader, struct.calcsize(layout), path))


def _take(reader: ByteReader, count: int, path: str | os.PathLike[str]) -> bytes:
    content = reader.take(count)
    if len(content) < count:
        raise _cut_short(path)
    return content


def _cut_short(path: str | os.PathLike[str]) -> DataError:
    return DataError(f"{path}: a fastText model that is cut short: fetch it again")
