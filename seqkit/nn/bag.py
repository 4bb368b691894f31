"""The fastText shape: the average of word and hashed n-gram embeddings, then a linear layer."""

import torch
from torch import nn

from seqkit.errors import ConfigError
from seqkit.nn.dropout import check_rate
from seqkit.nn.embedding import checked_vectors
from seqkit.nn.masking import keep_mask

__all__ = ["HashedBag", "ngram_ids"]

MULTIPLIER = 116049371  # of the rolling hash over word ids; products wrap at 64 bits


def ngram_ids(ids: torch.Tensor, *, order: int, vocabulary: int, buckets: int) -> torch.Tensor:
    """Hash each n-gram of word ids into a bucket behind the vocabulary.

    h_1 = id + 1;  h_n = h_(n-1) of the n-1 earlier words * 116049371 + id + 1, modulo 2^64; the
    bucket is the high 32 bits of h_n times 2^64 / golden ratio, modulo `buckets`.

    Args:
        ids: (B, T) int64.
        order: n.
        vocabulary: the first bucket's row.
        buckets: how many.

    Returns:
        (B, max(0, T - n + 1)) int64, rows from `vocabulary` to `vocabulary + buckets - 1`.
    """
    width = max(0, ids.shape[1] - order + 1)
    hashed = ids[:, :width] + 1
    for shift in range(1, order):
        hashed = hashed * MULTIPLIER + ids[:, shift : shift + width] + 1
    mixed = (hashed * -7046029254386353131 >> 32) & 0xFFFFFFFF
    return mixed % buckets + vocabulary


class HashedBag(nn.Module):
    """Averages the embeddings of a text's words and hashed n-grams (Joulin et al. 2017).

    With a sparse gradient it trains with SGD without momentum, or with Adagrad.
    """

    def __init__(
        self,
        vocabulary: int,
        *,
        dim: int,
        classes: int,
        ngrams: int,
        buckets: int,
        dropout: float = 0.0,
        vectors: torch.Tensor | None = None,
        sparse: bool = True,
    ) -> None:
        """Make the table of (V + buckets, E) and the linear layer (E, C).

        Args:
            vocabulary: V, rows for words.
            dim: E.
            classes: C.
            ngrams: longest n-gram; 1 for words alone.
            buckets: rows for the hashed n-grams.
            dropout: share of the features of a text that are left out in training.
            vectors: (V, E) to start the words from.
            sparse: give the table a sparse gradient, which touches the rows of a batch alone.
        """
        super().__init__()
        if dim < 1 or ngrams < 1:
            raise ConfigError(f"bag of dim {dim}, ngrams {ngrams}: both must be 1 or more")
        if ngrams > 1 and buckets < 1:
            raise ConfigError(f"buckets {buckets}: n-grams need at least 1")
        self.vocabulary, self.ngrams, self.sparse = vocabulary, ngrams, sparse
        self.buckets = buckets if ngrams > 1 else 0
        self.dropout = check_rate("bag dropout", dropout)
        # zeros, not fastText's random rows: what train never holds must not speak at test
        table = torch.zeros(vocabulary + self.buckets, dim)
        if vectors is not None:
            table[:vocabulary] = checked_vectors(vectors, vocabulary, dim)
        self.table = nn.Parameter(table)
        self.output = nn.Linear(dim, classes)
        nn.init.zeros_(self.output.bias)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Score ids (B, T) of the given lengths (B,). Returns logits (B, C)."""
        rows, keep = self.features(ids, lengths)
        if self.training and self.dropout:
            keep = keep & (torch.rand(keep.shape, device=keep.device) >= self.dropout)
        counts = keep.sum(1)
        offsets = counts.cumsum(0) - counts
        mean = nn.functional.embedding_bag(
            rows[keep], self.table, offsets, mode="mean", sparse=self.sparse
        )  # (B, E); zeros for an empty bag
        return self.output(mean)

    @torch.no_grad()
    def folded(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Fold the output layer into the table: (V + buckets, C) and the bias (C,).

        The mean of the folded rows of a text, plus the bias, is its logits.
        """
        return self.table @ self.output.weight.T, self.output.bias.clone()

    def features(
        self, ids: torch.Tensor, lengths: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows of the table for each text, (B, F) int64, and which of them count, (B, F) bool."""
        rows, keep = [ids], [keep_mask(lengths, ids.shape[1])]
        for order in range(2, self.ngrams + 1):
            rows.append(
                ngram_ids(ids, order=order, vocabulary=self.vocabulary, buckets=self.buckets)
            )
            keep.append(keep_mask(lengths - order + 1, rows[-1].shape[1]))
        return torch.cat(rows, 1), torch.cat(keep, 1)
