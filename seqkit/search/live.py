"""One commit of an index, as a reader sees it: segments, what lives in them, exact statistics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.search.deletions import Deletions
from seqkit.search.manifest import SegmentEntry
from seqkit.search.segment import Segment

__all__ = ["LiveSegment", "LiveTerm", "Snapshot", "Statistics"]

_TERMS = 1 << 14  # whose numbers are remembered


@dataclass(frozen=True, eq=False)
class LiveSegment:
    """A segment without its deleted documents."""

    segment: Segment
    deletions: Deletions | None = None
    entry: SegmentEntry | None = None
    """Its files, as the manifest has them."""

    @property
    def live(self) -> npt.NDArray[np.uint8] | None:
        """(docs,) 1 for a document that is there; None where all are."""
        return None if self.deletions is None else self.deletions.live

    @property
    def df(self) -> npt.NDArray[np.uint32]:
        """(T,) live documents with each term."""
        return (self.deletions or self.segment).df

    @property
    def cf(self) -> npt.NDArray[np.uint64]:
        """(T,) how often each term is in them."""
        return (self.deletions or self.segment).cf

    @property
    def documents(self) -> int:
        """Live documents."""
        return self.segment.docs if self.deletions is None else self.deletions.documents

    @property
    def total_length(self) -> int:
        """The sum of their lengths."""
        return (self.deletions or self.segment).total_length

    def check(self) -> None:
        """Check what was not when it was opened, because it is large; nothing the second time.

        Raises:
            DataError: the segment, or its deletions, are damaged.
        """
        self.segment.check()
        if self.deletions is not None:
            self.deletions.check()

    @cached_property
    def metadata(self) -> frozenset[str]:
        """The names of which a live document has a value."""
        columns = self.segment.columns.items()
        return frozenset(
            name
            for name, column in columns
            if self.live is None or column.codes[self.live > 0].any()
        )

    def find(self, id: str) -> int:
        """Return the number of a live document in the segment, -1 if it has none of that id."""
        doc = self.segment.doc(id)
        return doc if doc >= 0 and (self.live is None or self.live[doc]) else -1

    def numbers(self) -> npt.NDArray[np.int64]:
        """Return the numbers of the live documents, ascending."""
        return np.arange(self.segment.docs) if self.live is None else np.flatnonzero(self.live)


class Statistics(NamedTuple):
    """What scorers need to know of a collection and of some terms: live documents only, exactly."""

    documents: int
    """N."""
    total_length: int
    """Tokens of all documents."""
    df: tuple[int, ...]
    """Documents with each of the terms."""
    cf: tuple[int, ...]
    """How often each of them is in all documents."""


class LiveTerm(NamedTuple):
    """A term of the index."""

    df: int
    """Live documents with it, in all segments."""
    cf: int
    """How often it is in them."""
    numbers: tuple[int, ...]
    """Its number in each segment, -1 where it is not."""


class Snapshot:
    """The segments of one commit. Nothing in it changes, so threads may share it."""

    def __init__(
        self,
        generation: int,
        segments: Sequence[LiveSegment],
        *,
        id: str = "",
        damaged: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Take what `seqkit.search.opening` read.

        Args:
            generation: number of the commit.
            segments: those that can be read.
            id: of the index, as the manifest has it.
            damaged: what is wrong with the others, a line each.
            settings: of the index, as the manifest has them.
        """
        self.generation, self.segments, self.id = generation, tuple(segments), id
        self.damaged, self.settings = tuple(damaged), dict(settings or {})
        self.documents = sum(part.documents for part in self.segments)
        """N, live documents."""
        self.total_length = sum(part.total_length for part in self.segments)
        self._terms: dict[str, LiveTerm] = {}

    @property
    def commit(self) -> tuple[str, int]:
        """Index and generation, see `seqkit.search.manifest.Manifest`."""
        return self.id, self.generation

    @cached_property
    def metadata(self) -> frozenset[str]:
        """The names of which some document has a value."""
        return frozenset[str]().union(*(part.metadata for part in self.segments))

    def term(self, text: str) -> LiveTerm:
        """Look a term up in all segments; those that were asked for lately are remembered."""
        found = self._terms.get(text)
        if found is None:
            numbers = tuple(part.segment.term(text) for part in self.segments)
            places = [p for p in zip(self.segments, numbers, strict=True) if p[1] >= 0]
            df = sum(int(part.df[number]) for part, number in places)
            cf = sum(int(part.cf[number]) for part, number in places)
            if len(self._terms) >= _TERMS:
                self._terms.clear()
            found = self._terms[text] = LiveTerm(df, cf, numbers)
        return found

    def statistics(self, terms: Iterable[str] = ()) -> Statistics:
        """Count exactly what a scorer asks for; a term that no document has counts 0."""
        found = [self.term(text) for text in terms]
        df, cf = tuple(term.df for term in found), tuple(term.cf for term in found)
        return Statistics(self.documents, self.total_length, df, cf)

    def find(self, id: str) -> tuple[int, int] | None:
        """Return number of the segment, and of the document in it; None for an unknown id."""
        for number, part in enumerate(self.segments):
            if (doc := part.find(id)) >= 0:
                return number, doc
        return None
