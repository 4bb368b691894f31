"""IMDB reviews, official split: accuracy, seconds, memory and size, each in a fresh process."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.process import THREADS, Measured, fresh
from harness.results import Outcome

from classification import fasttext_peer

__all__ = ["NEEDS", "ROWS", "run", "run_memory", "train_bag", "train_fasttext"]

NEEDS = ("imdb/train.jsonl.gz", "imdb/test.jsonl.gz")

_TITLE = "IMDB reviews, official split: 25,000 train, 25,000 test"
_NOTE = (
    f"Each row is a process of its own, with {THREADS} threads. Seconds: from the files to the "
    "figure on test, reading, tokenising and testing included; fit: what of it is training, where "
    "that is a call of its own. Memory: the highest resident set of that process, in all and "
    "beyond importing its library (torch, scikit-learn, fastText). Disk: the saved model. imdb-bag "
    "and imdb are seqkit's presets: the whole recipe with audit and report but no baselines, and a "
    "tenth of train kept for validation. The other rows are fitted to all of train."
)


def run(data: Path, work: Path, *, only: Sequence[str] = ()) -> Outcome:
    """Train and measure each classifier once; `only` names the rows wanted, none for all."""
    found = {name: ROWS[name](data, work) for name in only or ROWS if _can(name)}
    notes = [_NOTE] if _can("fastText") else [_NOTE, fasttext_peer.MISSING]
    return _outcome(_TITLE, found, notes)


def run_memory(data: Path, work: Path) -> Outcome:
    """Measure the preset imdb-bag as a user runs it, with all its baselines in one process."""
    measured = _recipe("imdb-bag", data, work / "bag-beside", beside=True)
    found = {"imdb-bag with its baselines": measured}
    notes = [
        "The whole command `seqkit train classify imdb-bag` in one process: audit, model, "
        "baselines, report. Beyond: what it took more than importing torch does."
    ]
    return _outcome("Memory of a whole run on IMDB", found, notes)


def train_bag(data: Path, work: Path) -> Path:
    """Return the folder of the trained preset imdb-bag, trained now if it is not there."""
    if not (work / "bag").exists():
        ROWS["imdb-bag"](data, work)
    return work / "bag"


def train_fasttext(data: Path, work: Path) -> Path:
    """Return the file of the trained fastText model, trained now if it is not there."""
    if not (work / "fasttext.bin").exists():
        ROWS["fastText"](data, work)
    return work / "fasttext.bin"


def _recipe(preset: str, data: Path, out: Path, *, beside: bool = False) -> Measured:
    return fresh(
        "classification.jobs:recipe",
        imports=["torch"],
        preset=preset,
        **_paths(data),
        out=str(out),
        beside=beside,
    )


def _baseline(name: str, data: Path, work: Path) -> Measured:
    return fresh(
        "classification.jobs:baseline",
        imports=["sklearn.linear_model"],
        name=name,
        **_paths(data),
        out=str(work / name),
    )


def _fasttext(data: Path, work: Path) -> Measured:
    return fresh(
        "classification.jobs:fasttext",
        imports=["fasttext"],
        **_paths(data),
        out=str(work / "fasttext.bin"),
        settings=dict(fasttext_peer.IMDB),
    )


ROWS: Mapping[str, Callable[[Path, Path], Measured]] = {
    "nb-svm": lambda data, work: _baseline("nb-svm", data, work),
    "tfidf-lr": lambda data, work: _baseline("tfidf-lr", data, work),
    "tfidf-svm": lambda data, work: _baseline("tfidf-svm", data, work),
    "fastText": _fasttext,
    "imdb-bag": lambda data, work: _recipe("imdb-bag", data, work / "bag"),
    "imdb": lambda data, work: _recipe("imdb", data, work / "imdb"),
}
"""What is measured, in this order."""


def _can(name: str) -> bool:
    return name != "fastText" or fasttext_peer.installed()


def _paths(data: Path) -> dict[str, str]:
    return {"train": str(data / NEEDS[0]), "test": str(data / NEEDS[1])}


def _outcome(title: str, found: Mapping[str, Measured], notes: Sequence[str]) -> Outcome:
    columns = ["accuracy %", "seconds", "fit s", "peak MB", "beyond imports MB", "disk MB"]
    rows = [["", *columns]]
    for name, measured in found.items():
        figures = measured.result
        low, high = (100 * bound for bound in figures["intervals"]["accuracy"])
        rows.append(
            [
                name,
                f"{100 * figures['accuracy']:.2f} ({low:.2f} to {high:.2f})",
                f"{measured.seconds:.1f}",
                f"{figures['fit_seconds']:.1f}" if "fit_seconds" in figures else "",
                f"{measured.peak_mb:.0f}",
                f"{measured.beyond_mb:.0f}",
                f"{figures['bytes_on_disk'] / 1e6:.1f}",
            ]
        )
    return Outcome(title, rows, notes, {"runs": {name: _plain(m) for name, m in found.items()}})


def _plain(measured: Measured) -> dict[str, Any]:
    return {
        **measured.result,
        "seconds": measured.seconds,
        "peak_mb": measured.peak_mb,
        "beyond_imports_mb": measured.beyond_mb,
    }
