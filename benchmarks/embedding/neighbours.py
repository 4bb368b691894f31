"""The neighbours of many words: seqkit in a batch and one by one, gensim, faiss."""

import argparse
import statistics
from collections.abc import Iterator
from pathlib import Path

from harness.options import number
from harness.process import THREADS, fresh
from harness.results import Outcome

from embedding.made import DIM, WORDS

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = ()

_BATCH = "seqkit, batch"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--rounds", type=number(1), default=5, help="timed (default 5)")
    parser.add_argument("--asked", type=number(20), default=1000, help="words (default 1000)")
    parser.add_argument(
        "--words", type=number(1000), metavar="N", help="for a look (with --unkept)"
    )


def run(
    options: argparse.Namespace, data: Path | None, work: Path
) -> Iterator[tuple[str, Outcome]]:
    """Ask everyone in turns."""
    words = options.words or WORDS
    found = fresh(
        "embedding.neighbours_job:rounds",
        folder=str(work),
        words=words,
        asked=options.asked,
        repeat=options.rounds,
    ).result
    rows = [["", "words/s", "lowest to highest", "times, seqkit's batch"]]
    speeds = found["words_a_second"]
    for name, values in speeds.items():
        ratio = statistics.median(a / b for a, b in zip(speeds[_BATCH], values, strict=True))
        spread = f"{min(values):,.1f} to {max(values):,.1f}"
        rows.append([name, f"{statistics.median(values):,.1f}", spread, f"{ratio:.1f}"])
    notes = [
        f"{words:,} vectors of {DIM} numbers, made up; 10 neighbours of {options.asked:,} words; "
        f"{THREADS} threads. Medians of {options.rounds} rounds in one process, the rows taking "
        f"turns, after a round that does not count. One by one: {found['few']} of the words in "
        "each round. Times: the words a second of seqkit's batch to those of the row in the same "
        "round. faiss by itself: `IndexFlatIP.search` for all words in one call, which gives rows; "
        "the building of its index is not counted.",
        f"The neighbours of {found['few']} words are those of gensim, in the same order; those of "
        "the batch are the same as one by one to the last digit.",
        "The target: the batch at least 10 times as fast as gensim one by one.",
    ]
    yield "neighbours", Outcome("Neighbours of many words", rows, notes, found)
