"""WordVectors against gensim's KeyedVectors, against brute force, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.word_vectors import WordVectors

RNG = np.random.default_rng(7)
WORDS = [f"w{number}" for number in range(300)]
VECTORS = RNG.normal(size=(300, 12)).astype(np.float32) * RNG.uniform(0.1, 9, (300, 1))
VECTORS = VECTORS.astype(np.float32)
MANY = WordVectors(WORDS, VECTORS)


@pytest.fixture(scope="module")
def ours() -> WordVectors:
    return WordVectors(WORDS, VECTORS)


@pytest.fixture(scope="module")
def theirs():
    models = pytest.importorskip("gensim.models")
    vectors = models.KeyedVectors(12)
    vectors.add_vectors(WORDS, VECTORS)
    return vectors


def same(found, expected) -> None:
    assert [word for word, _ in found] == [word for word, _ in expected]
    assert [score for _, score in found] == pytest.approx([s for _, s in expected], abs=1e-6)


@pytest.mark.parametrize(
    ("positive", "negative"),
    [("w3", []), (["w3", "w9"], ["w4"]), (["w3"], ["w4", "w5"]), ([], ["w8"])],
)
def test_most_similar_is_that_of_gensim(ours, theirs, positive, negative):
    found = ours.most_similar(positive, negative, k=7)
    same(found, theirs.most_similar(positive=positive, negative=negative, topn=7))


def test_a_vector_is_an_operand_like_its_word(ours, theirs):
    same(ours.most_similar(VECTORS[3] * 5, k=4), theirs.most_similar([VECTORS[3]], topn=4))
    found = ours.most_similar([VECTORS[3] * 5, "w9"], k=20)
    assert "w3" in [word for word, _ in found] and "w9" not in [word for word, _ in found]


def test_comparisons_are_those_of_gensim(ours, theirs):
    assert ours.similarity("w1", "w2") == pytest.approx(theirs.similarity("w1", "w2"), abs=1e-6)
    for words in (["w1", "w2", "w3", "w4"], ["w10", "w20", "w30"]):
        assert ours.doesnt_match(words) == theirs.doesnt_match(words)
        expected = theirs.n_similarity(words, ["w7", "w8"])
        assert ours.n_similarity(words, ["w7", "w8"]) == pytest.approx(expected, abs=1e-6)


def test_what_is_there(ours):
    assert (len(ours), ours.dim, ours.precision, ours.counts) == (300, 12, "float32", None)
    assert "w7" in ours and "w300" not in ours and ours.index("w7") == 7
    np.testing.assert_array_equal(ours.rows([5, 2]), VECTORS[[5, 2]])
    np.testing.assert_array_equal(ours.vector("w9"), VECTORS[9])
    np.testing.assert_allclose(ours.lengths, np.linalg.norm(VECTORS, axis=1), rtol=1e-6)


def test_it_reads_like_a_mapping(ours):
    assert (ours["w3"] == VECTORS[3]).all()
    assert list(ours) == WORDS
    assert repr(ours) == "WordVectors(300 words x 12, float32)"
    with pytest.raises(DataError, match="'no' has no vector"):
        ours["no"]
    with pytest.raises(ConfigError, match="a word is a str, got int"):
        ours[0]


def test_lookup_has_zeros_for_unknown_words(ours):
    vectors, known = ours.lookup(["w2", "no", "w0"])
    assert known.tolist() == [True, False, True]
    np.testing.assert_array_equal(vectors, [VECTORS[2], np.zeros(12), VECTORS[0]])


def test_subwords_make_vectors_of_unknown_words():
    subwords = Subwords(RNG.normal(size=(50, 12)).astype(np.float32), minn=3, maxn=4)
    vectors = WordVectors(WORDS, VECTORS, subwords=subwords)
    np.testing.assert_allclose(vectors.vector("unseen"), subwords.vector("unseen"), rtol=1e-6)
    found, known = vectors.lookup(["w1", "unseen", ""])
    assert known.tolist() == [True, True, False]  # the marks alone are no n-gram of three
    np.testing.assert_array_equal(found[1], vectors.vector("unseen"))
    assert "unseen" not in vectors
    assert vectors.most_similar_many(["unseen"]) == [vectors.most_similar("unseen")]


def test_words_of_the_question_are_no_answers(ours):
    assert len(ours.most_similar("w0", k=1000)) == 299
    chosen = ours.most_similar("w0", among=["w0", "w5", "w2", "unknown"])
    assert sorted(word for word, _ in chosen) == ["w2", "w5"]
    assert ours.most_similar("w0", among=[]) == []
    assert ours.most_similar_many(["w0", "w1"], k=2, among=iter(["w0", "w5", "w2"])) == [
        ours.most_similar(word, k=2, among=["w0", "w5", "w2"]) for word in ("w0", "w1")
    ]


def test_vectors_of_zeros_are_like_nothing():
    vectors = WordVectors(["a", "zero", "b"], [[1, 0], [0, 0], [-1, 0]])
    assert vectors.similarity("a", "zero") == 0
    assert vectors.most_similar("a") == [("zero", 0.0), ("b", -1.0)]
    assert vectors.most_similar("zero") == [("a", 0.0), ("b", 0.0)]


def test_an_unknown_word_is_answered_with_spellings():
    vectors = WordVectors(["queen", "king", "kings"], np.eye(3))
    expected = "'kinng' has no vector; nearest spellings: king, kings"
    for ask in (
        lambda: vectors.vector("kinng"),
        lambda: vectors.index("kinng"),
        lambda: vectors.most_similar("kinng"),
        lambda: vectors.most_similar_many(["king", "kinng"]),
        lambda: vectors.similarity("king", "kinng"),
        lambda: vectors.doesnt_match(["king", "kinng"]),
    ):
        with pytest.raises(DataError) as caught:
            ask()
        assert str(caught.value) == expected
    with pytest.raises(DataError, match=r"^'xyz' has no vector, and none is spelled like it$"):
        vectors.vector("xyz")


@pytest.mark.parametrize(
    ("words", "vectors", "options", "error", "message"),
    [
        (["a", "b", "a"], np.eye(3), {}, DataError, "'a' stands twice .*rows 0 and 2"),
        (["a"], np.eye(2), {}, ConfigError, "^1 word with 2 vectors"),
        (["a"], [1.0], {}, ConfigError, r"shape \(1,\)"),
        ([], np.zeros((0, 3)), {}, DataError, "no words"),
        (["a"], np.zeros((1, 0)), {}, ConfigError, "no numbers"),
        (["a", "b"], [[1, 2], [1, np.nan]], {}, DataError, r"'b' \(row 1\) has a number"),
        (["a"], [[1e39]], {}, DataError, "too large for float32"),
        (["a"], [[1.0]], {"counts": [1, 2]}, ConfigError, "counts"),
        (
            ["a"],
            [[1.0]],
            {"subwords": Subwords(np.ones((2, 2), np.float32), minn=1, maxn=2)},
            ConfigError,
            "subwords of 2 numbers with vectors of 1:",
        ),
    ],
)
def test_what_does_not_fit_is_refused(words, vectors, options, error, message):
    with pytest.raises(error, match=message):
        WordVectors(words, vectors, **options)


def test_questions_that_make_no_sense_are_refused(ours):
    for ask in (
        lambda: ours.most_similar([]),
        lambda: ours.most_similar(np.ones(5)),
        lambda: ours.most_similar("w1", k=0),
        lambda: ours.most_similar_many(["w1"], backend="gpu"),
        lambda: ours.most_similar_many(["w1"], backend="faiss", among=["w2"]),
        lambda: ours.doesnt_match([]),
        lambda: ours.n_similarity("w1", ["w2"]),
    ):
        with pytest.raises(ConfigError):
            ask()


@pytest.mark.parametrize(
    "ask",
    [
        lambda v: v.lookup("w1"),
        lambda v: v.most_similar_many("no"),
        lambda v: v.most_similar("w1", among="bc"),
        lambda v: v.doesnt_match("w1"),
        lambda v: v.movers_distance("w1", ["w2"]),
        lambda v: WordVectors("ab", np.eye(2)),
    ],
)
def test_one_str_is_no_list_of_its_letters(ours, ask):
    with pytest.raises(
        ConfigError, match=r"^'\w+': a list of words is expected, not one: write \['\w+'\]$"
    ):
        ask(ours)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda v: v.vector(3), "3: a word is a str, got int"),
        (lambda v: v.index(None), "None: a word is a str, got NoneType"),
        (lambda v: v.lookup(["w1", ["w2"]]), "['w2']: a word is a str, got list"),
        (lambda v: v.most_similar("w1", among=[1]), "1: a word is a str, got int"),
        (lambda v: WordVectors(["a", 2], np.eye(2)), "2: a word is a str, got int"),
        (lambda v: v.most_similar(3), "3: expected a word or a vector, or several"),
        (lambda v: v.most_similar(np.array(3.0)), "a vector of shape (): expected (12,)"),
        (lambda v: v.most_similar([{}]), "{}: expected a word or a vector"),
        (lambda v: v.most_similar([["a"]]), "['a']: expected a word or a vector"),
        (lambda v: v.most_similar("w1", k=2.5), "k 2.5: expected a whole number, at least 1"),
        (lambda v: v.most_similar_many(["w1"], k="3"), "k '3': expected a whole number"),
    ],
)
def test_operands_of_other_kinds_are_refused_in_one_line(ours, ask, message):
    with pytest.raises(ConfigError) as caught:
        ask(ours)
    assert str(caught.value).startswith(message)


def test_words_may_come_one_after_the_other(ours):
    assert ours.most_similar_many(iter(["w1", "w2"])) == ours.most_similar_many(["w1", "w2"])
    assert ours.lookup(iter(["w1", "no"]))[1].tolist() == [True, False]
    assert ours.most_similar("w1", among=iter(["w2"])) == ours.most_similar("w1", among=["w2"])


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.integers(1, 20))
def test_many_are_the_same_as_one_by_one(words, k):
    vectors = MANY
    assert vectors.most_similar_many(words, k=k) == [vectors.most_similar(w, k=k) for w in words]


def test_movers_distance_is_infinite_without_known_words(ours):
    assert ours.movers_distance(["no"], ["w1"]) == ours.movers_distance([], []) == np.inf
    assert ours.movers_distance(["w1", "no"], ["w1"]) == pytest.approx(0, abs=1e-9)
