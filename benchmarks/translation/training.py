"""Tokens a second in training: seqkit beside JoeyNMT, a network of the same shape."""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.options import number
from harness.process import THREADS, Measured, fresh
from harness.results import Outcome

from translation import joeynmt_peer
from translation.corpus import MULTI30K
from translation.shape import BATCH, LOGGED, SHAPE

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = MULTI30K

_PEER = "JoeyNMT"
_MOST = 420  # updates: the pairs of train end there
_CONTESTANTS: Mapping[str, dict[str, Any]] = {
    "seqkit, the same batches, fp32": {"precision": "fp32", "same": True},
    "seqkit, the same batches, bf16": {"precision": "bf16", "same": True},
    "seqkit, its own batches, fp32": {"precision": "fp32", "same": False},
    "seqkit, its own batches, bf16": {"precision": "bf16", "same": False},
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--rounds", type=number(1), default=3, help="(default 3)")
    parser.add_argument(
        "--steps",
        type=number(LOGGED, step=LOGGED),
        default=100,
        help="updates timed in a round (default 100)",
    )


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Train in turns."""
    if options.steps > _MOST:
        raise SystemExit(f"train --steps {options.steps}: must be {_MOST} or less")
    corpus = str(work / "corpus-train")
    words = fresh("translation.corpus:write_corpus", data=str(data), folder=corpus).result
    rounds = [
        {
            name: _trained(name, options, folder=corpus, out=str(work / f"train-{turn}-{row}"))
            for row, name in enumerate(_names())
        }
        for turn in range(options.rounds)
    ]
    yield "train", _outcome(rounds, words, options)


def _names() -> list[str]:
    return [*([] if joeynmt_peer.lacking() else [_PEER]), *_CONTESTANTS]


def _trained(name: str, options: argparse.Namespace, **arguments: Any) -> Measured:
    job, settings = "recipe", _CONTESTANTS.get(name)
    if settings is None:
        job, settings = "joeynmt", {"place": options.joeynmt}
    return fresh(
        f"translation.training_job:{job}",
        imports=["torch"],
        steps=options.steps,
        **settings,
        **arguments,
    )


def _outcome(
    rounds: Sequence[Mapping[str, Measured]],
    words: Mapping[str, int],
    options: argparse.Namespace,
) -> Outcome:
    rows = [
        [
            *("", "target tokens/s", "lowest to highest", "source + target tokens/s"),
            *("times JoeyNMT", "pairs an update", "peak MB"),
        ]
    ]
    found = {name: [turn[name] for turn in rounds] for name in rounds[0]}
    speeds = {
        name: {
            "target": [each.result["target"] / each.result["seconds"] for each in measured],
            "both": [
                (each.result["source"] + each.result["target"]) / each.result["seconds"]
                for each in measured
            ],
        }
        for name, measured in found.items()
    }
    for name, measured in found.items():
        target, both = speeds[name]["target"], speeds[name]["both"]
        first = measured[0].result
        rows.append(
            [
                name,
                f"{statistics.median(target):,.0f}",
                f"{min(target):,.0f} to {max(target):,.0f}",
                f"{statistics.median(both):,.0f}",
                _ratio(both, speeds.get(_PEER, {}).get("both"), name),
                f"{first['pairs'] / first['updates']:.0f}",
                f"{statistics.median(each.peak_mb for each in measured):,.0f}",
            ]
        )
    notes = [
        f"{SHAPE}. Multi30k, English to German, cut by seqkit's words, capitals kept; a word seen "
        f"once is unknown: {words['en']:,} and {words['de']:,} words. Ends of sentences are "
        f"counted on both sides. The same pairs, in a seeded order; JoeyNMT {BATCH} after {BATCH}, "
        "and so seqkit with the same batches; its own are of pairs of similar lengths. "
        "seqkit runs the loop of recipes/translate.py itself, with the schedule, the log and the "
        "finiteness checks; JoeyNMT its TrainManager, in fp32: bf16 it cannot on a CPU.",
        f"Medians (rounds: {options.rounds}), the rows taking turns in fresh processes with "
        f"{THREADS} threads; times: source + target tokens/s, within a round. {options.steps} "
        f"updates are timed, with its own batches about as many, after {LOGGED} that are not. "
        "Peak: of the process, torch itself included.",
        "The target: 1.5 times JoeyNMT.",
        *joeynmt_peer.left_out(),
    ]
    runs = {name: [each.result for each in measured] for name, measured in found.items()}
    return Outcome(
        "Training speed of a small translator",
        rows,
        notes,
        {"tokens_a_second": speeds, "runs": runs},
    )


def _ratio(ours: Sequence[float], theirs: Sequence[float] | None, name: str) -> str:
    if theirs is None or name == _PEER:
        return ""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
