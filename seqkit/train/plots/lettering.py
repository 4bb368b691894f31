"""Users' own text in a figure: letters that the fonts have, the others as escapes, no markup."""

import functools
from collections.abc import Iterable, Sequence

from seqkit.errors import require

__all__ = ["drawable", "families_for"]

_FIRST = "DejaVu Sans"  # comes with matplotlib: Latin, Greek, Cyrillic, Arabic, Hebrew, symbols
# what Linux, macOS and Windows bring for the scripts that it lacks, looked up in this order
_FURTHER = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Noto Sans Thai",
    "Noto Sans Devanagari",
    "PingFang SC",
    "Hiragino Sans",
    "Arial Unicode MS",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Leelawadee UI",
    "Nirmala UI",
)


@functools.cache
def _letters(family: str) -> frozenset[int]:
    manager = require("matplotlib.font_manager", extra="plot", purpose="drawing").fontManager
    ft2font = require("matplotlib.ft2font", extra="plot", purpose="drawing")
    if family not in {font.name for font in manager.ttflist}:
        return frozenset()
    return frozenset(ft2font.FT2Font(manager.findfont(family)).get_charmap())


def families_for(texts: Iterable[str]) -> list[str]:
    """Return font families, the first preferred, that have as many of the letters as can be had."""
    missing = set(map(ord, "".join(texts))) - _letters(_FIRST)
    families = [_FIRST]
    for family in _FURTHER:
        if found := missing and missing & _letters(family):
            families.append(family)
            missing -= found
    return families


def drawable(text: str, *, families: Sequence[str], longest: int = 24) -> str:
    r"""Return `text` as these fonts can draw it, cut to `longest` letters.

    A letter that no font has, a control character or a lone surrogate becomes its escape, so that
    labels stay distinct where they would be rows of empty boxes; a dollar sign starts no formula.

    >>> drawable("a\tb", families=["DejaVu Sans"])
    'a\\tb'
    """
    letters = [
        letter
        if letter.isprintable() and any(ord(letter) in _letters(family) for family in families)
        else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    ]
    shown = "".join(letters)
    if len(shown) > longest:
        shown = shown[: longest - 1] + "…"
    return shown.replace("$", r"\$")
