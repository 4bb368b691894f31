"""Compiled: add up everything that the documents of a segment get, and take the best."""

import numpy as np

from seqkit.compiled import compiled
from seqkit.search.contributions import contribution
from seqkit.search.heaps import empty_found, offer, sort_found
from seqkit.search.packing import BLOCK, decode_block

__all__ = ["add_list", "add_term", "take_best"]


@compiled
def add_list(sums, docs, tfs, norms, form, weight, slope):  # type: ignore[no-untyped-def]
    """Add what a list of documents gets for a clause.

    Args:
        sums: (all documents,) int64, scores and 1 more; 0 for a document that has no clause.
        docs, tfs: (n,) uint32.
        norms: (all documents,) float32.
        form, weight, slope: see `seqkit.search.scorers`.
    """
    for j in range(len(docs)):
        doc = docs[j]
        value = contribution(form, weight, slope, np.float64(tfs[j]), np.float64(norms[doc]))
        sums[doc] += value + (sums[doc] == 0)


@compiled
def add_term(sums, kernel, term, norms, form, weight, slope):  # type: ignore[no-untyped-def]
    """Do as `add_list` for the documents of a term; `kernel` is `Postings`."""
    docs, tfs, previous = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32), -1
    for block in range(kernel.first_block[term], kernel.first_block[term + 1]):
        count = decode_block(kernel, block, previous, docs, tfs)
        for j in range(count):
            doc = docs[j]
            value = contribution(form, weight, slope, np.float64(tfs[j]), np.float64(norms[doc]))
            sums[doc] += value + (sums[doc] == 0)
        previous = np.int64(kernel.last_doc[block])


@compiled
def take_best(sums, id_rank, mask, least, found):  # type: ignore[no-untyped-def]
    """Find the best documents of a segment.

    Args:
        sums: see `add_list`.
        id_rank: (docs,) uint32, which come first among equals.
        mask: (docs,) uint8, 0 for those that do not count; of no size if all do.
        least: lower sums are not wanted.
        found: (3, k) written: sums, ranks, documents, the best first; document -1 for none.
    """
    empty_found(found, least)
    for doc in range(len(sums)):
        if sums[doc] >= max(found[0, 0], 1) and (len(mask) == 0 or mask[doc] != 0):
            offer(found, sums[doc], id_rank[doc], doc)
    sort_found(found)
