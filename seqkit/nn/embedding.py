"""Word embeddings: random or given, kept or trained, with whole words dropped in training."""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import nn

from seqkit.errors import ConfigError, choices
from seqkit.nn.dropout import EmbeddingDropout

__all__ = [
    "RESERVED",
    "Embedding",
    "GivenRows",
    "VectorsUse",
    "checked_vectors",
    "make_projection",
    "start_from",
]

RESERVED = 4
"""Ids before the first word: PAD, BOS, EOS, UNK."""

VectorsUse = Literal["tuned", "frozen", "projected"]


@dataclass(frozen=True)
class GivenRows:
    """Vectors that a table of embeddings starts from, and what becomes of them in training."""

    rows: torch.Tensor
    """(V, W) float32; what stands where `known` is false is not used."""
    known: torch.Tensor
    """(V,) bool, the ids that have a vector; the others are drawn, and trained in any case."""
    use: VectorsUse = "tuned"
    """tuned: trained with the rest; frozen: kept as they are; projected: kept, and a learned linear
    map brings them from W to the width of the model."""

    def __post_init__(self) -> None:
        if self.use not in get_args(VectorsUse):
            raise ConfigError(choices("use of vectors", self.use, get_args(VectorsUse)))
        if self.rows.ndim != 2 or self.known.shape != self.rows.shape[:1]:
            raise ConfigError(
                f"vectors of shape {tuple(self.rows.shape)} with {tuple(self.known.shape)} marks: "
                "give (V, W) and (V,)"
            )

    @classmethod
    def stand_in(cls, vocabulary: int, projected_from: int | None) -> "GivenRows | None":
        """Make rows of the right shape for weights that are loaded afterwards.

        Args:
            vocabulary: V.
            projected_from: W of a projected table; None, for any other, gives None.
        """
        if projected_from is None:
            return None
        known = torch.zeros(vocabulary, dtype=torch.bool)
        return cls(torch.zeros(vocabulary, projected_from), known, "projected")

    @property
    def projected_from(self) -> int | None:
        """W where the rows are to be projected, else None."""
        return self.rows.shape[1] if self.use == "projected" else None


def checked_vectors(vectors: torch.Tensor, vocabulary: int, dim: int) -> torch.Tensor:
    """Copy given vectors as float32, or raise ConfigError if they are not (V, E)."""
    if vectors.shape != (vocabulary, dim):
        raise ConfigError(
            f"vectors of shape {tuple(vectors.shape)}: the model needs ({vocabulary}, {dim}), a "
            "row for each id"
        )
    return vectors.detach().to(torch.float32, copy=True)


@torch.no_grad()
def start_from(weight: nn.Parameter, given: GivenRows) -> None:
    """Put given rows into a table (V, W), and keep them there unless they are to be tuned.

    Kept rows get a gradient of zero; an optimiser must neither decay them nor add a penalty.

    Raises:
        ConfigError: rows of another shape.
    """
    rows = checked_vectors(given.rows, *weight.shape)
    weight.copy_(torch.where(given.known[:, None], rows, weight))
    if given.use == "tuned":
        return
    kept = {given.known.device: given.known[:, None]}

    def stop(gradient: torch.Tensor) -> torch.Tensor:
        if gradient.device not in kept:  # once: the network was moved
            kept[gradient.device] = given.known[:, None].to(gradient.device)
        return gradient.masked_fill(kept[gradient.device], 0.0)

    weight.register_hook(stop)


def make_projection(width: int | None, dim: int) -> nn.Linear | None:
    """Make the linear map (W -> E) that leaves lengths as they are on average; None for no W."""
    if width is None:
        return None
    projection = nn.Linear(width, dim, bias=False)
    nn.init.normal_(projection.weight, std=dim**-0.5)
    return projection


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
        given: GivenRows | None = None,
        word_dropout: float = 0.0,
    ) -> None:
        """Make the table.

        Args:
            vocabulary: V.
            dim: E.
            given: rows to start from in place of drawn ones; they are copied.
            word_dropout: share of word types dropped from each training batch.

        Raises:
            ConfigError: a size or rate out of range, or rows of another shape than (V, E); of
                projected ones only V must agree.
        """
        super().__init__()
        if dim < 1:
            raise ConfigError(f"embedding dim {dim}: must be 1 or more")
        self.projected_from = None if given is None else given.projected_from
        width = self.projected_from or dim
        weight = torch.randn(vocabulary, width) * width**-0.5
        weight[:RESERVED] = 0.0
        self.weight = nn.Parameter(weight)
        if given is not None:
            start_from(self.weight, given)
        self.projection = make_projection(self.projected_from, dim)
        self.dropout = EmbeddingDropout(word_dropout)

    @property
    def dim(self) -> int:
        """E, the width of a vector."""
        return (self.weight if self.projection is None else self.projection.weight.t()).shape[1]

    def forward(self, ids: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
        """Embed ids (B, T); `keep` (B, T) bool says which are tokens. Returns (B, T, E)."""
        embedded = nn.functional.embedding(ids, self.weight)  # (B, T, E), or W if projected
        if self.projection is not None:
            embedded = self.projection(embedded).to(embedded.dtype)  # autocast would narrow it
        embedded = self.dropout(embedded, ids, self.weight.shape[0])
        return embedded * keep.unsqueeze(-1)
