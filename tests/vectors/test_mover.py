"""Word Mover's Distance by hand, and against the best assignment of texts of equal length."""

import numpy as np
import pytest

from seqkit.vectors.mover import movers_distance
from seqkit.vectors.word_vectors import WordVectors

optimize = pytest.importorskip("scipy.optimize")
RNG = np.random.default_rng(5)


def test_by_hand():
    """Half of the weight at 0 stays, a quarter goes to 3, a quarter to 4: 7/4."""
    a, b = np.array([[0.0]]), np.array([[0.0], [3.0], [4.0]])
    assert movers_distance(a, np.ones(1), b, np.array([2.0, 1.0, 1.0])) == pytest.approx(1.75)


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_texts_of_different_words_are_an_assignment(count):
    a, b = RNG.normal(size=(2, count, 6))
    costs = np.linalg.norm(a[:, None] - b[None], axis=2)
    best = costs[optimize.linear_sum_assignment(costs)].mean()
    weights = np.ones(count)
    assert movers_distance(a, weights, b, weights) == pytest.approx(best)


def test_weights_are_words_that_stand_several_times():
    a, b = RNG.normal(size=(3, 4)), RNG.normal(size=(2, 4))
    times, others = [2, 1, 3], [4, 2]
    costs = np.linalg.norm(np.repeat(a, times, 0)[:, None] - np.repeat(b, others, 0), axis=2)
    best = costs[optimize.linear_sum_assignment(costs)].mean()
    found = movers_distance(a, np.array(times), b, np.array(others))
    assert found == pytest.approx(best)
    assert movers_distance(b, np.array(others), a, np.array(times)) == pytest.approx(found)


def test_of_words():
    vectors = WordVectors(["a", "b", "c"], [[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0]])
    assert vectors.movers_distance(["a"], ["b"]) == pytest.approx(2**0.5)
    assert vectors.movers_distance(["a"], ["b"], norm=False) == pytest.approx(13**0.5)
    half = vectors.movers_distance(["a", "a", "unknown"], ["a", "c"])
    assert half == pytest.approx(1.0)  # half of it from 1 to -1
