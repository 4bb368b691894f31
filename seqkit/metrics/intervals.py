"""Intervals that say how much of a figure is the luck of the test set."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError
from seqkit.metrics.arrays import aligned, class_ids
from seqkit.metrics.classification import positive_index
from seqkit.metrics.counts import Counts, statistic, tally
from seqkit.metrics.proportions import wilson
from seqkit.metrics.resample import cells, check_sampling, counts_of, multinomial_draws

__all__ = ["Metric", "bootstrap_interval", "intervals_for"]

Metric = str | Callable[[NDArray, NDArray], float | None]
"""A statistic by name, or a function (gold, predicted) -> number, None where it is undefined."""


def bootstrap_interval(
    metric: Metric,
    gold: ArrayLike,
    predicted: ArrayLike,
    *,
    positive: int | None = None,
    samples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval over records (Efron and Tibshirani 1993, ch. 13).

    A resample cannot show errors that the data lacks, so the bootstrap of a figure without errors
    is a point. There a named statistic answers otherwise: a proportion (accuracy, caught, blocked)
    at 0 or 1 with its Wilson interval; another one, where all predictions are right, from what it
    would be at the lower Wilson bound of the accuracy, the errors spread evenly, up to its value.

    Args:
        metric: accuracy, balanced_accuracy, macro_f1, mcc, weighted_f1, caught or blocked; or a
            function such as `roc_auc`, which is called once a resample.
        gold: class indices, (N,).
        predicted: class indices, (N,); for a function whatever it takes, (N, ...).
        positive: index of the class that caught and blocked are of.
        samples: number of resamples; those that leave the statistic undefined are left out.
        level: share of the resamples within the interval.
        seed: of the resampling.

    Raises:
        ConfigError: no such statistic, fewer than one sample, level outside (0, 1).
        DataError: lengths that differ, or a statistic that no resample defines.
    """
    check_sampling(samples, level)
    if isinstance(metric, str):
        named = _named([metric], gold, predicted, positive, samples, level, seed)
        return named[metric]
    ids, other = class_ids(gold, name="gold"), np.asarray(predicted)
    aligned(ids, other, name="predicted")
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(samples):
        rows = generator.integers(0, len(ids), size=len(ids))
        value = metric(ids[rows], other[rows])
        values.append(np.nan if value is None else value)
    return _percentiles(np.array(values, dtype=np.float64), level)


def intervals_for(
    gold: ArrayLike,
    predicted: ArrayLike,
    *,
    labels: Sequence[str],
    positive: str | None = None,
    samples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Return intervals of accuracy, macro_f1 and mcc; with `positive` of caught and blocked too.

    All come from the same resamples; for figures without errors see `bootstrap_interval`.

    Raises:
        ConfigError: `positive` not among `labels`, fewer than one sample, level outside (0, 1).
        DataError: lengths that differ, or an index without a label.
    """
    check_sampling(samples, level)
    class_ids(gold, name="gold", classes=len(labels))
    class_ids(predicted, name="predicted", classes=len(labels))
    index = positive_index(labels, positive)
    names = ["accuracy", "macro_f1", "mcc"] + (["caught", "blocked"] if index is not None else [])
    return _named(names, gold, predicted, index, samples, level, seed)


def _named(
    names: Sequence[str],
    gold: ArrayLike,
    predicted: ArrayLike,
    positive: int | None,
    samples: int,
    level: float,
    seed: int,
) -> dict[str, tuple[float, float]]:
    functions = {name: statistic(name, positive=positive) for name in names}
    ids, calls = class_ids(gold, name="gold"), class_ids(predicted, name="predicted")
    classes = max(2, 1 + int(max(ids.max(), calls.max())), 1 + (positive or 0))
    observed = tally(ids, calls, classes=classes)

    kinds = cells(ids, calls)
    values: dict[str, list[NDArray]] = {name: [] for name in names}
    generator = np.random.default_rng(seed)
    for draws in multinomial_draws(kinds.count, samples, generator, classes=classes):
        counts = counts_of(draws, *kinds.columns, classes)
        for name, function in functions.items():
            values[name].append(function(counts))

    intervals = {}
    for name, function in functions.items():
        without = _without_errors(name, function, observed, positive, level)
        intervals[name] = without or _percentiles(np.concatenate(values[name]), level)
    return intervals


def _without_errors(
    name: str,
    function: Callable[[Counts], NDArray],
    observed: Counts,
    positive: int | None,
    level: float,
) -> tuple[float, float] | None:
    """Return the interval of a figure that shows no spread to resample, None for any other."""
    successes, n = _proportion(name, observed, positive)
    if n is not None and successes in (0, n):
        return wilson(successes, n, level=level)
    records = int(observed.support.sum())
    if observed.hits.sum() < records:
        return None
    share, _ = wilson(records, records, level=level)
    missed = observed.support * (1 - share)
    spread = (missed.sum() - missed) / (len(missed) - 1)
    hits = observed.support * share
    value = float(function(observed))
    return min(value, float(function(Counts(hits, observed.support, hits + spread)))), value


def _proportion(name: str, counts: Counts, positive: int | None) -> tuple[int, int | None]:
    """Return (successes, n) of a statistic that is a share of records, n None for the others."""
    if name == "accuracy":
        return int(counts.hits.sum()), int(counts.support.sum())
    if name not in ("blocked", "caught"):
        return 0, None
    hits, support = int(counts.hits[positive]), int(counts.support[positive])
    if name == "caught":
        return hits, support
    return int(counts.called[positive]) - hits, int(counts.support.sum()) - support


def _percentiles(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    defined = values[~np.isnan(values)]
    if not defined.size:
        raise DataError("bootstrap: the statistic is undefined on every resample of these records")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
