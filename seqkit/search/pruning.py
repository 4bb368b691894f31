"""Compiled: the best documents of a segment for a bag of terms, without scoring the others.

Of each document a bound of its score is added up, in steps of 16 bits. What a common term adds lies
ready, a byte a document (`seqkit.search.prepared`), and is added as fast as memory is read; the
lists of rarer terms are decoded. As in MaxScore (Turtle and Flood, 1995), lists of terms that
cannot lift a document over the threshold, the k-th best score so far, are left out, and what they
add at most is granted to all documents. Then those with the highest bounds are scored, which brings
the threshold to where it nearly stays, and after them those whose bound reaches it: a few more.
"""

import numpy as np

from seqkit.compiled import compiled
from seqkit.search.contributions import contribution, most_of
from seqkit.search.heaps import empty_found, offer, replace_least, sort_found
from seqkit.search.packing import BLOCK, decode_block, decode_docs

__all__ = ["MOST_TERMS", "best_of_each", "fill_row"]

MOST_TERMS = 100
"""Of a query. Each takes some of the 16 bits for its roundings."""

_CHUNK = 6  # bits: documents whose highest bound is looked at first
_U1, _U6, _U63 = (np.uint64(number) for number in (1, 6, 63))


@compiled
def fill_row(kernel, term, norms, form, slope, row):  # type: ignore[no-untyped-def]
    """Write the bounds of what the documents get for a term of weight 1, as 255ths of the most.

    Args:
        kernel: `Postings`.
        term: its number.
        norms: (docs,) float32.
        form, slope: see `seqkit.search.scorers`.
        row: (docs,) uint8, zeros, written: 0 for a document that does not have the term.

    Returns:
        the most.
    """
    first, stop = kernel.first_block[term], kernel.first_block[term + 1]
    docs = np.empty(BLOCK * (stop - first), np.uint32)
    tfs, values = np.empty(BLOCK, np.uint32), np.empty(len(docs), np.int64)
    count, previous, most = 0, -1, 1
    for block in range(first, stop):
        size = decode_block(kernel, block, previous, docs[count:], tfs)
        for j in range(size):
            norm = np.float64(norms[docs[count]])
            values[count] = contribution(form, 1.0, slope, np.float64(tfs[j]), norm)
            most = max(most, values[count])
            count += 1
        previous = np.int64(kernel.last_doc[block])
    for j in range(count):
        row[docs[j]] = min(np.int64(values[j] / most * 254.999) + 1, 255)
    return most


@compiled
def _add_row(bounds, row, factor):  # type: ignore[no-untyped-def]
    """Add a row of bytes, times a factor."""
    for j in range(len(bounds)):
        bounds[j] += factor * np.uint16(row[j])


@compiled
def _add_term(  # type: ignore[no-untyped-def]
    bounds, kernel, term, block, low, norms, form, weight, slope, scale
):
    """Add what the documents of a window get for a term; return the block in which it ends.

    Args:
        bounds: (n,) uint16, of the documents from `low` on.
        kernel: `Postings`.
        term: its number.
        block: the first of its blocks with a document from `low` on.
        low: first document.
        norms: (docs,) float32.
        form, weight, slope: see `seqkit.search.scorers`.
        scale: steps of a bound for 2^-32.
    """
    docs, tfs = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    first, stop = kernel.first_block[term], kernel.first_block[term + 1]
    high = low + len(bounds)
    while block < stop:
        previous = np.int64(kernel.last_doc[block - 1]) if block > first else -1
        if previous + 1 >= high:
            break
        count = decode_block(kernel, block, previous, docs, tfs)
        for j in range(count):
            doc = np.int64(docs[j])
            if doc >= high:
                break
            if doc >= low:
                tf, norm = np.float64(tfs[j]), np.float64(norms[doc])
                value = contribution(form, weight, slope, tf, norm)
                bounds[doc - low] += np.uint16(np.int64(value * scale) + 1)
        if np.int64(kernel.last_doc[block]) >= high:
            break
        block += 1
    return block


@compiled
def _highest(bounds):  # type: ignore[no-untyped-def]
    top = np.uint16(0)
    for j in range(len(bounds)):
        top = max(top, bounds[j])
    return top


