"""Which segments are merged, so that there are few of them and each document is moved rarely."""

from collections import defaultdict
from collections.abc import Sequence

__all__ = ["WIDTH", "due_for_merging"]

WIDTH = 8
"""Segments of about one size that make one of the next; sizes of a tier differ by this factor."""

_SMALL = 1 << 20  # bytes: all below are of about one size


def due_for_merging(sizes: Sequence[int], live: Sequence[float]) -> list[int]:
    """Return the numbers of segments that should become one now, ascending; empty for none.

    With n bytes in all there are never more than WIDTH - 1 segments a tier, of about log(n) tiers.
    A document is moved once a tier; and once more when most documents of its segment are deleted.

    Args:
        sizes: bytes of each segment's live part.
        live: of each segment, the share of its documents that are not deleted.

    >>> due_for_merging([5 << 20, 100, 200], [1.0, 1.0, 0.4])
    [2]
    """
    wasteful = [number for number, share in enumerate(live) if share < 0.5]
    if wasteful:
        return wasteful[:1]
    tiers = defaultdict(list)
    for number, size in enumerate(sizes):
        tier, limit = 0, _SMALL
        while size >= limit:
            tier, limit = tier + 1, limit * WIDTH
        tiers[tier].append(number)
    for tier in sorted(tiers):
        if len(tiers[tier]) >= WIDTH:
            return tiers[tier]
    return []
