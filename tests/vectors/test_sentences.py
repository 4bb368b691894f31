"""SIF sentence vectors against a hand-worked example and the paper's formula in plain numpy."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.vectors.sentences import SentenceVectors
from seqkit.vectors.word_vectors import WordVectors

WORDS = ["the", "cat", "sat", "mat", "dog"]
RNG = np.random.default_rng(4)
VECTORS = RNG.normal(size=(5, 3)).astype(np.float32)
COUNTS = [60, 10, 10, 5, 15]
TEXTS = ["the cat sat", "the dog", "the the mat", "cat dog sat mat", "a cat"]


def table(counts: list[int] | None = COUNTS) -> WordVectors:
    return WordVectors(WORDS, VECTORS, counts=counts)


def by_formula(texts, weights, components) -> np.ndarray:
    """Algorithm 1 of Arora et al. 2017: averages, an SVD of them all, the projection away."""
    rows = []
    for text in texts:
        known = [word for word in text.split() if word in WORDS]
        parts = [weights[word] * VECTORS[WORDS.index(word)] for word in known]
        rows.append(np.sum(parts, 0) / len(known) if known else np.zeros(3))
    averages = np.array(rows, np.float64)
    u = np.linalg.svd(averages)[2][:components]
    return averages - averages @ u.T @ u


def test_by_hand():
    vectors = WordVectors(["a", "b"], [[1.0, 0.0], [0.0, 2.0]], counts=[3, 1])
    made = SentenceVectors(vectors, a=0.25, components=1)
    assert (made.weight("a"), made.weight("b"), made.weight("new")) == (0.25, 0.5, 1.0)
    # (0.25 * [1, 0] + 0.5 * [0, 2]) / 2, and "new", which has no vector, does not count
    assert made.transform(["a b", "a new", "new", ""]).tolist() == [
        [0.125, 0.5], [0.25, 0.0], [0.0, 0.0], [0.0, 0.0]
    ]  # fmt: skip
    # of "b" alone [0, 1] the only direction is that of the second number
    made.fit(["b"])
    assert made.components.tolist() == [[0.0, 1.0]]
    assert made.transform(["a b"]).tolist() == [[0.125, 0.0]]


@pytest.mark.parametrize("components", [0, 1, 2])
def test_the_formula(components):
    made = SentenceVectors(table(), components=components)
    share = dict(zip(WORDS, np.array(COUNTS) / 100, strict=True))
    weights = {word: 1e-3 / (1e-3 + share[word]) for word in WORDS}
    got = made.fit(TEXTS).transform(TEXTS)
    assert got.dtype == np.float32 and got.shape == (5, 3)
    np.testing.assert_allclose(got, by_formula(TEXTS, weights, components), atol=1e-6)
    np.testing.assert_allclose(made.components @ made.components.T, np.eye(components), atol=1e-9)
    np.testing.assert_allclose(got @ made.components.T, 0, atol=1e-6)


def test_where_frequencies_are_from():
    harmonic = sum(1 / rank for rank in range(1, 6))
    zipf = SentenceVectors(table(None))
    assert zipf.weight("sat") == pytest.approx(1e-3 / (1e-3 + 1 / (3 * harmonic)))
    own = SentenceVectors(table(), counts=Counter(sat=1, new=3))
    assert own.weight("sat") == pytest.approx(1e-3 / (1e-3 + 0.25))
    assert own.weight("new") < own.weight("cat") == 1.0


@given(st.lists(st.lists(st.sampled_from([*WORDS, "new"]), max_size=9), max_size=12))
def test_a_sentence_does_not_depend_on_the_others(sentences):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqkit.vectors.sentences._TOKENS", 7)
        made = SentenceVectors(table()).fit(TEXTS)
        together = made.transform(sentences)
        alone = [made.transform([sentence])[0] for sentence in sentences]
    assert together.shape == (len(sentences), 3)
    np.testing.assert_allclose(together, np.array(alone).reshape(-1, 3), atol=1e-7)
    unknown = [not {*WORDS} & {*sentence} for sentence in sentences]
    assert not together[unknown].any()


def test_texts_are_cut_by_the_tokeniser_that_is_given():
    made = SentenceVectors(table(), tokenize=lambda text: text.lower().split("-"))
    np.testing.assert_array_equal(
        made.transform(["The-CAT"]), SentenceVectors(table()).transform([["the", "cat"]])
    )
    iterated = made.fit(text.replace(" ", "-") for text in TEXTS)
    np.testing.assert_array_equal(
        iterated.components, SentenceVectors(table()).fit(TEXTS).components
    )


def test_what_cannot_be_used_is_refused():
    for options, message in [
        ({"a": 0}, "SIF a 0: must be above 0"),
        ({"components": 4}, "SIF components 4: from 0 to the width, 3"),
        ({"counts": {"cat": 0}}, "SIF counts"),
        ({"counts": {}}, "SIF counts"),
    ]:
        with pytest.raises(ConfigError, match=message):
            SentenceVectors(table(), **options)
    with pytest.raises(DataError, match="no sentence to learn from has a word with a vector"):
        SentenceVectors(table()).fit(["nothing known", ""])
    with pytest.raises(ConfigError, match="expected a list of sentences, got one str"):
        SentenceVectors(table()).transform("the cat")
