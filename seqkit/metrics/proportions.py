"""Bounds on a share that was counted: `successes` of `n`."""

from statistics import NormalDist

import numpy as np

from seqkit.errors import ConfigError

__all__ = ["clopper_pearson_upper", "wilson"]


def wilson(successes: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval (Wilson 1927), which stays open at 0 and n of n.

    (0, 1) where n is 0.

    >>> low, high = wilson(0, 100)
    >>> low, round(high, 4)
    (0.0, 0.037)

    Raises:
        ConfigError: successes outside [0, n], or level outside (0, 1).
    """
    _check(successes, n, level, name="level")
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    low = 0.0 if successes == 0 else centre - half  # exact where rounding would leave 1e-18
    high = 1.0 if successes == n else centre + half
    return low, high


def clopper_pearson_upper(successes: int, n: int, *, confidence: float = 0.95) -> float:
    """Return the exact one-sided upper bound of Clopper and Pearson (1934).

    The share p at which `successes` or fewer of n would have probability 1 - confidence; 1.0 where
    all n are successes or n is 0.

    Raises:
        ConfigError: successes outside [0, n], or confidence outside (0, 1).
    """
    _check(successes, n, confidence, name="confidence")
    if successes == n:
        return 1.0
    i = np.arange(1, successes + 1)
    log_ways = np.append(0.0, np.cumsum(np.log((n - i + 1) / i)))  # log of n choose 0..successes
    hits = np.arange(successes + 1)

    def at_most(p: float) -> float:
        logs = log_ways + hits * np.log(p) + (n - hits) * np.log1p(-p)
        top = logs.max()
        return float(np.exp(top) * np.exp(logs - top).sum())

    low, high = successes / n, 1.0
    while low < (middle := (low + high) / 2) < high:
        if at_most(middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _check(successes: int, n: int, share: float, *, name: str) -> None:
    if not 0 <= successes <= n:
        raise ConfigError(f"successes {successes} of {n}: expected 0 to {n}")
    if not 0 < share < 1:
        raise ConfigError(f"{name} {share}: expected between 0 and 1, such as 0.95")
