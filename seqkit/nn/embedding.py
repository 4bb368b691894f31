"""Word embeddings: random or given, with whole words dropped in training."""

import torch
from torch import nn

from seqkit.errors import ConfigError
from seqkit.nn.dropout import EmbeddingDropout

__all__ = ["RESERVED", "Embedding", "checked_vectors"]

RESERVED = 4
"""Ids before the first word: PAD, BOS, EOS, UNK."""


def checked_vectors(vectors: torch.Tensor, vocabulary: int, dim: int) -> torch.Tensor:
    """Copy given vectors as float32, or raise ConfigError if they are not (V, E)."""
    if vectors.shape != (vocabulary, dim):
        raise ConfigError(
            f"vectors of shape {tuple(vectors.shape)}: the model needs ({vocabulary}, {dim}), a "
            "row for each id"
        )
    return vectors.detach().to(torch.float32, copy=True)


class Embedding(nn.Module):
    """Looks up a vector for each id; padding gets zeros, whatever its id.

    Drawn from N(0, 1 / E), so that a vector has a length near 1 at any width; the reserved ids
    start from zeros, for UNK may never occur in training and must then say nothing at test.
    """

    def __init__(
        self,
        vocabulary: int,
        dim: int,
        *,
        vectors: torch.Tensor | None = None,
        frozen: bool = False,
        word_dropout: float = 0.0,
    ) -> None:
        """Make the table.

        Args:
            vocabulary: V.
            dim: E.
            vectors: (V, E) to start from instead; they are copied.
            frozen: keep the vectors as they are.
            word_dropout: share of word types dropped from each training batch.
        """
        super().__init__()
        if dim < 1:
            raise ConfigError(f"embedding dim {dim}: must be 1 or more")
        if vectors is None:
            weight = torch.randn(vocabulary, dim) * dim**-0.5
            weight[:RESERVED] = 0.0
        else:
            weight = checked_vectors(vectors, vocabulary, dim)
        self.weight = nn.Parameter(weight, requires_grad=not frozen)
        self.dropout = EmbeddingDropout(word_dropout)

    @property
    def dim(self) -> int:
        """E, the width of a vector."""
        return self.weight.shape[1]

    def forward(self, ids: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
        """Embed ids (B, T); `keep` (B, T) bool says which are tokens. Returns (B, T, E)."""
        embedded = nn.functional.embedding(ids, self.weight)  # (B, T, E)
        embedded = self.dropout(embedded, ids, self.weight.shape[0])
        return embedded * keep.unsqueeze(-1)
