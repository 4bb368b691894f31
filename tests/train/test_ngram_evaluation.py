"""Figures of an n-gram model on a split, against sums by hand."""

import math

import numpy as np
import pytest

from seqkit.errors import DataError
from seqkit.ngram.counting import count_ngrams
from seqkit.ngram.estimate import SmoothingConfig, estimate
from seqkit.ngram.trie import PackedTrie
from seqkit.text import Normalizer, TextPipeline, Vocab, WhitespaceTokenizer
from seqkit.text.lexicon import Lexicon
from seqkit.train import ngram_evaluation
from seqkit.train.ngram_evaluation import EncodedSplit, mean_log_sum, unigram_scorer
from seqkit.train.ngram_orders import lower_order, measure_orders

pytest.importorskip("numba", reason="needs the extra ngram")

LINES = ["the cat", "", "a cat é saw", "the  cat"]  # ids: 4 the, 5 cat, 6 a; the rest unknown
IDS = [4, 5, 2, 2, 6, 5, 3, 3, 2, 4, 5, 2]


@pytest.fixture
def pipeline():
    vocab = Vocab(["the", "cat", "a"])
    return TextPipeline(Normalizer(), WhitespaceTokenizer(), vocab)


@pytest.fixture
def part(pipeline, tmp_path):
    lexicon = Lexicon.from_words(pipeline.vocab.words)
    return EncodedSplit("test", LINES, pipeline, lexicon, folder=tmp_path)


def test_what_a_split_holds(part):
    assert part.ids.tolist() == IDS
    assert part.tokens_by_line.tolist() == [3, 1, 5, 3]
    assert part.unknown == 2
    assert part.characters == sum(map(len, ["the cat\n", "\n", "a cat é saw\n", "the cat\n"]))
    assert part.bytes == part.characters + 1


@pytest.mark.parametrize("size", [1, 3, 4, 8, 9, 100])
def test_blocks_are_of_whole_lines(size, part, monkeypatch):
    monkeypatch.setattr(ngram_evaluation, "_BLOCK", size)
    blocks = [block.tolist() for block in part.blocks()]
    assert [id for block in blocks for id in block] == IDS
    assert all(block[-1] == Vocab.EOS for block in blocks)
    assert all(len(block) <= size or block.count(Vocab.EOS) == 1 for block in blocks)


def test_no_line(pipeline, tmp_path):
    with pytest.raises(DataError, match="valid: no line in it"):
        EncodedSplit("valid", [], pipeline, Lexicon.from_words(["the"]), folder=tmp_path)


def test_sums_by_hand(part, monkeypatch):
    """Every token costs its place in the split, 1 to 12; n-grams of its id's length are found."""
    monkeypatch.setattr(ngram_evaluation, "_BLOCK", 4)
    at = 0

    def score(ids):
        nonlocal at
        costs = np.arange(at + 1, at + len(ids) + 1, dtype=np.float32)
        at += len(ids)
        return -costs, ids.astype(np.uint8)

    measured = part.measure("model", score)
    result = measured.result
    assert result.nats_by_line.tolist() == [1 + 2 + 3, 4, 5 + 6 + 7 + 8 + 9, 10 + 11 + 12]
    assert result.perplexity == pytest.approx(math.exp(78 / 12))
    assert result.known.tokens == 10 and result.known.nats == 78 - 7 - 8
    assert result.impossible == 0 and result.lowest[0] == (-12.0, 11)
    rows = {length: tuple(part) for length, part in measured.hits.rows()}
    assert rows == {2: (4, 28.0), 3: (2, 15.0), 4: (2, 11.0), 5: (3, 19.0), 6: (1, 5.0)}


def test_impossible_tokens_are_counted_and_left_out(part):
    def score(ids):
        return np.where(ids == 5, -np.inf, -2.0).astype(np.float32), np.ones(len(ids), np.uint8)

    measured = part.measure("model", score)
    result = measured.result
    assert result.impossible == 3 and result.perplexity == math.inf
    assert result.possible == (9, 18.0)
    assert result.known.perplexity == math.inf and result.interval is None
    assert measured.hits.rows()[0][1].nats == math.inf
    figures = result.metrics()
    assert figures["perplexity"] is figures["bits_per_byte"] is figures["perplexity_known"] is None
    assert figures["perplexity_possible"] == pytest.approx(math.exp(2))


def test_the_unigram_baseline():
    """A count more for each id but PAD and BOS: 4 + 2 + 1 and 1 for UNK and the third word."""
    log_probs, matched = unigram_scorer(np.array([0, 2, 3, 0, 1, 0], np.uint32))(
        np.array([2, 4, 3])
    )
    assert np.exp(log_probs).tolist() == pytest.approx([4 / 8, 2 / 8, 1 / 8])
    assert matched.tolist() == [1, 1, 1]


@pytest.fixture
def counts(tmp_path):
    rng = np.random.default_rng(0)
    lines = [[*rng.choice([4, 4, 4, 5, 5, 6], rng.integers(1, 9)), 2] for _ in range(200)]
    block = np.concatenate(lines).astype(np.uint32)
    return count_ngrams([block], order=3, vocabulary=7, memory=1 << 24, folder=tmp_path)


def test_probabilities_sum_to_one_and_quantised_ones_nearly(counts, part):
    table = estimate(counts, SmoothingConfig(method="witten-bell")).table
    assert mean_log_sum(PackedTrie.pack(table), part) == pytest.approx(0, abs=1e-5)
    loss = mean_log_sum(PackedTrie.pack(table, quantize=4), part)
    assert 1e-6 < abs(loss) < 0.1


def test_lower_orders_are_those_that_would_have_been_counted(counts, part, tmp_path):
    whole = PackedTrie.pack(estimate(counts, SmoothingConfig(prune=(0, 0, 1))).table)
    config = SmoothingConfig(prune=(0, 0, 1))
    results = measure_orders(counts, config, whole, {"test": part}, folder=tmp_path)["test"]
    assert list(results) == [1, 2, 3]
    lower = lower_order(counts, 2)
    assert lower.levels.sizes == counts.levels.sizes[:2] and len(lower.levels.starts) == 1
    own = PackedTrie.pack(estimate(lower, SmoothingConfig()).table)
    assert results[2].nats == pytest.approx(part.measure("own", own.score).result.nats)
    assert results[3].nats == pytest.approx(part.measure("whole", whole.score).result.nats)
