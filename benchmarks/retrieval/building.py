"""From the texts of all IMDB reviews to a saved index: seqkit beside bm25s, tantivy, rank_bm25."""

import argparse
import shutil
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.options import number
from harness.process import fresh
from harness.results import Outcome

from retrieval.peers import PEERS, installed, left_out
from retrieval.reviews import IMDB, REVIEWS, write_reviews

__all__ = ["NEEDS", "Built", "add_options", "compile_first", "folder_mb", "make", "run"]

NEEDS = IMDB

_OURS = {
    "seqkit, with positions": {"store": False},
    "seqkit, with positions and texts": {"store": True},
}
_FEW = 2_000  # texts of the trial that does not count
_IMPORTS = {
    "seqkit": ["numba", "Stemmer", "seqkit.search.index", "retrieval.ours"],
    "stream": ["numba", "Stemmer", "seqkit.search.index", "retrieval.ours"],
    "bm25s": ["bm25s"],
    "tantivy": ["tantivy"],
    "rank_bm25": ["bm25s", "rank_bm25"],
}


@dataclass(frozen=True)
class Built:
    """What it took from the texts to a saved index."""

    seconds: float
    peak_mb: float
    """Highest resident memory of the process."""
    held_mb: float
    """The same before the work began: Python, the libraries, the texts."""
    disk_mb: float
    steps: Mapping[str, float]
    """Seconds of each step."""
    segments: int = 1

    def plain(self) -> dict[str, Any]:
        """Return the figures, JSON-ready."""
        return dict(vars(self))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--rounds", type=number(1), default=3, help="(default 3)")
    parser.add_argument(
        "--documents",
        type=number(100),
        metavar="N",
        help="for a look at a part (with --unkept); all by default",
    )


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Build in turns."""
    texts = work / "reviews.jsonl"
    documents = options.documents or REVIEWS
    characters = write_reviews(data, texts, documents)
    compiled = compile_first(work)
    contestants: dict[str, tuple[str, dict[str, Any]]] = {
        name: ("seqkit", settings) for name, settings in _OURS.items()
    }
    contestants |= {name: (name, {}) for name in PEERS if installed(name)}
    rounds: list[dict[str, Built]] = []
    for _ in range(options.rounds):
        rounds.append({})
        for name, (job, settings) in contestants.items():
            rounds[-1][name] = make(job, texts, work / "built", **settings)
    notes = _notes(documents, characters, options.rounds, compiled)
    yield "build", _outcome(rounds, notes, compiled)


def make(job: str, texts: Path, folder: Path, **settings: Any) -> Built:
    """Run a function of `building_job` with one thread in a fresh process."""
    shutil.rmtree(folder, ignore_errors=True)
    measured = fresh(
        f"retrieval.building_job:{job}",
        imports=_IMPORTS[job],
        threads=1,
        texts=str(texts),
        folder=str(folder),
        **settings,
    )
    steps = measured.result["steps"]
    return Built(
        seconds=sum(steps.values()),
        peak_mb=measured.peak_mb,
        held_mb=measured.result["held_mb"],
        disk_mb=folder_mb(folder),
        steps=steps,
        segments=measured.result.get("segments", 1),
    )


def compile_first(work: Path) -> tuple[float, float]:
    """Use the index with an empty cache of numba's, and again; returns the seconds of both.

    A third time with the cache that the jobs have.
    """
    cache, folder = work / "compiled", work / "few"
    shutil.rmtree(cache, ignore_errors=True)
    first, again = (_first_use(folder, cache) for _ in range(2))
    shutil.rmtree(folder, ignore_errors=True)
    fresh("retrieval.ours:first_use", folder=str(folder), count=_FEW, threads=1)
    return first, again


def folder_mb(folder: Path) -> float:
    """Add up the files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _first_use(folder: Path, cache: Path) -> float:
    shutil.rmtree(folder, ignore_errors=True)
    measured = fresh(
        "retrieval.building_job:compilation",
        threads=1,
        folder=str(folder),
        count=_FEW,
        cache=str(cache),
    )
    return float(sum(measured.result))


def _notes(
    documents: int, characters: int, rounds: int, compiled: tuple[float, float]
) -> list[str]:
    return [
        f"{documents:,} reviews, {characters / 1e6:.1f} million characters, in a list before "
        "the clock starts; small letters, words of two or more characters, 33 English stop words "
        "left out, no stemming (tantivy: also words of one character). Each row a fresh process "
        f"with one thread, imports not counted; medians (rounds: {rounds}), in turns; times: "
        "the row's seconds to those of the first row in the same round. Peak: highest resident "
        "memory; before: what of it was there before the work began, the texts included. Segments: "
        "into which seqkit's index is cut.",
        "bm25s and rank_bm25 keep no positions, so that they find no phrases; rank_bm25 saves "
        "nothing.",
        f"seqkit's loops are compiled once an installation: the first use of all, on {_FEW:,} "
        f"made-up texts, took {compiled[0]:.1f} s, the next {compiled[1]:.1f} s. The table is "
        "without it.",
        "The targets: no more seconds than bm25s, less than 1,000 MB of memory, less than 60 MB on "
        "disk without the texts.",
        *left_out(),
    ]


def _outcome(
    rounds: Sequence[Mapping[str, Built]], notes: Sequence[str], compiled: tuple[float, float]
) -> Outcome:
    first = next(iter(_OURS))
    rows = [
        ["", "seconds", "lowest to highest", "times", "peak MB", "before", "disk MB", "segments"]
    ]
    for name in rounds[0]:
        runs = [each[name] for each in rounds]
        seconds = [run.seconds for run in runs]
        ratios = [each[name].seconds / each[first].seconds for each in rounds]
        rows.append(
            [
                name + _steps(runs),
                f"{statistics.median(seconds):.2f}",
                f"{min(seconds):.2f} to {max(seconds):.2f}",
                "" if name == first else f"{statistics.median(ratios):.2f}",
                f"{statistics.median(run.peak_mb for run in runs):,.0f}",
                f"{statistics.median(run.held_mb for run in runs):,.0f}",
                f"{runs[0].disk_mb:,.1f}" if runs[0].disk_mb else "",
                f"{runs[0].segments}" if name in _OURS else "",
            ]
        )
    data = {
        "rounds": [{name: built.plain() for name, built in each.items()} for each in rounds],
        "first_use_seconds": compiled[0],
        "second_use_seconds": compiled[1],
    }
    return Outcome("IMDB reviews to a saved index", rows, notes, data)


def _steps(runs: Sequence[Built]) -> str:
    steps = {step: statistics.median(run.steps[step] for run in runs) for step in runs[0].steps}
    if len(steps) == 1:
        return ""
    return f": {', '.join(f'{step} {seconds:.1f} s' for step, seconds in steps.items())}"
