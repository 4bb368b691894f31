"""TF-IDF with logistic regression or a linear SVM."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from seqkit.baselines.calibration import held_out_slope
from seqkit.baselines.linear import distribution, linear_scores
from seqkit.baselines.rows import Rows
from seqkit.baselines.solvers import fit_logistic, fit_svm
from seqkit.baselines.training import Training
from seqkit.baselines.weighting import inverse_document_frequency, tfidf

__all__ = ["TfidfLinear"]


@dataclass(frozen=True)
class TfidfLinear:
    """A linear classifier over TF-IDF rows of length 1; of more than two classes, one for each."""

    idf: np.ndarray
    """(F,) float32."""
    weights: np.ndarray
    """(R, F) float32; of an SVM, the slope of its probabilities included."""
    bias: np.ndarray
    """(R,) float64, likewise."""

    @classmethod
    def fit_logistic(cls, train: Training, *, seed: int, C: float) -> "TfidfLinear":
        """Train a logistic regression; of more than two classes, the softmax of their log-odds."""
        return cls._fit(train, partial(fit_logistic, C=C, seed=seed))

    @classmethod
    def fit_svm(cls, train: Training, *, seed: int, C: float) -> "TfidfLinear":
        """Train an SVM, and the slope of its probabilities on held-out documents."""
        solve = partial(fit_svm, C=C, seed=seed)

        def margins(part: Training, held: Training) -> np.ndarray:
            return cls._fit(part, solve)._scores(held.counts)

        slope = held_out_slope(train, margins, seed)
        model = cls._fit(train, solve)
        return cls(model.idf, model.weights * np.float32(slope), model.bias * slope)

    @classmethod
    def _fit(cls, train: Training, solve: Callable[..., tuple[np.ndarray, float]]) -> "TfidfLinear":
        idf = inverse_document_frequency(train.counts, train.features)
        rows = tfidf(train.counts, idf)
        fits = [solve(rows, train.features, target) for target in train.targets]
        return cls(idf, np.stack([w for w, _ in fits]), np.array([b for _, b in fits]))

    def _scores(self, counts: Rows) -> np.ndarray:
        return linear_scores(tfidf(counts, self.idf), self.weights, self.bias)

    def probabilities(self, counts: Rows) -> np.ndarray:
        """Return the distribution over the classes, (N, C) float64."""
        return distribution(self._scores(counts))
