"""Run queries: plan them, and rank what they find."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError
from seqkit.search.columns import is_number
from seqkit.search.explaining import Explanation, explain
from seqkit.search.live import Snapshot
from seqkit.search.matching import Matches
from seqkit.search.parsing import check_metadata, check_text_field, parse
from seqkit.search.planning import Beginning, Group, Leaf, Node, Occurrence, leaves, plan
from seqkit.search.query import All, Bool, Equals, Phrase, Prefix, Query, Range, Term, Words
from seqkit.search.ranking import Clause, Found, top_documents, top_of_each
from seqkit.search.results import Asked, Results
from seqkit.search.scorers import BM25, Scorer

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex

__all__ = ["explain_query", "search_each"]

_SYNTAX = re.compile(r'[()"+\-^*:~\\!&|]|\b(?:AND|OR|NOT)\b')
_TOGETHER = 1 << 14  # hits of queries that are run together
_Mask = npt.NDArray[np.uint8]
_Place = tuple[int, int]  # segment, and document in it


def search_each(
    index: "SearchIndex",
    queries: Sequence[Query | str],
    *,
    k: int = 10,
    offset: int = 0,
    scorer: Scorer | None = None,
    filter: Query | str | None = None,
    syntax: bool = True,
) -> list[Results]:
    """Find the best documents for each of several queries.

    Args:
        index: where to look: the commit that it sees.
        queries: in the query language (see `seqkit.search.parsing`), or as objects.
        k: hits at most.
        offset: hits to leave out before the first.
        scorer: None for `BM25()`.
        filter: what documents must also match, without a score.
        syntax: False to take texts as plain words.

    Raises:
        ConfigError: a query cannot be parsed, or names a field that is not there (where there are
            several, with its number, from 1); k or offset is out of range; the scorer is none; one
            query instead of several.
    """
    if isinstance(queries, str) or not isinstance(queries, Iterable):
        raise ConfigError(f"queries {queries!r:.60}: give a list of them: [{queries!r:.60}]")
    queries = list(queries)
    whole = isinstance(k, Integral) and isinstance(offset, Integral)
    if not whole or k < 1 or offset < 0:
        raise ConfigError(
            f"k {k!r}, offset {offset!r}: k is 1 or more, offset 0 or more, and both whole numbers"
        )
    snapshot, scorer, k = index.snapshot, _checked_scorer(scorer), int(k + offset)
    also = _plan_filter(index, snapshot, filter)
    results: dict[int, Results] = {}
    bags: dict[int, list[Clause]] = {}
    for number, query in enumerate(queries):
        words = also is None and isinstance(query, str) and _is_plain(query, syntax=syntax)
        bag = _bag(index, query) if words else None  # type: ignore[arg-type]
        if bag and snapshot.documents:
            bags[number] = bag
        else:
            try:
                results[number] = _run(index, snapshot, query, k, offset, scorer, also, syntax)
            except ConfigError as error:
                if len(queries) == 1:
                    raise
                fault = re.sub("^query,? ", "", str(error))
                raise ConfigError(f"query {number + 1}: {fault}") from None
    numbers = list(bags)
    size = max(_TOGETHER // k, 1)
    for start in range(0, len(numbers), size):
        part = numbers[start : start + size]
        tops = top_of_each(snapshot, [bags[number] for number in part], k=k, scorer=scorer)
        for number, found in zip(part, tops, strict=True):
            asked = Asked(index, snapshot, queries[number])  # type: ignore[arg-type]
            results[number] = Results(asked, found[offset:], first=offset + 1)
    return [results[number] for number in range(len(queries))]


def _is_plain(query: str, *, syntax: bool) -> bool:
    """Tell whether a text is words only: what the parser would find, sooner."""
    return not (syntax and _SYNTAX.search(query))


def _bag(index: "SearchIndex", query: str) -> list[Clause] | None:
    """Return what scores in plain words; None where it takes more than terms to find it."""
    terms = [term for term in index.analyzer.query(query) if term is not None]
    return None if any(map(index.analyzer.is_part, terms)) else [Clause(term) for term in terms]


def _run(
    index: "SearchIndex",
    snapshot: Snapshot,
    query: Query | str,
    k: int,
    offset: int,
    scorer: Scorer,
    also: Node | None,
    syntax: bool,
) -> Results:
    """Run a query of any kind."""
    asked = Asked(index, snapshot, _plan(index, snapshot, query, also, syntax))
    if asked.root is None:
        return Results(asked, note=_reason(query))
    if not snapshot.documents:
        return Results(asked, note="the index has no documents")
    found = _rank(asked, asked.root, k, scorer)
    note = None
    if not found:
        note = _reason(query) if _left_out(asked) else _no_numbers(asked)
    return Results(asked, found[offset:], first=offset + 1, note=note)


def explain_query(
    index: "SearchIndex",
    query: Query | str,
    id: str,
    *,
    scorer: Scorer | None = None,
    filter: Query | str | None = None,
    syntax: bool = True,
) -> Explanation:
    """Say why a document has its score; the arguments are those of `search_each`.

    The explanation of a document that does not match has the score 0 and no shares.

    Raises:
        ConfigError: as in `search_each`.
        DataError: an unknown id.
    """
    snapshot, scorer = index.snapshot, _checked_scorer(scorer)
    also = _plan_filter(index, snapshot, filter)
    asked = Asked(index, snapshot, _plan(index, snapshot, query, also, syntax))
    if (place := snapshot.find(id)) is None:
        raise DataError(f"{index.folder}: no document with the id {id!r}")
    if asked.root is None or not asked.matcher.mask(asked.root, place[0])[place[1]]:
        return explain(snapshot, [], place, scorer=scorer)
    return explain(snapshot, _clauses(asked, asked.root, None), place, scorer=scorer)


def _plan(
    index: "SearchIndex",
    snapshot: Snapshot,
    query: Query | str,
    also: Node | None,
    syntax: bool,
) -> Node | None:
    """Plan a query, with what its documents must also match."""
    if isinstance(query, str) and _is_plain(query, syntax=syntax):
        root = plan(Words(query), index.analyzer)
    else:
        root = plan(_checked(index, snapshot, query), index.analyzer)
    if also is None or root is None:
        return root
    if isinstance(root, Group):
        return Group(root.should, root.must, root.must_not, (*root.filter, also))
    return Group(should=(root,), filter=(also,))


def _plan_filter(
    index: "SearchIndex", snapshot: Snapshot, filter: Query | str | None
) -> Node | None:
    if filter is None:
        return None
    try:
        also = plan(_checked(index, snapshot, filter), index.analyzer, exact=True)
    except ConfigError as error:
        fault = re.sub("^query,? ", "", str(error))
        raise ConfigError(f"filter: {fault}") from None
    if also is None:
        raise ConfigError(f"filter {str(filter)!r}: {_reason(filter)}")
    return also


def _checked(index: "SearchIndex", snapshot: Snapshot, query: Query | str) -> Query:
    """Parse a query, or check the fields of its objects."""
    metadata = snapshot.metadata if snapshot.documents else None
    if isinstance(query, str):
        return parse(query, fields=index.config.fields, metadata=metadata)
    _check(query, index.config.fields, metadata)
    return query


def _check(query: Query, fields: Sequence[str], metadata: Collection[str] | None) -> None:
    """Raise ConfigError if a query is none, or names a field that is not there."""
    match query:
        case Bool():
            for part in query.should + query.must + query.must_not + query.filter:
                _check(part, fields, metadata)
        case All():
            pass
        case Equals() | Range():
            if metadata is not None:
                check_metadata(query.name, metadata)
        case Words() | Term() | Phrase() | Prefix():
            if query.field is not None:
                check_text_field(query.field, fields)
        case _:
            raise ConfigError(f"query {query!r}: expected a text, or objects such as Term('jet')")


def _checked_scorer(scorer: Scorer | None) -> Scorer:
    """Return a scorer, `BM25()` for None; raise ConfigError for anything else."""
    if scorer is None:
        return BM25()
    if isinstance(scorer, type) or not hasattr(scorer, "factors"):
        raise ConfigError(f"scorer {scorer!r}: expected one such as BM25() or Dirichlet()")
    return scorer


def _left_out(asked: Asked) -> bool:
    """Tell whether all words are beginnings that are stop words, and no term begins so."""
    asked_for = leaves(asked.root)
    return bool(asked_for) and all(
        isinstance(leaf, Beginning)
        and leaf.before is None
        and not any(asked.index.analyzer.query(leaf.prefix))
        and not asked.df(leaf)
        for leaf in asked_for
    )


def _no_numbers(asked: Asked) -> str | None:
    """Tell of a range of numbers in metadata that hold none."""
    for node in _ranges(asked.root):
        ends = [end for end in (node.low, node.high) if end is not None]
        columns = [part.segment.column(node.name) for part in asked.snapshot.segments]
        if ends and all(map(is_number, ends)) and not any(c.has_numbers for c in columns):
            return f"{node.name!r} holds no numbers, and {node} asks for such"
    return None


def _ranges(node: Node | None) -> Iterator[Range]:
    """Yield the ranges of a query, but those that are excluded."""
    if isinstance(node, Range):
        yield node
    elif isinstance(node, Group):
        for part in (*node.should, *node.must, *node.filter):
            yield from _ranges(part)


def _reason(query: Query | str) -> str:
    if not str(query).strip():
        return "the query is empty"
    return "nothing to look for: the words of the query are all stop words or punctuation"


def _rank(asked: Asked, root: Node, k: int, scorer: Scorer) -> list[Found]:
    """Return the best k."""
    segments, matcher = asked.snapshot.segments, asked.matcher
    allowed = None
    if isinstance(root, Group) and root.constrained:
        allowed = [matcher.constraints(root, number) for number in range(len(segments))]
    clauses = _clauses(asked, root, None)
    found = top_documents(asked.snapshot, clauses, k=k, scorer=scorer, allowed=allowed)
    if len(found) == k or _always_scores(root):
        return found
    # what matches without a score comes last, in the order of the ids
    there = {(part, doc) for _, part, doc in found}
    more = [(0.0, *place) for place in _by_id(asked, root, k) if place not in there]
    more += [hit for hit in found if not hit[0]]
    more.sort(key=lambda hit: segments[hit[1]].segment.id(hit[2]))
    return ([hit for hit in found if hit[0]] + more)[:k]


def _clauses(asked: Asked, node: Node, masks: Sequence[_Mask] | None) -> list[Clause]:
    """Return what scores in a query.

    Args:
        asked: the query.
        node: the part of it.
        masks: for each segment the documents in which it counts; None for all.
    """
    if isinstance(node, Occurrence) and node.plain and masks is None:
        return [Clause(term=node.terms[0], boost=node.boost)]
    matcher, segments = asked.matcher, asked.snapshot.segments
    if isinstance(node, Group):
        clauses = [each for part in node.must for each in _clauses(asked, part, masks)]
        for part in node.should:
            inner = masks
            if isinstance(part, Group):  # one that has conditions: it counts where they are met
                inner = [matcher.mask(part, number) for number in range(len(segments))]
                if masks is not None:
                    inner = [here & mask for here, mask in zip(inner, masks, strict=True)]
            clauses += _clauses(asked, part, inner)
        return clauses
    if not isinstance(node, Leaf):
        return []
    found = matcher.matches(node)
    df, cf = sum(len(m.docs) for m in found), sum(int(m.tfs.sum()) for m in found)
    if masks is not None:
        keep = [mask[m.docs] > 0 for mask, m in zip(masks, found, strict=True)]
        found = [Matches(m.docs[kept], m.tfs[kept]) for m, kept in zip(found, keep, strict=True)]
    return [Clause(matches=found, df=df, cf=cf, boost=node.boost, name=node.name)]


def _always_scores(node: Node) -> bool:
    """Tell whether a document can match without anything that scores."""
    if isinstance(node, Group):
        if node.must:
            return any(map(_always_scores, node.must))
        return bool(node.should) and all(map(_always_scores, node.should))
    return isinstance(node, Leaf)


def _by_id(asked: Asked, root: Node, k: int) -> list[_Place]:
    """Return, of the documents that match, those whose ids are first: k of each segment."""
    places = []
    for number, part in enumerate(asked.snapshot.segments):
        mask = asked.matcher.mask(root, number)
        docs = np.flatnonzero(mask if part.live is None else mask & part.live)
        ranks = part.segment.id_rank[docs]
        first = np.argsort(ranks)[:k]
        places += [(number, doc) for doc in docs[first].tolist()]
    return places
