"""Milliseconds to open an index, and seconds to change one of 100,000 reviews."""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.options import number
from harness.process import fresh
from harness.results import Outcome

from retrieval.building import compile_first, make
from retrieval.peers import installed, left_out
from retrieval.reviews import IMDB, REVIEWS, make_queries, write_reviews

__all__ = ["NEEDS", "OPENING", "add_options", "run"]

NEEDS = IMDB

OPENING = ("import", "open", "search", "open again", "search again")
"""Steps of `changing_job.opening`."""

_SMALL = 1_000  # documents of the index that is opened for comparison, and that are changed


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--rounds", type=number(1), default=5, help="(default 5)")
    parser.add_argument(
        "--documents",
        type=number(_SMALL),
        metavar="N",
        help="for a look at a part (with --unkept); all by default",
    )


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Build, open, change."""
    documents = options.documents or REVIEWS
    compile_first(work)
    opened, folders = {}, {}
    for size in dict.fromkeys((_SMALL, documents)):
        texts, folders[size] = work / f"reviews-{size}.jsonl", work / f"index-{size}"
        write_reviews(data, texts, size)
        make("seqkit", texts, folders[size], store=True)
    query = make_queries(str(work / f"reviews-{_SMALL}.jsonl"), 1)[0]
    for size, folder in folders.items():
        opened[size] = [
            fresh(
                "retrieval.changing_job:opening", threads=1, folder=str(folder), query=query
            ).result
            for _ in range(2 * options.rounds + 1)
        ]
    yield "open", _opened(opened)
    asked = {"texts": str(texts), "count": _SMALL, "repeat": options.rounds}
    changed = {
        "seqkit": fresh(
            "retrieval.changing_job:by_seqkit", threads=1, folder=str(folders[documents]), **asked
        ).result
    }
    if installed("tantivy"):
        make("tantivy", texts, work / "tantivy")
        changed["tantivy"] = fresh(
            "retrieval.changing_job:by_tantivy", threads=1, folder=str(work / "tantivy"), **asked
        ).result
    yield "change", _changed(changed, documents, options.rounds)


def _opened(opened: Mapping[int, Sequence[Mapping[str, float]]]) -> Outcome:
    rows = [["documents", *(f"{step} ms" for step in OPENING)]]
    for size, runs in opened.items():
        medians = (statistics.median(1000 * each[step] for each in runs) for step in OPENING)
        rows.append([f"{size:,}", *(f"{value:.1f}" for value in medians)])
    notes = [
        f"Medians of {len(next(iter(opened.values())))} fresh processes each, the files in the "
        "system's cache; the start of Python itself is not counted. import: of seqkit and of what "
        "an index needs, torch is not among it. open: `seqkit.load(folder)`, the first time. "
        "search: the first query, which reads the compiled loops from numba's cache; again: a "
        "second time "
        "in the same process.",
        "The target: less than 50 ms to open an index, whatever its size.",
    ]
    return Outcome("Opening an index", rows, notes, {"runs": opened})


def _changed(
    changed: Mapping[str, Mapping[str, Sequence[float]]], documents: int, rounds: int
) -> Outcome:
    steps = list(changed["seqkit"])
    rows = [["", *(f"{step}, s" for step in steps)]]
    for name, figures in changed.items():
        cells = [
            f"{statistics.median(figures[step]):.2f} ({min(figures[step]):.2f} to "
            f"{max(figures[step]):.2f})"
            if step in figures
            else ""
            for step in steps
        ]
        rows.append([name, *cells])
    notes = [
        f"An index of {documents:,} reviews; {_SMALL:,} are added, updated and deleted at a time, "
        f"in one process with one thread. Medians (rounds: {rounds}), lowest to highest in "
        "brackets. "
        "Each figure goes from the opening of a writer to the answer to a query that shows the "
        "change, everything on disk. merge: all segments into one, without what is deleted. seqkit "
        "stores the texts, tantivy does not; it merges by itself, and "
        "its updates are a deletion and an addition.",
        "bm25s and rank_bm25 cannot add: they index anew, see `build`.",
        f"The target: less than 2 s for adding {_SMALL:,} documents to 100,000.",
        *left_out(),
    ]
    return Outcome("Changing an index", rows, notes, {"seconds": changed})
