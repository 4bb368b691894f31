"""A few threads: compiled loops run without the global lock."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

__all__ = ["in_threads", "shares", "thread_count"]

_CHUNKS = 4  # a thread, so that one which is interrupted does not keep the others waiting


def thread_count() -> int:
    """Count the processors that this process may use, OMP_NUM_THREADS at most where that is set."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores or 1, int(wanted)) if wanted.isdigit() and int(wanted) else cores or 1


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
