"""The picture of a run: how loss, metrics, learning rate and gradient went."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError
from seqkit.train.plots.canvas import (
    BLUE,
    COLOURS,
    DASHES,
    GREEN,
    PURPLE,
    RED,
    SKY,
    Path,
    new_figure,
    save,
    style,
)

__all__ = ["plot_curves"]

_PERPLEXITIES = ("train_perplexity", "valid_perplexity")


def plot_curves(log: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw a run over its steps: loss, validation metrics, learning rate, gradient.

    Args:
        log: rows of the run log. Those with event "step" may hold loss, lr, grad_norm and clipped
            (the share of updates since the row before whose gradient was clipped), those with event
            "epoch" valid_loss, train_perplexity, valid_perplexity and any valid_<metric>; each
            needs its step. What is not there, or not finite, is not drawn.
        path: the PNG file, written whole or not at all.

    Raises:
        DataError: a log with nothing to draw.
        ConfigError: matplotlib is not installed.
    """
    steps = [row for row in log if row.get("event") == "step"]
    epochs = [row for row in log if row.get("event") == "epoch"]
    metrics = sorted(
        {key for row in epochs for key in row if key.startswith("valid_")}
        - {"valid_loss", *_PERPLEXITIES}
    )
    drawn = {key: _column(steps, key) for key in ("loss", "lr", "grad_norm", "clipped")}
    drawn |= {key: _column(epochs, key) for key in ("valid_loss", *_PERPLEXITIES, *metrics)}
    drawn = {key: points for key, points in drawn.items() if len(points[0])}
    metrics = [key for key in metrics if key in drawn]
    panels = {
        "loss": [key for key in ("loss", "valid_loss") if key in drawn],
        "perplexity": [key for key in _PERPLEXITIES if key in drawn],
        "validation": metrics,
        "learning rate": [key for key in ("lr",) if key in drawn],
        "gradient norm": [key for key in ("grad_norm",) if key in drawn],
        "share of updates clipped": [key for key in ("clipped",) if key in drawn],
    }
    panels = {title: keys for title, keys in panels.items() if keys}
    if not panels:
        raise DataError("plot_curves: the log has no step or epoch with a finite number to draw")

    columns = min(2, len(panels))
    lines = -(-len(panels) // columns)
    figure = new_figure(5.2 * columns, 3.4 * lines)
    grid = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    for axes, (title, keys) in zip(grid, panels.items(), strict=False):
        style(axes, title=title, x="step")
        axes.xaxis.get_major_locator().set_params(integer=True)
        if title == "loss":
            _draw_loss(axes, drawn)
        elif title == "perplexity":
            _draw_perplexity(axes, {key: drawn[key] for key in keys})
        elif title == "validation":
            _draw_metrics(axes, {key: drawn[key] for key in keys})
        elif title == "learning rate":
            axes.plot(*drawn["lr"], color=GREEN)
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3g}")
        elif title == "gradient norm":
            _draw_norm(axes, *drawn["grad_norm"])
        else:
            axes.plot(*drawn["clipped"], color=PURPLE)
            axes.set_ylim(-0.02, 1.02)
    save(figure, path)


def _draw_loss(axes: Any, drawn: Mapping[str, tuple[NDArray, NDArray]]) -> None:
    if "loss" in drawn:
        steps, values = drawn["loss"]
        axes.plot(steps, values, color=SKY, linewidth=0.7, alpha=0.5)
        axes.plot(steps, _smooth(values), color=BLUE, label="train (smoothed)")
    if "valid_loss" in drawn:
        steps, values = drawn["valid_loss"]
        axes.plot(steps, values, color=RED, marker="o", markersize=4, label="valid")
        best = int(values.argmin())
        axes.plot(
            *(steps[best], values[best]),
            **{"marker": "*", "markersize": 13, "color": RED, "linestyle": "none"},
            label=f"lowest valid, {values[best]:.4g}",
        )
    axes.legend(frameon=False, fontsize=9)


def _draw_perplexity(axes: Any, drawn: Mapping[str, tuple[NDArray, NDArray]]) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.4g}")
    axes.yaxis.set_minor_formatter(lambda value, _: f"{value:.3g}")
    for key, (steps, values) in drawn.items():
        name, last = key.removesuffix("_perplexity"), values[-1]
        colour = BLUE if name == "train" else RED
        label = f"{name}, last {last:.4g}, lowest {values.min():.4g}"
        axes.plot(steps, values, color=colour, marker="o", markersize=4, label=label)
    axes.legend(frameon=False, fontsize=9)


def _draw_metrics(axes: Any, drawn: Mapping[str, tuple[NDArray, NDArray]]) -> None:
    for i, (key, (steps, values)) in enumerate(drawn.items()):
        look = {"color": COLOURS[i % 7], "linestyle": DASHES[i // 7 % 4]}
        label = f"{key.removeprefix('valid_').replace('_', ' ')}, last {values[-1]:.4g}"
        axes.plot(steps, values, marker="o", markersize=4, label=label, **look)
    axes.legend(frameon=False, fontsize=9)


def _draw_norm(axes: Any, steps: NDArray, values: NDArray) -> None:
    axes.plot(steps, values, color=PURPLE, linewidth=0.7, alpha=0.5)
    axes.plot(steps, _smooth(values), color=PURPLE)
    if values.min() > 0 and values.max() > 100 * values.min():
        axes.set_yscale("log")


def _column(rows: Sequence[Mapping[str, Any]], key: str) -> tuple[NDArray, NDArray]:
    """Return (steps, values) of the rows that hold a finite number under `key`."""
    points = [
        (row["step"], row[key])
        for row in rows
        if isinstance(row.get(key), int | float) and math.isfinite(row[key])
    ]
    return np.array([p[0] for p in points]), np.array([p[1] for p in points], dtype=np.float64)


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average over a window of a fiftieth of the run, centred, cut off at the ends."""
    half = max(1, len(values) // 100)
    sums = np.append(0.0, np.cumsum(values))
    index = np.arange(len(values))
    low, high = np.maximum(index - half, 0), np.minimum(index + half + 1, len(values))
    return (sums[high] - sums[low]) / (high - low)
