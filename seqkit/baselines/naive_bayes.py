"""Multinomial naive Bayes, and the log-count ratio that NB-SVM takes from it."""

from dataclasses import dataclass

import numpy as np

from seqkit.baselines.linear import distribution, linear_scores
from seqkit.baselines.rows import Rows
from seqkit.baselines.training import Training

__all__ = ["NaiveBayes", "log_count_ratio"]


@dataclass(frozen=True)
class NaiveBayes:
    """P(class) times the product of P(n-gram | class) over the n-grams of the text, normalised.

    Manning, Raghavan and Schütze (2008), section 13.2, with `alpha` added to each count.
    """

    weights: np.ndarray
    """(R, F) float32 log-likelihoods; for two classes the second's less the first's."""
    bias: np.ndarray
    """(R,) float64 log-priors, likewise."""

    @classmethod
    def fit(cls, train: Training, *, seed: int, alpha: float) -> "NaiveBayes":
        """Count the n-grams of each class; nothing is drawn, so `seed` has no effect."""
        sums = train.sums(train.counts) + alpha
        weights = np.log(sums) - np.log(sums.sum(axis=1, keepdims=True))
        bias = np.log(train.prior)
        if train.classes == 2:
            weights, bias = weights[1:] - weights[:1], bias[1:] - bias[:1]
        return cls(weights.astype(np.float32), bias)

    def probabilities(self, counts: Rows) -> np.ndarray:
        """Return the posterior of each class, (N, C) float64."""
        return distribution(linear_scores(counts, self.weights, self.bias))


def log_count_ratio(sums: np.ndarray, alpha: float) -> np.ndarray:
    """Compute r = ln((p / |p|) / (q / |q|)) for each class against the rest, (R, F) float32.

    Wang and Manning (2012), section 2.1: p = alpha + the sums of the class, q = alpha +
    those of the other classes, |.| the sum over features. Of two classes, only the second's.

    Args:
        sums: (C, F), how many documents of each class have the feature.
        alpha: smoothing.
    """
    own = sums[1:] if len(sums) == 2 else sums
    p, q = own + alpha, sums.sum(axis=0) - own + alpha
    ratio = np.log(p / p.sum(axis=1, keepdims=True)) - np.log(q / q.sum(axis=1, keepdims=True))
    return ratio.astype(np.float32)
