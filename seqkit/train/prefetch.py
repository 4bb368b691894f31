"""Batches on their way to the device while it still computes."""

from collections.abc import Iterable, Iterator

import torch

__all__ = ["prefetch"]


def prefetch(
    batches: Iterable[tuple[torch.Tensor, ...]], device: torch.device
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Yield each batch on the device, one ahead: on a GPU from pinned memory, without waiting."""
    waiting = None
    for batch in batches:
        if device.type == "cuda":
            batch = tuple(part.pin_memory().to(device, non_blocking=True) for part in batch)
        else:
            batch = tuple(part.to(device) for part in batch)
        if waiting is not None:
            yield waiting
        waiting = batch
    if waiting is not None:
        yield waiting
