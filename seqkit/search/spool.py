"""Arrays that grow side by side, in temporary files once they are large."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from seqkit.files import refuse_full_disk

__all__ = ["Spool"]

_IN_MEMORY = 1 << 20  # bytes of an array
_PIECE = 1 << 20  # bytes that are read back at a time


class Spool:
    """Named arrays, appended to piece by piece and read back once, in pieces.

    The files have no name where the system can do so: nothing stays when the process is killed.
    """

    def __init__(self, folder: Path) -> None:
        """Put the files in `folder`; used as a context, which removes them."""
        self._folder = folder
        self._files: dict[str, tuple[IO[bytes], np.dtype[Any], tuple[int, ...]]] = {}
        self._open = contextlib.ExitStack()

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def append(self, name: str, piece: npt.NDArray[Any]) -> None:
        """Append to the array of this name along its first axis; all pieces have one dtype.

        Raises:
            DataError: if the disk is full.
        """
        if name not in self._files:
            file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=self._folder)  # noqa: SIM115
            self._files[name] = self._open.enter_context(file), piece.dtype, piece.shape[1:]
        with refuse_full_disk(self._folder, "free space there"):
            self._files[name][0].write(np.ascontiguousarray(piece).reshape(-1).data)

    def arrays(self) -> dict[str, Iterator[npt.NDArray[Any]]]:
        """Return all arrays as pieces, one of each at least."""
        return {name: self._pieces(name) for name in self._files}

    def _pieces(self, name: str) -> Iterator[npt.NDArray[Any]]:
        file, dtype, tail = self._files[name]
        row = dtype.itemsize * int(np.prod(tail))
        file.seek(0)
        yield np.empty((0, *tail), dtype)
        while content := file.read(row * max(1, _PIECE // row)):
            yield np.frombuffer(content, dtype).reshape(-1, *tail)
