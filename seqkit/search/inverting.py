"""From the terms of documents to the documents of terms: a counting sort in compiled loops."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.errors import ConfigError
from seqkit.search.packing import PostingLists

__all__ = ["Inverter", "batches"]

_LIMIT = (1 << 32) - 1  # positions of all documents
_STEP = 256  # positions between those whose document is known at once
_BATCH = 1 << 20  # positions that are made plain at a time


class Inverter:
    """Collects the terms of documents, then gives the documents and positions of each term.

    All positions of all documents are one sequence, in which a term's places ascend: a document's
    begin where those of the one before end, and one is empty between two fields.
    """

    def __init__(self, fields: int) -> None:
        """Take the number F of fields."""
        self._fields = fields
        self._terms: list[npt.NDArray[np.int32]] = []
        self._field_starts: list[npt.NDArray[np.uint32]] = [np.empty((0, fields), np.uint32)]
        self._field_lengths: list[npt.NDArray[np.uint32]] = [np.empty((0, fields), np.uint32)]
        self._spans: list[npt.NDArray[np.int64]] = []
        self.size = 0
        """Bytes held."""
        self.positions = 0
        """Positions so far."""

    def add(self, terms: npt.NDArray[np.int32], tokens: npt.NDArray[np.integer]) -> None:
        """Append documents.

        Args:
            terms: (n,) a number for each token, -1 for one that only takes a position.
            tokens: (docs, F) how many of these each field has.

        Raises:
            ConfigError: too much for one segment.
        """
        docs = len(tokens)
        wanted = len(terms) + docs * (self._fields - 1)
        if self.positions + wanted > _LIMIT:
            raise ConfigError(
                f"search index: {self.positions + wanted:,} positions to keep in memory, at most "
                f"{_LIMIT:,}: give the writer less memory, or shorter documents"
            )
        laid = np.empty(wanted, np.int32)
        starts = np.empty((docs, self._fields), np.uint32)
        lengths = np.empty((docs, self._fields), np.uint32)
        spans = np.empty(docs, np.int64)
        _lay_out(fixed(terms), fixed(tokens.astype(np.int64)), laid, starts, lengths, spans)
        self._terms.append(laid)
        self._field_starts.append(starts)
        self._field_lengths.append(lengths)
        self._spans.append(spans)
        self.positions += wanted
        self.size += laid.nbytes + starts.nbytes + lengths.nbytes + spans.nbytes

    def field_starts(self) -> npt.NDArray[np.uint32]:
        """Return the position at which each field begins (docs, F)."""
        return np.concatenate(self._field_starts)

    def field_lengths(self) -> npt.NDArray[np.uint32]:
        """Return how many terms each field has (docs, F)."""
        return np.concatenate(self._field_lengths)

    def counts(self, terms: int) -> npt.NDArray[np.int64]:
        """Count how often each of so many terms is there (terms,)."""
        counts = np.zeros(terms, np.int64)
        for part in self._terms:
            if not _count(part, counts):
                raise AssertionError(f"a term above {terms - 1}")
        return counts

    def lists(
        self, counts: npt.NDArray[np.int64], order: npt.NDArray[np.int64]
    ) -> Iterator[PostingLists]:
        """Yield the postings of the terms, some at a time; what was collected is gone then.

        Args:
            counts: those of `counts`.
            order: the terms that are wanted, all that are there, in the order that is wanted.
        """
        ends = np.cumsum(counts[order])
        cursors = np.zeros_like(counts)
        cursors[order] = ends - counts[order]
        places, at = np.empty(ends[-1] if len(ends) else 0, np.uint32), 0
        for part in self._terms:
            _scatter(part, at, cursors, places)
            at += len(part)
        self._terms.clear()

        starts = np.concatenate([np.zeros(1, np.int64), *self._spans])
        starts = fixed(np.cumsum(starts))
        steps = np.arange(0, at + 2 * _STEP, _STEP)
        nearest = fixed(np.searchsorted(starts[:-1], steps, side="right") - 1)
        for part in batches(counts[order]):
            low, high = (int(ends[i - 1]) if i else 0 for i in (part.start, part.stop))
            lists = PostingLists(
                first=np.empty(part.stop - part.start, np.int64),
                df=np.empty(part.stop - part.start, np.int64),
                first_position=ends[part] - counts[order[part]] - low,
                docs=np.empty(high - low, np.uint32),
                tfs=np.empty(high - low, np.uint32),
                positions=np.empty(high - low, np.uint32),
            )
            _spell_out(places[low:high], starts, nearest, ends[part] - low, lists)
            yield lists


def batches(sizes: npt.NDArray[np.int64] | Sequence[int]) -> Iterator[slice]:
    """Cut terms of these many positions into runs that fit in little memory, one run at least."""
    start, total = 0, 0
    for i, size in enumerate(np.asarray(sizes).tolist()):
        if total and total + size > _BATCH:
            yield slice(start, i)
            start, total = i, 0
        total += size
    yield slice(start, len(sizes))


@compiled
def _lay_out(terms, tokens, laid, starts, lengths, spans):  # type: ignore[no-untyped-def]
    """Copy the terms with a gap between fields; write where fields begin, and their terms."""
    at = out = 0
    docs, fields = tokens.shape
    for doc in range(docs):
        begin = out
        for field in range(fields):
            if field > 0:
                laid[out] = -1
                out += 1
            starts[doc, field] = out - begin
            kept = 0
            for _ in range(tokens[doc, field]):
                laid[out] = terms[at]
                kept += terms[at] >= 0
                at += 1
                out += 1
            lengths[doc, field] = kept
        spans[doc] = out - begin


@compiled
def _count(terms, counts):  # type: ignore[no-untyped-def]
    """Count the terms; return whether all have a place in `counts`."""
    for term in terms:
        if term >= len(counts):
            return False
        if term >= 0:
            counts[term] += 1
    return True


@compiled
def _scatter(terms, at, cursors, places):  # type: ignore[no-untyped-def]
    """Write where each term is, at the term's cursor."""
    for i in range(len(terms)):
        term = terms[i]
        if term >= 0:
            places[cursors[term]] = at + i
            cursors[term] += 1


@compiled
def _spell_out(places, starts, nearest, ends, lists):  # type: ignore[no-untyped-def]
    """Write the documents, tf and positions of terms.

    Args:
        places: where the terms are, in the sequence of all positions.
        starts: (docs + 1,) where the documents begin there.
        nearest: the last document that begins at 0, 256, 512, ... there, or before.
        ends: (n,) where the places of each term end.
        lists: written.
    """
    at = count = 0
    for term in range(len(ends)):
        lists.first[term] = count
        end, doc = 0, 0  # the last document, and where it ends
        for i in range(at, ends[term]):
            place = np.int64(places[i])
            if place >= end:
                doc, high = nearest[place // _STEP], nearest[place // _STEP + 1]
                while doc < high:
                    middle = (doc + high + 1) >> 1
                    if starts[middle] <= place:
                        doc = middle
                    else:
                        high = middle - 1
                end = starts[doc + 1]
                lists.docs[count], lists.tfs[count] = doc, 0
                count += 1
            lists.positions[i] = place - starts[doc]
            lists.tfs[count - 1] += 1
        at = ends[term]
        lists.df[term] = count - lists.first[term]
