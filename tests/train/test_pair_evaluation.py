"""The loss on pairs, against every pair by itself, without padding."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from seqkit.models.seq2seq import Seq2Seq, Seq2SeqConfig
from seqkit.text import Ragged, Vocab
from seqkit.train import pair_evaluation
from seqkit.train.pair_evaluation import pair_loss

CPU = torch.device("cpu")


def encoded(*, seed: int, count: int = 40) -> Ragged:
    rng = np.random.default_rng(seed)
    return Ragged.from_sequences(
        [rng.integers(4, 14, n).tolist() for n in rng.integers(1, 12, count)]
    )


def network() -> Seq2Seq:
    torch.manual_seed(1)
    config = Seq2SeqConfig(
        dim=6, encoder_hidden=5, decoder_hidden=7, attention_hidden=4, dropout=0.5
    )
    return Seq2Seq(config, source_vocabulary=14, target_vocabulary=14)


@torch.inference_mode()
def one_by_one(model: Seq2Seq, source: Ragged, target: Ragged) -> float:
    nats = 0.0
    for ids, gold in zip(source, target, strict=True):
        inputs = torch.tensor([[Vocab.BOS, *gold]])
        hidden = model(torch.tensor(ids)[None].long(), torch.tensor([len(ids)]), inputs)[0]
        logits = functional.linear(hidden, model.output.weight, model.output.bias)
        right = torch.tensor([*gold, Vocab.EOS])
        nats += functional.cross_entropy(logits, right, reduction="sum").item()
    return nats


@pytest.mark.parametrize("positions", [1, 60, 1 << 13])
def test_it_is_the_sum_over_the_pairs_in_batches_of_any_size(positions, monkeypatch):
    source, target = encoded(seed=1), encoded(seed=2)
    model = network().eval()
    expected = one_by_one(model, source, target)
    monkeypatch.setattr(pair_evaluation, "_POSITIONS", positions)
    nats, tokens = pair_loss(model, source, target, device=CPU)
    assert nats == pytest.approx(expected, rel=1e-5)
    assert tokens == len(target.flat) + len(target)


def test_the_network_is_left_as_it_was_and_no_generator_is_moved():
    source, target = encoded(seed=1, count=3), encoded(seed=2, count=3)
    model = network()
    before = torch.get_rng_state()
    assert pair_loss(model, source, target, device=CPU) == pair_loss(
        model, source, target, device=CPU
    )
    assert model.training and torch.equal(torch.get_rng_state(), before)
    pair_loss(model.eval(), source, target, device=CPU)
    assert not model.training


def test_a_target_may_be_empty():
    source = Ragged.from_sequences([[4, 5], [6]])
    target = Ragged.from_sequences([[], [7, 8]])
    model = network().eval()
    nats, tokens = pair_loss(model, source, target, device=CPU)
    assert tokens == 4 and nats == pytest.approx(one_by_one(model, source, target), rel=1e-5)
