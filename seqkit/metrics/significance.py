"""Is system a better than system b on these records, or luckier? Paired tests."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import ConfigError, DataError, choices
from seqkit.metrics.arrays import aligned, class_ids
from seqkit.metrics.counts import STATISTICS
from seqkit.metrics.intervals import Metric
from seqkit.metrics.resample import (
    binomial_draws,
    cells,
    check_sampling,
    counts_of,
    multinomial_draws,
)

__all__ = ["Paired", "mcnemar", "paired_bootstrap", "paired_from_gaps", "paired_randomization"]


class Paired(NamedTuple):
    """The difference between two systems on the same records."""

    difference: float
    """metric of a less metric of b."""
    low: float
    """Lower end of the interval of the difference."""
    high: float
    """Upper end of the interval of the difference."""
    p: float
    """Two-sided p-value of no difference."""


def mcnemar(gold: ArrayLike, a: ArrayLike, b: ArrayLike) -> float:
    """Return the exact two-sided p-value of equal accuracy (McNemar 1947, binomial form).

    Only the records that one system has right and the other wrong count: under the null hypothesis
    each falls to either with probability one half. 1.0 where there are none.

    Args:
        gold: class indices, (N,).
        a: what the first system predicted, (N,).
        b: what the second predicted, (N,).
    """
    ids, first, second = _class_columns(gold, a, b)
    only_a = int(((first == ids) & (second != ids)).sum())
    only_b = int(((second == ids) & (first != ids)).sum())
    n, ways, tail = only_a + only_b, 1, 0
    for k in range(min(only_a, only_b) + 1):  # whole numbers: no rounding however many records
        tail += ways
        ways = ways * (n - k) // (k + 1)
    return min(1.0, 2 * tail / 2**n)


def paired_bootstrap(
    gold: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    metric: Metric = "accuracy",
    *,
    samples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Paired:
    """Resample records, the same for both systems, and look at metric(a) - metric(b).

    The interval is the percentile interval. p is twice the smaller share of resamples on either
    side of zero, ties counted on both, the observed data counted as one more (Davison and Hinkley
    1997, eq. 4.11), so never below 2 / (samples + 1).

    Args:
        gold: class indices, (N,).
        a: what the first system predicted, (N,); for a function whatever it takes, (N, ...).
        b: what the second predicted, as `a`.
        metric: a name of `STATISTICS`, or a function (gold, predicted) -> number.
        samples: number of resamples; those that leave the metric undefined are left out.
        level: share of the resamples within the interval.
        seed: of the resampling.

    Raises:
        ConfigError: no such statistic, fewer than one sample, level outside (0, 1).
        DataError: lengths that differ, or a metric undefined on the data or on every resample.
    """
    check_sampling(samples, level)
    generator = np.random.default_rng(seed)
    observed, gaps = _gaps(metric, gold, a, b, samples, generator, exchange=False)
    return paired_from_gaps(observed, gaps, level=level)


def paired_from_gaps(observed: float, gaps: NDArray[np.float64], *, level: float) -> Paired:
    """Sum up what `paired_bootstrap` describes: the differences (S,) on S resamples."""
    low, high = np.quantile(gaps, [(1 - level) / 2, (1 + level) / 2])
    tail = min(int((gaps <= 0).sum()), int((gaps >= 0).sum()))
    p = min(1.0, 2 * (tail + 1) / (len(gaps) + 1))
    return Paired(observed, float(low), float(high), p)


def paired_randomization(
    gold: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    metric: Metric = "accuracy",
    *,
    samples: int = 10000,
    seed: int = 0,
) -> float:
    """Return the two-sided p-value of the approximate randomization test (Noreen 1989).

    Each sample exchanges the two predictions of every record with probability one half; p is the
    share of samples whose difference is at least the observed one, the observed data counted as one
    more. For the accuracy it converges to `mcnemar`.

    Arguments and errors as in `paired_bootstrap`.
    """
    check_sampling(samples, level=0.5)
    generator = np.random.default_rng(seed)
    observed, gaps = _gaps(metric, gold, a, b, samples, generator, exchange=True)
    reached = np.abs(gaps) >= abs(observed) - 1e-12  # equal but for rounding counts as reached
    return (int(reached.sum()) + 1) / (len(gaps) + 1)


def _class_columns(*columns: ArrayLike) -> list[NDArray[np.int64]]:
    """Check gold, a and b, (N,) class indices each."""
    named = dict(zip(("gold", "a", "b"), columns, strict=True))
    checked = {name: class_ids(column, name=name) for name, column in named.items()}
    for name in ("a", "b"):
        aligned(checked["gold"], checked[name], name=name)
    return list(checked.values())


def _gaps(
    metric: Metric,
    gold: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    samples: int,
    generator: np.random.Generator,
    *,
    exchange: bool,
) -> tuple[float, NDArray[np.float64]]:
    """Return metric(a) - metric(b) as observed and on each sample that defines it.

    A sample exchanges predictions between the systems, or else resamples the records.
    """
    if isinstance(metric, str):
        observed, gaps = _named_gaps(metric, gold, a, b, samples, generator, exchange=exchange)
    else:
        observed, gaps = _function_gaps(metric, gold, a, b, samples, generator, exchange=exchange)
    gaps = gaps[~np.isnan(gaps)]
    if math.isnan(observed) or not gaps.size:
        raise DataError("significance: the metric is undefined on these records")
    return observed, gaps


def _named_gaps(
    name: str,
    gold: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    samples: int,
    generator: np.random.Generator,
    *,
    exchange: bool,
) -> tuple[float, NDArray[np.float64]]:
    if name not in STATISTICS:
        raise ConfigError(choices("metric", name, STATISTICS))
    function = STATISTICS[name]
    columns = _class_columns(gold, a, b)
    classes = max(2, 1 + max(int(column.max()) for column in columns))
    kinds = cells(*columns)
    of_gold, of_a, of_b = kinds.columns
    truth, calls = np.append(of_gold, of_gold), np.append(of_a, of_b)

    def gap(kept: NDArray, exchanged: NDArray) -> NDArray:
        """Score with the predictions of `exchanged` records changing sides, (S, K) both."""
        first, second = np.hstack([kept, exchanged]), np.hstack([exchanged, kept])
        return function(counts_of(first, truth, calls, classes)) - function(
            counts_of(second, truth, calls, classes)
        )

    if exchange:
        batches = binomial_draws(kinds.count, samples, generator, classes=classes)
        gaps = [gap(kinds.count - draws, draws) for draws in batches]
    else:
        batches = multinomial_draws(kinds.count, samples, generator, classes=classes)
        gaps = [gap(draws, np.zeros_like(draws)) for draws in batches]
    observed = kinds.count[None]
    return float(gap(observed, np.zeros_like(observed))[0]), np.concatenate(gaps)


def _function_gaps(
    metric: Callable[[NDArray, NDArray], float | None],
    gold: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    samples: int,
    generator: np.random.Generator,
    *,
    exchange: bool,
) -> tuple[float, NDArray[np.float64]]:
    ids, first, second = class_ids(gold, name="gold"), np.asarray(a), np.asarray(b)
    aligned(ids, first, name="a")
    aligned(ids, second, name="b")

    def gap(gold: NDArray, a: NDArray, b: NDArray) -> float:
        values = metric(gold, a), metric(gold, b)
        return math.nan if None in values else values[0] - values[1]

    gaps = []
    for _ in range(samples):
        if exchange:
            swap = generator.integers(0, 2, size=len(ids)).astype(bool)
            swap = swap.reshape(-1, *[1] * (first.ndim - 1))
            sample = ids, np.where(swap, second, first), np.where(swap, first, second)
        else:
            rows = generator.integers(0, len(ids), size=len(ids))
            sample = ids[rows], first[rows], second[rows]
        gaps.append(gap(*sample))
    return gap(ids, first, second), np.array(gaps, dtype=np.float64)
