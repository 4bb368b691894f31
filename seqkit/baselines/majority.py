"""The share of each class in training, whatever the text says."""

from dataclasses import dataclass

import numpy as np

from seqkit.baselines.rows import Rows
from seqkit.baselines.training import Training

__all__ = ["Majority"]


@dataclass(frozen=True)
class Majority:
    """The baseline that any other must beat."""

    prior: np.ndarray
    """(C,) float64."""

    @classmethod
    def fit(cls, train: Training, *, seed: int) -> "Majority":
        """Take the shares of the classes; nothing is drawn, so `seed` has no effect."""
        return cls(train.prior)

    def probabilities(self, counts: Rows) -> np.ndarray:
        """Return the same distribution for each document, (N, C) float64."""
        return np.tile(self.prior, (len(counts), 1))
