"""Rank the documents of a commit: the best k for the clauses of a query."""

import itertools
import math
import threading
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from seqkit.compiled import fixed
from seqkit.errors import ConfigError
from seqkit.search.contributions import SCALE
from seqkit.search.live import LiveSegment, Snapshot
from seqkit.search.prepared import prepare
from seqkit.search.pruning import MOST_TERMS, best_of_each
from seqkit.search.scorers import Counts, Factors, Scorer
from seqkit.search.summing import add_list, add_term, take_best

__all__ = ["Clause", "Found", "Weighed", "top_documents", "top_of_each", "weigh"]

Found: TypeAlias = tuple[float, int, int]
"""Score, segment, and document in it."""

_Mask = npt.NDArray[np.uint8]
_ALL = fixed(np.empty(0, np.uint8))
_FEWEST = 64  # documents of a segment for each hit wanted, or all are scored
_LARGEST = 1 << 24  # sum of weights
_WINDOW = 1 << 17  # documents whose bounds stay in the processor's cache


class Clause(NamedTuple):
    """What scores in a query: a term, or documents that were found by other means."""

    term: str | None = None
    matches: Sequence[tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]] | None = None
    """Of each segment: documents, ascending, all of them live, and how often each has it."""
    df: int = 0
    """Of these: in how many live documents it is."""
    cf: int = 0
    """How often."""
    boost: float = 1.0
    """0 or more."""
    name: str = ""
    """For explanations, where it is no term."""


class Weighed(NamedTuple):
    """A clause with its statistics, and what the scorer makes of them."""

    clause: Clause
    counts: Counts
    numbers: tuple[int, ...]
    """Of a term: its number in each segment, -1 where it is not."""
    factors: Factors


def weigh(snapshot: Snapshot, clauses: Sequence[Clause], scorer: Scorer) -> list[Weighed]:
    """Look up what the clauses weigh, terms first, without those that no document has.

    A term that comes several times is one clause with the sum of its boosts.

    Raises:
        ConfigError: a boost is negative, or so large that scores would overflow.
    """
    terms: dict[str, Clause] = {}
    others: list[tuple[Clause, Counts, tuple[int, ...]]] = []
    for clause in clauses:
        term, boost = clause.term, clause.boost
        if not 0 <= boost < math.inf:
            raise ConfigError(f"boost {boost}: choose a number from 0 on")
        if term is not None:
            again = terms.get(term)
            terms[term] = clause if again is None else Clause(term, boost=again.boost + boost)
        elif clause.df:
            others.append((clause, Counts(clause.df, clause.cf, boost), ()))
    found = []
    for term, clause in terms.items():
        df, cf, numbers = snapshot.term(term)
        if df:
            found.append((clause, Counts(df, cf, clause.boost), numbers))
    found += others
    counts = [count for _, count, _ in found]
    factors = scorer.factors(counts, snapshot.documents, snapshot.total_length)
    if sum(weight + absent for weight, _, absent in factors) > _LARGEST:
        raise ConfigError(f"boosts: the terms weigh more than {_LARGEST:,} in all: lower them")
    return [Weighed(*place, factor) for place, factor in zip(found, factors, strict=True)]


def top_documents(
    snapshot: Snapshot,
    clauses: Sequence[Clause],
    *,
    k: int,
    scorer: Scorer,
    allowed: Sequence[_Mask | None] | None = None,
    exhaustive: bool = False,
) -> list[Found]:
    """Find the best documents that match a clause at least.

    Terms alone are ranked with pruning (`seqkit.search.pruning`), which gives what scoring all
    documents gives, bit for bit: scores are sums of whole multiples of 2^-32.

    Args:
        snapshot: the commit.
        clauses: what scores; a document's score is the sum over them.
        k: how many at most, 1 or more.
        scorer: what a clause is worth.
        allowed: for each segment a mask (docs,), 0 for documents that do not count; None for all.
        exhaustive: score all documents in any case.

    Returns:
        Score, number of the segment and of the document in it, the best first; ties in the order of
        the documents' ids.

    Raises:
        ConfigError: as in `weigh`.
    """
    queries = [clauses]
    return top_of_each(
        snapshot, queries, k=k, scorer=scorer, allowed=allowed, exhaustive=exhaustive
    )[0]


