"""From a query as it was asked to what is looked up: terms instead of words.

What comes out is a tree of leaves (`Occurrence`, `Beginning`, and the filters `Equals` and `Range`,
which stay as they are) and groups of them (`Group`; an empty one is every document). Boosts have
moved down to the leaves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as option
from typing import TypeAlias

from seqkit.search.analysis import Analyzer
from seqkit.search.query import All, Bool, Equals, Phrase, Prefix, Query, Range, Term
from seqkit.text import Normalizer

__all__ = ["Beginning", "Group", "Leaf", "Node", "Occurrence", "leaves", "plan"]


@dataclass(frozen=True)
class Occurrence:
    """A term, or several at fixed distances: a phrase."""

    terms: tuple[str, ...]
    offsets: tuple[int, ...]
    """Where each stands, counted from the first."""
    field: str | None = None
    boost: float = option(default=1.0, compare=False)  # its documents are the same with any

    @property
    def plain(self) -> bool:
        """Whether it is a term of the index as it stands: one, in any field."""
        return len(self.terms) == 1 and self.field is None

    @property
    def name(self) -> str:
        """What it is called in an explanation; `_` stands for a word that was left out."""
        words = ["_"] * (self.offsets[-1] + 1)
        for term, offset in zip(self.terms, self.offsets, strict=True):
            words[offset] = term
        content = words[0] if len(words) == 1 else f'"{" ".join(words)}"'
        return content if self.field is None else f"{self.field}:{content}"


@dataclass(frozen=True)
class Beginning:
    """The terms that begin with `prefix`, and the term `whole`; the last of a phrase, or alone."""

    prefix: str
    whole: str | None
    field: str | None = None
    boost: float = option(default=1.0, compare=False)
    before: Occurrence | None = None
    """The phrase without its last word, which stands `distance` from its first."""
    distance: int = 0

    @property
    def name(self) -> str:
        """What it is called in an explanation."""
        content = f"{self.prefix}*"
        if self.before is not None:
            left_out = "_ " * (self.distance - self.before.offsets[-1] - 1)
            words = self.before.name.strip('"')
            content = f'"{words} {left_out}{content}"'
        return content if self.field is None else f"{self.field}:{content}"


@dataclass(frozen=True)
class Group:
    """See `Bool`."""

    should: tuple["Node", ...] = ()
    must: tuple["Node", ...] = ()
    must_not: tuple["Node", ...] = ()
    filter: tuple["Node", ...] = ()

    @property
    def constrained(self) -> bool:
        """Whether a document must be more than one of `should`."""
        return bool(self.must or self.must_not or self.filter)


Leaf: TypeAlias = Occurrence | Beginning
Node: TypeAlias = Leaf | Group | Equals | Range


def plan(
    query: Query, analyzer: Analyzer, *, boost: float = 1.0, exact: bool = False
) -> Node | None:
    """Analyse the words of a query.

    Args:
        query: as it was asked.
        analyzer: that of the index.
        boost: factor of all its boosts.
        exact: a word of several terms is a phrase of them, not a bag.

    Returns:
        None where analysis leaves nothing of it: stop words, punctuation, no word at all.
    """
    match query:
        case Bool():
            return _plan_group(query, analyzer, boost * query.boost)
        case All():
            return Group()
        case Equals() | Range():
            return query
        case Prefix():
            return _plan_prefix(query, analyzer, boost * query.boost)
    boost *= query.boost
    found = [(at, term) for at, term in enumerate(analyzer.query(query.text)) if term is not None]
    if not found:
        return None
    one = isinstance(query, Phrase) or (isinstance(query, Term) and (exact or query.field))
    if len(found) == 1:
        return _occurrence(found[0][1], query.field, boost, analyzer)
    if one:
        return _phrase(found, query.field, boost)
    return Group(should=tuple(_occurrence(term, query.field, boost, analyzer) for _, term in found))


def leaves(node: Node | None) -> list[Leaf]:
    """Return what scores in a plan: all but filters and what is excluded."""
    if isinstance(node, Group):
        return [leaf for part in node.should + node.must for leaf in leaves(part)]
    return [node] if isinstance(node, Leaf) else []


def _occurrence(term: str, field: str | None, boost: float, analyzer: Analyzer) -> Leaf:
    """Ask for a term: a lone character of an index of pairs is where a pair begins with it."""
    if analyzer.is_part(term):
        return Beginning(term, None, field, boost)
    return Occurrence((term,), (0,), field, boost)


def _phrase(
    words: Sequence[tuple[int, str]], field: str | None = None, boost: float = 1.0
) -> Occurrence:
    """Ask for terms at the distances between their places."""
    first = words[0][0]
    terms, offsets = tuple(term for _, term in words), tuple(at - first for at, _ in words)
    return Occurrence(terms, offsets, field, boost)


def _plan_prefix(query: Prefix, analyzer: Analyzer, boost: float) -> Leaf | None:
    spans = analyzer.spans(query.text)
    # the last of a run of pairs need not be last in a text
    found = [(at, s) for at, s in enumerate(spans) if not at or s.end > spans[at - 1].end]
    if not found:
        return None
    config, (at, last) = analyzer.config, found[-1]
    prefix = Normalizer(unicode=config.unicode, case=config.case)(query.text[last.start :])
    words = [(at, span.term) for at, span in found[:-1] if span.term is not None]
    if not words:
        return Beginning(prefix, last.term, query.field, boost)
    if last.term is None:  # as in a phrase, its place is open
        return _phrase(words, query.field, boost)
    distance = at - words[0][0]
    return Beginning(prefix, last.term, query.field, boost, _phrase(words), distance)


def _plan_group(query: Bool, analyzer: Analyzer, boost: float) -> Node | None:
    def planned(queries: Iterable[Query], *, exact: bool) -> tuple[Node, ...]:
        plans = [plan(each, analyzer, boost=boost, exact=exact) for each in queries]
        return tuple(node for node in plans if node is not None)

    group = Group(
        should=_flat(planned(query.should, exact=False)),
        must=planned(query.must, exact=True),
        must_not=planned(query.must_not, exact=True),
        filter=planned(query.filter, exact=True),
    )
    if not group.constrained and len(group.should) <= 1:
        return group.should[0] if group.should else None
    return group


def _flat(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Replace groups that ask for one of several by these."""
    flat: list[Node] = []
    for node in nodes:
        plain = isinstance(node, Group) and node.should and not node.constrained
        flat += node.should if plain else [node]  # type: ignore[union-attr]
    return tuple(flat)
