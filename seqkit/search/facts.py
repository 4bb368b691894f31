"""What there is to tell of an index: its parts, what they take on the disk, its frequent terms."""

import heapq
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqkit.search.array_file import open_arrays
from seqkit.search.live import Snapshot

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex

__all__ = ["Frequent", "frequent_terms", "index_facts", "length_quantiles"]

_CANDIDATES = 1000  # of each segment
_PARTS = {
    "data": "postings",
    "first_block": "postings",
    "last_doc": "postings",
    "at": "postings",
    "shape": "postings",
    "position_at": "positions",
    "position_data": "positions",
    "impact": "bounds of blocks",
    "term": "terms",
    "df": "terms",
    "cf": "terms",
    "id": "ids",
    "column": "metadata",
    "stored": "stored text",
    "lengths": "lengths of fields",
    "field": "lengths of fields",
}


class Frequent(NamedTuple):
    """A term that many documents have."""

    term: str
    df: int
    """Documents with it."""
    cf: int
    """How often it is in them."""


def index_facts(index: "SearchIndex") -> dict[str, Any]:
    """Return what an index consists of, as plain JSON values.

    `bytes` tells what the parts take, whose names are for a person; `terms` of a segment counts
    those of deleted documents too.
    """
    snapshot = index.snapshot
    parts: Counter[str] = Counter()
    segments = []
    for part in snapshot.segments:
        size = part.segment.path.stat().st_size
        named = open_arrays(part.segment.path).arrays
        for name, array in named.items():
            parts[_part(name)] += array.nbytes
        parts["heads and gaps"] += size - sum(array.nbytes for array in named.values())
        if part.entry is not None and part.entry.deletions is not None:
            parts["deletions"] += part.entry.files[part.entry.deletions].bytes
        segments.append(
            {
                "name": part.segment.path.stem,
                "documents": part.documents,
                "deleted": part.segment.docs - part.documents,
                "terms": len(part.segment.terms),
                "bytes": size,
            }
        )
    return {
        "generation": snapshot.generation,
        "documents": snapshot.documents,
        "tokens": snapshot.total_length,
        "segments": segments,
        "bytes": dict(parts.most_common()),
    }


def frequent_terms(snapshot: Snapshot, count: int = 20) -> list[Frequent]:
    """Return the terms that most documents have, ties in the order of the terms."""
    candidates = set()
    for part in snapshot.segments:
        first = np.argsort(-part.df.astype(np.int64), kind="stable")[: max(_CANDIDATES, count)]
        candidates |= {part.segment.terms[number] for number in first.tolist()}
    found = (Frequent(term, *snapshot.term(term)[:2]) for term in candidates)
    return heapq.nsmallest(count, found, key=lambda each: (-each.df, each.term))


def length_quantiles(snapshot: Snapshot) -> dict[str, int]:
    """Return how many indexed words the shortest, the median, the longest, ... document has."""
    lengths = [part.segment.lengths[part.numbers()] for part in snapshot.segments]
    joined = np.concatenate(lengths) if lengths else np.empty(0, np.uint32)
    if not len(joined):
        return {}
    levels = {"least": 0, "5%": 0.05, "median": 0.5, "95%": 0.95, "most": 1}
    values = np.quantile(joined, [*levels.values()], method="nearest")
    return dict(zip(levels, values.astype(int).tolist(), strict=True))


def _part(name: str) -> str:
    return _PARTS.get(name) or _PARTS.get(name.partition("_")[0], "other")
