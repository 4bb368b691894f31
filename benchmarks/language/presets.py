"""The presets for the Penn Treebank, trained by the command: perplexities and seconds."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.options import number
from harness.process import Measured, fresh
from harness.results import Outcome

from language import corpus

__all__ = ["NEEDS", "add_options", "run"]

NEEDS = corpus.NEEDS

_BESIDE: Mapping[str, str] = {
    "ptb-small": "Published for an LSTM of 2 x 200 units: 114.5 (Zaremba et al. 2014). The target: "
    "115 within 45 minutes of 2 cores.",
    "ptb-medium": "Published for a medium LSTM: 82.7 (Zaremba et al. 2014). The target: 80 within "
    "5 minutes of one H200.",
    "ptb-awd": "Published for AWD-LSTM (Merity et al. 2018): 58.8 as released, 52.5 with the "
    "cache. The target: the same, within 30 minutes of one H200.",
    "ptb-mogrifier": "Published for Mogrifier LSTM: 50.1 (Melis et al. 2020). The target: towards "
    "50.",
}
_CACHE = 2000


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument(
        "--preset",
        nargs="+",
        choices=list(_BESIDE),
        help=f"of {', '.join(_BESIDE)}; ptb-small alone on the CPU, all of them on a GPU",
    )
    parser.add_argument(
        "--epochs", type=number(1), help="fewer than the preset's, for a look (with --unkept)"
    )


def run(options: argparse.Namespace, data: Path, work: Path) -> Iterator[tuple[str, Outcome]]:
    """Train each preset once."""
    for preset in options.preset or (["ptb-small"] if options.device == "cpu" else list(_BESIDE)):
        arguments = [preset, *corpus.recipe_options(str(data)), "--device", options.device]
        if options.epochs:
            arguments += ["--epochs", str(options.epochs)]
        measured = fresh(
            "harness.command:train",
            recipe="lm",
            imports=["torch"],
            arguments=[*arguments, "--adapt.cache", str(_CACHE)],
            out=str(work / preset),
        )
        yield preset, _outcome(preset, measured)


def _outcome(preset: str, measured: Measured) -> Outcome:
    figures = measured.result
    lines = {"model": figures["test"], **figures["others"]}
    rows = [["", "test perplexity", "bits/character", "tokens"]]
    for name, test in lines.items():
        spread = "{perplexity:.2f} ({perplexity_low:.2f} to {perplexity_high:.2f})"
        characters, tokens = f"{test['bits_per_character']:.4f}", f"{test['tokens']:,}"
        rows.append([name, spread.format(**test), characters, tokens])
    gpu = f", {figures['gpu_mb']:,.0f} MB of the GPU" if figures["gpu_mb"] else ""
    notes = [
        f"`seqkit train lm {preset} --adapt.cache {_CACHE}`: {figures['epochs']} epochs, "
        f"{figures['seconds']:,.0f} seconds in all, with reading, evaluation, cache and report; "
        f"highest memory {measured.peak_mb:,.0f} MB{gpu}. Valid perplexity "
        f"{figures['valid']['perplexity']:.2f} ({figures['valid']['tokens']:,} tokens), by which "
        "the epoch and the settings of the cache were chosen. In brackets: 95% intervals. The "
        "model with the cache has read the test text up to the word that it predicts.",
        _BESIDE[preset],
    ]
    data = {"metrics": figures, "peak_mb": measured.peak_mb}
    return Outcome(f"Penn Treebank: {preset}", rows, notes, data)
