"""Arrays in one file: mapped when they are read, each with a checksum.

The file: 32 bytes of header (magic, format number, crc32, offset and size of the table of
contents), the arrays, each at a multiple of 64 bytes, then the table of contents: JSON with dtype,
shape, offset and crc32 of each array, and what else the writer says of them. Little endian.
"""

import json
import mmap
import os
import struct
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.files import atomic_write, json_bytes, refuse_full_disk

__all__ = ["REMEDY", "ArrayFile", "open_arrays", "write_arrays"]

_MAGIC, _FORMAT = b"skarray\n", 1
_HEADER = struct.Struct("<8sIIQQ")
_ALIGNED = 64
REMEDY = "restore the file, or build the index again"
"""What the errors of damaged files end with."""


@dataclass(frozen=True)
class ArrayFile:
    """The arrays of a file, not read yet."""

    path: Path
    arrays: Mapping[str, npt.NDArray[Any]]
    """Mapped, and so read-only; they stay when the file is removed."""
    meta: Mapping[str, Any]
    """What the writer said."""
    crc32: Mapping[str, int]

    def verify(self, names: Collection[str] | None = None) -> None:
        """Read arrays, all or those of some names, and compare them with their checksums.

        Raises:
            DataError: one has changed.
        """
        for name, array in self.arrays.items():
            wanted = names is None or name in names
            if wanted and zlib.crc32(array.reshape(-1)) != self.crc32[name]:
                raise DataError(f"{self.path}: {name!r} is damaged (crc32 differs): {REMEDY}")


def write_arrays(
    path: str | os.PathLike[str],
    arrays: Mapping[str, npt.NDArray[Any] | Iterable[npt.NDArray[Any]]],
    meta: Mapping[str, Any],
) -> None:
    """Write the one file that `open_arrays` maps, atomically.

    Args:
        path: the file.
        arrays: of numbers; each whole, or in pieces of one dtype, one at least, that are joined
            along their first axis.
        meta: anything that JSON holds.

    Raises:
        DataError: if the disk is full.
    """
    path = Path(path)
    with refuse_full_disk(path.parent, "free space there"), atomic_write(path) as handle:
        handle.write(bytes(_HEADER.size))
        table = {name: _write_array(handle, value) for name, value in arrays.items()}
        at = handle.tell()
        contents = json_bytes({"meta": dict(meta), "arrays": table}, indent=None)
        handle.write(contents)
        handle.seek(0)
        handle.write(_HEADER.pack(_MAGIC, _FORMAT, zlib.crc32(contents), at, len(contents)))


def open_arrays(path: str | os.PathLike[str]) -> ArrayFile:
    """Map what `write_arrays` wrote, reading none of it but the header and the contents.

    Raises:
        DataError: the file is none of these, cut short, damaged there, or of a newer seqkit.
        FileNotFoundError: there is no such file.
    """
    path = Path(path)
    with open(path, "rb") as handle:
        header = handle.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(_MAGIC):
            raise DataError(f"{path}: not a file of a search index: {REMEDY}")
        _, found, crc32, at, length = _HEADER.unpack(header)
        if found > _FORMAT:
            raise DataError(f"{path}: format {found} is newer than {_FORMAT}: update seqkit")
        size = os.fstat(handle.fileno()).st_size
        if size != at + length:
            raise DataError(f"{path}: {size:,} bytes, expected {at + length:,}: {REMEDY}")
        content = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    contents = content[at:]
    if zlib.crc32(contents) != crc32:
        raise DataError(f"{path}: its table of contents is damaged (crc32 differs): {REMEDY}")
    table = json.loads(contents)
    arrays = {}
    for name, (dtype, shape, offset, _) in table["arrays"].items():
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(content, dtype, count, offset).reshape(shape)
    crcs = {name: entry[3] for name, entry in table["arrays"].items()}
    return ArrayFile(path, arrays, table["meta"], crcs)


def _write_array(
    handle: IO[bytes], pieces: npt.NDArray[Any] | Iterable[npt.NDArray[Any]]
) -> tuple[str, list[int], int, int]:
    """Write an array; returns its entry in the table."""
    if isinstance(pieces, np.ndarray):
        pieces = [pieces]
    handle.write(bytes(-handle.tell() % _ALIGNED))
    offset, crc32, rows = handle.tell(), 0, 0
    dtype, tail = np.dtype(np.uint8), ()
    for piece in pieces:
        dtype, tail = piece.dtype.newbyteorder("<"), piece.shape[1:]
        flat = np.ascontiguousarray(piece, dtype).reshape(-1)
        rows += len(piece)
        crc32 = zlib.crc32(flat, crc32)
        handle.write(flat.data)
    return dtype.str, [rows, *tail], offset, crc32
