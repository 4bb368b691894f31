"""`cnn`: convolutions of several widths over word embeddings, pooled over time (Kim 2014)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from seqkit.errors import ConfigError, choices
from seqkit.nn import Embedding, keep_mask
from seqkit.nn.dropout import check_rate
from seqkit.nn.embedding import GivenRows

__all__ = ["CnnClassifier", "CnnConfig"]


@dataclass(frozen=True, kw_only=True)
class CnnConfig:
    """Convolutions over word embeddings, each filter pooled over the text."""

    dim: int = 100
    """Width of the word embeddings."""
    widths: tuple[int, ...] = (3, 4, 5)
    """Words that the filters span."""
    channels: int = 100
    """Filters of each width."""
    pooling: Literal["max", "mean", "both"] = "max"
    """max: whether a filter is found (Kim 2014); mean: how often; both side by side."""
    dropout: float = 0.5
    """Of the pooled vector."""
    word_dropout: float = 0.1
    """Share of word types dropped from each training batch."""
    batch_norm: bool = False
    """Normalise the pooled vector over the batch (Ioffe and Szegedy 2015)."""


_POOLINGS = {"max": ("max",), "mean": ("mean",), "both": ("max", "mean")}


class CnnClassifier(nn.Module):
    """Embedding -> convolutions -> ReLU -> maximum or mean over time -> linear."""

    def __init__(
        self,
        config: CnnConfig,
        *,
        vocabulary: int,
        classes: int,
        given: GivenRows | None = None,
    ) -> None:
        """Build the network for V words and C classes, on random embeddings or given ones."""
        super().__init__()
        if not config.widths or min(config.widths) < 1:
            raise ConfigError(f"cnn widths {config.widths}: give one or more, each 1 or more")
        if config.channels < 1:
            raise ConfigError(f"cnn channels {config.channels}: must be 1 or more")
        if config.pooling not in _POOLINGS:
            raise ConfigError(choices("cnn pooling", config.pooling, _POOLINGS))
        self.config = config
        self.embedding = Embedding(
            vocabulary, config.dim, given=given, word_dropout=config.word_dropout
        )
        self.convolutions = nn.ModuleList(
            nn.Conv1d(config.dim, config.channels, width) for width in config.widths
        )
        size = config.channels * len(config.widths) * len(_POOLINGS[config.pooling])
        self.norm = nn.BatchNorm1d(size) if config.batch_norm else None
        self.dropout = nn.Dropout(check_rate("cnn dropout", config.dropout))
        self.output = nn.Linear(size, classes)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Score ids (B, T) of the given lengths (B,). Returns logits (B, C).

        A filter sees the windows that lie within the text, and of a text shorter than itself the
        one window that starts with it: never what the padding of the batch happens to be.
        """
        x = self.embedding(ids, keep_mask(lengths, ids.shape[1]))  # (B, T, E)
        short = max(self.config.widths) - ids.shape[1]
        if short > 0:
            x = nn.functional.pad(x, (0, 0, 0, short))
        x = x.transpose(1, 2)  # (B, E, T)
        pooled = []
        for width, convolution in zip(self.config.widths, self.convolutions, strict=True):
            h = torch.relu(convolution(x))  # (B, channels, T - width + 1)
            windows = (lengths - width + 1).clamp(min=1)
            h = h.masked_fill(~keep_mask(windows, h.shape[2]).unsqueeze(1), 0.0)
            for kind in _POOLINGS[self.config.pooling]:
                pooled.append(h.amax(2) if kind == "max" else h.sum(2) / windows.unsqueeze(1))
        features = torch.cat(pooled, 1)  # (B, channels * widths), twice that for both
        if self.norm is not None:
            features = self._normalise(features)
        return self.output(self.dropout(features))

    def _normalise(self, features: torch.Tensor) -> torch.Tensor:
        if self.training and len(features) == 1:  # one record has no variance of its own
            mean, variance = self.norm.running_mean, self.norm.running_var
            return nn.functional.batch_norm(
                features, mean, variance, self.norm.weight, self.norm.bias
            )
        return self.norm(features)
