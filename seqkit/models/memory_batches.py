"""Work in batches of like length, as many at a time as memory holds."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from seqkit.errors import SeqkitError

__all__ = ["in_batches"]

logger = logging.getLogger(__name__)

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_batches(
    items: Sequence[_Item],
    work: Callable[[list[_Item]], Sequence[_Result]],
    *,
    lengths: Sequence[int],
    rows: int,
    cells: int,
    device: torch.device,
) -> list[_Result]:
    """Do work on items, those of like length together; results are in the order of the items.

    Args:
        items: N of them.
        work: of a batch of items, a result for each.
        lengths: tokens of each.
        rows: most items in a batch.
        cells: most positions in a batch, padding included; one item may have more.
        device: where the work is done, for messages.

    Raises:
        SeqkitError: memory ended, and half the items at a time, down to one, did not help.
    """
    results: dict[int, _Result] = {}
    # the longest first: memory ends at once or not at all
    order = sorted(range(len(items)), key=lambda index: -lengths[index])
    while len(results) < len(items):
        start = len(results)
        width = max(1, lengths[order[start]])
        part = order[start : start + max(1, min(rows, cells // width))]
        found = _try(work, [items[index] for index in part])
        if found is None:
            rows = _halved(len(part), width=width, device=device)
            continue
        results.update(zip(part, found, strict=True))
    return [results[index] for index in range(len(items))]


def _try(
    work: Callable[[list[_Item]], Sequence[_Result]], part: list[_Item]
) -> Sequence[_Result] | None:
    """Do the work; None if memory ended.

    The error must be let go of before another try: its traceback holds what took the memory.
    """
    try:
        return work(part)
    except torch.OutOfMemoryError:
        return None


def _halved(rows: int, *, width: int, device: torch.device) -> int:
    """Return how many items to take at a time after `rows` were too many."""
    if rows == 1:
        raise SeqkitError(
            f"out of memory on {device} with a single text of {width} tokens: lower the beam or "
            "max_tokens, or use --device cpu"
        )
    if device.type == "cuda":
        torch.cuda.empty_cache()
    logger.warning("out of memory on %s: going on with %d texts at a time", device, rows // 2)
    return rows // 2
