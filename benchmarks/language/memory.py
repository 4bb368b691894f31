"""Peak memory of training on texts of growing size: it should not grow with them."""

import argparse
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.options import number
from harness.process import fresh
from harness.results import Outcome

__all__ = ["NEEDS", "add_options", "run", "write_text"]

NEEDS: tuple[str, ...] = ()

_SIZES = (10, 100)
_LARGE = 1000
_TINY = [
    *("--text.tokenizer", "whitespace", "--text.max-vocab", "500"),
    *("--model.dim", "16", "--model.hidden", "16", "--batch-size", "512", "--window", "50"),
    *("--epochs", "1", "--data.valid", "bundled:austen:valid"),
    *("--data.test", "bundled:austen:test"),
]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument(
        "--sizes",
        nargs="+",
        type=number(1),
        default=list(_SIZES),
        metavar="MB",
        help=f"of the text, in megabytes (default {' '.join(map(str, _SIZES))})",
    )
    parser.add_argument("--large", action="store_true", help=f"{_LARGE} MB as well")


def run(
    options: argparse.Namespace, data: Path | None, work: Path
) -> Iterator[tuple[str, Outcome]]:
    """Train the command on each size, in a fresh process."""
    found = {}
    for size in sorted({*options.sizes, *([_LARGE] if options.large else [])}):
        path = work / f"{size}.txt"
        lines = fresh("language.memory:write_text", path=str(path), megabytes=size).result
        measured = fresh(
            "harness.command:train",
            recipe="lm",
            imports=["torch"],
            arguments=["--data.train", str(path), "--device", options.device, *_TINY],
            out=str(work / f"memory-{size}"),
        )
        path.unlink()
        found[size] = {
            "lines": lines,
            "seconds": measured.seconds,
            "peak_mb": measured.peak_mb,
            "beyond_imports_mb": measured.beyond_mb,
        }
    yield "memory", _outcome(found)


def write_text(*, path: str, megabytes: int) -> int:
    """Write the lines of the training novels, again and again; returns how many."""
    from seqkit.data import read_text

    novels = [line.encode() + b"\n" for line in read_text("bundled:austen:train")]
    written = lines = 0
    with open(path, "wb") as file:
        for line in itertools.cycle(novels):
            if written >= megabytes * 10**6:
                return lines
            written += file.write(line)
            lines += 1


def _outcome(found: Mapping[int, Mapping[str, Any]]) -> Outcome:
    rows = [["MB of text", "lines", "seconds", "peak MB", "beyond imports MB"]]
    for size, figures in found.items():
        sizes = [f"{figures[name]:,.0f}" for name in ("peak_mb", "beyond_imports_mb")]
        rows.append([f"{size:,}", f"{figures['lines']:,}", f"{figures['seconds']:.0f}", *sizes])
    notes = [
        "`seqkit train lm` on four novels repeated until the text is so large, a paragraph a line, "
        "for one epoch of an LSTM of 16 units and 500 words, in a fresh process: reading, audit, "
        "vocabulary, token shards, training, evaluation, report. Peak: the highest resident set; "
        "beyond: what it is more than importing torch."
    ]
    data = {"megabytes": {str(size): figures for size, figures in found.items()}}
    return Outcome("Memory of training on growing texts", rows, notes, data)
