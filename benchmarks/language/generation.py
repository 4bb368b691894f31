"""Tokens a second of `lm.generate`: one prompt, and 64 prompts together."""

import argparse
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.options import number
from harness.process import THREADS, fresh
from harness.results import Outcome

if TYPE_CHECKING:
    from seqkit.models.language_model import LanguageModel

__all__ = ["NEEDS", "add_options", "rounds", "run"]

NEEDS: tuple[str, ...] = ()

_SETTINGS: Mapping[str, dict[str, Any]] = {
    "temperature 1": {},
    "top_k 40": {"top_k": 40},
    "top_p 0.95": {"top_p": 0.95},
    "top_k 40, top_p 0.95": {"top_k": 40, "top_p": 0.95},
    "greedy": {"temperature": 0.0},
    "beam 5": {"beam": 5},
}
_TOGETHER = 64
_WORDS = 9_999  # of the Penn Treebank, without <eos>
_TARGETS = {1: 2_000, _TOGETHER: 20_000}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument("--rounds", type=number(1), default=7, help="timed (default 7)")
    parser.add_argument(
        "--tokens", type=number(1), default=200, help="generated for each prompt (default 200)"
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        metavar="DIR",
        help="a saved language model; without it, one of ptb-small's shape with random weights",
    )


def run(
    options: argparse.Namespace, data: Path | None, work: Path
) -> Iterator[tuple[str, Outcome]]:
    """Time every setting, alone and together."""
    measured = fresh(
        "language.generation:rounds",
        imports=["torch"],
        bundle=str(options.bundle.resolve()) if options.bundle else None,
        device=options.device,
        tokens=options.tokens,
        repeat=options.rounds,
    )
    yield "generate", _outcome(measured.result, options)


def rounds(
    *, bundle: str | None, device: str, tokens: int, repeat: int
) -> dict[str, dict[str, list[float]]]:
    """Time the settings in turns. Returns tokens a second by number of prompts and setting."""
    import seqkit
    from seqkit.nn.memory import keep_freed_memory

    keep_freed_memory()  # as the command does
    model = _random_model(device) if bundle is None else seqkit.load(bundle, device=device)
    words = [model.pipeline.vocab.word(id) for id in range(4, min(len(model.pipeline.vocab), 324))]
    prompts = [
        model.pipeline.tokenizer.join([words[(5 * row + at) % len(words)] for at in range(5)])
        for row in range(_TOGETHER)
    ]
    speeds: dict[str, dict[str, list[float]]] = {}
    for turn in range(repeat + 1):  # the first does not count
        for count in _TARGETS:
            by_setting = speeds.setdefault(str(count), {name: [] for name in _SETTINGS})
            for name, settings in _SETTINGS.items():
                if "beam" in settings and count > 1:
                    continue  # prompts are searched one after the other
                started = time.perf_counter()
                drawn = model.generate_many(prompts[:count], max_tokens=tokens, **settings)
                seconds = time.perf_counter() - started
                if turn:
                    by_setting[name].append(sum(len(each.tokens) for each in drawn) / seconds)
    return speeds


def _random_model(device: str) -> "LanguageModel":
    """Make a model of ptb-small's shape over made-up words."""
    import torch

    from seqkit.commands.recipes import load_recipe
    from seqkit.models.language_model import LanguageModel
    from seqkit.models.recurrent_lm import RecurrentLm
    from seqkit.nn.devices import pick_device
    from seqkit.text import Normalizer, TextPipeline, Vocab, WhitespaceTokenizer

    torch.manual_seed(1)
    vocab = Vocab([f"w{rank}" for rank in range(_WORDS)])
    pipeline = TextPipeline(Normalizer(), WhitespaceTokenizer(), vocab)
    shape = load_recipe("lm").PRESETS["ptb-small"].model
    network = RecurrentLm(shape, vocabulary=len(vocab))
    return LanguageModel(network, pipeline, device=pick_device(device))


def _outcome(
    speeds: Mapping[str, Mapping[str, Sequence[float]]], options: argparse.Namespace
) -> Outcome:
    rows = [["", "one prompt", f"{_TOGETHER} prompts together", "ratio"]]
    for name in _SETTINGS:
        alone, together = (speeds[str(count)][name] for count in _TARGETS)
        ratio = statistics.median(together) / statistics.median(alone) if together else None
        cells = [_cell(alone), _cell(together), "" if ratio is None else f"{ratio:.1f}"]
        rows.append([name, *cells])
    what = (
        f"The model is {options.bundle.name}."
        if options.bundle
        else "The model has the shape of ptb-small over 10,003 ids, and random weights: nearly all "
        "words are about equally likely, the slowest case for top_p."
    )
    notes = [
        f"Tokens a second: medians of {options.rounds} rounds in one process with {THREADS} "
        "threads, the rows taking turns, lowest to highest in brackets. Each of the prompts of 5 "
        f"words is continued by {options.tokens} tokens; reading the prompts is counted.",
        f"{what} Beam search takes one prompt after the other.",
        f"The targets: {_TARGETS[1]:,} for one prompt, {_TARGETS[_TOGETHER]:,} for "
        f"{_TOGETHER} together.",
    ]
    return Outcome("Generation", rows, notes, {"tokens_a_second": speeds})


def _cell(speeds: Sequence[float]) -> str:
    if not speeds:
        return ""
    return f"{statistics.median(speeds):,.0f} ({min(speeds):,.0f} to {max(speeds):,.0f})"
