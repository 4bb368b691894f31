"""Estimators against their formulas, written out over dictionaries, on random corpora."""

import math
import random
from collections import defaultdict
from functools import cache

import pytest
from counted import BOS, UNK, BackOff, block_of, contexts_of, count, ngrams
from hypothesis import given
from hypothesis import strategies as st

from seqkit.ngram.estimate import SMOOTHING_METHODS, SmoothingConfig, estimate

VOCABULARY = 8
PREDICTED = [word for word in range(VOCABULARY) if word not in (0, BOS)]
lines = st.lists(
    st.lists(st.sampled_from([UNK, 4, 4, 4, 4, 5, 5, 6]), max_size=7), min_size=1, max_size=12
)
orders = st.integers(1, 5)
prunes = st.lists(st.integers(0, 2), max_size=2).map(lambda rest: (0, *sorted(rest)))


class ModifiedKneserNey:
    """Chen and Goodman 1998, section 3, eq. 25 to 27; counts and pruning as in Heafield 2013."""

    def __init__(self, lines, order, prune, *, predicted):
        self.predicted = predicted
        self.raw = ngrams(lines, order)
        self.order = order
        self.adjusted = {
            gram: times
            if len(gram) == order or gram[0] == BOS
            else len({longer[0] for longer in self.raw if longer[1:] == gram})
            for gram, times in self.raw.items()
            if gram != (BOS,)
        }
        self.least = [*prune, *[prune[-1]] * order]
        self.after = defaultdict(dict)
        for gram, value in self.adjusted.items():
            self.after[gram[:-1]][gram] = value

    @cache  # noqa: B019, the object lives no longer than its test
    def discount(self, size, times):
        n = [0] * 5
        for gram, value in self.adjusted.items():
            if len(gram) == size and value < 5:
                n[value] += 1
        if n[1] == 0 or n[2] == 0 or n[3] == 0:
            return [0, 0.5, 1.0, 1.5][min(times, 3)]
        y = n[1] / (n[1] + 2 * n[2])
        three = [1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]]
        return [0.5, 1.0, 1.5][min(times, 3) - 1] if min(three) < 0 else three[min(times, 3) - 1]

    def prob(self, context, word):
        context = context[max(0, len(context) - self.order + 1) :]
        lower = self.prob(context[1:], word) if context else 1 / self.predicted
        size = len(context) + 1
        after = self.after.get(context)
        if not after:
            return lower
        kept = {gram: a for gram, a in after.items() if self.raw[gram] > self.least[size - 1]}
        taken = sum(self.discount(size, a) if gram in kept else a for gram, a in after.items())
        own = 0.0
        if (*context, word) in kept:
            own = kept[*context, word] - self.discount(size, kept[*context, word])
        return (own + taken * lower) / sum(after.values())


@given(lines, orders, prunes)
def test_modified_kneser_ney(lines, order, prune):
    prune = prune[:order]
    found = estimate(count(lines, order=order, vocabulary=VOCABULARY), SmoothingConfig(prune=prune))
    table, reference = BackOff(found.table), ModifiedKneserNey(lines, order, prune, predicted=6)
    for context in {*contexts_of(lines, order)}:
        for word in PREDICTED:
            expected = reference.prob(context, word)
            assert table.prob(context, word) == pytest.approx(expected, rel=1e-5)


def test_modified_kneser_ney_with_discounts_of_the_text():
    rng = random.Random(5)
    lines = [[4 + int(2 ** (8 * rng.random())) for _ in range(9)] for _ in range(150)]
    found = estimate(count(lines, order=3, vocabulary=300), SmoothingConfig(prune=(0, 0, 1)))
    assert found.notes == []
    table = BackOff(found.table)
    reference = ModifiedKneserNey(lines, 3, (0, 0, 1), predicted=298)
    for context in {*contexts_of(lines[:20], 3)}:
        for word in (2, UNK, 5, 6, 9, 40):
            expected = reference.prob(context, word)
            assert table.prob(context, word) == pytest.approx(expected, rel=1e-5)


@given(lines, orders, st.sampled_from([1e-3, 1.0, 7.0]))
def test_add_k(lines, order, k):
    config = SmoothingConfig(method="add-k", k=k)
    found = estimate(count(lines, order=order, vocabulary=VOCABULARY), config)
    table, raw = BackOff(found.table), ngrams(lines, order)
    for context in {*contexts_of(lines, order)}:
        if len(context) < order - 1 and context[:1] != (BOS,):
            continue  # not one that comes
        total = sum(raw[*context, other] for other in PREDICTED)
        for word in PREDICTED:
            expected = (raw[*context, word] + k) / (total + k * len(PREDICTED))
            assert table.prob(context, word) == pytest.approx(expected, rel=1e-5)


@given(lines, orders)
def test_mle_and_stupid_backoff(lines, order):
    counts, raw = count(lines, order=order, vocabulary=VOCABULARY), ngrams(lines, order)
    mle = BackOff(estimate(counts, SmoothingConfig(method="mle")).table)
    stupid = BackOff(estimate(counts, SmoothingConfig(method="stupid-backoff")).table)

    def share(context, word):
        total = sum(raw[*context, other] for other in PREDICTED)
        return raw[*context, word] / total if total else None

    def score(context, word):
        own = share(context, word)
        return own if own or not context else 0.4 * score(context[1:], word)

    for context in {*contexts_of(lines, order)}:
        seen = context
        while share(seen, 4) is None:
            seen = seen[1:]
        for word in PREDICTED:
            assert mle.prob(context, word) == pytest.approx(share(seen, word), rel=1e-5)
            assert stupid.prob(context, word) == pytest.approx(score(context, word), rel=1e-5)


@pytest.mark.parametrize("method", sorted({*SMOOTHING_METHODS} - {"stupid-backoff"}))
@given(lines, orders, prunes)
def test_probabilities_sum_to_one(method, lines, order, prune):
    counts = count(lines, order=order, vocabulary=VOCABULARY)
    found = estimate(
        counts,
        SmoothingConfig(method=method, prune=prune[:order]),
        heldout=lambda: [block_of([[4, 5], [7]])],
    )
    table = BackOff(found.table)
    for context in {*contexts_of(lines, order)}:
        total = sum(table.prob(context, word) for word in PREDICTED)
        assert total == pytest.approx(1, abs=1e-5), context
    assert table.log_prob((), BOS) == table.log_prob((), 0) == -math.inf
    assert all(value <= 0 for value in [*table.log_probs.values(), *table.backoffs.values()])
    assert found.table.levels.order == order