@compiled
def _choose(bounds, chunks, low, needed, room, work):  # type: ignore[no-untyped-def]
    """Make candidates of the documents that have the bound needed; return how many.

    Args:
        bounds: (n,) uint16, those of the documents from `low` on.
        chunks: the highest of each chunk of these.
        low: first document.
        needed: 1 or more.
        room: how many candidates at most.
        work: (2, ...) int64, written: documents, ascending, and their sums, which begin at 1.
    """
    count = 0
    for chunk in range(len(chunks)):
        if chunks[chunk] >= needed:
            start = chunk << _CHUNK
            for j in range(start, min(start + (1 << _CHUNK), len(bounds))):
                if bounds[j] >= needed and count < room:
                    work[0, count], work[1, count] = low + j, 1
                    count += 1
    return count


@compiled
def _look_up(kernel, term, norms, form, weight, slope, work, count, places):  # type: ignore[no-untyped-def]
    """Add to the candidates what they get for a term.

    Args:
        kernel, term, norms, form, weight, slope: as in `_add_term`.
        work, count: candidates, see `_choose`, and how many they are.
        places: (BLOCK,) uint32, written over.
    """
    first, stop = np.int64(kernel.first_block[term]), np.int64(kernel.first_block[term + 1])
    block, j = first, 0
    while j < count:
        left = stop - block  # the first block that ends with this document or behind it
        while left > 0:
            half = left >> 1
            if np.int64(kernel.last_doc[block + half]) < work[0, j]:
                block += half + 1
                left -= half + 1
            else:
                left = half
        if block == stop:
            break
        previous = np.int64(kernel.last_doc[block - 1]) if block > first else -1
        size = decode_docs(kernel, block, previous, places)
        width = np.uint64(kernel.shape[block, 2])
        bits = kernel.at[block] + np.uint64(size) * np.uint64(kernel.shape[block, 1])
        at = 0
        while j < count and work[0, j] <= np.int64(places[size - 1]):
            while np.int64(places[at]) < work[0, j]:
                at += 1
            if np.int64(places[at]) == work[0, j]:
                bit = bits + np.uint64(at) * width
                word, shift = bit >> _U6, bit & _U63
                tf = kernel.data[word] >> shift | kernel.data[word + _U1] << _U1 << (_U63 - shift)
                tf = (tf & ((_U1 << width) - _U1)) + _U1
                work[1, j] += contribution(
                    form, weight, slope, np.float64(tf), np.float64(norms[work[0, j]])
                )
            j += 1


@compiled
def _score(  # type: ignore[no-untyped-def]
    kernel, norms, id_rank, form, terms, order, rest, factors, work, count, threshold, found, least
):
    """Score candidates, dropping those that cannot reach the threshold, and offer them.

    Args:
        kernel, norms, id_rank, form, terms, factors, found: as in `_best`.
        order: the terms in the order of what they add at most.
        rest: what they add at most, this one and those behind it.
        work, count: candidates; see `_choose`.
        threshold: a sum that k documents reach.
        least: (k,) int64, written over.

    Returns:
        the threshold.
    """
    places = np.empty(BLOCK, np.uint32)
    for i in range(len(order)):
        t = order[i]
        _look_up(kernel, terms[t], norms, form, factors[t, 0], factors[t, 1], work, count, places)
        for j in range(len(least)):  # sums that different documents have at least
            least[j] = max(found[0, j], threshold)
        for j in range(count):
            if work[1, j] > least[0]:
                replace_least(least, work[1, j])
        threshold = max(threshold, least[0])
        left = 0
        for j in range(count):
            work[0, left], work[1, left] = work[0, j], work[1, j]
            left += work[1, j] + rest[i + 1] >= threshold
        count = left
    for j in range(count):
        offer(found, work[1, j], id_rank[work[0, j]], work[0, j])
    return max(threshold, found[0, 0])


