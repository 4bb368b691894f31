"""From one vector a token to one vector a sequence, blind to padding."""

from typing import Literal, get_args

import torch
from torch import nn

__all__ = ["POOLINGS", "AttentionPooling", "Pooling", "pool"]

Pooling = Literal["last", "mean", "max", "attention"]
POOLINGS: tuple[str, ...] = get_args(Pooling)


def pool(
    kind: str, h: torch.Tensor, lengths: torch.Tensor, keep: torch.Tensor, *, directions: int = 1
) -> torch.Tensor:
    """Pool by `last`, `mean` or `max`; an empty sequence gives zeros.

    Args:
        kind: `last` takes the vector at which each direction ends: at the last token going
            forward, at the first going backward.
        h: (B, T, H), the directions side by side.
        lengths: (B,) int64.
        keep: (B, T) bool.
        directions: 1, or 2 for forward and backward.

    Returns:
        (B, H).
    """
    if kind == "last":
        last = (lengths - 1).clamp(min=0)
        forward, *backward = h.chunk(directions, -1)
        ends = [forward[torch.arange(len(h), device=h.device), last], *(b[:, 0] for b in backward)]
        pooled = torch.cat(ends, -1)  # (B, H)
    elif kind == "mean":
        total = (h * keep.unsqueeze(-1)).sum(1)
        return total / lengths.clamp(min=1).unsqueeze(-1)
    else:
        pooled = h.masked_fill(~keep.unsqueeze(-1), float("-inf")).amax(1)
    return pooled.masked_fill((lengths == 0).unsqueeze(-1), 0.0)


class AttentionPooling(nn.Module):
    """A learned weighted mean: softmax over time of v . tanh(W h) (Yang et al. 2016, eq. 5-7)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.project = nn.Linear(size, size)
        self.score = nn.Linear(size, 1, bias=False)

    def forward(self, h: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
        """Pool h (B, T, H) where `keep` (B, T) is True into (B, H); nothing kept gives zeros."""
        scores = self.score(torch.tanh(self.project(h))).squeeze(-1)  # (B, T)
        scores = scores.float().masked_fill(~keep, float("-inf"))
        top = scores.amax(1, keepdim=True).nan_to_num(neginf=0.0)
        weights = torch.exp(scores - top)  # 0 where not kept
        weights = weights / weights.sum(1, keepdim=True).clamp(min=1e-30)
        return (weights.unsqueeze(-1) * h).sum(1)
