"""Counting against scikit-learn's CountVectorizer, and by hand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from seqkit.baselines import ngrams as module
from seqkit.baselines.analyser import tokens
from seqkit.baselines.ngrams import Ngrams
from seqkit.errors import ConfigError

CORPORA = st.lists(st.lists(st.sampled_from(["a", "b", "c", "!"]), max_size=9).map(" ".join))


def feature_names(ngrams):
    """Write each n-gram out, shorter orders included: the inverse of the keys."""
    orders = [[(word,) for word in ngrams.words]]
    for keys in ngrams.keys:
        pairs = [divmod(key, len(ngrams.words)) for key in keys.tolist()]
        orders.append([(*orders[-1][prefix], ngrams.words[word]) for prefix, word in pairs])
    return [" ".join(words) for order in orders[ngrams.shortest - 1 :] for words in order]


def dense(rows, features):
    return sparse.csr_matrix((rows.values, rows.features, rows.starts), (len(rows), features))


@given(CORPORA, CORPORA, st.sampled_from([(1, 1), (1, 2), (1, 3), (2, 3)]))
def test_counts_equal_count_vectorizer(texts, others, orders):
    ngrams, rows = Ngrams.learn(texts, orders=orders, min_count=1)
    names = feature_names(ngrams)
    assert len(names) == len(ngrams) == len(set(names))
    assert set(names) == {
        " ".join(found[i : i + n])
        for found in map(tokens, texts)
        for n in range(orders[0], orders[1] + 1)
        for i in range(len(found) - n + 1)
    }
    if names:
        reference = CountVectorizer(
            tokenizer=tokens, token_pattern=None, ngram_range=orders, vocabulary=names
        )
        for counted, source in ((rows, texts), (ngrams.rows(others), others)):
            if source:
                wanted = reference.transform(source).toarray()
                np.testing.assert_array_equal(dense(counted, len(names)).toarray(), wanted)


def test_rare_pairs_go_and_rare_words_stay():
    ngrams, _ = Ngrams.learn(["x y z", "x y", "w"], orders=(1, 3), min_count=2)
    assert feature_names(ngrams) == ["x", "y", "w", "z", "x y"]


def test_no_ngram_crosses_two_texts():
    ngrams, _ = Ngrams.learn(["a b", "c d"], orders=(2, 2), min_count=1)
    assert feature_names(ngrams) == ["a b", "c d"]


def test_small_chunks_count_the_same(monkeypatch):
    texts = ["a b a", "", "b", "c c c c c", "", "a b a b"] * 5
    ngrams, whole = Ngrams.learn(texts, orders=(1, 2), min_count=2)
    monkeypatch.setattr(module, "_CHUNK", 3)
    parts = ngrams.rows(texts)
    for field in ("starts", "features", "values"):
        np.testing.assert_array_equal(getattr(parts, field), getattr(whole, field))


def test_rows_select_repeats_and_reorders():
    texts = ["a b", "", "c", "a a c"]
    ngrams, rows = Ngrams.learn(texts, orders=(1, 1), min_count=1)
    picked = rows.select(np.array([3, 1, 3, 0]))
    wanted = ngrams.rows([texts[i] for i in (3, 1, 3, 0)])
    np.testing.assert_array_equal(dense(picked, 3).toarray(), dense(wanted, 3).toarray())


def test_order_of_words_is_by_count_then_text():
    words = Ngrams.learn(["b a c b", "d d"], orders=(1, 1), min_count=1)[0].words
    counts = Counter(["b", "a", "c", "b", "d", "d"])
    assert words == tuple(sorted(counts, key=lambda word: (-counts[word], word)))


def test_one_string_is_refused():
    with pytest.raises(ConfigError, match=r"write \[text\]"):
        Ngrams.learn("a b", orders=(1, 1), min_count=1)
