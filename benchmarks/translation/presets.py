"""The presets, trained by the command: how good they are, and their seconds."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.options import missing, number
from harness.process import THREADS, Measured, fresh
from harness.results import Outcome

from translation.corpus import MULTI30K, path_of

__all__ = ["NEEDS", "add_options", "run"]

NEEDS: tuple[str, ...] = ()  # each preset has its own

_DATA: Mapping[str, tuple[str, ...]] = {
    "reverse": (),
    "g2p": (),
    "multi30k-fast": MULTI30K,
    "multi30k": MULTI30K,
}
_BESIDE: Mapping[str, str] = {
    "reverse": "The target: all right within a minute.",
    "g2p": "Published for CMUdict: 24.2% of words wrong for an LSTM, 20.6% for a Transformer, "
    "19.9% for an ensemble; their splits are others. The target: 25% within 60 minutes of 2 cores.",
    "multi30k-fast": "The target: BLEU 30 within 60 minutes of 2 cores.",
    "multi30k": "The best recurrent result from text alone that we know of: about 38; small "
    "Transformers reach 41. The target: 38 to 41.",
}
_TITLES: Mapping[str, str] = {
    "reverse": "Letters in reverse",
    "g2p": "Letters to phonemes: g2p",
    "multi30k-fast": "Multi30k, English to German: multi30k-fast",
    "multi30k": "Multi30k, English to German: multi30k",
}
_COLUMNS: Mapping[str, tuple[str, float]] = {  # heading, and what its figure is multiplied by
    "wer": ("sequences wrong %", 100.0),
    "per": ("token errors %", 100.0),
    "bleu": ("BLEU", 1.0),
    "chrf": ("chrF", 1.0),
    "exact": ("exact %", 100.0),
}
_SLOW = "multi30k"  # meant for a GPU


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument(
        "--preset",
        nargs="+",
        choices=list(_DATA),
        metavar="NAME",
        help=f"of {', '.join(_DATA)}; all of them on a GPU, all but {_SLOW} on the CPU",
    )
    parser.add_argument(
        "--threads", type=number(1), default=THREADS, help="of the CPU (default: %(default)s)"
    )
    parser.add_argument(
        "--epochs", type=number(1), help="fewer than the preset's, for a look (with --unkept)"
    )


def run(
    options: argparse.Namespace, data: Path | None, work: Path
) -> Iterator[tuple[str, Outcome]]:
    """Train each preset once, or say what it lacks."""
    every = [name for name in _DATA if name != _SLOW or options.device == "cuda"]
    for preset in options.preset or every:
        if fault := missing(_DATA[preset]):
            print(f"presets {preset}: skipped: {fault}", file=sys.stderr)
            continue
        arguments = [preset, *_files(preset), "--device", options.device]
        if options.epochs:
            arguments += ["--epochs", str(options.epochs)]
        measured = fresh(
            "harness.command:train",
            recipe="translate",
            imports=["torch"],
            threads=options.threads,
            arguments=arguments,
            out=str(work / preset),
        )
        yield preset, _outcome(preset, measured, options)


def _files(preset: str) -> list[str]:
    if not _DATA[preset]:
        return []
    data = Path(os.environ["SEQKIT_DATA"]).resolve()
    splits = ("train", "valid", "test")
    return [part for split in splits for part in (f"--data.{split}", path_of(data, split))]


def _outcome(preset: str, measured: Measured, options: argparse.Namespace) -> Outcome:
    figures = _without_folder(measured.result)
    test, valid = figures["test"], figures["valid"]
    lines = {"model": test, **figures["baselines"]}
    columns = [name for name in _COLUMNS if name in test and (name != "exact" or "bleu" in test)]
    rows = [["", *(_COLUMNS[name][0] for name in columns)]]
    rows += [[name, *(_cell(line, column) for column in columns)] for name, line in lines.items()]
    files = " with the files of Multi30k" if _DATA[preset] else ""
    gpu = f", {figures['gpu_mb']:,.0f} MB of the GPU" if figures["gpu_mb"] else ""
    leading = columns[0]
    threads = "1 thread" if options.threads == 1 else f"{options.threads} threads"
    notes = [
        f"`seqkit train translate {preset}`{files}: {figures['epochs']} epochs, "
        f"{figures['seconds']:,.0f} seconds in all, with reading, evaluation, baselines and "
        f"report, on {'the CPU' if options.device == 'cpu' else 'one GPU'} with {threads}; "
        f"highest memory {measured.peak_mb:,.0f} MB{gpu}.",
        f"{test['texts']:,} sources in test. On the {valid['texts']:,} of valid, which chose the "
        f"epoch, {_COLUMNS[leading][0]}: {_cell(valid, leading)}. In brackets: 95% intervals.",
        *(f"`{signature}`" for signature in test.get("signatures", {}).values()),
        _BESIDE[preset],
    ]
    return Outcome(_TITLES[preset], rows, notes, {"metrics": figures, "peak_mb": measured.peak_mb})


def _without_folder(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Take the folder of the data off the places that the audit names: it is this machine's."""
    folder = os.environ.get("SEQKIT_DATA")
    text = json.dumps(figures)
    return json.loads(text.replace(f"{Path(folder).resolve()}/", "") if folder else text)


def _cell(line: Mapping[str, Any], name: str) -> str:
    scale = _COLUMNS[name][1]
    spread: Sequence[float] = line["intervals"][name]
    value, low, high = (scale * figure for figure in (line[name], *spread))
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
