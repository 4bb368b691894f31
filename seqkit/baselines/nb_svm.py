"""NB-SVM: a linear SVM over n-grams weighed by their naive Bayes log-count ratio."""

from dataclasses import dataclass

import numpy as np

from seqkit.baselines.calibration import held_out_slope
from seqkit.baselines.linear import distribution, linear_scores
from seqkit.baselines.naive_bayes import log_count_ratio
from seqkit.baselines.rows import Rows
from seqkit.baselines.solvers import fit_svm
from seqkit.baselines.training import Training
from seqkit.baselines.weighting import binary, unit_length

__all__ = ["NbSvm"]


@dataclass(frozen=True)
class NbSvm:
    """Wang and Manning (2012), with two changes that leave nothing to tune.

    Rows are scaled to length 1 after weighing, so that one C suits tweets and reviews alike, and
    the weights are the SVM's own (the paper's beta = 1): the interpolation with their mean lost
    accuracy on held-out reviews. More than two classes: each against the rest.
    """

    ratio: np.ndarray
    """(R, F) float32."""
    weights: np.ndarray
    """(R, F) float32, the slope of the probabilities included."""
    bias: np.ndarray
    """(R,) float64, likewise."""

    @classmethod
    def fit(cls, train: Training, *, seed: int, alpha: float, C: float) -> "NbSvm":
        """Train the SVMs, and the slope of their probabilities on held-out documents."""

        def fit_margins(part: Training) -> NbSvm:
            ratio = log_count_ratio(part.sums(binary(part.counts)), alpha)
            fits = [
                fit_svm(_weigh(part.counts, r), part.features, target, C=C, seed=seed)
                for r, target in zip(ratio, part.targets, strict=True)
            ]
            return cls(ratio, np.stack([w for w, _ in fits]), np.array([b for _, b in fits]))

        def margins(part: Training, held: Training) -> np.ndarray:
            return fit_margins(part)._scores(held.counts)

        slope = held_out_slope(train, margins, seed)
        model = fit_margins(train)
        return cls(model.ratio, model.weights * np.float32(slope), model.bias * slope)

    def _scores(self, counts: Rows) -> np.ndarray:
        columns = zip(self.ratio, self.weights, self.bias, strict=True)
        scores = [linear_scores(_weigh(counts, r), w[None], b[None]) for r, w, b in columns]
        return np.concatenate(scores, axis=1)

    def probabilities(self, counts: Rows) -> np.ndarray:
        """Return the calibrated distribution, (N, C) float64."""
        return distribution(self._scores(counts))


def _weigh(counts: Rows, ratio: np.ndarray) -> Rows:
    return unit_length(Rows(counts.starts, counts.features, ratio[counts.features]))
