"""Weights of the orders, fitted to text that was not counted (Jelinek and Mercer 1980)."""

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.errors import DataError
from seqkit.ngram.interpolation import BUCKETS, predictable
from seqkit.ngram.levels import NgramCounts
from seqkit.text import Vocab

__all__ = ["fit_shares"]

_PASSES = 200
_ENOUGH = 1e-7  # nats a token that a pass must gain
_UNKNOWN = -1


def fit_shares(
    counts: NgramCounts, heldout: Iterable[npt.NDArray[np.uint32]]
) -> npt.NDArray[np.float64]:
    """Fit the share s of the maximum likelihood in p_k = s c(hw)/c(h) + (1 - s) p_(k-1).

    There is one for each order and each bucket of c(h), by powers of two (Chen and Goodman 1998,
    section 2.3). All are fitted together by expectation and maximisation, with one imagined event
    for and one against each: a bucket that the held-out text never meets has 1/2, and none reaches
    0 or 1.

    Args:
        counts: of the training text.
        heldout: blocks of other text; it is held in memory with 5 bytes a token and order.

    Returns:
        float64 (N, BUCKETS).

    Raises:
        DataError: the held-out text is empty.
    """
    found = [_follow(counts, block) for block in heldout if len(block)]
    if not found:
        raise DataError("the held-out text is empty: jelinek-mercer is fitted on it, give another")
    ml = np.concatenate([part[0] for part in found])
    buckets = np.concatenate([part[1] for part in found])
    del found
    uniform = 1.0 / predictable(len(counts.counts[0]))
    shares = np.full((counts.levels.order, BUCKETS), 0.5)
    before = -np.inf
    for _ in range(_PASSES):
        chosen, reached = np.zeros_like(shares), np.zeros_like(shares)
        nats = _expect(ml, buckets, shares, uniform, chosen, reached)
        objective = nats + (np.log(shares) + np.log1p(-shares)).sum()
        if objective - before < _ENOUGH * len(ml):
            break
        before = objective
        shares = (chosen + 1) / (reached + 2)
    return shares


def _follow(
    counts: NgramCounts, block: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int8]]:
    """Look up c(hw)/c(h) and the bucket of c(h), or -1 where h is unknown: (T, N) both."""
    ends = np.flatnonzero(block == Vocab.EOS)
    ids = np.insert(block, [0, *(ends[:-1] + 1)], Vocab.BOS).astype(np.int64)
    order = counts.levels.order
    ml = np.zeros((order, len(ids)), dtype=np.float32)
    buckets = np.full((order, len(ids)), _UNKNOWN, dtype=np.int8)
    tokens = counts.tokens
    ml[0] = counts.counts[0][ids] / tokens
    buckets[0] = int(np.log2(tokens))
    nodes = ids
    for k in range(2, order + 1):
        nodes = _extend(
            ids,
            nodes,
            fixed(counts.levels.starts[k - 2]),
            fixed(counts.levels.words[k - 1]),
            fixed(counts.counts[k - 2]),
            fixed(counts.counts[k - 1]),
            ml[k - 1],
            buckets[k - 1],
        )
    predicted = ids != Vocab.BOS
    return ml[:, predicted].T.copy(), buckets[:, predicted].T.copy()


@compiled
def _extend(ids, nodes, starts, words, context_counts, counts, ml, buckets):  # type: ignore[no-untyped-def]
    longer = np.full(len(ids), -1, dtype=np.int64)
    for position in range(1, len(ids)):
        context = nodes[position - 1]
        if context < 0 or ids[position] == 1:  # BOS
            continue
        begin, end = np.int64(starts[context]), np.int64(starts[context + 1])
        if begin == end:
            continue
        total = np.float64(context_counts[context])
        buckets[position] = math.frexp(total)[1] - 1
        child = begin + np.searchsorted(words[begin:end], ids[position])
        if child < end and words[child] == ids[position]:
            ml[position] = counts[child] / total
            longer[position] = child
    return longer


@compiled
def _expect(ml, buckets, shares, uniform, chosen, reached):  # type: ignore[no-untyped-def]
    tokens, order = ml.shape
    p = np.empty(order + 1)
    p[0] = uniform
    nats = 0.0
    for token in range(tokens):
        for k in range(order):
            bucket = buckets[token, k]
            share = shares[k, bucket] if bucket >= 0 else 0.0
            p[k + 1] = share * ml[token, k] + (1.0 - share) * p[k]
        nats += np.log(p[order])
        here = 1.0  # the probability that the token was drawn from order k + 1 or below
        for k in range(order - 1, -1, -1):
            bucket = buckets[token, k]
            if bucket >= 0:
                own = here * shares[k, bucket] * ml[token, k] / p[k + 1]
                chosen[k, bucket] += own
                reached[k, bucket] += here
                here -= own
    return nats
