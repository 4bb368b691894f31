"""`bag`: the average of word and hashed n-gram embeddings (the fastText shape), for apps.

A linear layer over an average is the average of a linear layer: the trained table (V + buckets, E)
times the output layer (E, C) is one table (V + buckets, C). Prediction is a sum of its rows, in
numpy; no torch is loaded.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

from seqkit.errors import DataError
from seqkit.files import json_bytes
from seqkit.text import Ragged, TextPipeline

__all__ = ["BagConfig", "BagScorer", "ngram_rows"]

_BATCH = 1024  # texts scored together: bounds the memory
_MULTIPLIER = np.int64(116049371)
_GOLDEN = np.int64(-7046029254386353131)


@dataclass(frozen=True, kw_only=True)
class BagConfig:
    """Average of word and n-gram embeddings, then a linear layer."""

    dim: int = 16
    """Width of the embeddings."""
    ngrams: int = 2
    """Longest word n-gram that has an embedding; 1 for words alone."""
    buckets: int = 500_000
    """Rows that n-grams of two words and more are hashed into."""
    dropout: float = 0.0
    """Share of the words and n-grams of a text that are left out in training."""


def ngram_rows(
    flat: npt.NDArray[np.int64], *, order: int, vocabulary: int, buckets: int
) -> npt.NDArray[np.int64]:
    """Hash the n-grams that start at each position, as `seqkit.nn.bag.ngram_ids` does.

    Args:
        flat: (N,) word ids.
        order: n.
        vocabulary: the first bucket's row.
        buckets: how many.

    Returns:
        (max(0, N - n + 1),) int64 rows of the table.
    """
    width = max(0, len(flat) - order + 1)
    hashed = flat[:width] + 1
    for shift in range(1, order):
        hashed = hashed * _MULTIPLIER + flat[shift : shift + width] + 1
    return ((hashed * _GOLDEN >> 32) & 0xFFFFFFFF) % buckets + vocabulary


class BagScorer:
    """Scores texts by the average of their rows in one table."""

    def __init__(
        self,
        pipeline: TextPipeline,
        table: npt.NDArray[np.float32],
        bias: npt.NDArray[np.float32],
        *,
        labels: Sequence[str],
        ngrams: int,
        max_tokens: int | None = None,
        keep: str = "head",
    ) -> None:
        """Hold a trained bag.

        Args:
            pipeline: text to ids.
            table: (V + buckets, C).
            bias: (C,).
            labels: C names.
            ngrams: longest n-gram.
            max_tokens, keep: how long texts are cut, see `Ragged.truncate`.

        Raises:
            DataError: arrays that do not fit the vocabulary, the labels or each other.
        """
        buckets = len(table) - len(pipeline.vocab)
        if buckets < (ngrams > 1) or table.shape[1:] != bias.shape or bias.shape != (len(labels),):
            raise DataError(
                f"bag: table {table.shape} and bias {bias.shape} do not fit {len(pipeline.vocab)} "
                f"words, {len(labels)} labels and n-grams up to {ngrams}"
            )
        zeros = np.zeros((1, table.shape[1]), np.float32)  # the row of n-grams across two texts
        self.table = np.concatenate([table, zeros])
        self.pipeline, self.bias = pipeline, bias
        self.labels, self.ngrams = tuple(labels), ngrams
        self.max_tokens, self.keep = max_tokens, keep
        self.vocabulary = len(pipeline.vocab)
        self.buckets = buckets

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Score texts. Returns (N, C) float64."""
        parts = [self._batch(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)]
        return np.concatenate([np.zeros((0, len(self.labels))), *parts])

    def _batch(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        ids = Ragged.from_sequences(self.pipeline.encode_many(texts))
        ids = ids.truncate(self.max_tokens, keep=self.keep)
        logits = self._sums(ids) / np.maximum(self._counts(ids.lengths), 1)[:, None] + self.bias
        logits = np.exp(logits - logits.max(1, keepdims=True))
        return logits / logits.sum(1, keepdims=True)

    def _sums(self, ids: Ragged) -> npt.NDArray[np.float64]:
        """Add up the rows of each text, (N, C) float64."""
        sums = np.zeros((len(ids), self.table.shape[1]))
        filled = ids.lengths > 0  # reduceat would give an empty text the row of its neighbour
        starts, ends = ids.offsets[:-1][filled], ids.offsets[1:][filled]
        if not len(starts):
            return sums
        flat = ids.flat.astype(np.int64)
        sums[filled] = np.add.reduceat(self.table[flat], starts, axis=0, dtype=np.float64)
        for order in range(2, self.ngrams + 1):
            found = ngram_rows(flat, order=order, vocabulary=self.vocabulary, buckets=self.buckets)
            rows = np.full(len(flat), len(self.table) - 1)
            rows[: len(found)] = found
            for back in range(1, order):  # an n-gram that starts here would leave its text
                rows[np.maximum(ends - back, starts)] = len(self.table) - 1
            sums[filled] += np.add.reduceat(self.table[rows], starts, axis=0, dtype=np.float64)
        return sums

    def _counts(self, lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Count the words and n-grams of texts of these lengths."""
        return sum(np.maximum(lengths - order, 0) for order in range(self.ngrams))

    def to_files(self) -> dict[str, bytes]:
        """Return the files that restore the scorer."""
        head = {
            "family": "bag",
            "labels": list(self.labels),
            "ngrams": self.ngrams,
            "max_tokens": self.max_tokens,
            "keep": self.keep,
        }
        return {
            "model.json": json_bytes(head),
            "weights.safetensors": save({"table": self.table[:-1], "bias": self.bias}),
            **self.pipeline.to_files(),
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "BagScorer":
        """Restore a scorer from its files."""
        head, arrays = json.loads(files["model.json"]), load(files["weights.safetensors"])
        return cls(
            TextPipeline.from_files(files),
            arrays["table"],
            arrays["bias"],
            labels=head["labels"],
            ngrams=head["ngrams"],
            max_tokens=head["max_tokens"],
            keep=head["keep"],
        )
