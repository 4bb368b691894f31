"""Leave rare n-grams out of a model."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seqkit.ngram.levels import Levels, NgramTable

__all__ = ["drop"]


def drop(
    table: NgramTable, counts: Sequence[npt.NDArray[np.uint32]], least: Sequence[int]
) -> NgramTable:
    """Drop the n-grams of order k that came `least[k - 1]` times at most.

    Args:
        table: a model whose weights provide for it already.
        counts: of its n-grams, uint32 (n_k,).
        least: for each order, 0 for the unigrams; no less than for the order below, so that with an
            n-gram all that contain it go too.
    """
    levels = table.levels
    kept = [np.ones(levels.sizes[0], dtype=bool)]
    kept += [own > limit for own, limit in zip(counts[1:], least[1:], strict=True)]
    starts = []
    for above, below, old in zip(kept, kept[1:], levels.starts, strict=False):
        rank = np.zeros(len(below) + 1, dtype=np.uint32)
        np.cumsum(below, out=rank[1:], dtype=np.uint32)
        starts.append(np.append(rank[old[:-1][above]], rank[-1:]))

    def remaining(arrays: Sequence[npt.NDArray]) -> list[npt.NDArray]:
        return [array[keep] for array, keep in zip(arrays, kept, strict=False)]

    return NgramTable(
        Levels(remaining(levels.words), starts),
        remaining(table.log_probs),
        remaining(table.backoffs),
        table.unseen_context,
    )