def top_of_each(
    snapshot: Snapshot,
    queries: Sequence[Sequence[Clause]],
    *,
    k: int,
    scorer: Scorer,
    allowed: Sequence[_Mask | None] | None = None,
    exhaustive: bool = False,
) -> list[list[Found]]:
    """Do as `top_documents` for several queries: a segment is entered once for all of them."""
    weighed = [weigh(snapshot, clauses, scorer) for clauses in queries]
    found: list[list[tuple[int, int, int]]] = [[] for _ in queries]
    thresholds = np.zeros(len(queries), np.int64)
    # the largest first, which is most likely to have the best
    for number in sorted(
        range(len(snapshot.segments)), key=lambda i: -snapshot.segments[i].documents
    ):
        part = snapshot.segments[number]
        docs = part.segment.docs
        if docs == 0:
            continue
        mask = _mask(part, None if allowed is None else allowed[number])
        best = np.empty((len(queries), 3, min(k, docs)), np.int64)
        few = exhaustive or docs < _FEWEST * k
        prunable = [[] if few or not _are_terms(each) else each for each in weighed]
        _prune(snapshot, number, prunable, scorer, mask, thresholds, best)
        for i, each in enumerate(weighed):
            if each and not prunable[i]:
                _score_all(snapshot, number, each, scorer, mask, thresholds[i], best[i])
        for i, (sums, _, places) in enumerate(best.tolist()):
            here = zip(sums, itertools.repeat(number), places, strict=False)
            found[i] += [hit for hit in here if hit[2] >= 0]
            if len(snapshot.segments) > 1 and len(found[i]) >= k:
                found[i] = _in_order(snapshot, found[i], k)
                thresholds[i] = found[i][-1][0]
    return [
        _scores(_in_order(snapshot, hits, k), each)
        for hits, each in zip(found, weighed, strict=True)
    ]


def _are_terms(weighed: Sequence[Weighed]) -> bool:
    """Tell whether these are terms only, and not too many."""
    return len(weighed) <= MOST_TERMS and all(each.clause.term is not None for each in weighed)


def _scores(found: Sequence[tuple[int, int, int]], weighed: Sequence[Weighed]) -> list[Found]:
    """Turn sums, which are 1 more than they should be, into scores."""
    base = sum(round(each.factors.absent * SCALE) for each in weighed) - 1
    return [((total + base) / SCALE, number, doc) for total, number, doc in found]


def _mask(part: LiveSegment, allowed: _Mask | None) -> _Mask:
    if allowed is None:
        return _ALL if part.live is None else fixed(part.live)
    return fixed(allowed if part.live is None else allowed & part.live)


def _in_order(
    snapshot: Snapshot, found: list[tuple[int, int, int]], k: int
) -> list[tuple[int, int, int]]:
    """Sort by score, then by id; the hits of each segment are in order already."""
    if len(snapshot.segments) == 1:
        return found
    ordered: list[tuple[int, int, int]] = []
    found = sorted(found, key=lambda hit: -hit[0])
    for _, group in itertools.groupby(found, key=lambda hit: hit[0]):
        ties = list(group)
        if len(ties) > 1:
            ids = [snapshot.segments[number].segment.id(doc) for _, number, doc in ties]
            ties = [tie for _, tie in sorted(zip(ids, ties, strict=True))]
        ordered += ties
        if len(ordered) >= k:
            break
    return ordered[:k]


def _score_all(
    snapshot: Snapshot,
    number: int,
    weighed: Sequence[Weighed],
    scorer: Scorer,
    mask: _Mask,
    threshold: int,
    best: npt.NDArray[np.int64],
) -> None:
    """Add up all that the documents of a segment get; see `take_best`."""
    segment = snapshot.segments[number].segment
    ready = prepare(segment, scorer, snapshot.documents, snapshot.total_length)
    sums = np.zeros(segment.docs, np.int64)
    for each in weighed:
        form, weight, slope = scorer.form, float(each.factors.weight), float(each.factors.slope)
        if each.clause.matches is None:
            if each.numbers[number] >= 0:
                term = each.numbers[number]
                add_term(sums, segment.kernel, term, ready.norms, form, weight, slope)
        else:
            docs, tfs = map(fixed, each.clause.matches[number])
            add_list(sums, docs, tfs, ready.norms, form, weight, slope)
    take_best(sums, segment.id_rank, mask, threshold, best)


class _Room(threading.local):
    """What `best_of_each` writes over, once a thread."""

    def __init__(self) -> None:
        self.bounds = np.empty(_WINDOW, np.uint16)
        self.work = np.empty((2, _WINDOW), np.int64)


_room = _Room()


def _prune(
    snapshot: Snapshot,
    number: int,
    queries: Sequence[Sequence[Weighed]],
    scorer: Scorer,
    mask: _Mask,
    thresholds: npt.NDArray[np.int64],
    best: npt.NDArray[np.int64],
) -> None:
    """Find the best documents of a segment for bags of terms; see `best_of_each`."""
    segment = snapshot.segments[number].segment
    ready = prepare(segment, scorer, snapshot.documents, snapshot.total_length)
    starts, terms, rows, factors = [0], [], [], []
    for weighed in queries:
        for each in weighed:
            if (term := each.numbers[number]) >= 0:
                weight, slope, _ = each.factors
                row, most = ready.row(segment.kernel, term, slope)
                terms.append(term)
                rows.append(row)
                factors += (weight, slope, most)
        starts.append(len(terms))
    best_of_each(
        segment.kernel, ready.norms, segment.id_rank, mask, ready.table, ready.query,
        np.array(starts, np.int64), np.array(terms, np.int64), np.array(rows, np.int64),
        np.array(factors, np.float64).reshape(-1, 3), _room.bounds, _room.work, thresholds, best,
    )  # fmt: skip
