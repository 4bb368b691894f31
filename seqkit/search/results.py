"""What a search gives back: hits, read from the index as far as they are looked at."""

import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seqkit.errors import ConfigError
from seqkit.search.live import Snapshot
from seqkit.search.matching import Matcher
from seqkit.search.parsing import check_text_field
from seqkit.search.planning import Leaf, Node, Occurrence, leaves
from seqkit.search.snippets import mark_up, marks

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex

__all__ = ["Asked", "Hit", "Results"]


class Asked:
    """A query with the commit that it was put to."""

    def __init__(self, index: "SearchIndex", snapshot: Snapshot, root: Node | None) -> None:
        """Take the query as it was planned; None where nothing is left of it."""
        self.index, self.snapshot, self.root = index, snapshot, root
        self.matcher = Matcher(snapshot, index.config.fields)

    def count(self) -> int:
        """Count all documents that match."""
        total = 0
        for number, part in enumerate(self.snapshot.segments if self.root else ()):
            mask = self.matcher.mask(self.root, number)  # type: ignore[arg-type]
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


@dataclass(frozen=True, eq=False)
class Results:
    """The hits of a query, best first; ties in the order of their ids.

    It holds on to the commit that was searched.
    """

    hits: list[Hit]
    note: str | None = None
    """Why there are none, where the query itself is the reason."""
    _asked: Asked = field(repr=False, kw_only=True)

    @functools.cached_property
    def total(self) -> int:
        """How many documents match, those included that are not among the hits; counted now."""
        return self._asked.count()

    def __iter__(self) -> Iterator[Hit]:
        """Go through the hits."""
        return iter(self.hits)

    def __len__(self) -> int:
        """Return how many hits there are here."""
        return len(self.hits)

    def __getitem__(self, at: int) -> Hit:
        """Return the hit at a place from 0."""
        return self.hits[at]
