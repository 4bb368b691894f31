"""The page of an alignment: tables whose cells are shaded, in one file of HTML without a script."""

import html
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["AlignmentPanel", "alignment_page", "spaced"]

_SHOWN = 0.05  # weight from which a cell shows its number
_STYLE = """
:root { color-scheme: light dark; }
body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5rem; }
.s { overflow-x: auto; margin: 0 0 2rem; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: 600; padding: 0 0 .4rem; }
thead th { writing-mode: vertical-rl; font-weight: 400; padding: .3rem .2rem; }
tbody th { text-align: end; font-weight: 400; padding: 0 .5rem; white-space: nowrap; }
td { width: 1.9em; min-width: 1.9em; height: 1.9em; border: 1px solid #8883; padding: 0;
     text-align: center; font-size: .75em; }
td.d { color: #fff; }
"""


class AlignmentPanel(NamedTuple):
    """A sentence with its weights."""

    number: int
    """From 1."""
    source: Sequence[str]
    """S tokens."""
    target: Sequence[str]
    """T tokens."""
    weights: npt.NDArray[np.floating]
    """(T, S), 0 to 1."""


def spaced(token: str) -> str:
    """Make a space visible where it is all of a token."""
    return token if token.strip(" ") else "␣" * max(1, len(token))


def alignment_page(panels: Sequence[AlignmentPanel]) -> str:
    """Return the page; the tokens may hold any characters."""
    body = "\n".join(_table(panel) if panel.weights.size else _empty(panel) for panel in panels)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Attention</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>Attention</h1>\n"
        "<p>A row for each target token, a column for each source token; the numbers are percent, "
        f"below {100 * _SHOWN:.0f} only where you point.</p>\n{body}\n</body>\n</html>\n"
    )


def _table(panel: AlignmentPanel) -> str:
    heads = "".join(f'<th scope="col" dir="auto">{_text(token)}</th>' for token in panel.source)
    rows = "\n".join(
        f'<tr><th scope="row" dir="auto">{_text(token)}</th>'
        + "".join(
            _cell(source, token, float(weight))
            for source, weight in zip(panel.source, weights, strict=True)
        )
        + "</tr>"
        for token, weights in zip(panel.target, panel.weights, strict=True)
    )
    return (
        f'<div class="s" role="region" aria-label="Sentence {panel.number}" tabindex="0"><table>\n'
        f"<caption>Sentence {panel.number}</caption>\n<thead><tr><td></td>{heads}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _cell(source: str, target: str, weight: float) -> str:
    title = f"{_text(target)} ← {_text(source)}: {weight:.3f}"
    dark = ' class="d"' if weight >= 0.93 else ""  # from here on white is the easier to read
    number = f"{100 * weight:.0f}" if weight >= _SHOWN else ""
    shade = f"background:rgba(0,114,178,{weight:.3f})"
    return f'<td{dark} style="{shade}" title="{title}">{number}</td>'


def _empty(panel: AlignmentPanel) -> str:
    return f"<p>Sentence {panel.number}: nothing on one of its sides.</p>"


def _text(token: str) -> str:
    """Escape a token for HTML; what a page cannot hold or show stands as its code."""
    return html.escape(
        "".join(
            letter.encode("unicode_escape").decode("ascii")
            if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")
            else letter
            for letter in spaced(token)
        )
    )
