"""Lines of running text -> splits, in blocks of consecutive lines, so that text stays running.

Single lines dealt at random would leave no sentence beside its neighbour, and the state that a
model carries from line to line nothing to know.
"""

import math
from collections.abc import Mapping

import numpy as np

from seqkit.data.mixing import mix
from seqkit.errors import DataError

__all__ = ["cut_blocks"]

_BLOCKS = 100
_EACH = 5  # blocks of a split, at the least: a single one may be of one mind
_LINES = 10  # a block of fewer is hardly running text


def cut_blocks(
    lines: int, shares: Mapping[str, float], *, seed: int
) -> dict[str, list[tuple[int, int]]]:
    """Deal the lines of a text to splits.

    The text is cut into about 100 blocks of as many lines each, into more where a share of less
    than 5% would have fewer than five of them; a short text into fewer blocks of ten lines, as long
    as the smallest share makes a block. Which split a block goes to depends on the seed and the
    number of blocks alone.

    Args:
        lines: how many there are.
        shares: of the splits that are cut off, by name; they sum to less than 1.
        seed: another seed gives another cut.

    Returns:
        For `train`, which gets the rest, and for each name of `shares`: the ranges (start, stop)
        of its lines, in order and not touching.

    Raises:
        DataError: a share is less than one line.

    >>> cut_blocks(20, {"valid": 0.25}, seed=0)
    {'train': [(0, 4), (8, 20)], 'valid': [(4, 8)]}
    """
    # One block more than the smallest share needs: however the others are rounded, train gets one.
    smallest = min(*shares.values(), 1 - sum(shares.values()))
    least = math.floor(1 / smallest) + 1
    if lines < least:
        files = " and ".join(f"--data.{name}" for name in shares)
        raise DataError(
            f"{lines:,} line{'' if lines == 1 else 's'}, too few to cut {' and '.join(shares)} "
            f"from (these shares take {least:,}): break the text into more lines, or give {files}"
        )
    blocks = max(least, min(max(_BLOCKS, round(_EACH / smallest)), lines // _LINES))
    seeded = mix(np.array([seed % 2**64], dtype=np.uint64))
    order = np.argsort(mix(np.arange(blocks, dtype=np.uint64) ^ seeded), kind="stable")
    owner = np.zeros(blocks, dtype=np.int64)
    taken = 0
    for number, share in enumerate(shares.values(), 1):
        count = round(share * blocks)
        owner[order[taken : taken + count]] = number
        taken += count
    bounds = np.arange(blocks + 1) * lines // blocks
    return {
        name: _ranges(bounds, owner == number) for number, name in enumerate(["train", *shares])
    }


def _ranges(bounds: np.ndarray, mine: np.ndarray) -> list[tuple[int, int]]:
    """Join the blocks that are marked, where they touch."""
    edges = np.flatnonzero(np.diff(mine, prepend=False, append=False))
    starts, stops = bounds[edges[::2]].tolist(), bounds[edges[1::2]].tolist()
    return list(zip(starts, stops, strict=True))
