"""Pairs -> for each source all that it may become: what a translation is measured against."""

from collections.abc import Iterable
from typing import NamedTuple

from seqkit.data.records import Pair

__all__ = ["Alternatives", "group_references"]


class Alternatives(NamedTuple):
    """A source and its distinct targets; `origin` and `line` are those of its first pair."""

    source: str
    references: tuple[str, ...]
    origin: str
    line: int


def group_references(pairs: Iterable[Pair]) -> list[Alternatives]:
    """Join the pairs whose sources are equal to the letter, in the order of their first ones.

    >>> found = group_references([Pair("a", "AH", "", 1), Pair("a", "EY", "", 2)])
    >>> found[0].source, found[0].references
    ('a', ('AH', 'EY'))
    """
    first: dict[str, Pair] = {}
    targets: dict[str, dict[str, None]] = {}
    for pair in pairs:
        first.setdefault(pair.source, pair)
        targets.setdefault(pair.source, {})[pair.target] = None
    return [
        Alternatives(source, tuple(targets[source]), pair.origin, pair.line)
        for source, pair in first.items()
    ]
