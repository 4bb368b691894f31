"""The part of a text that shows best why it was found, with the words that were."""

import html as markup
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from seqkit.errors import ConfigError
from seqkit.search.analysis import Analyzer, Span
from seqkit.search.planning import Leaf, Occurrence, leaves, plan
from seqkit.search.query import Query, Words

__all__ = ["Mark", "highlight", "mark_up", "marks"]

_READ = 200_000  # characters of a text that are looked through
_SNAP = 20  # characters between two spaces that a cut may move over


class Mark(NamedTuple):
    """A part of a text that a leaf of the query finds."""

    start: int
    end: int
    leaf: Leaf


def highlight(
    text: str,
    query: Query | str,
    analyzer: Analyzer,
    *,
    width: int = 200,
    before: str = "<b>",
    after: str = "</b>",
    html: bool = True,
) -> str:
    """Cut the part out of a text that has most of a query's words, and mark them.

    A word of a phrase is marked only where the phrase is.

    Args:
        text: its first 200,000 characters are looked through.
        query: a query, or plain text.
        analyzer: what makes terms of both.
        width: characters of the part, marks not counted.
        before, after: written around each word.
        html: escape `&`, `<` and `>` of the text; False for a terminal.

    Returns:
        One line, with `…` where the text goes on; its beginning where nothing is found.

    Raises:
        ConfigError: a width below 1.

    >>> from seqkit.search.analysis import AnalysisConfig
    >>> highlight("A jet & a wing.", "wings", Analyzer(AnalysisConfig(stemmer="english")))
    'A jet &amp; a <b>wing</b>.'
    """
    found = leaves(plan(Words(query) if isinstance(query, str) else query, analyzer))
    return mark_up(
        text,
        marks(text, found, analyzer),
        {},
        width=width,
        before=before,
        after=after,
        html=html,
    )


def marks(text: str, wanted: Sequence[Leaf], analyzer: Analyzer) -> list[Mark]:
    """Find the words of a text that a query has, in the order in which they begin."""
    spans = analyzer.spans(text[:_READ])
    found = dict.fromkeys(mark for leaf in wanted for mark in _find(spans, leaf))
    return sorted(found, key=lambda mark: mark[:2])


def mark_up(
    text: str,
    marks: Sequence[Mark],
    weights: Mapping[Leaf, float],
    *,
    width: int,
    before: str,
    after: str,
    html: bool,
) -> str:
    """Write the best part of a text; see `highlight`.

    Args:
        text: where the marks are.
        marks: in the order in which they begin.
        weights: what each leaf is worth, once in a part however often it is there; 1 if not given.
        width, before, after, html: as there.

    Raises:
        ConfigError: a width below 1.
    """
    if width < 1:
        raise ConfigError(f"width {width}: a snippet has 1 character or more")
    text = text[:_READ]
    first, last = _best(marks, weights, width)
    start, end = _window(text, first, last, width)
    shown = [mark for mark in marks if start <= mark.start and mark.end <= end]
    parts, at = ["…" if text[:start].strip() else ""], start
    for low, high in _joined(shown):
        parts += [_clean(text[at:low], html), before, _clean(text[low:high], html), after]
        at = high
    parts += [_clean(text[at:end], html), "…" if text[end:].strip() else ""]
    return "".join(parts).strip()


def _find(spans: Sequence[Span], leaf: Leaf) -> Iterator[Mark]:
    if isinstance(leaf, Occurrence):
        for at in range(len(spans)):
            yield from _stands(spans, at, leaf, leaf)
        return
    for at, (term, start, end) in enumerate(spans):
        if term is not None and (term == leaf.whole or term.startswith(leaf.prefix)):
            before = leaf.before
            words = before and list(_stands(spans, at - leaf.distance, before, leaf))
            if words or not before:
                yield from words or ()
                yield Mark(start, end, leaf)


def _stands(spans: Sequence[Span], at: int, words: Occurrence, leaf: Leaf) -> Iterator[Mark]:
    """Mark the words of a phrase for a leaf, where it begins at a place."""
    if at < 0 or at + words.offsets[-1] >= len(spans):
        return
    pairs = zip(words.terms, words.offsets, strict=True)
    if all(spans[at + offset].term == term for term, offset in pairs):
        for offset in words.offsets:
            yield Mark(spans[at + offset].start, spans[at + offset].end, leaf)


def _best(marks: Sequence[Mark], weights: Mapping[Leaf, float], width: int) -> tuple[int, int]:
    """Return start and end of the marks that are worth most together, the first of equal ones."""
    best, where, first = (0.0, 0), (0, 0), 0
    counts: dict[Leaf, int] = {}
    for at, mark in enumerate(marks):
        counts[mark.leaf] = counts.get(mark.leaf, 0) + 1
        while first < at and mark.end - marks[first].start > width:
            leaf = marks[first].leaf
            counts[leaf] -= 1
            if not counts[leaf]:
                del counts[leaf]
            first += 1
        worth = (sum(weights.get(leaf, 1.0) for leaf in counts), at - first + 1)
        if worth > best:
            best, where = worth, (marks[first].start, mark.end)
    return where


def _window(text: str, first: int, last: int, width: int) -> tuple[int, int]:
    """Return a part of the text around some of it, without cut words where that can be helped."""
    start = max(0, min(first - (width - (last - first)) // 2, len(text) - width))
    start = min(start, first)
    end = min(len(text), max(start + width, last))
    if start > 0 and not text[start - 1].isspace():
        space = re.compile(r"\s").search(text, start, min(first, start + _SNAP))
        start = space.end() if space else start
    if end < len(text) and not text[end].isspace():
        spaces = [at for at in range(max(last, end - _SNAP), end) if text[at].isspace()]
        end = spaces[-1] if spaces else end
    return start, end


def _joined(marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """Join marks that overlap, as pairs of Chinese characters do."""
    joined: list[tuple[int, int]] = []
    for start, end, _ in marks:
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _clean(text: str, html: bool) -> str:
    line = re.sub(r"\s+", " ", text)
    return markup.escape(line, quote=False) if html else line
