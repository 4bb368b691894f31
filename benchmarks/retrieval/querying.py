"""Queries a second over all IMDB reviews, beside bm25s, tantivy and rank_bm25."""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.options import number
from harness.process import fresh
from harness.results import Outcome

from retrieval.building import compile_first
from retrieval.peers import left_out
from retrieval.reviews import IMDB, REVIEWS, WORDS, write_reviews

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = IMDB

_ANALYSES = {"stopwords": True, "all": False}
_TITLES = {"stopwords": "without stop words", "all": "every word"}
_WAYS = ("batch", "one by one")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--rounds", type=number(1), default=15, help="timed (default 15)")
    parser.add_argument("--queries", type=number(1), default=1000, help="(default 1000)")
    parser.add_argument(
        "--analysis",
        nargs="+",
        choices=list(_ANALYSES),
        default=list(_ANALYSES),
        help="stopwords: they are left out; all: every word is a term (default both)",
    )
    parser.add_argument(
        "--documents",
        type=number(100),
        metavar="N",
        help="for a look at a part (with --unkept); all by default",
    )
    parser.add_argument("--fast", action="store_true", help="leave rank_bm25 out")


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Build the indexes and ask, once for each analysis."""
    texts = work / "reviews.jsonl"
    write_reviews(data, texts, options.documents or REVIEWS)
    first_use, _ = compile_first(work)
    found = {}
    for name in options.analysis:
        folder = work / f"asked-{name}"
        folder.mkdir()
        found[name] = fresh(
            "retrieval.querying_job:rounds",
            threads=1,
            texts=str(texts),
            work=str(folder),
            queries=options.queries,
            stopwords=_ANALYSES[name],
            repeat=options.rounds,
            slow=not options.fast,
        ).result
    yield "query", _outcome(found, options, first_use)


def _outcome(
    found: Mapping[str, Mapping[str, Any]], options: argparse.Namespace, first_use: float
) -> Outcome:
    rows = [["terms", "", "queries/s", "lowest to highest", *(f"times, {way}" for way in _WAYS)]]
    for analysis, figures in found.items():
        speeds = figures["queries_a_second"]
        for name, values in speeds.items():
            rows.append(
                [
                    _TITLES[analysis],
                    name,
                    _rounded(statistics.median(values)),
                    f"{_rounded(min(values))} to {_rounded(max(values))}",
                    *(_ratio(speeds[f"seqkit, {way}"], values, name) for way in _WAYS),
                ]
            )
    first = next(iter(found.values()))
    notes = [
        f"{options.documents or REVIEWS:,} reviews, {options.queries:,} queries of {WORDS} words, "
        "top 10, one thread, from the text of the query to the documents and their scores. For "
        f"each query a review is drawn, and {WORDS} of its words of two or more characters at "
        "different "
        f"places, in small letters, such as: {'; '.join(first['queries'])}. Stop words are 33 "
        "English ones; no stemming.",
        f"Medians (rounds: {options.rounds}) in one process, the rows taking turns, after a round "
        "that does not count; times: the queries a second of seqkit, in a batch and one by one, to "
        "those of the row in the same round, so above 1 seqkit is faster. seqkit: "
        "`search_many(queries)`, and `search(query)` in a loop; documents are numbers, which "
        "become ids when a hit is looked at: that is the third row. bm25s: `tokenize` and "
        "`retrieve` for all queries in one call, and in a loop; documents are numbers. tantivy: "
        "`parse_query` and "
        "`search` without the count, in a loop; documents are addresses that are not read. "
        "rank_bm25: 5 queries, twice at most.",
        "BM25 with k1 = 1.5 and b = 0.75 (tantivy: its fixed 1.2 and 0.75). seqkit's loops are "
        f"compiled before: {first_use:.1f} s, once an installation, as bm25s's are in the round "
        "that does not count.",
        *map(_agreement, [figures["agreement"] for figures in found.values()], found),
        "The target: at least the queries a second of the fastest peer, in a batch and one by one.",
        *left_out(),
    ]
    return Outcome("Queries over IMDB reviews", rows, notes, {"runs": found})


def _agreement(compared: Mapping[str, Any] | None, analysis: str) -> str:
    if compared is None:
        return "bm25s is not there to compare scores with."
    return (
        f"{_TITLES[analysis].capitalize()}: with the texts cut by the expression of bm25s, the "
        "first "
        f"10 scores of all {compared['queries']:,} queries are those of bm25s to a part in "
        f"{1 / compared['largest_difference']:,.0f} (it keeps float32), and for "
        f"{compared['same_order']:,} of them the documents come in the same order; in the others "
        "equal scores do not."
    )


def _rounded(speed: float) -> str:
    return f"{speed:,.0f}" if speed >= 100 else f"{speed:.1f}"


def _ratio(ours: Sequence[float], theirs: Sequence[float], name: str) -> str:
    if name.startswith("seqkit"):
        return ""
    return f"{statistics.median(a / b for a, b in zip(ours, theirs, strict=False)):.2f}"
