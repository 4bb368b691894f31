"""Which documents of a commit a planned query finds; only live ones count."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.search.live import LiveSegment, Snapshot
from seqkit.search.phrases import Places, follow, keep_field, places_in
from seqkit.search.planning import Beginning, Group, Leaf, Node, Occurrence
from seqkit.search.query import Equals, Range
from seqkit.search.segment import Segment

__all__ = ["Matcher", "Matches"]

_Numbers = npt.NDArray[np.uint32]
_Mask = npt.NDArray[np.uint8]
_NONE: _Numbers = np.empty(0, np.uint32)


class Matches(NamedTuple):
    """What a leaf finds in a segment."""

    docs: _Numbers
    """(n,) ascending."""
    tfs: _Numbers
    """(n,) how often it is in each."""


class Matcher:
    """Looks up the parts of one query in one commit, each of them once."""

    def __init__(self, snapshot: Snapshot, fields: Sequence[str]) -> None:
        """Take the commit and the names of its text fields."""
        self._snapshot, self._fields = snapshot, tuple(fields)
        self._found: dict[Leaf, list[Matches]] = {}

    def matches(self, leaf: Leaf) -> list[Matches]:
        """Return what a leaf finds in each segment."""
        if leaf not in self._found:
            field = None if leaf.field is None else self._fields.index(leaf.field)
            find = _find_terms if isinstance(leaf, Occurrence) else _find_prefix
            self._found[leaf] = [
                _living(part, *find(part.segment, leaf, field))  # type: ignore[arg-type]
                for part in self._snapshot.segments
            ]
        return self._found[leaf]

    def mask(self, node: Node, number: int) -> _Mask:
        """Return 1 for the documents of a segment that match, (docs,).

        A filter may mark deleted documents too.
        """
        part = self._snapshot.segments[number]
        match node:
            case Equals():
                return part.segment.column(node.name).equal(node.value)
            case Range():
                low, high = (None if end is None else str(end) for end in (node.low, node.high))
                return part.segment.column(node.name).between(
                    low, high, include_low=node.include_low, include_high=node.include_high
                )
            case Group():
                mask = self.constraints(node, number)
                if node.should and not node.must:
                    mask &= self._any(node.should, number)
                return mask
        mask = np.zeros(part.segment.docs, np.uint8)
        mask[self.matches(node)[number].docs] = 1
        return mask

    def constraints(self, group: Group, number: int) -> _Mask:
        """Return 1 where `must`, `must_not` and `filter` of a group allow it, (docs,)."""
        mask = np.ones(self._snapshot.segments[number].segment.docs, np.uint8)
        for node in group.must + group.filter:
            mask &= self.mask(node, number)
        for node in group.must_not:
            mask &= 1 - self.mask(node, number)
        return mask

    def _any(self, nodes: Iterable[Node], number: int) -> _Mask:
        mask = np.zeros(self._snapshot.segments[number].segment.docs, np.uint8)
        for node in nodes:
            mask |= self.mask(node, number)
        return mask


def _living(part: LiveSegment, docs: _Numbers, tfs: _Numbers) -> Matches:
    if part.live is None:
        return Matches(docs, tfs)
    kept = part.live[docs] > 0
    return Matches(docs[kept], tfs[kept])


def _find_terms(segment: Segment, leaf: Occurrence, field: int | None) -> tuple[_Numbers, _Numbers]:
    """Find a term, or terms at their distances: beginning with the rarest, which decides most."""
    if leaf.plain:
        number = segment.term(leaf.terms[0])
        return segment.postings(number) if number >= 0 else (_NONE, _NONE)
    found, here = _find_phrase(segment, leaf)
    extent = -here, leaf.offsets[-1] - here
    return keep_field(found, extent, segment.field_starts, field)


def _find_phrase(segment: Segment, leaf: Occurrence) -> tuple[Places, int]:
    """Return where the rarest term of a phrase stands in it, and the offset of that term."""
    numbers = [segment.term(term) for term in leaf.terms]
    if -1 in numbers:
        return Places(_NONE, _NONE, _NONE), 0
    by_rarity = sorted(range(len(numbers)), key=lambda at: int(segment.df[numbers[at]]))
    rarest = by_rarity[0]
    found, here = Places(*segment.positions(numbers[rarest])), leaf.offsets[rarest]
    for at in by_rarity[1:]:
        if not len(found.docs):
            break
        then = places_in(segment, numbers[at], found.docs)
        found = follow(found, then, leaf.offsets[at] - here)
    return found, here


def _find_prefix(segment: Segment, leaf: Beginning, field: int | None) -> tuple[_Numbers, _Numbers]:
    """Join the documents of all terms that begin so, and add up their counts."""
    before, here = (None, 0) if leaf.before is None else _find_phrase(segment, leaf.before)
    numbers = {*segment.prefix(leaf.prefix)}
    if leaf.whole is not None:
        numbers |= {segment.term(leaf.whole)} - {-1}
    counts = np.zeros(segment.docs, np.uint32)
    for number in numbers:
        if before is not None:
            distance = leaf.distance - here
            places = follow(before, places_in(segment, number, before.docs), distance)
            docs, tfs = keep_field(places, (-here, distance), segment.field_starts, field)
        elif field is None:
            docs, tfs = segment.postings(number)
        else:
            places = Places(*segment.positions(number))
            docs, tfs = keep_field(places, (0, 0), segment.field_starts, field)
        counts[docs] += tfs
    found = np.flatnonzero(counts).astype(np.uint32)
    return found, counts[found]
