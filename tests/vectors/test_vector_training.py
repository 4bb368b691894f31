"""Training word vectors: gensim's own training is the second source."""

import random
import signal
import threading
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.vectors import token_file, training
from seqkit.vectors.config import VectorsConfig, unused_training_options
from seqkit.vectors.token_file import escape, unescape, write_token_file
from seqkit.vectors.training import train_on_tokens, train_vectors

gensim = pytest.importorskip("gensim", reason="needs the extra vectors")

SMALL = VectorsConfig(dim=10, window=3, min_count=1, sample=0.0, epochs=3, deterministic=True)


def text(lines=60, *, words=25, seed=0):
    """Make sentences in which every word comes another number of times."""
    rng = random.Random(seed)
    tokens = [f"word{n}" for n in range(words) for _ in range(10 + 3 * n)]
    rng.shuffle(tokens)
    cuts = sorted(rng.sample(range(1, len(tokens)), lines - 1))
    return [tokens[a:b] for a, b in zip([0, *cuts], [*cuts, len(tokens)], strict=True)]


@pytest.mark.parametrize(
    ("config", "theirs"),
    [
        (SMALL, {"sg": 1}),
        (replace(SMALL, architecture="cbow", negatives=2, ns_exponent=0.5), {"negative": 2}),
        (  # any sample that skips nothing: see `_make_model`
            replace(SMALL, objective="hierarchical"),
            {"sg": 1, "hs": 1, "negative": 0, "sample": 1000},
        ),
        (replace(SMALL, lr=0.1, min_lr=0.1, sample=0.01), {"sg": 1, "alpha": 0.1}),
        (replace(SMALL, method="fasttext", buckets=500, maxn=4), {"sg": 1}),
    ],
)
def test_the_vectors_are_those_of_gensim(config, theirs, tmp_path):
    sentences = text()
    path = tmp_path / "text.txt"
    path.write_text("".join(" ".join(line) + "\n" for line in sentences))
    options = {"vector_size": 10, "window": 3, "min_count": 1, "sample": config.sample}
    options |= {"epochs": 3, "workers": 1, "seed": 7, "ns_exponent": config.ns_exponent}
    options |= {"min_alpha": config.min_lr, **theirs}
    kind = gensim.models.Word2Vec
    if config.method == "fasttext":
        kind, options = gensim.models.FastText, {**options, "bucket": 500, "max_n": 4}
    model = kind(corpus_file=str(path), **options)

    ours = train_vectors(sentences, config, seed=7)
    assert ours.words == model.wv.index_to_key
    assert ours.counts.tolist() == [model.wv.get_vecattr(word, "count") for word in ours.words]
    np.testing.assert_allclose(ours.rows(range(25)), model.wv.vectors, rtol=1e-4, atol=1e-6)
    assert ours.facts["words_trained"] <= 3 * ours.facts["tokens"]
    if config.method == "fasttext":
        np.testing.assert_allclose(ours.vector("wordy"), model.wv["wordy"], rtol=1e-4, atol=1e-6)
    else:
        assert ours.subwords is None and "wordy" not in ours


@pytest.mark.parametrize("method", ["word2vec", "fasttext"])
def test_a_deterministic_training_gives_the_same_bytes_twice(method):
    config = replace(SMALL, method=method, buckets=300, sample=0.01)
    first, second = (train_vectors(text(), config, seed=3) for _ in range(2))
    assert first.rows(range(25)).tobytes() == second.rows(range(25)).tobytes()
    other = train_vectors(text(), config, seed=4)
    assert first.rows(range(25)).tobytes() != other.rows(range(25)).tobytes()


def test_words_of_one_company_are_neighbours():
    rng = random.Random(0)
    groups = [[f"{name}{n}" for n in range(6)] for name in "ab"]
    sentences = [rng.choices(groups[number % 2], k=12) for number in range(400)]
    config = replace(SMALL, epochs=10, lr=0.05)
    vectors = train_vectors(sentences, config)
    for group in groups:
        for word in group:
            nearest = vectors.most_similar(word, k=5)
            assert {each.word for each in nearest} == {*group} - {word}


def test_parts_are_trained_in_turn_by_several_threads(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "_SHARE", 100)
    monkeypatch.setattr(token_file, "_TIMES", 1)
    sentences = text()
    tokens = write_token_file(sentences, tmp_path, least=300)
    parts = len(tokens.parts)
    assert parts > 1 and tokens.tokens == sum(map(len, sentences))
    seen = []
    config = replace(SMALL, deterministic=False, workers=3)
    vectors = train_on_tokens(tokens, config, progress=seen.append)
    assert [part.epoch for part in seen] == [1] * parts + [2] * parts + [3] * parts
    assert [part.ends_epoch for part in seen] == [*[False] * (parts - 1), True] * 3
    assert sum(part.tokens for part in seen) == 3 * tokens.tokens
    rates = [part.lr for part in seen]
    assert rates == sorted(rates, reverse=True) and rates[-1] == pytest.approx(config.min_lr)
    assert vectors.facts["words_trained"] == sum(part.trained for part in seen)
    assert [*tokens] == sentences  # the files stay


def test_the_words_that_get_a_vector():
    sentences = [["a", "b", "c", "a", "b", "a"], ["d", "c", "e"], []]
    vectors = train_vectors(sentences, replace(SMALL, min_count=2))
    assert vectors.words == ["a", "b", "c"] and vectors.counts.tolist() == [3, 2, 2]
    vectors = train_vectors(sentences, replace(SMALL, max_vocab=2))
    assert vectors.words == ["a", "b"]
    assert vectors.facts["max_vocab"] == 2 and "buckets" not in vectors.facts


