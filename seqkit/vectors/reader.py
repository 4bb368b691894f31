"""Read the vectors of a vocabulary from a file of word vectors, without holding the file."""

import gzip
import lzma
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError

__all__ = ["Coverage", "read_vectors"]

_FASTTEXT_MODEL = bytes.fromhex("ba164f2f")  # how the .bin of a fastText model begins


@dataclass(frozen=True)
class Coverage:
    """How much of a vocabulary a vector file knows."""

    found: int
    """Words with a vector under their own spelling."""
    lowered: int
    """Further words that took the vector of their lower-case form."""
    words: int
    """Words asked for."""

    @property
    def share(self) -> float:
        """Share of the words that have a vector, between 0 and 1."""
        return (self.found + self.lowered) / self.words if self.words else 0.0


def read_vectors(
    path: str | os.PathLike[str], words: Sequence[str]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_], Coverage]:
    """Look up the vectors of `words` in a file, in one pass.

    Formats: word2vec text and fastText `.vec` (a header `count dim`), GloVe (no header), word2vec
    binary (`.bin`); each also as `.gz` or `.xz`. A word that the file lacks takes the vector of its
    lower-case form. Of a word that stands twice the first row counts.

    Args:
        path: the file.
        words: what to look up, all different.

    Returns:
        Vectors (len(words), E) float32, zero where nothing was found; found (len(words),) bool;
        and the coverage.

    Raises:
        DataError: no such file, not one of these formats, damaged, a row of another width (with its
            line), a value of a word asked for that is no finite number, or none of the words known.
    """
    path = os.fspath(path)
    if not Path(path).is_file():
        raise DataError(f"{path}: no such file of word vectors")
    wanted = {word.encode("utf-8", "surrogatepass"): word for word in words}
    wanted.update({w.lower().encode("utf-8", "surrogatepass"): w.lower() for w in words})
    rows: dict[str, npt.NDArray[np.float32]] = {}
    try:
        reader = _binary_rows if _is_binary(path) else _text_rows
        with _open(path) as stream:
            for key, vector in reader(stream, path, wanted):
                rows.setdefault(wanted[key], vector)
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
        raise DataError(f"{path}: damaged or cut short ({error}): fetch it again") from None
    if not rows:
        raise DataError(f"{path}: knows none of the {len(words)} words of the vocabulary")
    dim = len(next(iter(rows.values())))
    vectors = np.zeros((len(words), dim), np.float32)
    known = np.zeros(len(words), bool)
    found = lowered = 0
    for index, word in enumerate(words):
        row = rows.get(word)
        if row is not None:
            found += 1
        elif (row := rows.get(word.lower())) is not None:
            lowered += 1
        else:
            continue
        vectors[index], known[index] = row, True
    return vectors, known, Coverage(found, lowered, len(words))


def _open(path: str) -> IO[bytes]:
    if path.endswith(".gz"):
        return gzip.open(path, "rb")
    return lzma.open(path, "rb") if path.endswith(".xz") else open(path, "rb")


def _is_binary(path: str) -> bool:
    """Tell word2vec's binary form: a header, then a line that does not end in a number."""
    with _open(path) as stream:
        start, row = stream.readline(200), stream.readline(1 << 20).split()
    if start.startswith(_FASTTEXT_MODEL):
        raise DataError(f"{path}: a whole fastText model: give the .vec file beside it")
    if _header(start) is None or not row:
        return False
    try:
        float(row[-1])
    except ValueError:
        return True
    return False


def _header(line: bytes) -> tuple[int, int] | None:
    """Read `count dim`; None where the line is none such."""
    fields = line.split()
    if len(fields) != 2 or not all(map(bytes.isdigit, fields)):
        return None
    return int(fields[0]), int(fields[1])


def _text_rows(
    stream: IO[bytes], path: str, wanted: dict[bytes, str]
) -> Iterator[tuple[bytes, npt.NDArray[np.float32]]]:
    dim, header = 0, None
    for number, line in enumerate(stream, start=1):
        line = line.rstrip()
        if number == 1 and (header := _header(line)):
            dim = header[1]
            continue
        values = line.count(b" ")
        dim = dim or values
        # GloVe, which has no header, has words with spaces: the vector is the last `dim` fields
        if dim < 1 or values < dim or (header and values > dim):
            raise DataError(f"{path}:{number}: {values} values, expected {dim or 'some'}")
        key = line.partition(b" ")[0] if values == dim else line.rsplit(b" ", dim)[0]
        if key in wanted:
            yield key, _numbers(line[len(key) + 1 :].split(b" "), f"{path}:{number}")


def _numbers(fields: Sequence[bytes], where: str) -> npt.NDArray[np.float32]:
    try:
        vector = np.array([float(field) for field in fields])
    except ValueError as error:
        raise DataError(f"{where}: {error}") from None
    return _finite(vector, where)


def _finite(vector: npt.NDArray[np.floating], where: str) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):
        vector = vector.astype(np.float32)
    if not np.isfinite(vector).all():
        raise DataError(f"{where}: a vector with a value that is not finite in float32")
    return vector


def _binary_rows(
    stream: IO[bytes], path: str, wanted: dict[bytes, str]
) -> Iterator[tuple[bytes, npt.NDArray[np.float32]]]:
    count, dim = map(int, stream.readline(200).split())
    if dim < 1:
        raise DataError(f"{path}:1: vectors of {dim} values, expected 1 or more")
    for number in range(1, count + 1):
        key = bytearray()
        while (byte := stream.read(1)) not in (b" ", b""):
            if byte != b"\n":
                key += byte
        content = stream.read(4 * dim)
        if len(content) < 4 * dim:
            raise DataError(f"{path}: ends at vector {number}, its header says {count}")
        if bytes(key) in wanted:
            yield bytes(key), _finite(np.frombuffer(content, "<f4"), f"{path}: vector {number}")
