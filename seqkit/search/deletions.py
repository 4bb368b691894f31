"""What a segment, which is never changed, is without the documents that were deleted since."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.errors import DataError
from seqkit.search.array_file import open_arrays, write_arrays
from seqkit.search.packing import BLOCK, decode_block
from seqkit.search.segment import Segment
from seqkit.threads import in_threads, shares

__all__ = ["Deletions"]

_SHARE = 4096  # terms that a thread is worth starting for


@dataclass(frozen=True)
class Deletions:
    """The documents of a segment that live, and its statistics without the others."""

    live: npt.NDArray[np.uint8]
    """(docs,) 1 for a document that is there, 0 for one that was deleted."""
    df: npt.NDArray[np.uint32]
    """(T,) live documents with each term."""
    cf: npt.NDArray[np.uint64]
    """(T,) how often each term is in them."""
    documents: int
    """Live documents."""
    total_length: int
    """The sum of their lengths."""

    @classmethod
    def of(
        cls, segment: Segment, before: "Deletions | None", dead: npt.NDArray[np.uint32]
    ) -> "Deletions":
        """Take more documents away; it reads the blocks of postings in which one of them may be.

        Args:
            segment: to which they belong.
            before: what was deleted in it already.
            dead: (n,) the documents that go now; all live before, each once.
        """
        base = segment if before is None else before
        gone = np.zeros(segment.docs, np.uint8)
        gone[dead] = 1
        count = np.zeros(segment.docs + 1, np.int64)
        np.cumsum(gone, out=count[1:])
        df, cf = np.array(base.df), np.array(base.cf)
        work = [(segment.kernel, fixed(gone), fixed(count), part.start, part.stop, df, cf)
                for part in shares(len(df), least=_SHARE)]  # fmt: skip
        in_threads(_take_away, work)
        live = np.ones(segment.docs, np.uint8) if before is None else np.array(before.live)
        live[dead] = 0
        length = base.total_length - int(segment.lengths[dead].sum(dtype=np.int64))
        return cls(fixed(live), fixed(df), fixed(cf), int(live.sum(dtype=np.int64)), length)

    def write(self, path: Path) -> None:
        """Write the file that `open` maps."""
        arrays = {"live": self.live, "df": self.df, "cf": self.cf}
        write_arrays(path, arrays, self._meta())

    @classmethod
    def open(cls, path: Path, segment: Segment) -> "Deletions":
        """Map what `write` wrote.

        Raises:
            DataError: the file is damaged in its head, or of another segment.
        """
        file = open_arrays(path)
        try:
            live, df, cf = (file.arrays[name] for name in ("live", "df", "cf"))
            documents, length = file.meta["documents"], file.meta["total_length"]
        except KeyError as error:
            raise DataError(f"{path}: no {error} in it: not the deletions of a segment") from None
        if len(live) != segment.docs or len(df) != len(segment.df) or len(cf) != len(df):
            raise DataError(f"{path}: the deletions of another segment")
        return cls(live, df, cf, documents, length)

    def _meta(self) -> dict[str, Any]:
        return {"documents": self.documents, "total_length": self.total_length}


@compiled
def _take_away(kernel, gone, count, first, last, df, cf):  # type: ignore[no-untyped-def]
    """Subtract from the statistics of some terms what they have in documents that are gone.

    Args:
        kernel: `Postings`.
        gone: (docs,) uint8.
        count: (docs + 1,) how many are gone before each document.
        first, last: the terms.
        df, cf: (T,), changed.
    """
    docs, tfs = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    for term in range(first, last):
        previous, less, less_often = -1, 0, np.uint64(0)
        for block in range(kernel.first_block[term], kernel.first_block[term + 1]):
            end = np.int64(kernel.last_doc[block])
            if count[end + 1] > count[previous + 1]:
                for i in range(decode_block(kernel, block, previous, docs, tfs)):
                    if gone[docs[i]]:
                        less += 1
                        less_often += np.uint64(tfs[i])
            previous = end
        if less:
            df[term] -= np.uint32(less)
            cf[term] -= less_often
