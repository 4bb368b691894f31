"""Each estimator on two lines, "a b" and "a", worked by hand.

Four ids can be predicted: EOS, UNK, a, b. Counts: a 2, b 1, EOS 2, of 5 tokens; (BOS, a) 2,
(a, b) 1, (a, EOS) 1, (b, EOS) 1. Different words before: a 1, b 1, EOS 2.
"""

import math

import numpy as np
import pytest
from counted import BOS, EOS, UNK, BackOff, block_of, count, listed

from seqkit.ngram.estimate import SmoothingConfig, estimate

A, B = 4, 5
LINES = [[A, B], [A]]


def model(method, *, order=2, heldout=None, **options):
    counts = count(LINES, order=order, vocabulary=6)
    found = estimate(counts, SmoothingConfig(method=method, **options), heldout=heldout)
    return BackOff(found.table), found


def expect(table, probabilities):
    for (context, word), value in probabilities.items():
        context = context if isinstance(context, tuple) else (context,)
        assert table.prob(context, word) == pytest.approx(value, rel=1e-6), (context, word)


def test_modified_kneser_ney():
    # no unigram has an adjusted count of 3, no bigram a count of 3: 1/2, 1, 3/2 are taken off
    table, found = model("modified-kneser-ney")
    # unigrams: 4 in all; 1/2 + 1/2 + 1 of 4 is left for the uniform 1/4
    expect(table, {((), A): 1 / 4, ((), B): 1 / 4, ((), EOS): 3 / 8, ((), UNK): 1 / 8})
    # (1 - 1/2) / 2, and 1/2 is left of the context a; (2 - 1) / 2 and 1/2 of BOS
    expect(table, {(A, B): 3 / 8, (A, EOS): 7 / 16, (A, A): 1 / 8, (A, UNK): 1 / 16})
    expect(table, {(BOS, A): 5 / 8, (UNK, A): 1 / 4})
    assert found.facts["discounts"] == [[0.5, 1.0, 1.5]] * 2
    assert found.facts["counts_of_counts"] == [[2, 1, 0, 0], [3, 1, 0, 0]]


def test_kneser_ney():
    # n1 = 2, n2 = 1: D = 1/2 for unigrams; n1 = 3, n2 = 1: D = 3/5 for bigrams
    table, found = model("kneser-ney")
    expect(table, {((), A): 7 / 32, ((), B): 7 / 32, ((), EOS): 15 / 32, ((), UNK): 3 / 32})
    expect(table, {(A, B): 53 / 160, (A, UNK): 9 / 160, (BOS, A): 49 / 64})
    assert found.facts["discounts"] == [[0.5] * 3, [0.6] * 3]
    assert found.notes == []


def test_absolute():
    # n1 = 1, n2 = 2: D = 1/5 for unigrams; D = 3/5 for bigrams
    table, _ = model("absolute")
    expect(table, {((), A): 0.39, ((), B): 0.19, ((), EOS): 0.39, ((), UNK): 0.03})
    expect(table, {(A, B): 157 / 500, (A, UNK): 9 / 500, (BOS, A): 0.817})


def test_witten_bell():
    # unigrams: 5 tokens and 3 types; after a 2 and 2; after BOS 2 and 1
    table, _ = model("witten-bell")
    expect(table, {((), A): 11 / 32, ((), B): 7 / 32, ((), EOS): 11 / 32, ((), UNK): 3 / 32})
    expect(table, {(A, B): 23 / 64, (A, EOS): 27 / 64, (A, A): 11 / 64, (A, UNK): 3 / 64})
    expect(table, {(BOS, A): 25 / 32})


def test_add_k():
    expect(model("add-k")[0], {(A, B): 1 / 3, (A, EOS): 1 / 3, (A, A): 1 / 6, (A, UNK): 1 / 6})
    expect(model("add-k")[0], {(UNK, A): 1 / 4, (BOS, A): 1 / 2})
    expect(model("add-k", k=0.5)[0], {(A, B): 3 / 8, (A, UNK): 1 / 8, (BOS, A): 5 / 8})
    expect(model("add-k", order=1)[0], {((), A): 3 / 9, ((), UNK): 1 / 9})


