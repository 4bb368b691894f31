"""Work on the children of n-grams in a few threads: compiled loops run without the global lock."""

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["each_chunk", "fixed", "in_threads", "shares", "thread_count"]

_SMALL = 1 << 16  # children that a thread is not worth starting for
_CHUNKS = 4  # a thread, so that one which is interrupted does not keep the others waiting


def thread_count() -> int:
    """Count the processors that this process may use, OMP_NUM_THREADS at most where that is set."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores or 1, int(wanted)) if wanted.isdigit() and int(wanted) else cores or 1


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


def shares(count: int, *, least: int) -> list[slice]:
    """Cut `count` things into consecutive shares for the threads, of `least` each at least.

    >>> shares(5, least=9)
    [slice(0, 5, None)]
    """
    parts = max(1, min(thread_count() * _CHUNKS, count // least))
    return [slice(count * i // parts, count * (i + 1) // parts) for i in range(parts)]


def in_threads(work: Callable[..., object], parts: Sequence[tuple[Any, ...]]) -> None:
    """Call `work(*part)` for each part, several at once; the first error is raised."""
    if len(parts) == 1 or thread_count() == 1:
        for part in parts:
            work(*part)
        return
    with ThreadPoolExecutor(thread_count()) as pool:
        list(pool.map(lambda part: work(*part), parts))


def fixed(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """View an array as one that cannot be written, mapped from disk or not.

    A compiled loop is compiled once for each combination of types, and these are two types.
    """
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
