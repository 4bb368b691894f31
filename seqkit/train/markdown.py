"""What every report for a person is written with: safe text, p-values, the file, its pictures."""

import logging
from collections.abc import Sequence
from pathlib import Path

from seqkit.errors import ConfigError, require
from seqkit.files import write_bytes

__all__ = ["inline", "p_value", "without_pictures", "write_sections"]

logger = logging.getLogger(__name__)

_TEXT = 200


def inline(text: str) -> str:
    r"""Make a text safe inside a Markdown table, and short.

    >>> inline("a | b\n*c*")
    'a \\| b \\*c\\*'
    """
    text = " ".join(text[: 2 * _TEXT].split())
    text = text if len(text) <= _TEXT else text[:_TEXT] + "…"
    for mark in "\\`*_|<>[]":
        text = text.replace(mark, "\\" + mark)
    return text


def p_value(p: float) -> str:
    """Write a p-value, those that a test of thousands of samples cannot tell from 0 as a bound."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def without_pictures() -> list[str]:
    """Return the section that stands for the pictures where matplotlib is missing, else none."""
    try:
        require("matplotlib", extra="plot", purpose="plots")
    except ConfigError as error:
        logger.warning("no pictures in the report: %s", error)
        return [f"No pictures: {error}."]
    return []


def write_sections(path: Path, sections: Sequence[str]) -> None:
    """Write a report, its sections apart by blank lines; lone surrogates become question marks."""
    write_bytes(path, ("\n\n".join(sections) + "\n").encode("utf-8", "replace"))
