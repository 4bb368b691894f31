"""How well topics foretell documents that training did not see."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.metrics import paired_perplexity, perplexity, perplexity_interval
from seqkit.metrics.significance import Paired
from seqkit.vectors.bags import Bags
from seqkit.vectors.topics import TopicModel

__all__ = ["TopicScores", "measure_topics", "measure_unigram"]


@dataclass(frozen=True, eq=False)
class TopicScores:
    """The nats that documents cost, of the words of the vocabulary alone."""

    name: str
    nats: npt.NDArray[np.float64]
    """(D,)."""
    tokens: npt.NDArray[np.int64]
    """(D,)."""

    @property
    def perplexity(self) -> float:
        """Of all documents."""
        return perplexity(float(self.nats.sum()), int(self.tokens.sum()))

    def interval(self, *, seed: int = 0) -> tuple[float, float]:
        """Return the 95% interval over the documents."""
        return perplexity_interval(self.nats, self.tokens, seed=seed)

    def against(self, other: "TopicScores", *, seed: int = 0) -> Paired:
        """Compare with another model on the same documents: this perplexity less the other's."""
        return paired_perplexity(self.nats, other.nats, self.tokens, seed=seed)

    def metrics(self, *, seed: int = 0) -> dict[str, Any]:
        """Return the figures, ready for JSON."""
        return {
            "perplexity": self.perplexity,
            "tokens": int(self.tokens.sum()),
            "documents": len(self.tokens),
            "intervals": {"perplexity": [*self.interval(seed=seed)]},
        }


def measure_topics(model: TopicModel, bags: Bags) -> TopicScores:
    """Measure the bound of the perplexity: the true one is no higher; see `LdaInference.bound`.

    Raises:
        DataError: fewer than two documents.
    """
    _check(bags)
    infer = model.inference
    nats = [-infer.bound(ids, counts, infer.gamma(ids, counts)) for ids, counts in bags]
    return TopicScores("topics", np.array(nats), _tokens(bags))


def measure_unigram(counts: npt.NDArray[np.int64], bags: Bags) -> TopicScores:
    """Measure a model that knows no topics: each word as frequent as in training.

    Args:
        counts: (V,) of the words in training, none of them 0.
        bags: the documents.

    Raises:
        DataError: fewer than two documents.
    """
    _check(bags)
    costs = -np.log(counts / counts.sum())
    nats = [float(times @ costs[ids]) for ids, times in bags]
    return TopicScores("unigram", np.array(nats), _tokens(bags))


def _tokens(bags: Bags) -> npt.NDArray[np.int64]:
    return np.array([int(counts.sum()) for _, counts in bags])


def _check(bags: Bags) -> None:
    if len(bags) < 2:
        raise DataError(
            f"test: {len(bags)} documents with a word of the vocabulary, two are needed: give more "
            "documents, a larger --data.test-share, or --data.test"
        )
