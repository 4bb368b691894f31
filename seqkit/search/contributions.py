"""Compiled: what a term adds to a score, as a whole number of 2^-32, and the most that it adds."""

from math import log

import numpy as np

from seqkit.compiled import compiled
from seqkit.search.packing import ANY_TF
from seqkit.search.scorers import LOGARITHM, PRODUCT, RATIO

__all__ = ["SCALE", "add_squares", "contribution", "most_of"]

SCALE = 4294967296.0
"""A score of 1. Whole numbers add up to the same in any order."""

_ANY_TF = np.float64(ANY_TF)


@compiled
def contribution(form, weight, slope, tf, norm):  # type: ignore[no-untyped-def]
    """Return what a term adds; see `seqkit.search.scorers`. `tf` is 1 or more."""
    if form == RATIO:
        value = weight * tf / (tf + norm)
    elif form == PRODUCT:
        value = weight * (1.0 + log(tf)) * norm
    else:
        odds = (1.0 + slope * tf) * norm
        value = weight * log(odds) if odds > 1.0 else 0.0
    return np.int64(value * SCALE + 0.5)


@compiled
def most_of(kernel, term, form, base, step, weight, slope):  # type: ignore[no-untyped-def]
    """Return what no document gets more of for a term, from the impacts of its blocks.

    Args:
        kernel: `Postings`.
        term: its number.
        form, base, step: the scorer's, see `seqkit.search.scorers`.
        weight, slope: factors of the term.
    """
    top = 1.0  # of a cosine
    if form != PRODUCT:
        top = 0.0
        first = kernel.impact_first[kernel.first_block[term]]
        for i in range(first, kernel.impact_first[kernel.first_block[term + 1]]):
            tf, length = np.float64(kernel.impact_tf[i]), np.float64(kernel.impact_length[i])
            if form == RATIO:
                value = tf / (tf + np.float64(np.float32(base + step * length)))
                value = 1.0 if tf == _ANY_TF else value
            else:
                value = (1.0 + slope * tf) * np.float64(np.float32(base / (base + length)))
                # a length is a tf or more: this is where both go to infinity
                if tf == _ANY_TF:
                    value = max(value, slope * base) * (1.0 + 2e-7)  # norms are float32
            top = max(top, value)
        if form == LOGARITHM:
            top = log(max(top, 1.0))
    return np.int64(weight * top * SCALE * (1.0 + 1e-12)) + 2  # more than roundings add


@compiled
def add_squares(docs, tfs, sums):  # type: ignore[no-untyped-def]
    """Add the squares of (1 + ln tf) to the sums of the documents, float64."""
    for j in range(len(docs)):
        value = 1.0 + log(np.float64(tfs[j]))
        sums[docs[j]] += value * value
