"""Training topics: planted ones are found, gensim trains the same, processes change nothing."""

import sys

import numpy as np
import pytest
from planted import WORDS, planted

from seqkit.errors import ConfigError, DataError
from seqkit.text import Normalizer, TextPipeline, Vocab, WordTokenizer
from seqkit.vectors.bags import choose_bag_words, select_bags, write_bags
from seqkit.vectors.topic_scores import measure_topics, measure_unigram
from seqkit.vectors.topic_training import LdaConfig, train_topics

pytest.importorskip("gensim", reason="needs the extra vectors")

SMALL = LdaConfig(topics=3, passes=8, chunk=30)


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """Bags of documents, of others, and the pipeline that makes texts such bags."""
    folder = tmp_path_factory.mktemp("bags")
    pipeline = TextPipeline(Normalizer(case="lower"), WordTokenizer(), Vocab([]))
    texts = planted(150)
    bags = write_bags(map(pipeline.tokens, texts), folder)
    rows = np.arange(120)
    words = choose_bag_words(bags, rows, max_share=0.5)
    train, _ = select_bags(bags, rows, words, folder, name="train")
    test, _ = select_bags(bags, np.arange(120, 150), words, folder, name="test")
    return train, test, TextPipeline(Normalizer(case="lower"), WordTokenizer(), Vocab(train.words))


@pytest.fixture(scope="module")
def model(documents):
    return train_topics(documents[0], documents[2], SMALL)


def test_planted_topics_are_found(model):
    found = [{word for word, _ in topic.words} for topic in model.topics(6)]
    assert sorted(map(sorted, found)) == sorted(map(sorted, WORDS.values()))
    for name, words in WORDS.items():
        (best, *_) = model.of(" ".join(words))
        assert best.share > 0.9 and found[best.topic] == {*words}, name
    assert model.shares.sum() == pytest.approx(1) and (np.diff(model.shares) <= 0).all()


def test_topics_foretell_better_than_frequencies(documents, model):
    train, test, _ = documents
    counts = np.zeros(len(train.words), np.int64)
    for ids, times in train:
        counts[ids] += times
    topics, unigram = measure_topics(model, test), measure_unigram(counts, test)
    assert topics.perplexity < 0.8 * unigram.perplexity
    by_hand = sum(
        times * -np.log(counts[id] / counts.sum())
        for ids, all_times in test
        for id, times in zip(ids.tolist(), all_times.tolist(), strict=True)
    )
    assert unigram.perplexity == pytest.approx(np.exp(by_hand / unigram.tokens.sum()))
    assert topics.against(unigram).difference < 0


def test_gensim_by_itself_trains_the_same(documents, model):
    from gensim.models.ldamodel import LdaModel

    train = documents[0]
    corpus = [[*zip(ids.tolist(), counts.tolist(), strict=True)] for ids, counts in train]
    theirs = LdaModel(
        corpus,
        num_topics=3,
        id2word=dict(enumerate(train.words)),
        passes=8,
        chunksize=30,
        eta=0.5,
        eval_every=None,
        random_state=1,
    ).state.get_lambda()
    order = np.argsort(-theirs.sum(axis=1))
    np.testing.assert_array_equal(model.parameters, theirs[order].T)


@pytest.mark.parametrize("alpha", ["symmetric", "auto"])
def test_processes_do_not_change_the_result(documents, alpha):
    train, _, pipeline = documents
    config = {"topics": 3, "passes": 2, "chunk": 60, "alpha": alpha}
    one = train_topics(train, pipeline, LdaConfig(**config))
    two = train_topics(train, pipeline, LdaConfig(**config, workers=2))
    np.testing.assert_allclose(two.parameters, one.parameters, rtol=1e-3)
    np.testing.assert_allclose(two.alpha, one.alpha, rtol=1e-3)


def test_progress_counts_documents(documents):
    seen = []
    train_topics(documents[0], documents[2], LdaConfig(topics=3, passes=2), progress=seen.append)
    assert seen == [1] * 120 + [2] * 120


def test_few_updates_are_told(documents, caplog):
    train_topics(documents[0], documents[2], LdaConfig(topics=3, passes=1, chunk=100))
    assert [record.message[:32] for record in caplog.records] == [
        "the topics are updated 2 times, "
    ]


def test_bad_input(documents, monkeypatch):
    train, _, pipeline = documents
    with pytest.raises(DataError, match="120 documents hold a word of the vocabulary, fewer than"):
        train_topics(train, pipeline, LdaConfig(topics=121))
    monkeypatch.setitem(sys.modules, "gensim", None)
    with pytest.raises(ConfigError, match=r'training topics needs gensim.*"seqkit\[vectors\]"'):
        train_topics(train, pipeline)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": "autos"}, r"lda.alpha 'autos': choose from .*did you mean 'auto'"),
        ({"topics": 1}, "lda.topics 1: must be 2 or more"),
        ({"chunk": 0}, "lda.chunk 0: must be 1 or more"),
        ({"eta": 0.0}, r"lda.eta 0.0: must lie in \[1e-06, 1e\+06\]"),
        ({"eta": 1e300}, r"lda.eta 1e\+300: must lie in"),
        ({"decay": 0.4}, "lda.decay 0.4: must lie in"),
        ({"offset": 0.0}, "lda.offset 0.0: must be more than 0"),
    ],
)
def test_options_fail_at_the_door(options, message):
    with pytest.raises(ConfigError, match=message):
        LdaConfig(**options)
