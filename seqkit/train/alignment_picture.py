"""Attention as a heat map, sentence by sentence: a PNG, or a page of HTML that needs nothing."""

import logging
import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError, require
from seqkit.files import write_bytes
from seqkit.metrics.arrays import finite
from seqkit.train.alignment_page import AlignmentPanel, alignment_page, spaced
from seqkit.train.plots.canvas import new_figure, save
from seqkit.train.plots.lettering import drawable, families_for

__all__ = ["write_alignments"]

logger = logging.getLogger(__name__)

_CELL, _SMALLEST = 20.0, 7.0  # points of a side of a cell; no letter can be read in smaller ones
_WIDE = 1500.0  # points that the longest sentence should not exceed
_LARGEST = 60e6  # pixels of a picture
_LETTER = 0.62  # width of a letter in units of its size, on average

Alignment = tuple[Sequence[str], Sequence[str], npt.ArrayLike]


def write_alignments(path: str | os.PathLike[str], alignments: Sequence[Alignment]) -> None:
    """Write how much each target token attended to each source token.

    Args:
        path: a `.png` (needs the extra `plot`), in which characters that no font of this system
            has stand as escapes; or a `.html` file, whose reader's browser has the fonts. Written
            whole or not at all.
        alignments: for each sentence its S source tokens, its T target tokens, and the weights,
            (T, S), each from 0 to 1.

    Raises:
        ConfigError: another kind of file, matplotlib is not installed, or more than a picture can
            hold.
        DataError: weights that do not fit the tokens, or nothing to show.
    """
    kind = Path(path).suffix.lower()
    if kind not in (".html", ".png"):
        raise ConfigError(f"{path}: an alignment is written as .png or .html: choose one of them")
    panels = [
        AlignmentPanel(number, source, target, _checked(number, source, target, weights))
        for number, (source, target, weights) in enumerate(alignments, 1)
    ]
    if not any(panel.weights.size for panel in panels):
        raise DataError(f"{path}: no sentence with a token on both sides: nothing to show")
    if kind == ".png":
        _draw(path, [panel for panel in panels if panel.weights.size])
    else:
        write_bytes(path, alignment_page(panels).encode())


def _checked(
    number: int, source: Sequence[str], target: Sequence[str], weights: npt.ArrayLike
) -> npt.NDArray[np.floating]:
    shape = np.shape(weights)
    if shape != (len(target), len(source)):
        raise DataError(
            f"alignment {number}: weights of shape {shape}, expected {(len(target), len(source))}: "
            "a row for each target token, a column for each source token"
        )
    array = finite(weights, name=f"alignment {number}", ndim=2)
    if array.size and (array.min() < -1e-4 or array.max() > 1 + 1e-4):
        raise DataError(
            f"alignment {number}: weights from {array.min():.4g} to {array.max():.4g}, expected "
            "0 to 1"
        )
    return np.clip(array, 0, 1)


