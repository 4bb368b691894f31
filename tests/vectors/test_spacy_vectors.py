import logging

import numpy as np
import pytest

pytest.importorskip("spacy")

import spacy

from seqkit.errors import DataError
from seqkit.vectors.spacy_vectors import from_spacy, to_spacy
from seqkit.vectors.word_vectors import WordVectors

WORDS = ["king", "Queen", "New York", "", " ", "été", "👩🏽‍🚀", "don't", "x" * 300]
VECTORS = np.random.default_rng(1).normal(size=(len(WORDS), 5)).astype(np.float32)


@pytest.fixture
def nlp():
    nlp = spacy.blank("en")
    to_spacy(WordVectors(WORDS, VECTORS), nlp)
    return nlp


def test_tokens_have_them(nlp):
    doc = nlp("king Queen été queen")
    assert [token.has_vector for token in doc] == [True, True, True, False]
    np.testing.assert_array_equal(doc[0].vector, VECTORS[0])
    np.testing.assert_array_equal(doc[1].vector, VECTORS[1])
    np.testing.assert_array_equal(doc[3].vector, np.zeros(5))
    np.testing.assert_allclose(doc.vector, VECTORS[[0, 1, 5]].sum(0) / 4, rtol=1e-6)
    for word, vector in zip(WORDS, VECTORS, strict=True):
        np.testing.assert_array_equal(nlp.vocab.get_vector(word), vector)


def test_both_say_the_same_of_two_words(nlp):
    ours = WordVectors(WORDS, VECTORS).similarity("king", "été")
    assert nlp("king").similarity(nlp("été")) == pytest.approx(ours, abs=1e-6)


def test_round_trip(nlp):
    for source in (nlp, nlp.vocab):
        back = from_spacy(source)
        assert back.words == WORDS
        np.testing.assert_array_equal(back.rows(range(len(WORDS))), VECTORS)
    assert from_spacy(nlp).facts == {"spacy": f"en_pipeline {nlp.meta['version']}"}


def test_they_are_saved_with_the_pipeline(nlp, tmp_path):
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    np.testing.assert_array_equal(loaded("king")[0].vector, VECTORS[0])
    back = from_spacy(loaded)
    assert dict(zip(back.words, back.rows(range(len(back))).tolist(), strict=True)) == (
        dict(zip(WORDS, VECTORS.tolist(), strict=True))
    )


def test_stored_halves_arrive_as_floats(tmp_path):
    WordVectors(WORDS, VECTORS).save(tmp_path, precision="float16")
    vectors, nlp = WordVectors.load(tmp_path), spacy.blank("en")
    to_spacy(vectors, nlp)
    assert nlp("king")[0].vector.dtype == np.float32
    np.testing.assert_array_equal(nlp("king")[0].vector, vectors.vector("king"))


def test_words_that_share_a_row_get_a_copy_each():
    vocab = spacy.blank("en").vocab
    keys = [vocab.strings.add(word) for word in ("king", "Queen")]
    vocab.vectors = spacy.vectors.Vectors(strings=vocab.strings, data=VECTORS[:2], keys=keys)
    vocab.vectors.add(vocab.strings.add("monarch"), row=0)
    back = from_spacy(vocab)
    assert back.words == ["king", "monarch", "Queen"]
    np.testing.assert_array_equal(back.rows([0, 1, 2]), VECTORS[[0, 0, 1]])


def test_a_lone_surrogate_is_left_out():
    nlp = spacy.blank("en")
    to_spacy(WordVectors(["a\ud800", "b"], VECTORS[:2]), nlp)
    assert from_spacy(nlp).words == ["b"]
    np.testing.assert_array_equal(nlp("b")[0].vector, VECTORS[1])


def test_replacing_others_is_said(nlp, caplog):
    with caplog.at_level(logging.WARNING):
        to_spacy(WordVectors(["king"], [[1.0, 2.0]]), nlp)
    assert "vectors of 5 numbers are replaced" in caplog.text
    assert nlp("king")[0].vector.tolist() == [1.0, 2.0] and not nlp("Queen")[0].has_vector


def test_words_that_spacy_does_not_know_are_counted(caplog):
    vocab = spacy.blank("en").vocab
    keys = [vocab.strings.add("known"), 12345]
    vocab.vectors = spacy.vectors.Vectors(data=VECTORS[:2], keys=keys)
    with caplog.at_level(logging.WARNING):
        assert from_spacy(vocab).words == ["known"]
    assert "spaCy's a en Vocab: 1 vectors left out" in caplog.text


def test_pipelines_without_vectors():
    with pytest.raises(DataError, match=r"spaCy's en_pipeline \S+: has no word vectors: load one"):
        from_spacy(spacy.blank("en"))


def test_floret_belongs_to_no_words():
    nlp = spacy.blank("en")
    nlp.vocab.vectors = spacy.vectors.Vectors(
        strings=nlp.vocab.strings, mode="floret", data=VECTORS, minn=2, maxn=3, hash_count=2
    )
    assert nlp("king")[0].has_vector
    with pytest.raises(DataError, match="floret vectors are rows of hashed subwords, of no words"):
        from_spacy(nlp)
