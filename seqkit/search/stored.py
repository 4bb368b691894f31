"""The text of documents, compressed in blocks: one document is read without its neighbours.

A line of JSON for each document; lines are joined until they are 16 KB or more, and compressed.
"""

import json
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.data import Document

__all__ = ["StoredText", "TextPacker", "field_text", "text_line"]

_BLOCK = 1 << 14  # bytes of a block before it is compressed, at least
_LEVEL = 1  # of zlib: higher ones save little of such short texts


class StoredText:
    """Lines in compressed blocks."""

    def __init__(
        self,
        first: npt.NDArray[np.uint32],
        at: npt.NDArray[np.uint64],
        data: npt.NDArray[np.uint8],
    ) -> None:
        """Take the arrays.

        Args:
            first: (blocks + 1,) the first document of each block.
            at: (blocks + 1,) where it begins in `data`.
            data: the compressed blocks.
        """
        self.first, self.at, self.data = first, at, data

    def lines(self, block: int) -> list[bytes]:
        """Decompress a block.

        Raises:
            zlib.error: it is damaged.
        """
        start, stop = self.at[block : block + 2].tolist()
        return zlib.decompress(self.data[start:stop]).split(b"\n")

    def line(self, doc: int) -> bytes:
        """Return the line of a document.

        Raises:
            zlib.error: its block is damaged.
        """
        block = int(np.searchsorted(self.first, doc, side="right")) - 1
        return self.lines(block)[doc - int(self.first[block])]


class TextPacker:
    """Compresses lines, and hands the arrays of `StoredText` on in pieces."""

    def __init__(self, append: Callable[[str, npt.NDArray[Any]], object]) -> None:
        """Say where they go: `append(name, array)`, for stored, stored_at and stored_first."""
        self._append = append
        self._lines: list[bytes] = []
        self._length = 0
        self._docs = self._bytes = 0  # in the blocks so far
        self._starts: list[tuple[int, int]] = []  # first document and first byte of each

    def add(self, line: bytes) -> None:
        """Append the line of the next document."""
        self._lines.append(line)
        self._length += len(line) + 1
        if self._length >= _BLOCK:
            self._flush()

    def add_all(self, text: StoredText, live: npt.NDArray[np.bool_]) -> None:
        """Append the lines of the live documents (docs,), in the same blocks as `add` would.

        Whole blocks are copied as they are, as long as they begin where one begins here.
        """
        starts = text.first.tolist()
        for block in range(len(starts) - 1):
            kept = live[starts[block] : starts[block + 1]]
            if block + 2 < len(starts) and not self._lines and kept.all():  # the last may be short
                low, high = text.at[block : block + 2].tolist()
                self._put(text.data[low:high], len(kept))
                continue
            for line, wanted in zip(text.lines(block), kept.tolist(), strict=True):
                if wanted:
                    self.add(line)

    def finish(self) -> None:
        """Append what is left."""
        if self._lines:
            self._flush()
        self._append("stored", np.empty(0, np.uint8))
        starts = [*self._starts, (self._docs, self._bytes)]
        self._append("stored_first", np.array([doc for doc, _ in starts], np.uint32))
        self._append("stored_at", np.array([byte for _, byte in starts], np.uint64))

    def _flush(self) -> None:
        block = zlib.compress(b"\n".join(self._lines), _LEVEL)
        self._put(np.frombuffer(block, np.uint8), len(self._lines))
        self._lines, self._length = [], 0

    def _put(self, block: npt.NDArray[np.uint8], docs: int) -> None:
        self._starts.append((self._docs, self._bytes))
        self._docs += docs
        self._bytes += len(block)
        self._append("stored", block)


def field_text(document: Document, field: str) -> str | None:
    """Return the text of a field, None if the document has no such field."""
    if field == "title":
        return document.title
    return document.text if field == "text" else document.fields.get(field)


def text_line(document: Document, fields: Sequence[str]) -> bytes:
    """Return the text of these fields as a line of JSON."""
    texts = [field_text(document, field) for field in fields]
    return json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass")
