"""The page of `inspect --units`: one file of HTML, its data and its script inside it."""

import base64
import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seqkit.commands.scored_text import LINE_END
from seqkit.text import Vocab
from seqkit.text.surrogates import well_formed
from seqkit.text.tokenizer import Token

if TYPE_CHECKING:
    from seqkit.models.units import Track

__all__ = ["Page", "render"]

# what HTML may not hold, or would not show: the control characters have pictures of their own
_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) != "\t"}
_PICTURES |= {0x7F: "\u2421", **dict.fromkeys(range(0x80, 0xA0), "\ufffd")}


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the page shows of N tokens."""

    lines: Sequence[str]
    """The normalised lines."""
    spans: Sequence[Sequence[Token]]
    """The tokens of each line."""
    ids: Sequence[Sequence[int]]
    """Their ids, with one more at the end where the line's end is a token."""
    layers: Mapping[int, npt.NDArray[np.float32]]
    """Activations (N, H) by the number of the layer."""
    surprise: npt.NDArray[np.float32]
    """(N,) in bits."""
    tracks: "Mapping[str, Sequence[Track]]"
    """The units that follow each feature best; `layer` counts as in `layers`."""
    lags: Sequence[Sequence[float]]
    """Of each layer of the network, the norm of the gradient by lag; may be empty."""


def render(page: Page, *, about: str) -> bytes:
    """Return the page as UTF-8.

    Args:
        page: its content; any characters.
        about: what was read by which model.
    """
    rows = zip(page.lines, page.spans, page.ids, strict=True)
    data = {
        "layers": [_layer(number, units) for number, units in page.layers.items()],
        "surprise": [round(float(bits), 2) for bits in page.surprise],
        "tracks": [
            {"feature": name, "units": [[t.layer, t.unit, round(t.correlation, 4)] for t in tracks]}
            for name, tracks in page.tracks.items()
        ],
        "lags": [[norm if math.isfinite(norm) else None for norm in row] for row in page.lags],
    }
    parts = {
        "ABOUT": _visible(about),
        "TEXT": "\n".join(_line(*row) for row in rows),
        "DATA": json.dumps(data).replace("<", "\\u003c"),  # no text ends the script
    }
    template = Path(__file__).with_name("units.html").read_text(encoding="utf-8")
    return re.sub(r"@@([A-Z]+)@@", lambda match: parts[match[1]], template).encode()


def _layer(number: int, units: npt.NDArray[np.float32]) -> dict[str, object]:
    """Pack activations (N, H) in int8, a unit after the other, each by its own greatest value."""
    greatest = np.abs(units).max(0)
    steps = np.rint(units / np.where(greatest > 0, greatest, 1) * 127).astype(np.int8)
    packed = base64.b64encode(np.ascontiguousarray(steps.T).tobytes()).decode("ascii")
    return {
        "number": number,
        "greatest": [float(f"{value:.4g}") for value in greatest],
        "data": packed,
    }


def _line(line: str, tokens: Sequence[Token], ids: Sequence[int]) -> str:
    """Render a line: a span for each stretch of characters, with the count of its tokens.

    Tokens that cover no character of their own (the bytes of a letter after the first, a mark for
    a space that is not there) go with the stretch beside them.
    """
    stretches: list[list[int]] = []  # start, end, tokens, of them unknown
    end = early = 0
    for token, known in zip(tokens, (id != Vocab.UNK for id in ids), strict=False):
        if token.end > end:
            stretches.append([max(token.start, end), token.end, 1 + early, not known])
            end, early = token.end, 0
        elif stretches:
            stretches[-1][2] += 1
            stretches[-1][3] |= not known
        else:
            early += 1
    parts, at = [], 0
    for start, stop, count, unknown in stretches:
        parts.append(_visible(line[at:start]))
        parts.append(_span(line[start:stop], count, "u" if unknown else ""))
        at = stop
    parts.append(_visible(line[at:]))
    if len(ids) > len(tokens):
        parts.append(_span(LINE_END, 1 + early, "e"))
    elif early:
        parts.append(_span("", early, ""))
    return f'<div dir="auto">{"".join(parts)}</div>'


def _span(text: str, count: int, kind: str) -> str:
    attributes = f' class="{kind}"' if kind else ""
    attributes += f' data-n="{count}"' if count > 1 else ""
    return f"<span{attributes}>{_visible(text)}</span>"


def _visible(text: str) -> str:
    """Escape text for HTML and give what cannot be shown a sign that can."""
    return html.escape(well_formed(text).translate(_PICTURES))
