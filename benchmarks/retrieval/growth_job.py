"""Ask an index of any size: what runs in a fresh process."""

import time
from collections.abc import Callable
from typing import Any

from harness.job import peak_mb

__all__ = ["ask"]


def ask(*, folder: str, texts: str, queries: int, repeat: int) -> dict[str, Any]:
    """Return queries a second, `batch` and `one_by_one`, a figure a round; and `asking_mb`."""
    from retrieval.reviews import make_queries
    from seqkit.search.index import SearchIndex

    asked = make_queries(texts, queries)
    index = SearchIndex.open(folder)
    ways: dict[str, Callable[[], object]] = {
        "batch": lambda: index.search_many(asked),
        "one_by_one": lambda: [index.search(text) for text in asked],
    }
    speeds: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(repeat + 1):
        for way, work in ways.items():
            started = time.perf_counter()
            work()
            seconds = time.perf_counter() - started
            if turn:
                speeds[way].append(len(asked) / seconds)
    return {**speeds, "asking_mb": peak_mb()}
