"""The linear classifiers that scikit-learn trains, as plain arrays."""

from typing import Any

import numpy as np

from seqkit.baselines.rows import Rows
from seqkit.errors import require

__all__ = ["fit_logistic", "fit_svm"]


def fit_svm(
    rows: Rows, features: int, target: np.ndarray, *, C: float, seed: int
) -> tuple[np.ndarray, float]:
    """Train a linear SVM (squared hinge, L2) to tell `target`, (N,) bool, from the rest.

    Returns:
        The weights, (F,) float32, and the bias.
    """
    svm = require("sklearn.svm", extra="baselines", purpose="a linear SVM")
    model = svm.LinearSVC(C=C, dual=True, random_state=seed, max_iter=10_000)
    return _fit(model, rows, features, target)


def fit_logistic(
    rows: Rows, features: int, target: np.ndarray, *, C: float, seed: int
) -> tuple[np.ndarray, float]:
    """Train a logistic regression (L2): likewise.

    One class against the rest, in the dual: a softmax over 59 topics by L-BFGS took five times as
    long and 2 GB, and was no better.
    """
    linear = require("sklearn.linear_model", extra="baselines", purpose="logistic regression")
    model = linear.LogisticRegression(
        C=C, solver="liblinear", dual=True, random_state=seed, max_iter=10_000
    )
    return _fit(model, rows, features, target)


def _fit(model: Any, rows: Rows, features: int, target: np.ndarray) -> tuple[np.ndarray, float]:
    sparse = require("scipy.sparse", extra="baselines", purpose="training a linear classifier")
    matrix = sparse.csr_matrix((rows.values, rows.features, rows.starts), (len(rows), features))
    model.fit(matrix, target)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])