@compiled
def _best(  # type: ignore[no-untyped-def]
    kernel, norms, id_rank, mask, table, query, terms, rows, factors, bounds, work, threshold, found
):
    """Find the best documents of a segment for a bag of terms.

    Args:
        kernel: `Postings`.
        norms: (docs,) float32.
        id_rank: (docs,) uint32, which come first among equals.
        mask: (docs,) uint8, 0 for those that do not count; of no size if all do.
        table: (R, docs) uint8, what `fill_row` wrote.
        query: form, base and step; see `seqkit.search.scorers`.
        terms: (n,) int64, each of them once, `MOST_TERMS` at most.
        rows: (n,) int64, where they are in the table, -1 for those that are not.
        factors: (n, 3) float64, weight, slope, and what `fill_row` gave.
        bounds: (window,) uint16, written over: that many documents are looked at together.
        work: (2, window) int64, written over.
        threshold: lower sums are not wanted.
        found: (3, k) int64, written: sums, which are scores and 1 more, ranks, documents, the best
            first; document -1 for none.
    """
    n, size, (form, base, step) = len(terms), found.shape[1], query
    most, order = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        weight, slope = factors[i, 0], factors[i, 1]
        if rows[i] < 0:
            most[i] = most_of(kernel, terms[i], form, base, step, weight, slope)
        else:
            most[i] = np.int64(weight * factors[i, 2] * (1.0 + 1e-12)) + 2
        j = i
        while j > 0 and most[order[j - 1]] < most[i]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = i
    rest, block, in_rows = np.zeros(n + 1, np.int64), np.empty(n, np.int64), 0
    for i in range(n - 1, -1, -1):
        t = order[i]
        rest[i], block[t] = rest[i + 1] + most[t], kernel.first_block[terms[t]]
        in_rows += most[t] if rows[t] >= 0 else 0
    unit = rest[0] // (65000 - 300 * n) + 1
    empty_found(found, threshold)
    least, chunks = np.empty(size, np.int64), np.empty((len(bounds) >> _CHUNK) + 1, np.uint16)

    for low in range(0, len(norms), len(bounds)):
        if rest[0] + 1 < threshold:
            break
        here = bounds[: len(norms) - low]
        here[:] = 0
        granted, left_out = 0, True
        for i in range(n - 1, -1, -1):
            t = order[i]
            if rows[t] >= 0:
                factor = np.uint16(most[t] // (255 * unit) + 1)
                _add_row(here, table[rows[t], low : low + len(here)], factor)
                continue
            left_out &= granted + most[t] + in_rows + 1 < threshold
            if left_out:
                granted += most[t]
                continue
            block[t] = _add_term(
                here, kernel, terms[t], block[t], low, norms, form, factors[t, 0], factors[t, 1],
                (1.0 + 1e-9) / unit,
            )  # fmt: skip
        if len(mask) > 0:
            for j in range(len(here)):
                here[j] *= np.uint16(mask[low + j] != 0)
        tops = chunks[: (len(here) + (1 << _CHUNK) - 1) >> _CHUNK]
        for j in range(len(tops)):
            tops[j] = _highest(here[j << _CHUNK : (j + 1) << _CHUNK])

        if found[2, 0] < 0:  # not yet k: those with the highest bounds first
            least[:] = 0
            for j in range(len(tops)):
                if np.int64(tops[j]) > least[0]:
                    replace_least(least, np.int64(tops[j]))
            count = _choose(here, tops, low, max(least[0], 1), min(2 * size, len(here)), work)
            for j in range(count):
                here[work[0, j] - low] = 0
            threshold = _score(
                kernel, norms, id_rank, form, terms, order, rest, factors, work, count, threshold,
                found, least,
            )  # fmt: skip
        needed = max((threshold - 1 - granted) // unit, 1)
        count = _choose(here, tops, low, needed, len(here), work)
        threshold = _score(
            kernel, norms, id_rank, form, terms, order, rest, factors, work, count, threshold,
            found, least,
        )  # fmt: skip
    sort_found(found)


@compiled
def best_of_each(  # type: ignore[no-untyped-def]
    kernel, norms, id_rank, mask, table, query, starts, terms, rows, factors, bounds, work,
    thresholds, found
):  # fmt: skip
    """Find the best documents of a segment for several bags of terms.

    Args:
        kernel, norms, id_rank, mask, table, query, bounds, work: as in `_best`.
        starts: (Q + 1,) int64, where the terms of each bag begin.
        terms, rows, factors: of all bags; see `_best`.
        thresholds: (Q,) int64.
        found: (Q, 3, k) int64, written; see `_best`.
    """
    for i in range(len(found)):
        start, stop = starts[i], starts[i + 1]
        found[i, 2, :] = -1
        if start < stop:
            _best(
                kernel, norms, id_rank, mask, table, query, terms[start:stop], rows[start:stop],
                factors[start:stop], bounds, work, thresholds[i], found[i],
            )  # fmt: skip
