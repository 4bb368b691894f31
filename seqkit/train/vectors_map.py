"""The map of word vectors: one file of HTML, its data and its script inside it."""

import html
import json
import re
import unicodedata
from pathlib import Path

from seqkit.vectors.layout import Layout

__all__ = ["vectors_map"]

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # the line's direction


def vectors_map(layout: Layout, *, about: str) -> bytes:
    """Return a page as UTF-8 that shows words at their places, to be searched, zoomed and moved.

    Args:
        layout: the words and their places; any characters.
        about: what the vectors are, in a sentence.
    """
    numbers = {word: number for number, word in enumerate(layout.words)}
    data = {
        "words": [_visible(word) for word in layout.words],
        "places": {
            name: [[round(float(value), 4) for value in place] for place in places]
            for name, places in layout.places.items()
        },
        # a neighbour on the map by its number, any other by its word
        "near": [
            [[numbers.get(n.word, _visible(n.word)), round(n.score, 3)] for n in row]
            for row in layout.neighbours
        ],
    }
    parts = {
        "ABOUT": html.escape(_visible(about)),
        "NOTE": f"<p>{html.escape(_visible(layout.note))}</p>" if layout.note else "",
        "DATA": json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),  # ends no script
    }
    template = Path(__file__).with_name("vectors_map.html").read_text(encoding="utf-8")
    return re.sub(r"@@([A-Z]+)@@", lambda match: parts[match[1]], template).encode()


def _visible(text: str) -> str:
    """Write what a page cannot hold or show, and what turns its direction, as an escape."""
    if text.isprintable():
        return text
    return "".join(
        letter.encode("unicode_escape").decode("ascii")
        if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or letter in _TURNS
        else letter
        for letter in text
    )
