"""The rows of a file of word vectors in text, or in word2vec's binary form, one after the other."""

import codecs
import os
from collections.abc import Container, Iterator
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.vectors.amounts import amount
from seqkit.vectors.byte_reader import ByteReader
from seqkit.vectors.formats import VectorFormat, is_number, read_header

__all__ = ["Row", "ends_as_a_number", "file_rows"]

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
    dim, header, rows, empty = 0, None, 0, 0
    for number, line in enumerate(stream, start=1):
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
            if header := read_header(line):
                dim = header[1]
                continue
        line = line.rstrip()
        if not line and (rows or header):  # at the end of a file there may be some
            empty = empty or number
            continue
        rows += 1
        values = line.count(b" ")
        if header is None:
            dim = dim or values
        # GloVe, which has no header, has words with spaces: the vector is the last `dim` fields
        key = line.partition(b" ")[0] if values == dim else line.rsplit(b" ", dim)[0]
        fits = values == dim or (values > dim and not header and not ends_as_a_number(key))
        if empty or dim < 1 or not fits:
            raise _wrong_width(path, empty or number, b"" if empty else line, dim, bool(header))
        if wanted is None or key in wanted:
            where = f"{path}:{number}"
            yield Row(where, key, _numbers(line[len(key) + 1 :].split(b" "), key, where))
    if header:
        _check_count(path, header[0], rows)


def ends_as_a_number(key: bytes) -> bool:
    """Whether a word with spaces would not be told from a row with too many numbers or spaces."""
    last = key.rpartition(b" ")[2]
    return not last or is_number(last)


def _wrong_width(
    path: str | os.PathLike[str], number: int, line: bytes, dim: int, header: bool
) -> DataError:
    found = amount(line.count(b" "), "value")
    said = f", as its header says {dim}" if header else ""
    if b"\t" in line or b"  " in line:
        said += "; a word and its numbers are apart by single spaces"
    return DataError(f"{path}:{number}: {found}, expected {dim or 'some'}{said}")


def _binary_rows(
    stream: IO[bytes], path: str | os.PathLike[str], wanted: Container[bytes] | None
) -> Iterator[Row]:
    reader = ByteReader(stream)
    header = read_header(reader.until(b"\n") or b"")
    assert header is not None, "the format is word2vec-binary by its header"
    count, dim = header
    if not 1 <= dim <= _WIDEST:
        raise DataError(f"{path}:1: vectors of {amount(dim, 'value')}, expected 1 to {_WIDEST}")
    number = 0
    while (key := reader.until(b" ")) is not None:
        number += 1
        content = reader.take(4 * dim)
        if len(content) < 4 * dim:
            raise DataError(
                f"{path}: ends in the middle of vector {number}, its header says "
                f"{amount(count, 'vector')} of {amount(dim, 'value')}: fetch it again"
            )
        key = key.lstrip(b"\n")
        if wanted is None or key in wanted:
            where = f"{path}: vector {number}"
            yield Row(where, key, _finite(np.frombuffer(content, "<f4"), key, where))
    if reader.take(2).strip():
        raise DataError(f"{path}: ends in the middle of a word after vector {number}")
    _check_count(path, count, number)


def _check_count(path: str | os.PathLike[str], said: int, found: int) -> None:
    if said != found:
        raise DataError(
            f"{path}: its header says {amount(said, 'vector')}, the file has {found:,}: fetch it "
            "again, or correct its first line"
        )


def _numbers(fields: list[bytes], key: bytes, where: str) -> npt.NDArray[np.float32]:
    try:
        with np.errstate(over="ignore"):
            vector = np.array(fields, np.float32)
    except ValueError:
        odd = next(field for field in fields if not is_number(field, finite=False))
        raise DataError(
            f"{where}: {_shown(odd)} is no number: expected a word and its numbers, apart by "
            "single spaces"
        ) from None
    return _finite(vector, key, where)


def _finite(vector: npt.NDArray[np.float32], key: bytes, where: str) -> npt.NDArray[np.float32]:
    if not np.isfinite(vector).all():
        raise DataError(
            f"{where}: the vector of {_shown(key)} has a value that is not finite in float32: "
            "take the word out, or fetch the file again"
        )
    return vector


def _shown(field: bytes) -> str:
    return f"{field.decode('utf-8', 'backslashreplace')!r:.40}"
