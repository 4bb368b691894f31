"""Tokens a second in training, and what is learnt: seqkit beside plain torch."""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.options import number
from harness.process import THREADS, Measured, fresh
from harness.results import Outcome

from language import corpus

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = corpus.NEEDS

_PEER = "plain torch, fp32"
_SAME = [
    *("--model.no-tied", "--model.embedding-range", "0.1"),
    *("--model.input-dropout", "0.2", "--model.hidden-dropout", "0.2"),
    *("--model.output-dropout", "0.2", "--optim.name", "sgd", "--optim.lr", "20"),
    *("--optim.clip", "0.25", "--schedule.name", "plateau", "--schedule.warmup", "0"),
    *("--schedule.factor", "0.25", "--schedule.patience", "0"),
]
_RECIPE, _PLAIN = "language.training_jobs:recipe", "language.training_jobs:plain"
_SAME_SETTINGS: Mapping[str, tuple[str, dict[str, Any]]] = {
    _PEER: (_PLAIN, {"bf16": False}),
    "plain torch, bf16 autocast": (_PLAIN, {"bf16": True}),
    "seqkit, the same settings, fp32": (_RECIPE, {"settings": [*_SAME, "--precision", "fp32"]}),
    "seqkit, the same settings, bf16": (_RECIPE, {"settings": [*_SAME, "--precision", "bf16"]}),
}
_CONTESTANTS = {**_SAME_SETTINGS, "seqkit ptb-small, as it is": (_RECIPE, {"settings": []})}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--rounds", type=number(1), default=5, help="of the speeds (default 5)")
    parser.add_argument(
        "--steps", type=number(20, step=20), default=300, help="timed in a round (default 300)"
    )
    parser.add_argument(
        "--epochs", type=number(0), default=1, help="before perplexities are compared; 0: not"
    )
    parser.add_argument("--profile", action="store_true", help="the job profile as well")


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Time everything in turns; then train with the same settings and compare perplexities."""
    shared = {"data": str(data), "device": options.device}
    rounds = [
        {
            name: _fresh(name, work / f"{turn}-{number}", **shared, steps=options.steps)
            for number, name in enumerate(_CONTESTANTS)
        }
        for turn in range(options.rounds)
    ]
    yield "train", _speeds(rounds, options)
    if options.epochs:
        found = {
            name: _fresh(name, work / f"whole-{number}", **shared, epochs=options.epochs)
            for number, name in enumerate(_SAME_SETTINGS)
        }
        yield "train-perplexity", _perplexities(found, options)


def _fresh(name: str, out: Path, **arguments: Any) -> Measured:
    job, settings = _CONTESTANTS[name]
    folder = {"out": str(out)} if job == _RECIPE else {}
    return fresh(job, imports=["torch"], **settings, **folder, **arguments)


_NOTES = [
    "LSTM of 2 x 200 units, 20 streams, windows of 35, dropout of 0.2, on the Penn Treebank. "
    "Plain torch is pytorch/examples' word_language_model in a few lines: nn.Embedding, nn.LSTM, "
    "nn.Linear, log_softmax, nll_loss, clip_grad_norm_ at 0.25, gradient descent at a rate of 20; "
    "10,000 words, weights not tied. seqkit runs the loop of recipes/lm.py itself, with the "
    "schedule, the log and the finiteness checks; it has 10,003 ids (four special ones, of which "
    "EOS is one of the 10,000 words). With the same settings it differs in its dropout masks, "
    "which are held over a window's time. ptb-small as it is: tied weights, Adam, bf16.",
]


def _speeds(rounds: Sequence[Mapping[str, Measured]], options: argparse.Namespace) -> Outcome:
    rows = [["", "tokens a second", "lowest to highest", "times plain torch", "peak MB"]]
    speeds = {
        name: [turn[name].result["tokens_a_second"] for turn in rounds] for name in _CONTESTANTS
    }
    for name, values in speeds.items():
        ratios = [ours / peers for ours, peers in zip(values, speeds[_PEER], strict=True)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        rows.append(
            [
                name,
                f"{statistics.median(values):,.0f}",
                f"{min(values):,.0f} to {max(values):,.0f}",
                "" if name == _PEER else spread,
                _peak([turn[name] for turn in rounds]),
            ]
        )
    notes = [
        *_NOTES,
        f"Medians of {options.rounds} rounds, the rows taking turns in fresh processes with "
        f"{THREADS} threads; ratios within a round. {options.steps} updates are timed, after 20 "
        "that are not. Peak: of the process, torch itself included"
        + ("; and of the GPU." if options.device == "cuda" else "."),
        "The target: 1.8 times plain torch.",
    ]
    return Outcome("Training speed of a small LSTM", rows, notes, {"tokens_a_second": speeds})


def _perplexities(found: Mapping[str, Measured], options: argparse.Namespace) -> Outcome:
    rows = [["", "valid perplexity", "tokens", "tokens a second", "peak MB"]]
    for name, measured in found.items():
        figures = measured.result
        cells = [f"{figures['perplexity']:.1f}", f"{figures['tokens']:,}"]
        rows.append([name, *cells, f"{figures['tokens_a_second']:,.0f}", _peak([measured])])
    epochs = "1 epoch" if options.epochs == 1 else f"{options.epochs} epochs"
    notes = [
        *_NOTES,
        f"After {epochs} from one seed each; where an epoch is worse than the best before it, the "
        "rate is divided by 4. All are evaluated by the same code, in fp32: valid as one stream, "
        "each of its tokens predicted once. Speed: of training alone.",
    ]
    data = {"runs": {name: measured.result for name, measured in found.items()}}
    return Outcome(f"The same settings, trained for {epochs}", rows, notes, data)


def _peak(runs: Sequence[Measured]) -> str:
    peak = f"{statistics.median(each.peak_mb for each in runs):,.0f}"
    gpu = [each.result["gpu_mb"] for each in runs if each.result["gpu_mb"] is not None]
    return f"{peak}, GPU {statistics.median(gpu):,.0f}" if gpu else peak
