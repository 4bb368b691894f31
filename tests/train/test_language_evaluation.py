"""Figures of a split, against one token at a time and against counting."""

import math
from collections import Counter

import numpy as np
import pytest
import torch

from seqkit.batching import TokenShards
from seqkit.data import TextDataConfig, load_text
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.text import TextConfig, Vocab, build_pipeline
from seqkit.train import language_evaluation
from seqkit.train.language_evaluation import MeasuredSplit, score_split, unigram_log_probs

V = 30


def network(cell="lstm"):
    torch.manual_seed(3)
    model = RecurrentLm(RecurrentLmConfig(cell=cell, dim=8, hidden=(9, 8)), vocabulary=V)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)
    return model.train()


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


@pytest.mark.parametrize("sentences", [False, True])
def test_every_token_once_given_all_before_it(sentences):
    model, tokens = network(), corpus()
    expected = step_by_step(model, tokens, sentences=sentences)
    found = score_split(model, tokens, sentences=sentences)
    assert found.shape == (len(tokens),) and found.dtype == np.float64
    np.testing.assert_allclose(found, expected, atol=5e-5)
    assert found.mean() == pytest.approx(expected.mean(), abs=1e-6)
    assert model.training


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_perplexity_changes_with_neither_window_nor_batch(cell, monkeypatch):
    model, tokens = network(cell), corpus(5200 if cell == "lstm" else 1500)
    perplexities = []
    for window in (1, 7, 35, 500) if cell == "lstm" else (7, 500):
        for lanes in (1, 3, 10):
            monkeypatch.setattr(language_evaluation, "_WINDOW", window)
            monkeypatch.setattr(language_evaluation, "_LANES", lanes)
            perplexities.append(np.exp(-score_split(model, tokens, sentences=False).mean()))
    assert np.ptp(perplexities) < 1e-5


def test_unigram_is_by_counts_with_one_more_for_each():
    tokens = corpus()
    log_probs = unigram_log_probs(tokens, vocabulary=V)
    counts = Counter(tokens[:].tolist())
    total = len(tokens) + V - 2
    assert log_probs.shape == (V,)
    for id, value in enumerate(log_probs.tolist()):
        never = id in (Vocab.PAD, Vocab.BOS)
        assert value == (-math.inf if never else pytest.approx(math.log((counts[id] + 1) / total)))
    assert np.exp(log_probs).sum() == pytest.approx(1)


def test_a_split_is_measured_by_its_lines_characters_and_bytes(tmp_path):
    lines = ["it was é", "", "🙂 was it", "nothing else"]
    for name, text in (("train", ["it was", "was it"] * 20), ("valid", lines), ("test", lines)):
        (tmp_path / f"{name}.txt").write_text("\n".join(text) + "\n", encoding="utf-8")
    names = {name: str(tmp_path / f"{name}.txt") for name in ("train", "valid", "test")}
    splits = load_text(TextDataConfig(**names), seed=1)
    pipeline = build_pipeline(TextConfig(tokenizer="whitespace"), splits.train)
    ids = [id for line in splits.valid for id in (*pipeline.encode(line), Vocab.EOS)]
    measured = MeasuredSplit("valid", splits.valid, TokenShards.from_array(ids))
    log_probs = -np.arange(1.0, len(ids) + 1)
    result = measured.result("model", log_probs, adapted=True)
    assert result.tokens_by_line.tolist() == [4, 1, 4, 3]
    assert result.nats_by_line.tolist() == [10, 5, 30, 33]
    assert (result.characters, result.unknown) == (sum(len(x) + 1 for x in lines), 4)
    assert result.bytes == sum(len(line.encode()) + 1 for line in lines)
    assert (result.name, result.split, result.adapted) == ("model", "valid", True)
