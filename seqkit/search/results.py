"""What a search gives back: hits, read from the index as far as they are looked at."""

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seqkit.errors import ConfigError
from seqkit.search.live import Snapshot
from seqkit.search.matching import Matcher
from seqkit.search.parsing import check_text_field
from seqkit.search.planning import Leaf, Node, Occurrence, leaves, plan
from seqkit.search.query import Words
from seqkit.search.ranking import Found
from seqkit.search.snippets import mark_up, marks

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex

__all__ = ["Asked", "Hit", "Results"]


class Asked:
    """A query with the commit that it was put to."""

    def __init__(self, index: "SearchIndex", snapshot: Snapshot, query: Node | str | None) -> None:
        """Take a query.

        Args:
            index: what was asked.
            snapshot: the commit that it saw.
            query: as it was planned, None where nothing is left of it; or plain words.
        """
        self.index, self.snapshot, self._query = index, snapshot, query
        self.matcher = Matcher(snapshot, index.config.fields)

    @functools.cached_property
    def root(self) -> Node | None:
        """The planned query; what hits alone are wanted of need not be planned."""
        query = self._query
        return plan(Words(query), self.index.analyzer) if isinstance(query, str) else query

    def count(self) -> int:
        """Count all documents that match."""
        total = 0
        root = self.root
        for number, part in enumerate(self.snapshot.segments if root else ()):
            mask = self.matcher.mask(root, number)  # type: ignore[arg-type]
            total += int((mask if part.live is None else mask & part.live).sum(dtype="int64"))
        return total

    def df(self, leaf: Leaf) -> int:
        """Count the documents that have what a leaf looks for."""
        if isinstance(leaf, Occurrence) and leaf.plain:
            return self.snapshot.term(leaf.terms[0]).df
        return sum(len(found.docs) for found in self.matcher.matches(leaf))

    @functools.cached_property
    def weights(self) -> Mapping[Leaf, float]:
        """What each leaf is worth in a snippet: rare ones more."""
        documents = self.snapshot.documents
        return {
            leaf: leaf.boost * math.log1p(documents / (1 + self.df(leaf)))
            for leaf in leaves(self.root)
        }


@dataclass(slots=True)  # frozen ones take three times as long to make
class Hit:
    """A document that was found."""

    id: str
    score: float
    rank: int
    """From 1."""
    _asked: Asked = field(repr=False, compare=False)
    _place: tuple[int, int] = field(repr=False, compare=False)  # segment, and document in it

    @property
    def fields(self) -> dict[str, str]:
        """What the index keeps of the document by name: text fields, if stored, and metadata.

        Raises:
            DataError: its stored text is damaged.
        """
        number, doc = self._place
        document = self._asked.snapshot.segments[number].segment.document(doc)
        named = {"title": document.title, "text": document.text}
        return {name: text for name, text in named.items() if text} | document.fields

    @property
    def metadata(self) -> dict[str, str]:
        """What `fields` has but the stored text: it can be read where that is damaged."""
        number, doc = self._place
        return self._asked.snapshot.segments[number].segment.metadata(doc)

    def snippet(
        self,
        field: str | None = None,
        *,
        width: int = 200,
        before: str = "<b>",
        after: str = "</b>",
        html: bool = True,
    ) -> str:
        """Cut out the part of the text that has most of the query; see `highlight`.

        Args:
            field: a text field; None for the last one of the index that has a word of the query,
                else the last that has any text.
            width, before, after, html: as there.

        Raises:
            ConfigError: the index does not store texts, or has no such field.
            DataError: the stored text is damaged.
        """
        index = self._asked.index
        if not index.config.store:
            raise ConfigError(
                f"{index.folder}: no snippets, for this index does not store texts: create it with "
                "store=True"
            )
        if field is not None:
            check_text_field(field, index.config.fields)
        texts = self.fields
        names = [field] if field else [*reversed(index.config.fields)]
        wanted = leaves(self._asked.root)
        for name in (found := [name for name in names if texts.get(name)]):
            of_field = [leaf for leaf in wanted if leaf.field in (None, name)]
            if places := marks(texts[name], of_field, index.analyzer):
                break
        else:
            name, places = (found or names)[0], []
        return mark_up(
            texts.get(name, ""),
            places,
            self._asked.weights,
            width=width,
            before=before,
            after=after,
            html=html,
        )


class Results:
    """The hits of a query, best first; ties in the order of their ids.

    It holds on to the commit that was searched, and reads ids from it when they are looked at.
    """

    def __init__(
        self, asked: Asked, found: Sequence[Found] = (), *, first: int = 1, note: str | None = None
    ) -> None:
        """Take what was found.

        Args:
            asked: the query.
            found: scores and documents.
            first: rank of the first of them.
            note: see the attribute.
        """
        self.note = note
        """Why there are none, where the query itself is the reason."""
        self._asked, self._found, self._first = asked, found, first

    @functools.cached_property
    def hits(self) -> list[Hit]:
        """What was found."""
        segments = self._asked.snapshot.segments
        return [
            Hit(segments[part].segment.id(doc), score, rank, self._asked, (part, doc))
            for rank, (score, part, doc) in enumerate(self._found, self._first)
        ]

    @functools.cached_property
    def total(self) -> int:
        """How many documents match, those included that are not among the hits; counted now."""
        return self._asked.count()

    def __iter__(self) -> Iterator[Hit]:
        """Go through the hits."""
        return iter(self.hits)

    def __len__(self) -> int:
        """Return how many hits there are here."""
        return len(self._found)

    def __getitem__(self, at: int) -> Hit:
        """Return the hit at a place from 0."""
        return self.hits[at]

    def __repr__(self) -> str:
        """Show the hits."""
        return f"Results({self.hits}, note={self.note!r})"