def _draw(path: str | os.PathLike[str], panels: Sequence[AlignmentPanel]) -> None:
    """Draw the panels under one another, all with cells of one size."""
    families = _families(panels)
    named = [
        (
            [drawable(spaced(token), families=families) for token in panel.source],
            [drawable(spaced(token), families=families) for token in panel.target],
        )
        for panel in panels
    ]
    longest = max(max(panel.weights.shape) for panel in panels)
    cell = float(np.clip(_WIDE / longest, _SMALLEST, _CELL))
    size = 0.5 * cell
    flat = [_width(source, size) < 0.9 * cell for source, _ in named]
    above = [  # of the names, and of the number
        (size if lies else _width(source, size)) + 2.4 * size + 8
        for (source, _), lies in zip(named, flat, strict=True)
    ]
    beside = max(_width(target, size) for _, target in named) + 14
    width = beside + cell * max(panel.weights.shape[1] for panel in panels) + 40
    height = sum(above) + sum(cell * len(panel.target) + 14 for panel in panels) + 50
    _refuse_large(path, panels, width, height)

    figure = new_figure(width / 72, height / 72)
    figure.set_layout_engine("none")
    top = height
    for panel, (source, target), lies, room in zip(panels, named, flat, above, strict=True):
        rows, columns = panel.weights.shape
        top -= room + cell * rows
        box = [beside / width, top / height, cell * columns / width, cell * rows / height]
        axes = figure.add_axes(box)
        image = axes.imshow(panel.weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        font = {"fontfamily": families, "fontsize": size}
        axes.xaxis.tick_top()
        axes.set_xticks(range(columns), source, rotation=0 if lies else 90, **font)
        axes.set_yticks(range(rows), target, **font)
        axes.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
        axes.tick_params(which="both", length=0)
        axes.grid(which="minor", color="#e6e6e6", linewidth=0.5)
        axes.spines[:].set_color("#8c8c8c")
        if len(panels) > 1:
            up = (top + cell * rows + room - 1.2 * size) / height
            figure.text(6 / width, up, f"{panel.number}.", fontsize=size, fontweight="bold")
        top -= 14
    bar = figure.add_axes([beside / width, 34 / height, 90 / width, 7 / height])
    figure.colorbar(image, cax=bar, orientation="horizontal", ticks=[0, 0.5, 1])
    bar.tick_params(labelsize=7)
    bar.set_xlabel("attention: column = source, row = target", fontsize=7, loc="left")
    save(figure, path)


def _refuse_large(
    path: str | os.PathLike[str], panels: Sequence[AlignmentPanel], width: float, height: float
) -> None:
    across, down = (int(side / 72 * 120) for side in (width, height))
    if across * down > _LARGEST or max(across, down) >= 2**16:
        raise ConfigError(
            f"{path}: {len(panels)} sentences would make a picture of {across} x {down} pixels, "
            "more than viewers open: draw fewer, or write .html"
        )


def _families(panels: Sequence[AlignmentPanel]) -> list[str]:
    """Choose fonts that together have all letters, as far as this system has them."""
    letters = {
        letter
        for panel in panels
        for token in (*panel.source, *panel.target)
        for letter in spaced(token)
        if letter.isprintable()
    }
    families = families_for(sorted(letters))
    missing = {each for each in letters - {"$"} if drawable(each, families=families) != each}
    if missing:
        for family, file in _other_fonts(families):
            if found := _letters_of(file, missing):
                families, missing = [*families, family], missing - found
            if not missing:
                return families
        logger.warning(
            "no font of this system has %d of the characters, such as %r: the picture shows their "
            "codes; install one (Noto Sans CJK has Chinese, Japanese and Korean) or write .html",
            *(len(missing), min(missing)),
        )
    return families


def _other_fonts(known: Sequence[str]) -> list[tuple[str, str]]:
    """List family and file of the upright fonts of ordinary weight that this system has."""
    manager = require("matplotlib.font_manager", extra="plot", purpose="drawing").fontManager
    return sorted(
        (font.name, font.fname)
        for font in manager.ttflist
        if font.style == "normal" and font.weight in (400, 500) and font.name not in known
        # no pattern of fontconfig, as which matplotlib reads a name; boxes for all of Unicode
        if not set("-:,") & set(font.name) and not font.name.startswith("Last Resort")
    )


def _letters_of(file: str, letters: set[str]) -> set[str]:
    """Return those of the letters that a font has and can draw; none of one made of bitmaps."""
    ft2font = require("matplotlib.ft2font", extra="plot", purpose="drawing")
    try:
        font = ft2font.FT2Font(file)
        found = {letter for letter in letters if ord(letter) in font.get_charmap()}
        font.set_size(10, 72)
        for letter in found:
            font.load_char(ord(letter))
    except (OSError, RuntimeError):  # FreeType cannot: bitmaps in colour, a damaged file
        return set()
    return found


def _width(names: Sequence[str], size: float) -> float:
    """Return about how many points the longest name takes."""
    wide = [
        sum(1.7 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in name)
        for name in names
    ]
    return max(wide) * _LETTER * size
