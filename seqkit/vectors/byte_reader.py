"""Read a binary file piece by piece, up to a mark or by count, from a stream."""

from typing import IO

import numpy as np
import numpy.typing as npt

__all__ = ["ByteReader"]

_CHUNK = 1 << 20


class ByteReader:
    """Takes bytes from a stream, which it reads in large chunks."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Begin where the stream stands."""
        self._stream = stream
        self._buffer = b""
        self._at = 0
        self.offset = 0
        """Bytes taken so far."""

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer at the end of the stream."""
        while len(self._buffer) - self._at < count and self._more():
            pass
        taken = self._buffer[self._at : self._at + count]
        self._step(len(taken))
        return taken

    def until(self, mark: bytes) -> bytes | None:
        """Return the bytes before the next `mark` (one byte) and pass over it; None without one."""
        searched = self._at
        while (end := self._buffer.find(mark, searched)) < 0:
            unread = len(self._buffer) - self._at
            if not self._more():
                return None
            searched = self._at + unread
        taken = self._buffer[self._at : end]
        self._step(len(taken) + 1)
        return taken

    def fill(self, array: npt.NDArray[np.float32]) -> bool:
        """Read into a contiguous array; False where the stream has too little."""
        view = memoryview(array.reshape(-1).view(np.uint8))
        start = self.take(min(len(view), len(self._buffer) - self._at))
        view[: len(start)] = start
        done = len(start)
        while done < len(view):
            read = self._stream.readinto(view[done : done + _CHUNK])  # type: ignore[attr-defined]
            if not read:
                return False
            done += read
        self.offset += done - len(start)
        return True

    def _more(self) -> bool:
        chunk = self._stream.read(_CHUNK)
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return bool(chunk)

    def _step(self, count: int) -> None:
        self._at += count
        self.offset += count
