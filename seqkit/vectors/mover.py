"""Word Mover's Distance (Kusner, Sun, Kolkin, Weinberger: From word embeddings to document
distances, ICML 2015): what it costs to move the words of one text to those of another.
"""

import numpy as np
import numpy.typing as npt

from seqkit.errors import require

__all__ = ["movers_distance"]


def movers_distance(
    a: npt.NDArray[np.floating],
    weights_a: npt.NDArray[np.floating],
    b: npt.NDArray[np.floating],
    weights_b: npt.NDArray[np.floating],
) -> float:
    """Solve the transport problem exactly (equation 1 of the paper), by linear programming.

    Least sum of T_ij ||a_i - b_j|| over T >= 0, with row sums the weights of `a` and column sums
    those of `b`, each brought to sum 1.

    Args:
        a: (N, E) the vectors of one text's different words, one at least.
        weights_a: (N,) how often each stands there, above 0.
        b: (M, E) those of the other.
        weights_b: (M,).

    Raises:
        ConfigError: scipy, which comes with gensim, is not installed.
    """
    purpose = "Word Mover's Distance"
    optimize = require("scipy.optimize", extra="vectors", purpose=purpose)
    sparse = require("scipy.sparse", extra="vectors", purpose=purpose)
    costs = _distances(np.asarray(a, np.float64), np.asarray(b, np.float64))  # (N, M)
    n, m = costs.shape
    sums = sparse.vstack(
        [
            sparse.kron(sparse.eye_array(n), np.ones((1, m))),
            sparse.kron(np.ones((1, n)), sparse.eye_array(m)),
        ]
    ).tocsr()
    weights = np.concatenate([weights_a / weights_a.sum(), weights_b / weights_b.sum()])
    # the last equation follows from the others; rounding could set it against them
    solved = optimize.linprog(
        costs.ravel(), A_eq=sums[:-1], b_eq=weights[:-1], bounds=(0, None), method="highs"
    )
    assert solved.status == 0, solved.message  # it is feasible and bounded
    return max(float(solved.fun), 0.0)


def _distances(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Compute the Euclidean distances (N, M); exactly 0 between equal vectors."""
    distances = np.empty((len(a), len(b)))
    for row, point in enumerate(a):
        distances[row] = np.sqrt(((b - point) ** 2).sum(axis=1))
    return distances
