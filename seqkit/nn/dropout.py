"""Dropouts that sequence models need beside `nn.Dropout`."""

import math

import torch
from torch import nn

from seqkit.errors import ConfigError

__all__ = ["EmbeddingDropout", "LockedDropout", "check_rate", "drop_mask"]

_LARGE = 1 << 16


def check_rate(name: str, rate: float) -> float:
    """Return a dropout rate, or raise ConfigError if it is not in [0, 1)."""
    if not 0.0 <= rate < 1.0:
        raise ConfigError(f"{name} {rate}: a dropout rate lies in [0, 1)")
    return rate


def drop_mask(x: torch.Tensor, shape: tuple[int, ...], rate: float) -> torch.Tensor:
    """Draw an inverted-dropout mask of `shape`: 0, or 1 / (1 - rate) where kept."""
    if math.prod(shape) > _LARGE:  # on the CPU a quarter of the time that bernoulli_ takes
        kept = torch.rand(shape, device=x.device) >= rate
        return kept.to(x.dtype).div_(1 - rate)
    return x.new_empty(shape).bernoulli_(1 - rate).div_(1 - rate)


class LockedDropout(nn.Module):
    """Dropout whose mask is the same at each time step (Gal and Ghahramani 2016, section 4)."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = check_rate("locked dropout", rate)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Drop features of `x`, (B, T, H), by one mask of (B, 1, H)."""
        if not self.training or self.rate == 0:
            return x
        return x * drop_mask(x, (x.shape[0], 1, x.shape[2]), self.rate)


class EmbeddingDropout(nn.Module):
    """Drops whole words: every occurrence of a type in the batch (Merity et al. 2018, 4.3)."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = check_rate("embedding dropout", rate)

    def forward(self, embedded: torch.Tensor, ids: torch.Tensor, vocabulary: int) -> torch.Tensor:
        """Scale the embeddings (B, T, E) of `ids` (B, T) by one mask value a word type."""
        if not self.training or self.rate == 0:
            return embedded
        return embedded * drop_mask(embedded, (vocabulary,), self.rate)[ids].unsqueeze(-1)
