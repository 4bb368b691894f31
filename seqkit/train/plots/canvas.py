"""What every picture shares: the figure, its colours and axes, the file.

Figures are drawn through the object interface: no window, no global state, safe in threads.
Colours are those of Okabe and Ito, which the colour-blind can tell apart.
"""

import os
from typing import Any

from seqkit.errors import require
from seqkit.files import atomic_write

__all__ = [
    "BLACK",
    "BLUE",
    "COLOURS",
    "DASHES",
    "GREEN",
    "GREY",
    "PURPLE",
    "RED",
    "SKY",
    "Path",
    "new_figure",
    "save",
    "style",
]

BLUE = "#0072B2"
RED = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
BLACK = "#000000"
GREY = "#8c8c8c"
COLOURS = (BLUE, RED, GREEN, "#E69F00", PURPLE, SKY, BLACK)
DASHES = ("-", "--", ":", "-.")

Path = str | os.PathLike[str]


def new_figure(width: float, height: float) -> Any:
    """Return an empty matplotlib figure of this size in inches; ConfigError without matplotlib."""
    module = require("matplotlib.figure", extra="plot", purpose="drawing")
    return module.Figure(figsize=(width, height), layout="constrained")


def save(figure: Any, path: Path) -> None:
    """Write `figure` to `path` as PNG, whole or not at all; the same figure is the same bytes."""
    with atomic_write(path) as handle:
        figure.savefig(handle, format="png", dpi=120, metadata={"Software": None})


def style(axes: Any, *, title: str, x: str, y: str = "") -> None:
    """Give `axes` its title and labels, a faint grid, and no frame at the top and right."""
    axes.set_title(title, fontsize=11, loc="left")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
