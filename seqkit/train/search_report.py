"""The report of a search index for a person: Markdown."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seqkit.data import DocumentAudit
from seqkit.search.facts import frequent_terms, index_facts, length_quantiles
from seqkit.search.index import SearchIndex
from seqkit.train.costs import size_text
from seqkit.train.evaluation import format_table
from seqkit.train.markdown import inline, p_value, write_sections
from seqkit.train.search_evaluation import (
    MEASURES,
    JudgedQueries,
    RankingResult,
    compare_rankings,
    ranking_rows,
)

__all__ = ["search_headline", "write_search_report"]

_HARDEST = 20
_FEW = 50  # judged queries
_LEADING = MEASURES[0]


def write_search_report(
    folder: Path,
    *,
    index: SearchIndex,
    audit: DocumentAudit,
    results: Sequence[RankingResult],
    judged: JudgedQueries | None,
    seconds: Mapping[str, float],
    memory: int | None,
    notes: Sequence[str] = (),
    warnings: Sequence[str] = (),
    seed: int = 0,
) -> None:
    """Write `report.md` into the folder of a run.

    Args:
        folder: of the run.
        index: what was built.
        audit: of its documents.
        results: of the ways to rank, the first leads the report; none without judged queries.
        judged: the queries.
        seconds: of each step of the run.
        memory: the most bytes that the process held, None where that is not known.
        notes: facts of the run, a sentence each.
        warnings: what to know before trusting a figure, a sentence each without its full stop.
        seed: of the comparisons.
    """
    sections = [
        "# Search index: report",
        search_headline(index, results, judged, seed=seed),
        *[f"**Before you trust this:** {inline(line)}." for line in warnings],
        *[f"- {note}" for note in notes],
    ]
    if judged is not None and results:
        sections += [
            "## On the judged queries",
            format_table(ranking_rows(results, seed=seed), markdown=True),
            "In brackets: 95% intervals, bootstrapped over the queries. p: randomization test of "
            f"equal {_LEADING}, against the first row. Queries are taken as plain text.",
            "## Hardest queries",
            f"Those with the least {_LEADING} in the first row of the table.",
            format_table([*_hardest(index, results[0], judged)], markdown=True),
        ]
    sections += [
        "## The documents",
        "\n".join(audit.lines()),
        *_lengths(index),
        "## The index",
        "\n".join(_index_lines(index)),
        "Most frequent terms:",
        format_table([*_frequent(index)], markdown=True),
        "## Time and memory",
        format_table(
            [["step", "seconds"], *([step, f"{took:.2f}"] for step, took in seconds.items())],
            markdown=True,
        ),
        *([f"The process held {size_text(memory)} at most."] if memory else []),
    ]
    write_sections(folder / "report.md", sections)


def search_headline(
    index: SearchIndex,
    results: Sequence[RankingResult],
    judged: JudgedQueries | None,
    *,
    seed: int = 0,
) -> str:
    """Say how large the index is, and how well the first way to rank does beside the others."""
    documents = "document" if len(index) == 1 else "documents"
    said = f"{len(index):,} {documents}, {index.snapshot.total_length:,} {_unit(index)}."
    if judged is None or not results:
        return f"{said} Nothing was measured: there are no judged queries."
    first, *others = results
    low, high = first.intervals[_LEADING]
    said += (
        f" On {len(judged.queries):,} judged queries {first.name} has {_LEADING} "
        f"{first.scores.mean(_LEADING):.4f} ({low:.4f} to {high:.4f})"
    )
    if len(judged.queries) < _FEW:
        said += f"; so few queries say little: {_FEW} would be a start"
    if not others:
        return f"{said}."
    best = max(others, key=lambda result: result.scores.mean(_LEADING))
    gap = compare_rankings(best, first, seed=seed)
    return (
        f"{said}; the best of the others, {best.name}, {best.scores.mean(_LEADING):.4f} "
        f"(difference {gap.difference:+.4f}, {gap.low:+.4f} to {gap.high:+.4f}, "
        f"p {p_value(gap.p)})."
    )


def _hardest(
    index: SearchIndex, result: RankingResult, judged: JudgedQueries
) -> Iterator[list[str]]:
    """Yield a row for each of the queries that were answered worst."""
    yield ["query", _LEADING, "found first", "relevant", "its rank"]
    values = result.scores.values
    worst = sorted(
        range(len(result.scores.queries)),
        key=lambda at: (values[_LEADING][at], values["map"][at], result.scores.queries[at]),
    )
    texts = {query.id: query.text for query in judged.queries}
    for at in worst[:_HARDEST]:
        query = result.scores.queries[at]
        first, ranks = result.first.get(query), result.ranks[query]
        relevant = min(
            (document for document, grade in judged.grades[query].items() if grade > 0),
            key=lambda document: (ranks.get(document, math.inf), document),
            default=None,
        )
        yield [
            inline(texts[query]),
            f"{values[_LEADING][at]:.4f}",
            _shown(index, first) if first else "nothing",
            _shown(index, relevant) if relevant else "nothing is",
            f"{ranks[relevant]:,}" if relevant in ranks else "not found",
        ]


def _shown(index: SearchIndex, id: str) -> str:
    if not index.config.store or id not in index:
        return inline(id)
    document = index.document(id)
    named = {"title": document.title, "text": document.text, **document.fields}
    texts = [named[name] for name in index.config.fields if named.get(name)]
    return inline(f"{id}: {' / '.join(texts)}")


def _lengths(index: SearchIndex) -> Iterator[str]:
    if found := length_quantiles(index.snapshot):
        named = f"{_unit(index)} of a document"
        rows = [["", *found], [named, *(f"{n:,}" for n in found.values())]]
        yield format_table(rows, markdown=True)


def _unit(index: SearchIndex) -> str:
    """Name what the length of a document counts; stop words, for one, are not among it."""
    return f"indexed {'characters' if index.config.analysis.tokenizer == 'char' else 'words'}"


def _index_lines(index: SearchIndex) -> Iterator[str]:
    facts: dict[str, Any] = index_facts(index)
    for part in facts["segments"]:
        yield (
            f"- {part['name']}: {part['documents']:,} documents, {part['terms']:,} different "
            f"terms, {size_text(part['bytes'])} on disk."
        )
    for name, size in facts["bytes"].items():
        yield f"    - {name}: {size_text(size)}"


def _frequent(index: SearchIndex) -> Iterator[list[str]]:
    yield ["term", "documents", "share", "times"]
    for term, df, cf in frequent_terms(index.snapshot):
        yield [inline(term), f"{df:,}", f"{df / max(len(index), 1):.1%}", f"{cf:,}"]
