"""Coherence by hand, and against gensim's."""

import math

import numpy as np
import pytest

from seqkit.vectors.bags import write_bags
from seqkit.vectors.coherence import topic_coherence


def ids(bags, *words):
    return [bags.words.index(word) for word in words]


def test_by_hand(tmp_path):
    documents = [["a", "b"], ["a", "b"], ["a", "c"], ["d", "d"]]
    bags = write_bags(documents, tmp_path)
    found = topic_coherence(bags, [ids(bags, "a", "b"), ids(bags, "b", "c"), ids(bags, "a", "c")])
    together, alone = 2 / 4, (3 / 4) * (2 / 4)
    expected = math.log(together / alone) / -math.log(together)
    other = math.log((1 / 4) / (3 / 4 * 1 / 4)) / -math.log(1 / 4)
    np.testing.assert_allclose(found, [expected, -1.0, other])


def test_words_that_are_everywhere(tmp_path):
    bags = write_bags([["a", "b"], ["b", "a"]], tmp_path)
    assert topic_coherence(bags, [[0, 1]]).tolist() == [1.0]


def test_against_gensim(tmp_path):
    gensim = pytest.importorskip("gensim", reason="needs the extra vectors")
    from gensim.models.coherencemodel import CoherenceModel

    rng = np.random.default_rng(0)
    words = [f"w{n}" for n in range(12)]
    weights = rng.dirichlet(np.ones(12), 40)
    texts = [rng.choice(words, 15, p=weight).tolist() for weight in weights]
    bags = write_bags(texts, tmp_path)
    topics = [words[:4], words[3:9], words[8:]]
    theirs = CoherenceModel(
        topics=topics,
        texts=texts,
        dictionary=gensim.corpora.Dictionary(texts),
        coherence="c_npmi",
        window_size=1000,  # of a whole document
        processes=1,
    ).get_coherence_per_topic()
    ours = topic_coherence(bags, [ids(bags, *topic) for topic in topics])
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
