"""Probabilities that are interpolated with those of the order below, down to the uniform one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.ngram.chunks import each_chunk
from seqkit.ngram.levels import Levels
from seqkit.text import Vocab

__all__ = ["BUCKETS", "Rule", "interpolate", "predictable"]

BUCKETS = 33
"""Counts of a context from 2^b on and below 2^(b + 1) fall into the bucket b."""

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Rule:
    """How the counts of one order become probabilities.

    With T(h) the number of different words after the context h, c(h) the sum of their counts:

        p(w | h) = s (c(hw) - D) / (c(h) + t T(h)) + g(h) p(w | h without its first word)

    where g(h) is what is left of 1, D depends on c(hw) and s on c(h). As it stands, without
    discount, it is the maximum likelihood, and g(h) = 0.

    Attributes:
        discounts: D of a count of 1, of 2, and of 3 or more.
        types: t, 1 for Witten-Bell.
        shares: s for all contexts, float64 (1,), or for Jelinek-Mercer by the bucket of c(h),
            float64 (BUCKETS,).
    """

    discounts: tuple[float, float, float] = (0.0, 0.0, 0.0)
    types: float = 0.0
    shares: npt.NDArray[np.float64] = field(default_factory=lambda: np.ones(1))


def interpolate(
    levels: Levels,
    counts: list[Numbers],
    rules: Sequence[Rule],
    suffixes: list[Numbers],
    *,
    raw: Sequence[Numbers],
    least: Sequence[int],
) -> tuple[list[Floats], list[Floats]]:
    """Compute the probability of each n-gram and the weight of the order below after it.

    The lists `counts` and `suffixes` are emptied on the way, so that their memory is free again.

    Args:
        levels: the n-grams.
        counts: of each order, uint32 (n_k,), the unigram BOS with 0.
        rules: one for each order.
        suffixes: for the orders 2 to N, from `suffix_numbers`.
        raw: counts that are held against `least`.
        least: for each order; the share of n-grams with a raw count of no more goes to g(h), for
            they will be dropped.

    Returns:
        N arrays of p and N - 1 of g, float32 (n_k,); g is 1 where no word followed.
    """
    probs, weights = [_unigrams(counts.pop(0), rules[0])], []
    for starts, rule, own, limit in zip(levels.starts, rules[1:], raw[1:], least[1:], strict=True):
        p, g = _one_order(
            fixed(starts),
            counts.pop(0),
            suffixes.pop(0),
            fixed(probs[-1]),
            rule,
            raw=own,
            least=limit,
        )
        probs.append(p)
        weights.append(g)
    return probs, weights


def predictable(vocabulary: int) -> int:
    """Count the ids that can be predicted: all but PAD and BOS."""
    return vocabulary - 2


def _one_order(
    starts: Numbers,
    counts: Numbers,
    suffixes: Numbers,
    lower: Floats,
    rule: Rule,
    *,
    raw: Numbers,
    least: int,
) -> tuple[Floats, Floats]:
    p, g = np.empty(len(counts), np.float32), np.empty(len(starts) - 1, np.float32)
    raw = raw if least else counts  # which are 1 or more too, and at hand
    discounts = np.array([0.0, *rule.discounts])
    ours = (discounts, rule.types, rule.shares)
    work = partial(_interpolate, starts, counts, raw, least, suffixes, lower, *ours, p, g)
    each_chunk(work, starts)
    return p, g


def _unigrams(counts: Numbers, rule: Rule) -> Floats:
    taken = np.array([0.0, *rule.discounts])[np.minimum(counts, 3)]
    total, types = counts.sum(dtype=np.float64), np.count_nonzero(counts)
    share = rule.shares[int(np.log2(total)) if len(rule.shares) > 1 else 0]
    denominator = total + rule.types * types
    left = share * (taken.sum() + rule.types * types) / denominator + (1 - share)
    p = share * (counts - taken) / denominator + left / predictable(len(counts))
    p[[Vocab.PAD, Vocab.BOS]] = 0
    return p.astype(np.float32)


@compiled
def _interpolate(  # type: ignore[no-untyped-def]
    starts, counts, raw, least, suffixes, lower, discounts, types, shares, p, g, first, last
):
    for context in range(first, last):
        begin, end = np.int64(starts[context]), np.int64(starts[context + 1])
        if begin == end:
            g[context] = 1.0
            continue
        total, left = 0.0, types * (end - begin)
        for child in range(begin, end):
            count = np.int64(counts[child])
            total += count
            left += discounts[min(count, 3)] if raw[child] > least else count
        bucket = math.frexp(total)[1] - 1 if len(shares) > 1 else 0  # its highest bit
        share = shares[bucket]
        scale = share / (total + types * (end - begin))
        weight = scale * left + (1.0 - share)
        for child in range(begin, end):
            count = np.int64(counts[child])
            own = scale * (count - discounts[min(count, 3)])
            p[child] = own + weight * lower[suffixes[child]]
        g[context] = weight
