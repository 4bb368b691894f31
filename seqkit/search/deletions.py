"""What a segment, which is never changed, is without the documents that were deleted since."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.errors import DataError
from seqkit.search.array_file import ArrayFile, open_arrays, write_arrays
from seqkit.search.packing import BLOCK, decode_block
from seqkit.search.segment import Segment
from seqkit.threads import in_threads, shares

__all__ = ["Deletions"]

_SHARE = 4096  # terms that a thread is worth starting for
_LARGE = 16 << 20  # bytes whose checksums are computed in a few ms


class _Arrays(NamedTuple):
    live: npt.NDArray[np.uint8]
    df: npt.NDArray[np.uint32]
    cf: npt.NDArray[np.uint64]


class Deletions:
    """The documents of a segment that live, and its statistics without the others.

    Attributes:
        documents: live ones.
        total_length: the sum of their lengths.
    """

    def __init__(self, arrays: _Arrays | ArrayFile, documents: int, total_length: int) -> None:
        """Take the numbers, or the file that has them; see `of` and `open`."""
        self._source = arrays
        self.documents, self.total_length = documents, total_length

    @property
    def live(self) -> npt.NDArray[np.uint8]:
        """(docs,) 1 for a document that is there, 0 for one that was deleted."""
        return self._arrays.live

    @property
    def df(self) -> npt.NDArray[np.uint32]:
        """(T,) live documents with each term."""
        return self._arrays.df

    @property
    def cf(self) -> npt.NDArray[np.uint64]:
        """(T,) how often each term is in them."""
        return self._arrays.cf

    def check(self) -> None:
        """Compare the numbers of a large file with their checksums, unless that was done.

        Raises:
            DataError: the file is damaged.
        """
        if isinstance(self._source, ArrayFile):
            self._source = _checked(self._source)

    @property
    def _arrays(self) -> _Arrays:
        self.check()
        assert isinstance(self._source, _Arrays)
        return self._source

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
        arrays = _Arrays(fixed(live), fixed(df), fixed(cf))
        return cls(arrays, int(live.sum(dtype=np.int64)), length)

    def write(self, path: Path) -> None:
        """Write the file that `open` maps."""
        meta = {"documents": self.documents, "total_length": self.total_length}
        write_arrays(path, self._arrays._asdict(), meta)

    @classmethod
    def open(cls, path: Path, segment: Segment) -> "Deletions":
        """Map what `write` wrote, and check it; over 16 MB, its numbers when they are first used.

        Raises:
            DataError: the file is damaged in what is checked, or of another segment.
        """
        file = open_arrays(path)
        try:
            sizes = [len(file.arrays[name]) for name in _Arrays._fields]
            documents, length = file.meta["documents"], file.meta["total_length"]
        except KeyError as error:
            raise DataError(f"{path}: no {error} in it: not the deletions of a segment") from None
        if sizes != [segment.docs, segment.term_count, segment.term_count]:
            raise DataError(f"{path}: the deletions of another segment")
        large = sum(array.nbytes for array in file.arrays.values()) > _LARGE
        return cls(file if large else _checked(file), documents, length)


def _checked(file: ArrayFile) -> _Arrays:
    """Compare the numbers of a file with their checksums."""
    file.verify()
    return _Arrays(*(file.arrays[name] for name in _Arrays._fields))


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
