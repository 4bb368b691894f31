"""Measure how time and memory grow with the number of texts: `python benchmarks/scaling.py`.

The texts are made up: 50 words each, drawn so that rare words go on coming, as in real text. Each
row is one command in a fresh process. The figures go to benchmarks/results/scaling.*, the picture
to docs/scaling.png.
"""

import argparse
import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.machine import describe
from harness.process import fresh
from harness.results import Outcome, save

SIZES = (1_000, 10_000, 100_000)
WORDS = 50
PICTURE = Path(__file__).parents[1] / "docs/scaling.png"
COMMANDS = ("data split", "data audit", "train bag", "predict")


def main() -> None:
    """Measure every command at every size, print the table and keep it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES), metavar="N")
    sizes = sorted(parser.parse_args().sizes)
    machine = describe()
    found = {}
    with tempfile.TemporaryDirectory(prefix="seqkit-scaling-") as work:
        for size in sizes:
            found[size] = measure(size, Path(work) / str(size), model=Path(work) / str(sizes[0]))
    outcome = Outcome(
        title="How time and memory grow with the number of texts",
        rows=table(found),
        notes=[
            f"Made-up texts of {WORDS} words. Seconds of the command and its highest resident "
            "memory, each in a fresh process with 2 threads on the CPU, the import of torch "
            "included where it is needed. train bag: 3 epochs, without baselines. predict: by the "
            "bag of the first row."
        ],
        data={"sizes": {str(size): figures for size, figures in found.items()}},
    )
    print(outcome.text())
    save("scaling", outcome, machine)
    draw(found)


def measure(size: int, folder: Path, *, model: Path) -> dict[str, Any]:
    """Run the commands on `size` texts; returns {command: {seconds, peak_mb}} and `megabytes`.

    Texts are classified by the bag that was trained in the folder `model`, the same at every size.
    """
    file, out = str(folder / "texts.tsv"), str(folder / "bag")
    written = fresh("scaling:write_texts", path=file, size=size)
    arguments = {
        "data split": ["data", "split", file, "--out", str(folder / "splits")],
        "data audit": ["data", "audit", file],
        "train bag": [
            *("train", "classify", "bag", "--device", "cpu", "--baselines"),
            *("--data.train", file, "--out", out),
        ],
        "predict": ["predict", str(model / "bag"), "--file", file],
    }
    figures: dict[str, Any] = {"megabytes": written.result}
    for name in COMMANDS:
        done = fresh("scaling:run_command", arguments=arguments[name])
        figures[name] = {"seconds": done.seconds, "peak_mb": done.peak_mb}
    return figures


def write_texts(path: str, size: int) -> float:
    """Write `size` labelled texts, some at a time; returns the megabytes."""
    import numpy as np

    rng = np.random.default_rng(1)
    Path(path).parent.mkdir(parents=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write("label\ttext\n")
        for number in range(size):
            # ranks by Zipf's law with exponent 1.2; each label has words of its own
            ranks = rng.zipf(1.2, WORDS) % 10_000_000
            label = "ab"[number % 2]
            own = [f"{label}{rank % 50}" for rank in ranks[:2]]
            file.write(label + "\t" + " ".join([*own, *map("w{}".format, ranks[2:])]) + "\n")
    return os.path.getsize(path) / 1e6


def run_command(arguments: Sequence[str]) -> None:
    """Run `seqkit` with these arguments; its output is dropped."""
    from seqkit.cli import main as command

    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        status = command(arguments)
    if status != 0:
        raise RuntimeError(f"seqkit {' '.join(arguments)}: exit status {status}")


def table(found: dict[int, dict[str, Any]]) -> list[list[str]]:
    """Lay the figures out, a row a size."""
    rows = [["texts", "MB", *COMMANDS]]
    for size, figures in found.items():
        cells = [
            f"{figures[name]['seconds']:.1f} s, {figures[name]['peak_mb']:,.0f} MB"
            for name in COMMANDS
        ]
        rows.append([f"{size:,}", f"{figures['megabytes']:.1f}", *cells])
    return rows


def draw(found: dict[int, dict[str, Any]]) -> None:
    """Draw seconds and memory over the number of texts."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.5), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    for axes, key, label in ((left, "seconds", "seconds"), (right, "peak_mb", "peak memory, MB")):
        for name in COMMANDS:
            axes.plot(list(found), [f[name][key] for f in found.values()], marker="o", label=name)
        axes.set(xscale="log", yscale="log", xlabel="texts", ylabel=label)
        axes.grid(alpha=0.3)
    left.legend()
    figure.savefig(PICTURE, dpi=110)


if __name__ == "__main__":
    main()
