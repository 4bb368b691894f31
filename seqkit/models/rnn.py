"""`rnn`: a tanh RNN, GRU or LSTM over word embeddings, pooled into one vector."""

from dataclasses import dataclass

import torch
from torch import nn

from seqkit.errors import ConfigError, choices
from seqkit.nn import (
    POOLINGS,
    AttentionPooling,
    Embedding,
    LockedDropout,
    RecurrentStack,
    keep_mask,
    pool,
)
from seqkit.nn.dropout import check_rate
from seqkit.nn.embedding import GivenRows
from seqkit.nn.pooling import Pooling
from seqkit.nn.recurrent import Cell

__all__ = ["RnnClassifier", "RnnConfig"]


@dataclass(frozen=True, kw_only=True)
class RnnConfig:
    """Recurrent layers over word embeddings."""

    dim: int = 100
    """Width of the word embeddings."""
    cell: Cell = "lstm"
    """Recurrent cell."""
    hidden: int = 100
    """Units of each layer and direction."""
    layers: int = 1
    """Recurrent layers, one above the other."""
    bidirectional: bool = True
    """Read the text in both directions."""
    pooling: Pooling = "mean"
    """How one vector is made of one a token."""
    dropout: float = 0.5
    """Of the pooled vector."""
    locked_dropout: float = 0.4
    """Of the embeddings and between layers, the same features at each time step."""
    word_dropout: float = 0.2
    """Share of word types dropped from each training batch."""
    weight_dropout: float = 0.0
    """Of the recurrent matrices."""
    layer_norm: bool = False
    """Normalise the output of each layer."""


class RnnClassifier(nn.Module):
    """Embedding -> recurrent stack -> pooling -> linear."""

    def __init__(
        self,
        config: RnnConfig,
        *,
        vocabulary: int,
        classes: int,
        given: GivenRows | None = None,
    ) -> None:
        """Build the network for V words and C classes, on random embeddings or given ones."""
        super().__init__()
        if config.pooling not in POOLINGS:
            raise ConfigError(choices("pooling", config.pooling, POOLINGS))
        self.config = config
        self.embedding = Embedding(
            vocabulary, config.dim, given=given, word_dropout=config.word_dropout
        )
        self.input_dropout = LockedDropout(config.locked_dropout)
        self.stack = RecurrentStack(
            config.dim,
            config.hidden,
            layers=config.layers,
            cell=config.cell,
            bidirectional=config.bidirectional,
            locked_dropout=config.locked_dropout,
            weight_dropout=config.weight_dropout,
            layer_norm=config.layer_norm,
        )
        size = self.stack.output_size
        self.attention = AttentionPooling(size) if config.pooling == "attention" else None
        self.dropout = nn.Dropout(check_rate("rnn dropout", config.dropout))
        self.output = nn.Linear(size, classes)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Score ids (B, T) of the given lengths (B,). Returns logits (B, C)."""
        keep = keep_mask(lengths, ids.shape[1])
        x = self.input_dropout(self.embedding(ids, keep))  # (B, T, E)
        h = self.stack(x, lengths)  # (B, T, D * H)
        if self.attention is not None:
            pooled = self.attention(h, keep)
        else:
            kind, directions = self.config.pooling, self.stack.directions
            pooled = pool(kind, h, lengths, keep, directions=directions)  # (B, D * H)
        return self.output(self.dropout(pooled))
