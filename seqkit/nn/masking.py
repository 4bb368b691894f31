"""Masks and orders that follow from lengths."""

import torch

__all__ = ["keep_mask", "reverse_sequences"]


def keep_mask(lengths: torch.Tensor, width: int) -> torch.Tensor:
    """Mark the positions that hold tokens.

    Args:
        lengths: (B,) int64.
        width: T.

    Returns:
        (B, T) bool, True = keep.

    >>> keep_mask(torch.tensor([2, 0]), 3).tolist()
    [[True, True, False], [False, False, False]]
    """
    return torch.arange(width, device=lengths.device) < lengths[:, None]


def reverse_sequences(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Reverse each sequence within its length and leave its padding at the end.

    Its own inverse. With it, the backward direction of a recurrent layer is a forward one over a
    padded batch: no packing, no synchronisation with the device.

    Args:
        x: (B, T, ...).
        lengths: (B,) int64.

    >>> reverse_sequences(torch.tensor([[1, 2, 3, 0]]), torch.tensor([3])).tolist()
    [[3, 2, 1, 0]]
    """
    positions = torch.arange(x.shape[1], device=x.device)
    index = torch.where(
        positions < lengths[:, None], lengths[:, None] - 1 - positions, positions
    )  # (B, T)
    for _ in range(x.dim() - 2):
        index = index.unsqueeze(-1)
    return x.gather(1, index.expand_as(x))
