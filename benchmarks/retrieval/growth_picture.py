"""The picture of `growth`: seconds, memory, disk and queries over documents."""

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["draw"]

_PANELS = {
    "seconds": "seconds to index",
    "peak_mb": "peak memory, MB",
    "disk_mb": "on disk, MB",
    "open_ms": "milliseconds to open",
}
_WAYS = {"batch": "in a batch", "one_by_one": "one by one"}


def draw(found: Mapping[int, Mapping[str, Any]], path: Path) -> None:
    """Draw a panel for each figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(_PANELS) + 1)
    sizes = list(found)
    for panel, (field, label) in zip(axes, _PANELS.items(), strict=False):
        panel.plot(sizes, [figures[field] for figures in found.values()], marker="o")
        panel.set(ylabel=label)
    for way, label in _WAYS.items():
        speeds = [statistics.median(figures[way]) for figures in found.values()]
        axes[-1].plot(sizes, speeds, marker="o", label=label)
    axes[-1].set(ylabel="queries a second")
    axes[-1].legend(fontsize="small")
    for panel in axes:
        panel.set(xscale="log", yscale="log", xlabel="documents")
        panel.grid(alpha=0.3)
    axes[3].set(yscale="linear", ylim=(0, None))
    figure.savefig(path, dpi=110)
