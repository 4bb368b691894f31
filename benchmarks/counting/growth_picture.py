"""The picture of `growth`: seconds, memory and disk over words."""

from collections.abc import Mapping
from pathlib import Path

from counting.making import Made

__all__ = ["draw"]

_PANELS = {"seconds": "seconds", "peak_mb": "peak memory, MB", "disk_mb": "on disk, MB"}
_LINES = {"seqkit": "-", "KenLM, probing": "--", "KenLM, trie": ":"}
_COLOURS = ("C0", "C1", "C2", "C3")


def draw(found: Mapping[int, Mapping[tuple[str, int], Made]], path: Path) -> None:
    """Draw a panel for each figure: the orders are colours, the contestants kinds of line."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogFormatter, NullLocator

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    contestants = list(next(iter(found.values())))
    orders = sorted({order for _, order in contestants})
    axes = figure.subplots(1, len(_PANELS))
    for panel, (field, label) in zip(axes, _PANELS.items(), strict=True):
        for name, order in contestants:
            panel.plot(
                [words / 1e6 for words in found],
                [getattr(figures[name, order], field) for figures in found.values()],
                _LINES[name],
                color=_COLOURS[orders.index(order) % len(_COLOURS)],
                marker="o",
                markersize=4,
                label=f"{name}, order {order}",
            )
        panel.set(xscale="log", yscale="log", xlabel="million words", ylabel=label)
        millions = [round(words / 1e6) for words in found]
        panel.set_xticks(millions, labels=[f"{size}" for size in millions])
        panel.xaxis.set_minor_locator(NullLocator())
        panel.yaxis.set_major_formatter(LogFormatter())
        panel.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(2, 0.4)))
        panel.grid(alpha=0.3)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(orders), fontsize="small")
    figure.savefig(path, dpi=110)
