"""What scorers need of a segment, ready for the next query: norms, and bounds of common terms."""

import threading
import weakref
from typing import Any

import numpy as np

from seqkit.compiled import compiled, fixed
from seqkit.search.contributions import add_squares
from seqkit.search.packing import BLOCK, decode_block
from seqkit.search.pruning import fill_row
from seqkit.search.scorers import LOGARITHM, PRODUCT, RATIO, Scorer
from seqkit.search.segment import Segment

__all__ = ["Prepared", "prepare"]

_TABLE = 64 << 20  # bytes of a segment's bounds; taken as terms are asked for
_COMMON = 64  # a term is common from one document in so many
_KEPT = 3  # of a segment: scorers, and statistics of commits

_ready: weakref.WeakKeyDictionary[Segment, dict[Any, "Prepared"]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


class Prepared:
    """Norms of the documents of a segment, and for its common terms a byte a document.

    Attributes:
        query: form, base and step; see `seqkit.search.scorers`.
        norms: (docs,) float32.
        table: (R, docs) uint8, bounds of what the documents get for R common terms; see `fill_row`.
    """

    def __init__(self, segment: Segment, scorer: Scorer, norm: tuple[float, float]) -> None:
        """Make the norms; rows of the table are made when a query asks for them."""
        (base, step), lengths = norm, segment.lengths.astype(np.float64)
        self.query = scorer.form, float(base), float(step)
        if scorer.form == PRODUCT:
            sums = np.zeros(segment.docs, np.float64)
            _square_sums(segment.kernel, sums)
            norms = 1.0 / np.sqrt(np.maximum(sums, 1.0))
        else:
            ratio = scorer.form == RATIO
            norms = base + step * lengths if ratio else base / (base + lengths)
        self.norms = fixed(norms.astype(np.float32))

        common = np.flatnonzero(segment.df >= max(segment.docs / _COMMON, 1))
        common = common[np.argsort(-segment.df[common].astype(np.int64), kind="stable")]
        common = common[: _TABLE // max(segment.docs, 1)]
        self._rows = {term: row for row, term in enumerate(common.tolist())}
        self._filled: dict[int, tuple[float, float]] = {}  # slope, and the most
        self._written = np.zeros((len(common), segment.docs), np.uint8)
        self.table = fixed(self._written)
        self._lock = threading.Lock()

    def row(self, kernel: Any, term: int, slope: float) -> tuple[int, float]:
        """Return the row of a term, and what `fill_row` gave for it; -1 and 0 if it has none."""
        row = self._rows.get(term)
        if row is None:
            return -1, 0.0
        if row not in self._filled:
            with self._lock:
                if row not in self._filled:
                    most = fill_row(
                        kernel, term, self.norms, self.query[0], slope, self._written[row]
                    )
                    self._filled[row] = slope, float(most)
        filled, most = self._filled[row]
        return (row, most) if filled == slope else (-1, 0.0)


def prepare(segment: Segment, scorer: Scorer, documents: int, total_length: int) -> Prepared:
    """Return what is ready for a segment, a scorer and the statistics of a commit; or make it."""
    norm = scorer.norm(documents, total_length)
    key = scorer, norm, total_length if scorer.form == LOGARITHM else 0
    kept = _ready.get(segment)
    found = None if kept is None else kept.get(key)
    if found is None:
        found = Prepared(segment, scorer, norm)
        with _lock:
            kept = _ready.setdefault(segment, {})
            while len(kept) >= _KEPT:
                del kept[next(iter(kept))]
            kept[key] = found
    return found


@compiled
def _square_sums(kernel, sums):  # type: ignore[no-untyped-def]
    """Add up, for each document, the squares of (1 + ln tf) of its terms."""
    docs, tfs = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    for term in range(len(kernel.first_block) - 1):
        previous = -1
        for block in range(kernel.first_block[term], kernel.first_block[term + 1]):
            count = decode_block(kernel, block, previous, docs, tfs)
            add_squares(docs[:count], tfs[:count], sums)
            previous = np.int64(kernel.last_doc[block])
