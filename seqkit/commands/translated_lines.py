"""How a translation is printed: text alone, numbered with its score, or JSON."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from seqkit.text.surrogates import well_formed

if TYPE_CHECKING:
    from seqkit.models.translation import Translation

__all__ = ["json_line", "one_line", "text_lines"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def text_lines(number: int, found: "Sequence[Translation]", *, ranked: bool) -> Iterator[str]:
    """Yield a line for each translation of a text.

    Args:
        number: of the text, from 1.
        found: its translations, the best first.
        ranked: put the number and the score before each, with tabs between.
    """
    for each in found:
        text = one_line(each.text)
        yield f"{number}\t{each.score:.4f}\t{text}" if ranked else text


def json_line(
    source: str,
    found: "Sequence[Translation]",
    *,
    ranked: bool,
    alignment: bool,
    ascii_only: bool = True,
) -> str:
    """Return the translations of a text as a JSON object.

    Args:
        source: the text.
        found: its translations, the best first.
        ranked: list them under `translations`; otherwise there is one, beside its source.
        alignment: also tell what they attend to.
        ascii_only: escape all other characters; otherwise lone surrogates alone, which UTF-8 does
            not have.
    """
    rows = [_row(each, alignment=alignment) for each in found]
    body = {"translations": rows} if ranked else rows[0]
    line = json.dumps({"source": source, **body}, ensure_ascii=ascii_only)
    return line if line.isascii() else _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", line)


def one_line(text: str) -> str:
    """Return a text as one line of UTF-8, whatever line breaks a model writes."""
    return well_formed(" ".join(text.splitlines()))


def _row(found: "Translation", *, alignment: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "text": found.text,
        "log_prob": round(found.log_prob, 6),
        "score": round(found.score, 6),
        "tokens": list(found.tokens),
        "finished": found.finished,
    }
    if alignment and found.attention is not None:
        row["source_tokens"] = list(found.source_tokens)
        row["alignment"] = [
            [round(weight, 4) for weight in weights] for weights in found.attention.tolist()
        ]
    return row
