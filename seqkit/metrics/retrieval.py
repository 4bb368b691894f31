"""How well ranked lists find what judges found relevant: trec_eval's measures, query by query.

As in trec_eval, a list is ordered by score as 32-bit floats and ties by id, descending; a grade of
1 or more is relevant, a document without a judgement is not; a query that has judgements and no
list scores 0, a list without judgements is left out.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import ConfigError, DataError
from seqkit.metrics.arrays import aligned, finite
from seqkit.metrics.resample import binomial_draws, check_sampling, multinomial_draws
from seqkit.metrics.significance import Paired, paired_from_gaps

__all__ = [
    "RETRIEVAL_MEASURES",
    "RetrievalScores",
    "mean_interval",
    "paired_means",
    "rank_documents",
    "score_run",
]

RETRIEVAL_MEASURES = ("ndcg@10", "map", "mrr", "recall@100", "p@10")
"""What `score_run` finds unless it is told."""

_Measure = Callable[[Sequence[int], Sequence[int]], float]


@dataclass(frozen=True, kw_only=True)
class RetrievalScores:
    """The figures of one run."""

    queries: tuple[str, ...]
    """Ids of the queries that have judgements, ascending."""
    values: Mapping[str, NDArray[np.float64]]
    """Measure -> (queries,) float64."""

    def mean(self, measure: str) -> float:
        """Return the mean over the queries."""
        return float(self.values[measure].mean())


def score_run(
    judgements: Mapping[str, Mapping[str, int]],
    run: Mapping[str, Mapping[str, float]],
    measures: Sequence[str] = RETRIEVAL_MEASURES,
) -> RetrievalScores:
    """Measure a run.

    Args:
        judgements: query -> document -> grade.
        run: query -> document -> score; the documents that were found.
        measures: map, mrr, and with any number for the 10: ndcg@10 (gain the grade, discount
            log2(1 + rank); Järvelin and Kekäläinen 2002), recall@10, p@10.

    Raises:
        ConfigError: no such measure.
        DataError: no judgements, or a score that is not a number.

    >>> scores = score_run({"q": {"a": 2, "b": 1, "c": 0}}, {"q": {"b": 9.0, "a": 8.0, "x": 7.0}})
    >>> {name: round(scores.mean(name), 3) for name in ("ndcg@10", "map", "p@10")}
    {'ndcg@10': 0.86, 'map': 1.0, 'p@10': 0.2}
    """
    functions = {name: _measure(name) for name in measures}
    queries = tuple(sorted(query for query, grades in judgements.items() if grades))
    if not queries:
        raise DataError("retrieval: no judgements, expected a grade for one document at least")
    rows = []
    for query in queries:
        judged = judgements[query]
        found = [judged.get(document, 0) for document in rank_documents(run.get(query, {}))]
        best = sorted((grade for grade in judged.values() if grade > 0), reverse=True)
        rows.append([function(found, best) for function in functions.values()])
    table = np.array(rows, np.float64)
    return RetrievalScores(
        queries=queries, values={name: table[:, at] for at, name in enumerate(functions)}
    )


def rank_documents(scores: Mapping[str, float]) -> list[str]:
    """Order documents as trec_eval does: by score as float32, ties by id, both descending.

    Raises:
        DataError: a score is not a number.
    """
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, as there
        values = np.array([*scores.values()], np.float64).astype(np.float32)
    if np.isnan(values).any():
        raise DataError(
            f"retrieval: the score of {[*scores][int(np.isnan(values).argmax())]!r}: NaN"
        )
    pairs = sorted(zip(values.tolist(), scores, strict=True), reverse=True)
    return [document for _, document in pairs]


def mean_interval(
    values: ArrayLike, *, samples: int = 2000, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean over queries.

    Args:
        values: a figure of each query, (N,).
        samples: number of resamples.
        level: share of the resamples within the interval.
        seed: of the resampling.

    Raises:
        ConfigError: fewer than one sample, level outside (0, 1).
        DataError: no values, NaN or infinity.
    """
    means = _resampled_means(_figures(values, "values"), samples, level, seed)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def paired_means(
    a: ArrayLike, b: ArrayLike, *, samples: int = 10000, level: float = 0.95, seed: int = 0
) -> Paired:
    """Compare two settings on the same queries: mean of a less mean of b.

    The interval is that of the bootstrap over queries; p is that of the randomization test, which
    exchanges the figures of a query with probability one half (Smucker, Allan and Carterette 2007),
    the observed data counted as one more.

    Args:
        a: a figure of each query in the first setting, (N,).
        b: in the second, (N,), the same queries in the same order.
        samples: number of resamples, and of exchanges.
        level: share of the resamples within the interval.
        seed: of both.

    Raises:
        ConfigError: fewer than one sample, level outside (0, 1).
        DataError: no values, lengths that differ, NaN or infinity.
    """
    first, second = _figures(a, "a"), _figures(b, "b")
    aligned(first, second, name="b")
    gaps = first - second
    observed = float(gaps.mean())
    means = _resampled_means(gaps, samples, level, seed)
    once = np.ones(len(gaps), np.int64)
    exchanges = binomial_draws(once, samples, np.random.default_rng(seed), classes=1)
    exchanged = np.concatenate(
        [(gaps.sum() - 2 * (drawn @ gaps)) / len(gaps) for drawn in exchanges]
    )
    reached = int((np.abs(exchanged) >= abs(observed) - 1e-12).sum())  # equal but for rounding
    return paired_from_gaps(observed, means, level=level)._replace(p=(reached + 1) / (samples + 1))


def _figures(values: ArrayLike, name: str) -> NDArray[np.float64]:
    figures = finite(values, name=name, ndim=1).astype(np.float64)
    if not len(figures):
        raise DataError(f"{name}: no figures, expected one for each query")
    return figures


def _resampled_means(
    values: NDArray[np.float64], samples: int, level: float, seed: int
) -> NDArray[np.float64]:
    check_sampling(samples, level)
    once = np.ones(len(values), np.int64)
    draws = multinomial_draws(once, samples, np.random.default_rng(seed), classes=1)
    return np.concatenate([drawn @ values / len(values) for drawn in draws])


def _measure(name: str) -> _Measure:
    """Return a function of the grades found, in order, and the positive grades, descending."""
    if name == "map":
        return _average_precision
    if name == "mrr":
        return _reciprocal_rank
    match = re.fullmatch(r"(ndcg|recall|p)@([1-9]\d*)", name)
    if match is None:
        raise ConfigError(f"measure {name!r}: choose from map, mrr, ndcg@K, p@K, recall@K")
    k = int(match[2])
    if match[1] == "ndcg":
        return lambda found, best: _dcg(found[:k]) / _dcg(best[:k]) if best else 0.0
    if match[1] == "recall":
        return lambda found, best: _hits(found[:k]) / len(best) if best else 0.0
    return lambda found, best: _hits(found[:k]) / k


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1) if grade > 0)


def _hits(grades: Sequence[int]) -> int:
    return sum(grade > 0 for grade in grades)


def _average_precision(found: Sequence[int], best: Sequence[int]) -> float:
    ranks = [rank for rank, grade in enumerate(found, 1) if grade > 0]
    return sum(hits / rank for hits, rank in enumerate(ranks, 1)) / len(best) if best else 0.0


def _reciprocal_rank(found: Sequence[int], best: Sequence[int]) -> float:
    return next((1 / rank for rank, grade in enumerate(found, 1) if grade > 0), 0.0)
