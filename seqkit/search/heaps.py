"""Compiled: heaps that keep the best."""

import numpy as np

from seqkit.compiled import compiled

__all__ = ["empty_found", "offer", "replace_least", "sort_found"]

_NO_RANK = 1 << 40


@compiled
def replace_least(heap, value):  # type: ignore[no-untyped-def]
    """Put a value in the place of the least one of a heap."""
    i, size = 0, len(heap)
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        child += child + 1 < size and heap[child + 1] < heap[child]
        if heap[child] >= value:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = value


@compiled
def empty_found(found, least):  # type: ignore[no-untyped-def]
    """Make a heap of nothing: (3, k) scores, ranks of ids, documents.

    Args:
        found: written; document -1 for none.
        least: scores below it are not wanted; those wanted are above 0.
    """
    found[0], found[1], found[2] = max(least - 1, 0), _NO_RANK, -1


@compiled
def _sink(found, size, score, rank, doc):  # type: ignore[no-untyped-def]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (
            found[0, right] < found[0, child]
            or (found[0, right] == found[0, child] and found[1, right] > found[1, child])
        ):
            child = right
        if found[0, child] > score or (found[0, child] == score and found[1, child] <= rank):
            break
        for row in range(3):
            found[row, i] = found[row, child]
        i = child
    found[0, i], found[1, i], found[2, i] = score, rank, doc


@compiled
def offer(found, score, rank, doc):  # type: ignore[no-untyped-def]
    """Put a document in the place of the worst in the heap, if it is better."""
    if score > found[0, 0] or (score == found[0, 0] and rank < found[1, 0]):
        _sink(found, found.shape[1], score, np.int64(rank), np.int64(doc))


@compiled
def sort_found(found):  # type: ignore[no-untyped-def]
    """Turn the heap into a list, the best first."""
    for size in range(found.shape[1] - 1, 0, -1):
        score, rank, doc = found[0, size], found[1, size], found[2, size]
        for row in range(3):
            found[row, size] = found[row, 0]
        _sink(found, size, score, rank, doc)
