"""From nothing to the first answer of saved word vectors."""

import argparse
import statistics
from collections.abc import Iterator
from pathlib import Path

from harness.options import number
from harness.process import Measured, fresh
from harness.results import Outcome

from embedding.made import DIM, WORDS

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = ()

_STEPS = ("import", "open", "first", "next")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--rounds", type=number(1), default=7, help="timed (default 7)")
    parser.add_argument(
        "--words", type=number(1000), metavar="N", help="for a look (with --unkept)"
    )


def run(
    options: argparse.Namespace, data: Path | None, work: Path
) -> Iterator[tuple[str, Outcome]]:
    """Save once, then open each in fresh processes, taking turns."""
    words = options.words or WORDS
    saved = fresh("embedding.loading_job:save", folder=str(work), words=words).result
    runs: dict[str, list[Measured]] = {name: [] for name in saved}
    for _ in range(options.rounds):
        for name, entry in saved.items():
            runs[name].append(fresh(f"embedding.loading_job:{entry['job']}", path=entry["path"]))
    rows = [["", "MB on disk", *(f"{step} ms" for step in _STEPS), "peak MB"]]
    for name, measured in runs.items():
        times = [statistics.median(each.result[step] for each in measured) for step in _STEPS]
        peak = statistics.median(each.peak_mb for each in measured)
        figures = [f"{1000 * seconds:,.1f}" for seconds in times]
        rows.append([name, f"{saved[name]['mb']:,.0f}", *figures, f"{peak:,.0f}"])
    notes = [
        f"{words:,} vectors of {DIM} numbers, made up. Medians of {options.rounds} fresh processes "
        "each, taking turns, the files in the system's cache; the start of Python itself is not "
        "counted. First: `most_similar` of one word, for which words are read and rows are mapped; "
        "next: of another. gensim maps the file of its own `save` too, and unpickles the words.",
        "The target: less than 100 ms to open.",
    ]
    data_found = {name: [each.result for each in measured] for name, measured in runs.items()}
    yield "load", Outcome("First answer of saved word vectors", rows, notes, {"runs": data_found})
