"""Share the children of n-grams out among threads."""

import itertools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from seqkit.threads import in_threads, thread_count

__all__ = ["each_chunk"]

_SMALL = 1 << 16  # children that a thread is not worth starting for
_CHUNKS = 4  # a thread


def each_chunk(work: Callable[[int, int], object], starts: npt.NDArray[np.uint32]) -> None:
    """Call `work(first, last)` for ranges of n-grams that together are all of a level.

    Args:
        work: may run in several threads at once, each with a range of its own.
        starts: uint32 (n + 1,), where the children of each n-gram begin; see `Levels`.
    """
    contexts, children = len(starts) - 1, int(starts[-1])
    threads = thread_count()
    if threads == 1 or children < _SMALL:
        work(0, contexts)
        return
    chunks = threads * _CHUNKS
    inner = [children * chunk // chunks for chunk in range(1, chunks)]
    bounds = [0, *np.searchsorted(starts, np.array(inner, dtype=starts.dtype)).tolist(), contexts]
    in_threads(work, list(itertools.pairwise(bounds)))
