"""The counted baseline against the same worked in loops."""

import math
from collections import Counter

import numpy as np
import pytest

from seqkit.vectors.counted import count_vectors

pytest.importorskip("scipy", reason="needs the extra vectors")

SENTENCES = [line.split() for line in ["a b c a", "b x a d", "c d c b a", "d"]] * 3
WORDS = ["a", "b", "c", "d"]


def positive_pmi(window):
    together = Counter()
    for line in SENTENCES:
        for at, word in enumerate(line):
            for other in range(max(0, at - window), min(len(line), at + window + 1)):
                if other != at and word in WORDS and line[other] in WORDS:
                    together[word, line[other]] += (window - abs(at - other) + 1) / window
    own = Counter()
    for (word, _), times in together.items():
        own[word] += times
    smoothed = {word: own[word] ** 0.75 for word in WORDS}
    table = np.zeros((4, 4))
    for (word, other), times in together.items():
        expected = own[word] * smoothed[other] / sum(smoothed.values())
        table[WORDS.index(word), WORDS.index(other)] = max(0.0, math.log(times / expected))
    return table


@pytest.mark.parametrize("window", [1, 3])
def test_the_vectors_are_the_decomposition_of_positive_pmi(window):
    vectors = count_vectors(SENTENCES, WORDS, dim=10, window=window).rows(range(4))
    left, values, _ = np.linalg.svd(positive_pmi(window))
    expected = left * np.sqrt(values)
    np.testing.assert_allclose(vectors @ vectors.T, expected @ expected.T, atol=1e-5)


def test_a_truncated_one_has_the_largest_directions():
    rng = np.random.default_rng(0)
    words = [f"w{n}" for n in range(60)]
    sentences = [[words[n] for n in rng.zipf(1.5, 12) % 60] for _ in range(300)]
    whole = count_vectors(sentences, words, dim=60).rows(range(60)).astype(float)
    part = count_vectors(sentences, words, dim=7)
    assert part.dim == 7
    part = part.rows(range(60)).astype(float)
    np.testing.assert_allclose(
        np.sort((part**2).sum(0)), np.sort((whole**2).sum(0))[-7:], rtol=1e-3
    )
    again = count_vectors(sentences, words, dim=7).rows(range(60))
    assert np.array_equal(part, again)


def test_words_that_never_come_together():
    vectors = count_vectors([["a"], ["b"]], ["a", "b"])
    assert not vectors.rows([0, 1]).any()
