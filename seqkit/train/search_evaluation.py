"""Measure ways to rank on judged queries, and set them side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit.data import Judgement, Query
from seqkit.errors import DataError
from seqkit.metrics import (
    RetrievalScores,
    mean_interval,
    paired_means,
    rank_documents,
    score_run,
)
from seqkit.metrics.significance import Paired
from seqkit.search.evaluating import graded, run_queries
from seqkit.search.feedback import RM3
from seqkit.search.index import SearchIndex
from seqkit.search.scorers import BM25, Dirichlet, Scorer, TfIdf
from seqkit.train.markdown import p_value
from seqkit.train.reading_bar import ReadingBar

__all__ = [
    "MEASURES",
    "RANKINGS",
    "JudgedQueries",
    "RankingResult",
    "compare_rankings",
    "graded_queries",
    "judged_queries",
    "measure_ranking",
    "ranking_rows",
]

MEASURES = ("ndcg@10", "map", "mrr", "recall@100")
"""What is measured; the first of them decides."""

_CHUNK = 128  # queries whose documents are held together

RANKINGS: Mapping[str, tuple[Scorer, RM3 | None]] = {
    "bm25": (BM25(), None),
    "bm25+rm3": (BM25(), RM3()),
    "dirichlet": (Dirichlet(), None),
    "tfidf": (TfIdf(), None),
}
"""Ways to rank by name: the scorer, and the feedback where there is some."""


@dataclass(frozen=True, kw_only=True)
class JudgedQueries:
    """Queries with what is relevant to them."""

    queries: tuple[Query, ...]
    grades: Mapping[str, Mapping[str, int]]
    """Query -> document -> grade."""
    warnings: tuple[str, ...]
    """What of the judgements cannot count, a line each."""

    @property
    def judgements(self) -> int:
        """How many grades there are."""
        return sum(map(len, self.grades.values()))


@dataclass(frozen=True, kw_only=True)
class RankingResult:
    """What one way to rank found."""

    name: str
    first: Mapping[str, str]
    """Query -> the document that was found first; a query that found none is not there."""
    ranks: Mapping[str, Mapping[str, int]]
    """Query -> document -> rank from 1, of those relevant ones that were found."""
    scores: RetrievalScores
    intervals: Mapping[str, tuple[float, float]]
    """Measure -> 95% interval of the mean over queries."""

    def metrics(self) -> dict[str, Any]:
        """Return the means, and their intervals."""
        means = {name: self.scores.mean(name) for name in self.scores.values}
        return {**means, "intervals": {name: list(ends) for name, ends in self.intervals.items()}}


def graded_queries(
    queries: Sequence[Query], judgements: Sequence[Judgement]
) -> tuple[list[Query], dict[str, dict[str, int]]]:
    """Return the queries that have judgements, and all judgements as query -> document -> grade.

    Raises:
        DataError: none has any, or two judgements contradict each other.
    """
    grades = graded(judgements)
    asked = [query for query in queries if query.id in grades]
    if not asked:
        raise DataError("none of the queries has a judgement: their ids do not fit")
    return asked, grades


def judged_queries(
    queries: Sequence[Query], judgements: Sequence[Judgement], index: SearchIndex
) -> JudgedQueries:
    """Keep the queries that have judgements; warnings tell what of these cannot count.

    Raises:
        DataError: none has any, or two judgements contradict each other.
    """
    asked, grades = graded_queries(queries, judgements)
    kept = {query.id: grades[query.id] for query in asked}
    warnings = []
    if len(kept) < len(grades):
        warnings.append(f"{len(grades) - len(kept):,} judged queries are not among the queries")
    documents = {document for row in kept.values() for document in row}
    if missing := [document for document in documents if document not in index]:
        warnings.append(
            f"{len(missing):,} of {len(documents):,} judged documents are not in the index, such "
            f"as {min(missing)!r}: they cannot be found"
        )
    return JudgedQueries(queries=tuple(asked), grades=kept, warnings=tuple(warnings))


def measure_ranking(
    name: str, index: SearchIndex, judged: JudgedQueries, *, depth: int, seed: int
) -> RankingResult:
    """Ask the queries in one of the ways to rank, and measure what is found.

    Args:
        name: one of `RANKINGS`.
        index: where to look.
        judged: the queries, taken as plain text.
        depth: documents a query.
        seed: of the intervals.

    Raises:
        ConfigError: feedback without stored texts.
    """
    scorer, feedback = RANKINGS[name]
    first: dict[str, str] = {}
    ranks: dict[str, dict[str, int]] = {}
    parts: list[RetrievalScores] = []
    asked = sorted(judged.queries, key=lambda query: query.id)
    chunks = [asked[start : start + _CHUNK] for start in range(0, len(asked), _CHUNK)]
    for chunk in ReadingBar(chunks, desc=name, unit=f" x {_CHUNK} queries"):
        run = run_queries(index, chunk, k=depth, scorer=scorer, feedback=feedback)
        grades = {query.id: judged.grades[query.id] for query in chunk}
        parts.append(score_run(grades, run, MEASURES))
        for query, scores in run.items():
            found = rank_documents(scores)
            first |= {query: found[0]} if found else {}
            relevant = {id for id, grade in grades[query].items() if grade > 0}
            ranks[query] = {id: rank for rank, id in enumerate(found, 1) if id in relevant}
    values = {
        measure: np.concatenate([part.values[measure] for part in parts]) for measure in MEASURES
    }
    return RankingResult(
        name=name,
        first=first,
        ranks=ranks,
        scores=RetrievalScores(queries=tuple(query.id for query in asked), values=values),
        intervals={measure: mean_interval(row, seed=seed) for measure, row in values.items()},
    )


def compare_rankings(
    first: RankingResult, second: RankingResult, *, measure: str = MEASURES[0], seed: int = 0
) -> Paired:
    """Compare two ways to rank on the same queries by one measure; see `paired_means`."""
    return paired_means(first.scores.values[measure], second.scores.values[measure], seed=seed)


def ranking_rows(results: Sequence[RankingResult], *, seed: int = 0) -> list[list[str]]:
    """Return a table, the first result before those that are compared with it."""
    rows = [["ranking", *MEASURES, f"difference in {MEASURES[0]}", "p"]]
    for result in results:
        cells = []
        for measure in MEASURES:
            low, high = result.intervals[measure]
            cells.append(f"{result.scores.mean(measure):.4f} ({low:.4f} to {high:.4f})")
        gap = None if result is results[0] else compare_rankings(result, results[0], seed=seed)
        against = [f"{gap.difference:+.4f}", p_value(gap.p)] if gap else ["", ""]
        rows.append([result.name, *cells, *against])
    return rows
