"""How far two lists of numbers rise together."""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import ConfigError, DataError

__all__ = ["average_ranks", "correlation_interval", "pearson", "spearman"]


def average_ranks(values: ArrayLike) -> NDArray[np.float64]:
    """Return the rank of each value, (N,), from 1; equal ones share the mean of their ranks.

    >>> average_ranks([10, 30, 10]).tolist()
    [1.5, 3.0, 1.5]
    """
    _, group, count = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[group]


def pearson(first: ArrayLike, second: ArrayLike) -> float | None:
    """Return Pearson's correlation of two lists (N,); None where one of them does not vary.

    Raises:
        DataError: lengths that differ.
    """
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if x.shape != y.shape:
        raise DataError(f"correlation: {len(x)} values beside {len(y)}: expected as many")
    if len(x) < 2 or (x == x[0]).all() or (y == y[0]).all():
        return None
    x, y = x - x.mean(), y - y.mean()
    value = float(x @ y) / math.sqrt(float(x @ x) * float(y @ y))
    return min(1.0, max(-1.0, value))


def spearman(first: ArrayLike, second: ArrayLike) -> float | None:
    """Return Spearman's correlation: Pearson's of the ranks, where equal values share a rank.

    Raises:
        DataError: lengths that differ.
    """
    return pearson(average_ranks(first), average_ranks(second))


def correlation_interval(
    value: float, n: int, *, ranks: bool = False, level: float = 0.95
) -> tuple[float, float] | None:
    """Return Fisher's interval of a correlation of n pairs; None from fewer than four.

    The inverse hyperbolic tangent of the value is taken as normal with variance 1 / (n - 3), and
    of one of ranks with (1 + value^2 / 2) / (n - 3) (Bonett and Wright 2000).

    Args:
        value: the correlation, -1 to 1.
        n: pairs it is of.
        ranks: it is Spearman's.
        level: of confidence.

    Raises:
        ConfigError: a value outside [-1, 1], or a level outside (0, 1).
    """
    if not -1 <= value <= 1:
        raise ConfigError(f"correlation {value}: expected -1 to 1")
    if not 0 < level < 1:
        raise ConfigError(f"level {level}: expected between 0 and 1, such as 0.95")
    if n < 4:
        return None
    if abs(value) == 1:
        return value, value
    spread = NormalDist().inv_cdf((1 + level) / 2)
    spread *= math.sqrt((1 + value * value / 2 if ranks else 1) / (n - 3))
    centre = math.atanh(value)
    return math.tanh(centre - spread), math.tanh(centre + spread)
