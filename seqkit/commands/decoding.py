"""How a command is told to search for a translation."""

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["DecodingOptions", "search_settings"]


@dataclass(frozen=True, kw_only=True)
class DecodingOptions:
    """How translations are searched for."""

    beam: int = 5
    """Hypotheses that the search keeps open; 1 takes the likeliest token each time (greedy)."""
    length_penalty: float | None = None
    """a in log p / length ** a, by which hypotheses are ranked; 0 prefers short ones. 1, with a
    beam above 1, unless it is given."""
    coverage_penalty: float | None = None
    """Factor of what speaks against leaving parts of the source out; needs attention, and a beam
    above 1. 0 unless it is given."""
    max_tokens: int | None = None
    """Most tokens of a translation; 2 for each of the source, or what inspect says of the model,
    and 10 more unless it is given."""
    long: Literal["split", "truncate", "refuse"] = "split"
    """What to do with a text of more tokens than the model was trained on."""
    unknown: Literal["source", "avoid", "keep", "drop"] | None = None
    """What to write for a word outside the vocabulary: the word of the source that it attends to,
    another one, <unk>, or nothing. source where the model has attention, else avoid."""


def search_settings(options: DecodingOptions) -> dict[str, Any]:
    """Return what the methods of a translator that search take."""
    names = ("beam", "length_penalty", "coverage_penalty", "max_tokens", "long", "unknown")
    return {name: getattr(options, name) for name in names}
