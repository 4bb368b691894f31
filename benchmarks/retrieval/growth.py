"""How seconds, memory, disk and queries grow with the documents."""

import argparse
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.options import number
from harness.process import fresh
from harness.results import Outcome

from retrieval.building import compile_first, make
from retrieval.growth_picture import draw
from retrieval.reviews import IMDB, WORDS, write_reviews

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = IMDB

_PICTURE = Path(__file__).parents[2] / "docs/search-growth.png"
_OPENED = 5  # times


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument(
        "--sizes",
        nargs="+",
        type=number(100),
        default=[1_000, 10_000, 100_000, 1_000_000],
        metavar="N",
        help="documents (default 1000 10000 100000 1000000)",
    )
    parser.add_argument("--queries", type=number(1), default=1000, help="(default 1000)")
    parser.add_argument("--rounds", type=number(1), default=5, help="of the queries (default 5)")


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Build and ask an index of each size."""
    compile_first(work)
    found: dict[int, dict[str, Any]] = {}
    for size in sorted(options.sizes):
        texts, folder = work / "growing.jsonl", work / "growing"
        characters = write_reviews(data, texts, size)
        built = make("stream", texts, folder, store=False)
        opened = [
            fresh("retrieval.changing_job:opening", threads=1, folder=str(folder), query="film")
            for _ in range(_OPENED)
        ]
        asked = fresh(
            "retrieval.growth_job:ask",
            threads=1,
            folder=str(folder),
            texts=str(texts),
            queries=options.queries,
            repeat=options.rounds,
        ).result
        found[size] = {
            "characters": characters,
            **built.plain(),
            "open_ms": statistics.median(1000 * each.result["open"] for each in opened),
            **asked,
        }
        texts.unlink()
    if not options.unkept:
        draw(found, _PICTURE)
    yield "growth", _outcome(found, options)


def _outcome(found: Mapping[int, Mapping[str, Any]], options: argparse.Namespace) -> Outcome:
    rows = [
        [
            *("documents", "million characters", "seconds", "peak MB", "disk MB", "segments"),
            *("open ms", "queries/s, batch", "one by one", "peak MB of asking"),
        ]
    ]
    for size, figures in found.items():
        rows.append(
            [
                f"{size:,}",
                f"{figures['characters'] / 1e6:,.1f}",
                f"{figures['seconds']:,.1f}",
                f"{figures['peak_mb']:,.0f}",
                f"{figures['disk_mb']:,.1f}",
                str(figures["segments"]),
                f"{figures['open_ms']:.1f}",
                *(f"{statistics.median(figures[way]):,.0f}" for way in ("batch", "one_by_one")),
                f"{figures['asking_mb']:,.0f}",
            ]
        )
    notes = [
        "IMDB reviews in a shuffled order, each word made another one when they are told again: "
        "from 100,000 documents on new words go on coming, ten vocabularies in a million. One "
        "thread. From a file of JSON lines, which is read on the way, to the saved index with "
        "positions, without the texts; the writer holds 256 MB. Stop words are left out.",
        f"Queries of {WORDS} words as in `query`, {options.queries:,} of them, top 10, medians "
        f"(rounds: {options.rounds}); open: median of {_OPENED} fresh processes, imports not "
        "counted. The files are mapped, so the memory of asking counts what was read of them.",
    ]
    data = {"documents": {str(size): figures for size, figures in found.items()}}
    return Outcome("How the index grows with the documents", rows, notes, data)
