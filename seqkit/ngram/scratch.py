"""Files for what does not fit in memory."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from seqkit.files import refuse_full_disk

__all__ = ["Scratch", "scratch_folder"]


class Scratch:
    """Files of arrays in a folder of their own, which is made when the first is written."""

    def __init__(self, folder: Path) -> None:
        """Use a new folder inside `folder`."""
        self.parent = Path(folder)
        self.written = 0
        """Bytes so far."""
        self._folder: Path | None = None

    @contextlib.contextmanager
    def create(self, name: str) -> Iterator[IO[bytes]]:
        """Open a new file for `write`; its path is `handle.name`."""
        with self._watched():
            if self._folder is None:
                self.parent.mkdir(parents=True, exist_ok=True)
                self._folder = Path(tempfile.mkdtemp(prefix="ngrams-", dir=self.parent))
            with open(self._folder / name, "wb") as handle:  # closing may write, and so fail
                yield handle

    def write(self, handle: IO[bytes], array: npt.NDArray[np.generic]) -> None:
        """Append a contiguous array to a file.

        Raises:
            DataError: if the disk is full.
        """
        self.written += array.nbytes
        with self._watched():
            _write(handle, array)

    def remove(self) -> None:
        """Remove the folder and what is in it."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _watched(self) -> contextlib.AbstractContextManager[None]:
        return refuse_full_disk(
            self.parent,
            f"counting needed {self.written / 1e6:.1f} MB of temporary files so far, which are "
            "removed: free space there, or give another folder with --tmp",
        )


@contextlib.contextmanager
def scratch_folder(folder: Path) -> Iterator[Scratch]:
    """Yield a `Scratch` whose files stay if the block succeeds, and are removed if it fails."""
    scratch = Scratch(folder)
    try:
        yield scratch
    except BaseException:
        scratch.remove()
        raise


def _write(handle: IO[bytes], array: npt.NDArray[np.generic]) -> None:
    handle.write(array.data)