ODD = ["a b", "\n", "x", "\ud800", "\x00", "\ue0001", "\u2028", "\xa0", "\r\t"]


def test_any_token_is_a_word():
    vectors = train_vectors([ODD] * 3, SMALL)
    assert sorted(vectors.words) == sorted(ODD)
    assert vectors.facts["words_trained"] == 3 * 3 * len(ODD)


@pytest.mark.parametrize(
    ("sentences", "config", "message"),
    [
        ([["a", "b"], ["c"]], SMALL, "the text has 3 tokens, and the window takes 3"),
        ([], SMALL, "the text has 0 tokens"),
        ([["a"]] * 9, SMALL, "every line of the text is a single token"),
        ([["a", "b", "a"]] * 4, replace(SMALL, min_count=9), "no word comes 9 times, .* one 8"),
    ],
)
def test_a_text_that_cannot_be_learnt_from(sentences, config, message):
    with pytest.raises(DataError, match=message):
        train_vectors(sentences, config)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "glove"}, "vectors.method 'glove': choose from"),
        ({"architecture": "skip"}, "did you mean 'skipgram'"),
        ({"dim": 0}, "vectors.dim 0: must be 1 or more"),
        ({"max_vocab": 0}, "vectors.max_vocab 0"),
        ({"sample": 1.0}, "vectors.sample"),
        ({"lr": 0.0}, "vectors.lr 0.0"),
        ({"lr": 1.5}, "vectors.lr 1.5"),
        ({"min_lr": 1.0}, "vectors.min_lr"),
        ({"minn": 5, "maxn": 4}, "vectors.maxn 4: must be minn 5 or more"),
        ({"buckets": 2**31}, "vectors.buckets"),
        ({"phrase_scoring": "npmi", "phrase_threshold": 10.0}, r"npmi lies in \[-1, 1\]"),
        ({"phrase_threshold": -1.0}, "must be more than 0"),
        ({"deterministic": True, "workers": 2}, "give one of the two"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(ConfigError, match=message):
        VectorsConfig(**options)


def test_options_without_effect():
    unused = {name for name, _ in unused_training_options(VectorsConfig())}
    assert {"vectors.buckets", "vectors.phrase_threshold"} <= unused
    config = VectorsConfig(method="fasttext", phrases=1)
    assert not [*unused_training_options(config)]
    config = replace(config, objective="hierarchical")
    unused = {name for name, _ in unused_training_options(config)}
    assert unused == {"vectors.negatives", "vectors.ns_exponent"}


def test_without_gensim(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "gensim", None)
    with pytest.raises(ConfigError, match=r'needs gensim.*pip install "seqkit\[vectors\]"'):
        train_vectors(iter(lambda: pytest.fail("read before gensim was asked for"), None))


def test_ctrl_c_ends_the_threads(tmp_path):
    tokens = write_token_file([line for line in text() for _ in range(400)], tmp_path)
    config = replace(SMALL, deterministic=False, workers=2, epochs=1000)
    main = threading.main_thread().ident
    timer = threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        train_on_tokens(tokens, config)
    timer.join()
    assert not [each for each in threading.enumerate() if "corpusfile" in each.name]
    assert all(part.path.stat().st_size == 0 for part in tokens.parts)


TOKENS = st.text(min_size=1, max_size=5) | st.sampled_from(ODD)


@settings(max_examples=60)
@given(st.lists(st.lists(TOKENS, max_size=8), max_size=12), st.integers(1, 20))
def test_a_token_file_gives_back_what_was_written(tmp_path_factory, sentences, least):
    tokens = write_token_file(sentences, tmp_path_factory.mktemp("tokens"), least=least)
    written = [line for line in sentences if line]
    assert [*tokens] == written
    assert tokens.counts == Counter(token for line in written for token in line)
    assert tokens.lines == len(written) and tokens.tokens == sum(map(len, written))
    assert tokens.longest == max(map(len, written), default=0)
    for part in tokens.parts:  # as the compiled reader sees it: ASCII white space alone
        content = part.path.read_bytes()
        assert content.count(b"\n") == part.lines and len(content.split()) == part.tokens
        assert all(unescape(word.decode()) in tokens.counts for word in content.split())


@given(TOKENS)
def test_escapes(token):
    assert unescape(escape(token)) == token
    assert len(escape(token).encode().split()) == 1


def test_long_lines_are_cut(tmp_path):
    tokens = write_token_file([["a"] * 25_000, ["b"]], tmp_path)
    assert [len(line) for line in tokens] == [10_000, 10_000, 5_000, 1]
    assert tokens.lines == 4 and tokens.longest == 10_000


def test_a_full_disk(tmp_path, monkeypatch):
    def full(line):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("seqkit.vectors.token_file._written", full)
    with pytest.raises(DataError, match="the disk is full"):
        write_token_file([["a"]], tmp_path)


def test_reading_is_quick_enough_to_stay_in_the_background(tmp_path):
    sentences = [f"word{n % 500}" for n in range(100)]
    started = time.process_time()
    write_token_file([sentences] * 2000, tmp_path)
    assert time.process_time() - started < 2  # 0.03 here: this is for what is quadratic
