"""Where the time of a training step goes: recurrent kernels, output product, the rest."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.options import number
from harness.process import THREADS, fresh
from harness.results import Outcome

__all__ = ["NEEDS", "add_options", "run"]

NEEDS: tuple[str, ...] = ()

_PRESETS = ("ptb-small", "ptb-medium", "ptb-awd", "ptb-mogrifier")
_SHOWN = 8


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be chosen."""
    parser.add_argument(
        "--preset",
        nargs="+",
        choices=_PRESETS,
        help=f"of {', '.join(_PRESETS)}; ptb-small alone on the CPU, all of them on a GPU",
    )
    parser.add_argument(
        "--steps", type=number(20, step=20), default=40, help="profiled (default 40)"
    )


def run(
    options: argparse.Namespace, data: Path | None, work: Path
) -> Iterator[tuple[str, Outcome]]:
    """Profile the training loop of each preset, on made-up words."""
    found = {
        preset: fresh(
            "language.profiling_job:profile",
            imports=["torch"],
            preset=preset,
            device=options.device,
            steps=options.steps,
            out=str(work / f"profile-{preset}"),
        ).result
        for preset in options.preset or (_PRESETS if options.device == "cuda" else _PRESETS[:1])
    }
    yield "profile", _outcome(found, options)


def _outcome(found: Mapping[str, Mapping[str, Any]], options: argparse.Namespace) -> Outcome:
    columns = ["recurrent", "output product", "optimiser", "other operators", "nothing runs"]
    rows = [["", "ms a step", *[f"{column} %" for column in columns], "outside %"]]
    for preset, step in found.items():
        wall, parts = step["wall"], step["by_part"]
        shares = [*parts.values(), max(0.0, wall - step["busy"])]
        outside = 1 - (parts["recurrent"] + parts["output"]) / wall
        cells = [f"{100 * share / wall:.1f}" for share in shares]
        rows.append([preset, f"{1000 * wall:.2f}", *cells, f"{100 * outside:.1f}"])
    on_gpu = options.device == "cuda"
    notes = [
        f"Means of {options.steps} updates of the recipe's own loop, on made-up words drawn by "
        "Zipf's law, 10,003 ids"
        + (
            ". The step is timed without the profiler; kernels are timed by it, and belong to the "
            "operator that launched them. Presets that replay CUDA graphs are profiled without "
            "them, since a replayed kernel has no operator, and timed with them."
            if on_gpu
            else f", with {THREADS} threads. Step and operators are timed under torch.profiler."
        ),
        "Recurrent: torch.lstm forward and backward, the Mogrifier's steps. Output product: matrix "
        "products, softmax and gradients of linear_cross_entropy. Other operators: embedding, "
        "dropout, weight drop, clipping, copies. Nothing runs: "
        + ("gaps between kernels." if on_gpu else "Python between operators."),
        "Outside: all but recurrent and output product. The target on a GPU: below 15.",
        *(
            f"{preset}, heaviest of the other operators, ms a step: "
            + ", ".join(f"{name} {1000 * t:.2f}" for name, t in list(step["rest"].items())[:_SHOWN])
            for preset, step in found.items()
        ),
    ]
    where = "GPU" if on_gpu else "CPU"
    return Outcome(f"Where a training step goes, {where}", rows, notes, {"steps": found})
