"""Figures of a split, against one token at a time and against counting."""

import math
import tracemalloc
from collections import Counter

import numpy as np
import pytest
import torch

from seqkit.batching import TokenShards, lines
from seqkit.data import TextDataConfig, load_text
from seqkit.models.language_model import LanguageModel
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.text import (
    Normalizer,
    TextConfig,
    TextPipeline,
    Vocab,
    WhitespaceTokenizer,
    build_pipeline,
)
from seqkit.train import language_evaluation
from seqkit.train.language_evaluation import (
    MeasuredSplit,
    score_split,
    split_loss,
    table_log_probs,
    unigram_log_probs,
)
from seqkit.train.language_result import most_surprising

V = 30


def network(cell="lstm"):
    torch.manual_seed(3)
    model = RecurrentLm(RecurrentLmConfig(cell=cell, dim=8, hidden=(9, 8)), vocabulary=V)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)
    return model.train()


def network_of(vocabulary):
    return RecurrentLm(RecurrentLmConfig(dim=4, hidden=(4,)), vocabulary=vocabulary)


def corpus(count=1500):
    rng = np.random.default_rng(4)
    ids = rng.integers(Vocab.UNK, V, count)
    ids[rng.random(count) < 0.1] = Vocab.EOS
    ids[-1] = Vocab.EOS
    return TokenShards.from_array(ids)


def step_by_step(model, tokens, *, sentences):
    model.eval()
    first = Vocab.BOS if sentences else Vocab.EOS
    state, before, found = model.start(1), first, []
    with torch.no_grad():
        for token in tokens[:].tolist():
            hidden, state = model(torch.tensor([[before]]), state)
            found.append(float(model.output.log_probs(hidden.top[0])[0, token]))
            before = token
            if sentences and token == Vocab.EOS:
                state, before = model.start(1), first
    model.train()
    return np.array(found)


@pytest.mark.parametrize("stretch", [1, 100, 700, 1 << 20])
@pytest.mark.parametrize("sentences", [False, True])
def test_every_token_once_given_all_before_it(sentences, stretch, monkeypatch):
    monkeypatch.setattr(language_evaluation, "_STRETCH", stretch)
    monkeypatch.setattr(language_evaluation, "_WINDOW", 32)
    model, tokens = network(), corpus(300 if stretch == 1 else 1500)
    expected = step_by_step(model, tokens, sentences=sentences)
    parts = list(score_split(model, tokens, sentences=sentences))
    assert (len(parts) == 1) == (stretch > len(tokens))
    found = np.concatenate(parts)
    assert found.shape == (len(tokens),) and found.dtype == np.float64
    np.testing.assert_allclose(found, expected, atol=5e-5)
    loss = split_loss(model, tokens, sentences=sentences)
    assert loss == pytest.approx(-expected.mean(), abs=2e-6)
    assert model.training


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_perplexity_changes_with_neither_window_nor_batch(cell, monkeypatch):
    model, tokens = network(cell), corpus(5200 if cell == "lstm" else 1500)
    perplexities = []
    for window in (1, 7, 35, 500) if cell == "lstm" else (7, 500):
        for lanes in (1, 3, 10):
            monkeypatch.setattr(language_evaluation, "_WINDOW", window)
            monkeypatch.setattr(language_evaluation, "_LANES", lanes)
            perplexities.append(np.exp(split_loss(model, tokens, sentences=False)))
    assert np.ptp(perplexities) < 1e-5


def test_unigram_is_by_counts_with_one_more_for_each(monkeypatch):
    monkeypatch.setattr(language_evaluation, "_STRETCH", 400)
    tokens = corpus()
    log_probs = unigram_log_probs(tokens, vocabulary=V)
    told = np.concatenate(list(table_log_probs(log_probs, tokens)))
    np.testing.assert_array_equal(told, log_probs[tokens[:]])
    counts = Counter(tokens[:].tolist())
    total = len(tokens) + V - 2
    assert log_probs.shape == (V,)
    for id, value in enumerate(log_probs.tolist()):
        never = id in (Vocab.PAD, Vocab.BOS)
        assert value == (-math.inf if never else pytest.approx(math.log((counts[id] + 1) / total)))
    assert np.exp(log_probs).sum() == pytest.approx(1)


PLAIN = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(map(str, range(V - 4))))


class Counted:
    """Tokens that are made as they are asked for, and how many were at once."""

    def __init__(self, count):
        self.count, self.most = count, 0

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        start, stop, _ = index.indices(self.count)
        self.most = max(self.most, stop - start)
        ids = Vocab.UNK + np.arange(start, stop) % (V - Vocab.UNK)
        return np.where(np.arange(start + 1, stop + 1) % 50 == 0, Vocab.EOS, ids)


@pytest.mark.parametrize("sentences", [False, True])
def test_no_split_is_held_whole(sentences, monkeypatch):
    """Three times the tokens, hardly more memory: the sums of their lines."""
    monkeypatch.setattr(language_evaluation, "_STRETCH", 2000)
    monkeypatch.setattr(lines, "_CHUNK", 2000)
    model = network()

    def measured(count):
        tokens = Counted(count)
        measure = MeasuredSplit("test", [], tokens, PLAIN)
        tracemalloc.start()
        scored = score_split(model, tokens, sentences=sentences)
        measure.characters = measure.bytes = count
        result = measure.result("model", scored)
        table = table_log_probs(np.zeros(V), tokens)
        assert measure.result("table", table).nats == 0
        assert result.tokens == count and len(most_surprising(result, tokens, text=str)) == 20
        assert tokens.most <= 2000
        return tracemalloc.get_traced_memory()[1]

    try:
        few, many = measured(20_000), measured(60_000)
    finally:
        tracemalloc.stop()
    assert many - few < 150 * 40_000 / 50  # bytes a line, those of passing indices included


def test_a_split_is_measured_by_its_lines_characters_and_bytes(tmp_path):
    lines = ["It was é", "", " 🙂  was it", "nothing else"]
    for name, text in (("train", ["it was", "was it"] * 20), ("valid", lines), ("test", lines)):
        (tmp_path / f"{name}.txt").write_text("\n".join(text) + "\n", encoding="utf-8")
    names = {name: str(tmp_path / f"{name}.txt") for name in ("train", "valid", "test")}
    splits = load_text(TextDataConfig(**names), seed=1)
    pipeline = build_pipeline(TextConfig(tokenizer="whitespace"), splits.train)
    ids = [id for line in splits.valid for id in (*pipeline.encode(line), Vocab.EOS)]
    measured = MeasuredSplit("valid", splits.valid, TokenShards.from_array(ids), pipeline)
    log_probs = -np.arange(1.0, len(ids) + 1)
    result = measured.result("model", np.split(log_probs, [2, 9]), adapted=True)
    assert result.tokens_by_line.tolist() == [4, 1, 4, 3]
    assert result.nats_by_line.tolist() == [10, 5, 30, 33]
    told = ["it was é", "", "🙂 was it", "nothing else"]  # what its tokens do
    assert (result.characters, result.unknown) == (sum(len(x) + 1 for x in told), 4)
    assert result.bytes == sum(len(line.encode()) + 1 for line in told)
    assert result.lowest[:2] == [(-12.0, 11), (-11.0, 10)]
    model = LanguageModel(network_of(len(pipeline.vocab)), pipeline)
    score = model.score("\n".join(lines))
    assert (score.characters, score.bytes) == (result.characters, result.bytes)
    assert (result.name, result.split, result.adapted) == ("model", "valid", True)
