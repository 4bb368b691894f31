"""The rows of a file of word vectors in text, or in word2vec's binary form, one after the other."""

import codecs
import os
from collections.abc import Container, Iterator
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.vectors.byte_reader import ByteReader
from seqkit.vectors.formats import VectorFormat, read_header

__all__ = ["Row", "file_rows"]


_WIDEST = 1 << 20  # values of a vector in a binary file; a header that says more is damaged


class Row(NamedTuple):
    """One word with its vector."""

    where: str
    """Its place, for the message of an error."""
    key: bytes
    """The word, as its bytes in the file."""
    vector: npt.NDArray[np.float32]
    """(E,), finite."""


def file_rows(
    stream: IO[bytes],
    path: str | os.PathLike[str],
    format: VectorFormat,
    *,
    wanted: Container[bytes] | None = None,
) -> Iterator[Row]:
    """Yield the rows of a file; the others are passed over without reading their numbers.

    Args:
        stream: the file, at its start.
        path: its name, for the messages.
        format: any but fasttext-binary.
        wanted: the words to yield, None for all.

    Raises:
        DataError: a row of another width, a value that is no finite number, or another count of
            rows than the header says.
    """
    return (_binary_rows if format == "word2vec-binary" else _text_rows)(stream, path, wanted)


def _text_rows(
    stream: IO[bytes], path: str | os.PathLike[str], wanted: Container[bytes] | None
) -> Iterator[Row]:
    dim, header, number = 0, None, 0
    for number, line in enumerate(stream, start=1):
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
            if header := read_header(line):
                dim = header[1]
                continue
        line = line.rstrip()
        values = line.count(b" ")
        dim = dim or values
        # GloVe, which has no header, has words with spaces: the vector is the last `dim` fields
        if dim < 1 or values < dim or (header and values > dim):
            said = f", as its header says {dim}" if header else ""
            raise DataError(f"{path}:{number}: {values} values, expected {dim or 'some'}{said}")
        key = line.partition(b" ")[0] if values == dim else line.rsplit(b" ", dim)[0]
        if wanted is None or key in wanted:
            where = f"{path}:{number}"
            yield Row(where, key, _numbers(line[len(key) + 1 :].split(b" "), where))
    if header:
        _check_count(path, header[0], number - 1)


def _binary_rows(
    stream: IO[bytes], path: str | os.PathLike[str], wanted: Container[bytes] | None
) -> Iterator[Row]:
    reader = ByteReader(stream)
    header = read_header(reader.until(b"\n") or b"")
    assert header is not None, "the format is word2vec-binary by its header"
    count, dim = header
    if not 1 <= dim <= _WIDEST:
        raise DataError(f"{path}:1: vectors of {dim} values, expected 1 to {_WIDEST}")
    number = 0
    while (key := reader.until(b" ")) is not None:
        number += 1
        content = reader.take(4 * dim)
        if len(content) < 4 * dim:
            raise DataError(
                f"{path}: ends in the middle of vector {number}, its header says {count} vectors "
                f"of {dim} values: fetch it again"
            )
        key = key.lstrip(b"\n")
        if wanted is None or key in wanted:
            where = f"{path}: vector {number}"
            yield Row(where, key, _finite(np.frombuffer(content, "<f4"), where))
    if reader.take(2).strip():
        raise DataError(f"{path}: ends in the middle of a word after vector {number}")
    _check_count(path, count, number)


def _check_count(path: str | os.PathLike[str], said: int, found: int) -> None:
    if said != found:
        raise DataError(
            f"{path}: its header says {said} vectors, the file has {found}: fetch it again, or "
            "correct its first line"
        )


def _numbers(fields: list[bytes], where: str) -> npt.NDArray[np.float32]:
    try:
        with np.errstate(over="ignore"):
            vector = np.array(fields, np.float32)
    except ValueError as error:
        raise DataError(f"{where}: {error}") from None
    return _finite(vector, where)


def _finite(vector: npt.NDArray[np.float32], where: str) -> npt.NDArray[np.float32]:
    if not np.isfinite(vector).all():
        raise DataError(f"{where}: a vector with a value that is not finite in float32")
    return vector
