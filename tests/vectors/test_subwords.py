"""Hashed n-grams: against gensim's, a plain reading of fastText's loop, and published hashes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError
from seqkit.vectors.subwords import Subwords, hash_ngrams

WORDS = ["the", "a", "", "straße", "東京", "😀x", "1,000", "don't", "é"]
TABLE = np.random.default_rng(3).normal(size=(50, 4)).astype(np.float32)


def reference(word: str, minn: int, maxn: int, buckets: int) -> list[int]:
    """Hash as Dictionary::computeSubwords does, character after character."""
    text, rows = f"<{word}>", []
    for i in range(len(text)):
        for n in range(1, maxn + 1):
            j = i + n
            if j > len(text) or n < minn or (n == 1 and (i == 0 or j == len(text))):
                continue
            value = 2166136261
            for byte in text[i:j].encode("utf-8", "surrogatepass"):
                signed = byte - 256 if byte > 127 else byte
                value = ((value ^ (signed & 0xFFFFFFFF)) * 16777619) & 0xFFFFFFFF
            rows.append(value % buckets)
    return rows


def test_published_values_of_the_hash() -> None:
    # from the test suite of Fowler, Noll and Vo: 32 bits, FNV-1a
    assert hash_ngrams(["a"], 1, 1, 2**32 - 1)[0].tolist() == [0xE40C292C]
    assert 0xBF9CF968 in hash_ngrams(["foobar"], 6, 6, 2**32 - 1)[0].tolist()


@pytest.mark.parametrize(("minn", "maxn", "buckets"), [(3, 6, 2000), (1, 4, 7), (2, 2, 5)])
def test_the_rows_are_those_of_gensim(minn: int, maxn: int, buckets: int) -> None:
    fasttext = pytest.importorskip("gensim.models.fasttext")
    rows, lengths = hash_ngrams(WORDS, minn, maxn, buckets)
    expected = [fasttext.ft_ngram_hashes(word, minn, maxn, buckets) for word in WORDS]
    assert np.split(rows, np.cumsum(lengths)[:-1])[3].tolist() == expected[3]
    assert rows.tolist() == [row for each in expected for row in each]
    assert lengths.tolist() == [len(each) for each in expected]


@given(
    st.lists(st.text(max_size=8), max_size=5),
    st.integers(0, 4),
    st.integers(0, 3),
    st.integers(1, 2**33),
)
def test_the_rows_are_those_of_a_plain_loop(
    words: list[str], minn: int, more: int, buckets: int
) -> None:
    maxn, buckets = max(minn + more, 1), min(buckets, 2**32 - 1)
    rows, lengths = hash_ngrams(words, minn, maxn, buckets)
    expected = [reference(word, minn, maxn, buckets) for word in words if word != "</s>"]
    assert rows.tolist() == [row for each in expected for row in each]
    assert lengths.sum() == len(rows)


def test_a_vector_is_the_mean_of_the_rows() -> None:
    subwords = Subwords(TABLE, 3, 4)
    # <at> has <at, at>, <at>
    rows = reference("at", 3, 4, 50)
    assert subwords.ngram_rows("at") == rows and len(rows) == 3
    np.testing.assert_allclose(subwords.vector("at"), TABLE[rows].mean(axis=0), rtol=1e-6)
    assert subwords.vector("at").dtype == np.float32
    assert (subwords.buckets, subwords.dim) == (50, 4)


def test_lengths_beyond_any_word_take_no_room() -> None:
    assert Subwords(TABLE, 1, 2**31 - 1).ngram_rows("at") == reference("at", 1, 4, 50)


def test_what_has_no_ngrams_has_zeros() -> None:
    subwords = Subwords(TABLE, 5, 6)
    sums, counts = subwords.sums(["at", "</s>", "cats"])
    assert counts.tolist() == [0, 0, 3]  # <cats cats> <cats>
    assert not sums[:2].any() and sums[2].any()
    assert not subwords.vector("at").any()
    assert subwords.vectors([]).shape == (0, 4)


def test_many_words_have_the_vectors_that_each_has_alone() -> None:
    subwords = Subwords(TABLE, 1, 3)
    words = [f"{word}{number}" for word in WORDS for number in range(120)]  # over several blocks
    alone = np.stack([subwords.vector(word) for word in words])
    assert np.array_equal(subwords.vectors(words), alone)


def test_a_table_of_half_precision() -> None:
    half = Subwords(TABLE.astype(np.float16), 3, 6).vector("Straße")
    assert half.dtype == np.float32
    np.testing.assert_allclose(half, Subwords(TABLE, 3, 6).vector("Straße"), atol=2e-3)


@pytest.mark.parametrize("lengths", [(-1, 3), (4, 3), (0, 0)])
def test_lengths_that_cannot_be(lengths: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match="give 0 <= minn <= maxn"):
        Subwords(TABLE, *lengths)


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (4,)])
def test_tables_that_cannot_be(shape: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="n-gram table of shape"):
        Subwords(np.zeros(shape, np.float32), 3, 6)
