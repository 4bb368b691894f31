"""What every baseline is fitted to, and how it is cut into folds."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqkit.baselines.rows import Rows

__all__ = ["Training"]


@dataclass(frozen=True)
class Training:
    """N counted documents with their classes."""

    counts: Rows
    features: int
    """F: features are numbered below it."""
    y: np.ndarray
    """(N,) int64 classes below `classes`, each seen."""
    classes: int
    groups: np.ndarray
    """(N,) int64: the same number where the text is the same."""

    @property
    def targets(self) -> np.ndarray:
        """Return what each score must tell apart, (R, N) bool.

        A row says which documents are of a class; of two classes, only the second's.
        """
        wanted = np.arange(self.classes) if self.classes > 2 else np.array([1])
        return self.y == wanted[:, None]

    @property
    def prior(self) -> np.ndarray:
        """Return the share of each class, (C,) float64."""
        return np.bincount(self.y, minlength=self.classes) / len(self.y)

    def select(self, keep: np.ndarray) -> "Training":
        """Return the documents where `keep`, (N,) bool, is true."""
        rows = np.flatnonzero(keep)
        return Training(
            self.counts.select(rows), self.features, self.y[rows], self.classes, self.groups[rows]
        )

    def sums(self, rows: Rows) -> np.ndarray:
        """Sum the values of each class's documents, feature by feature: (C, F) float64."""
        cells = self.y[rows.index()] * self.features + rows.features
        size = self.classes * self.features
        return np.bincount(cells, rows.values, minlength=size).reshape(self.classes, -1)

    def folds(self, number: int, seed: int) -> Iterator[np.ndarray]:
        """Deal the documents into folds, each a (N,) bool that is true for those held out.

        Copies of a text stay together, since a copy in training would flatter the margin of the
        other. Each class is dealt evenly. A class with one text is never held out, and a fold that
        would take the last of a class from training is left out.
        """
        first, group = np.unique(self.groups, return_index=True, return_inverse=True)[1:]
        texts = np.random.default_rng(seed).permutation(len(first))
        texts = texts[np.argsort(self.y[first[texts]], kind="stable")]
        alone = np.bincount(self.y[first], minlength=self.classes) == 1
        texts = texts[~alone[self.y[first[texts]]]]
        fold = np.full(len(first), -1)
        fold[texts] = np.arange(len(texts)) % number
        for i in range(number):
            held = fold[group] == i
            if held.any() and len(np.unique(self.y[~held])) == self.classes:
                yield held