def test_a_line_s_first_words_have_contexts_of_their_own_in_add_k():
    table, _ = model("add-k", order=3)
    expect(table, {(BOS, A): 3 / 6, (BOS, B): 1 / 6, ((BOS, A), B): 2 / 6, ((BOS, A), A): 1 / 6})
    expect(table, {((BOS, B), A): 1 / 4, (A, B): 1 / 4, ((A, B), EOS): 2 / 5})


def test_maximum_likelihood():
    table, _ = model("mle")
    expect(table, {(A, B): 1 / 2, (A, EOS): 1 / 2, (A, A): 0, (A, UNK): 0, (BOS, A): 1})
    expect(table, {(UNK, A): 2 / 5, ((), UNK): 0})  # a context that never came is left out


def test_stupid_backoff():
    table, found = model("stupid-backoff")
    expect(table, {(A, B): 0.5, (A, A): 0.4 * 0.4, (UNK, A): 0.4 * 0.4, (A, UNK): 0, ((), A): 0.4})
    assert found.table.unseen_context == pytest.approx(math.log(0.4))
    table, _ = model("stupid-backoff", order=3, alpha=0.1)
    expect(table, {((B, B), A): 0.1 * 0.1 * 0.4, ((A, B), EOS): 1})
    assert "not probabilities" in found.notes[0]


def test_jelinek_mercer():
    table, found = model("jelinek-mercer", heldout=lambda: [block_of([[A, A], [UNK]])])
    shares = found.facts["shares"]
    low, high = shares[0][2], shares[1][1]  # 5 tokens, 2 times a: 4 <= 5 < 8, 2 <= 2 < 4
    unigram = {A: low * 2 / 5 + (1 - low) / 4, B: low / 5 + (1 - low) / 4}
    expect(table, {((), A): unigram[A], ((), UNK): (1 - low) / 4, (UNK, A): unigram[A]})
    expect(table, {(A, B): high / 2 + (1 - high) * unigram[B], (A, A): (1 - high) * unigram[A]})


def test_the_weights_of_jelinek_mercer_are_the_likeliest():
    optimize = pytest.importorskip("scipy.optimize")
    heldout = [[A, A], [UNK], [A, B]]
    found = model("jelinek-mercer", heldout=lambda: map(block_of, [heldout[:1], heldout[1:]]))[1]
    shares = np.array(found.facts["shares"])

    def loss(weights):
        # order 1 (bucket 2); order 2 after BOS and a (bucket 1), after b (bucket 0)
        low, two, one = weights
        ml = {A: 2 / 5, B: 1 / 5, EOS: 2 / 5}
        after = {(BOS, A): 1.0, (A, B): 0.5, (A, EOS): 0.5, (B, EOS): 1.0}
        nats = -sum(math.log(s) + math.log(1 - s) for s in weights)
        for line in heldout:
            for context, word in zip([BOS, *line], [*line, EOS], strict=True):
                p = low * ml.get(word, 0) + (1 - low) / 4
                share = {BOS: two, A: two, B: one, UNK: 0}[context]
                nats -= math.log(share * after.get((context, word), 0) + (1 - share) * p)
        return nats

    best = optimize.minimize(loss, [0.5] * 3, bounds=[(0.01, 0.99)] * 3, tol=1e-12)
    assert [shares[0, 2], shares[1, 1], shares[1, 0]] == pytest.approx(best.x, abs=1e-3)
    assert np.count_nonzero(shares != 0.5) == 3


def test_what_is_pruned_goes_to_the_shorter_contexts():
    table, found = model("witten-bell", prune=(0, 1))
    # of the bigrams (BOS, a) stays; a keeps nothing, and its weight is 1
    assert [len(level) for level in listed(found.table.levels)] == [6, 1]
    expect(table, {(A, B): 7 / 32, (A, UNK): 3 / 32, (BOS, A): 25 / 32})
    assert found.facts["pruned"] == [0, 3]
