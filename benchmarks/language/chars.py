"""The preset `chars`: seconds, bits per character, and what it writes."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from harness.options import number
from harness.process import THREADS, fresh
from harness.results import Outcome

__all__ = ["NEEDS", "add_options", "run"]

NEEDS: tuple[str, ...] = ()

_WRITING = {"max_tokens": 500, "temperature": 0.8, "seed": 1}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument(
        "--epochs", type=number(1), help="fewer than the preset's, for a look (with --unkept)"
    )


def run(
    options: argparse.Namespace, data: Path | None, work: Path
) -> Iterator[tuple[str, Outcome]]:
    """Train the preset and let it write."""
    epochs = ["--epochs", str(options.epochs)] if options.epochs else []
    measured = fresh(
        "harness.command:train",
        recipe="lm",
        imports=["torch"],
        arguments=["chars", "--device", options.device, *epochs],
        out=str(work / "chars"),
    )
    text = fresh("language.sampling:sample", bundle=str(work / "chars"), **_WRITING).result
    figures = measured.result
    rows = [["split", "bits/character", "perplexity", "characters"]]
    for split in ("valid", "test"):
        line = figures[split]
        cells = [f"{line['bits_per_character']:.3f}", f"{line['perplexity']:.2f}"]
        rows.append([split, *cells, f"{line['tokens']:,}"])
    notes = [
        f"`seqkit train lm chars`: {figures['epochs']} epochs of the bundled Shakespeare, "
        f"{figures['seconds']:.0f} seconds in all with {THREADS} threads, highest memory "
        f"{measured.peak_mb:,.0f} MB. The target: plausible text within 3 minutes of 2 cores.",
        "What it writes from nothing, at a temperature of {temperature} and seed {seed}:".format(
            **_WRITING
        ),
        f"```text\n{text.strip()}\n```",
    ]
    yield "chars", Outcome("Characters of Shakespeare", rows, notes, {"metrics": figures})
