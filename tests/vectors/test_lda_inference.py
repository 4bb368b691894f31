"""Inference in numpy: against gensim, SciPy, and an integral."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.vectors.lda_inference import LdaInference, digamma


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=5))
def test_digamma_is_that_of_scipy(numbers):
    special = pytest.importorskip("scipy.special")
    np.testing.assert_allclose(digamma(numbers), special.digamma(numbers), rtol=1e-10, atol=1e-10)


def made(words: int, topics: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    parameters = rng.gamma(0.5, 4.0, (words, topics)).astype(np.float32) + np.float32(0.1)
    return parameters, rng.uniform(0.05, 0.5, topics)


def test_gamma_is_that_of_gensim():
    gensim = pytest.importorskip("gensim.models.ldamodel", reason="needs the extra vectors")
    parameters, alpha = made(30, 4)
    lda = gensim.LdaModel(
        num_topics=4,
        id2word={id: str(id) for id in range(30)},
        alpha=alpha.astype(np.float32),
        eta=0.1,
        dtype=np.float64,
        iterations=2000,
        gamma_threshold=1e-9,
    )
    lda.state.sstats[...] = parameters.T - lda.eta
    lda.sync_state()

    class Ones:
        def gamma(self, shape, scale, size):
            return np.ones(size)

    lda.random_state = Ones()
    ours = LdaInference(parameters, lda.alpha, iterations=2000, threshold=1e-9)
    rng = np.random.default_rng(1)
    for size in (1, 3, 20):
        ids, counts = rng.permutation(30)[:size], rng.integers(1, 5, size)
        theirs, _ = lda.inference([[*zip(ids.tolist(), counts.tolist(), strict=True)]])
        np.testing.assert_allclose(ours.gamma(ids, counts), theirs[0], rtol=1e-4)
    shares = dict(lda.get_document_topics([(3, 2), (7, 1)], minimum_probability=0))
    gamma = ours.gamma(np.array([3, 7]), np.array([2, 1]))
    np.testing.assert_allclose(gamma / gamma.sum(), [shares[k] for k in range(4)], rtol=1e-4)


def test_the_bound_is_below_the_likelihood_and_near_it():
    """Of two topics the likelihood is an integral over one number."""
    integrate = pytest.importorskip("scipy.integrate")
    parameters, alpha = made(6, 2)
    infer = LdaInference(parameters, alpha + 1.0, iterations=1000, threshold=1e-9)
    first, second = infer.alpha
    beta = parameters / parameters.sum(axis=0)
    log_norm = math.lgamma(first + second) - math.lgamma(first) - math.lgamma(second)
    for ids, counts in [([0], [1]), ([0, 3], [2, 1]), ([1, 2, 4, 5], [3, 1, 1, 2])]:

        def density(theta, ids=ids, counts=counts):
            words = counts @ np.log(theta * beta[ids, 0] + (1 - theta) * beta[ids, 1])
            prior = (first - 1) * math.log(theta) + (second - 1) * math.log(1 - theta)
            return math.exp(words + prior + log_norm)

        exact = math.log(integrate.quad(density, 0, 1)[0])
        bag = np.array(ids), np.array(counts)
        bound = infer.bound(*bag, infer.gamma(*bag))
        assert exact - 0.5 < bound < exact


def test_an_empty_bag_is_the_prior():
    parameters, alpha = made(5, 3)
    infer = LdaInference(parameters, alpha)
    nothing = np.zeros(0, np.int64)
    np.testing.assert_array_equal(infer.gamma(nothing, nothing), alpha)
    assert infer.bound(nothing, nothing, alpha) == pytest.approx(0.0)
