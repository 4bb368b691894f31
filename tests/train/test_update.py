"""One update: the same gradient in any number of parts, and what happens when it cannot be had."""

import gc
import logging
import weakref

import numpy as np
import pytest
import torch

from seqkit.batching import LabeledBatch, pad, pad_pairs
from seqkit.errors import ConfigError, SeqkitError
from seqkit.nn import ClassificationLoss
from seqkit.nn.softmax import FullSoftmax
from seqkit.train.optim import OptimConfig, make_optimizer
from seqkit.train.update import Updater

TEXTS = [np.arange(4, 4 + length, dtype=np.int32) for length in (3, 1, 7, 2, 2, 5, 4)]
BATCH, GOLD = pad(TEXTS), torch.tensor([0, 1, 2, 1, 0, 2, 1])
LABELED, LOSS = (
    LabeledBatch(BATCH, GOLD),
    ClassificationLoss(class_weights=torch.tensor([1, 2, 0.5])),
)
WEIGHT = LOSS.weight(GOLD)


class Mean(torch.nn.Module):
    """The mean of the embeddings, then a linear layer."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embedding = torch.nn.Embedding(12, 6)
        self.output = torch.nn.Linear(6, 3)

    def forward(self, ids, lengths):
        keep = torch.arange(ids.shape[1]) < lengths[:, None]
        summed = (self.embedding(ids) * keep[:, :, None]).sum(1)
        return self.output(summed / lengths[:, None])


class Full(Mean):
    """Runs out of memory in its first calls."""

    def __init__(self, failures):
        super().__init__()
        self.failures, self.sizes, self.held = failures, [], None

    def forward(self, ids, lengths):
        self.sizes.append(len(ids))
        if self.failures:
            self.failures -= 1
            activations = torch.ones(3)
            self.held = weakref.ref(activations)
            raise torch.OutOfMemoryError("CUDA out of memory")
        if self.held is not None:
            assert self.held() is None, "what the failed try computed is still in memory"
        return super().forward(ids, lengths)


def updater(network, objective=None, **options):
    config = options.pop("config", OptimConfig(name="sgd", lr=0.5))

    def classify(part):
        return LOSS(network(part.texts.ids, part.texts.lengths), part.gold)

    return Updater(
        network,
        objective or classify,
        make_optimizer(config, network.parameters()),
        config=config,
        device=torch.device("cpu"),
        smaller="--batch-size or --dim",
        **options,
    )


def weights(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def test_an_update_is_that_of_torch():
    ours, theirs = Mean(), Mean()
    total, weight, norm = updater(ours).update(LABELED, WEIGHT)

    optimizer = torch.optim.SGD(theirs.parameters(), 0.5)
    logits = theirs(BATCH.ids, BATCH.lengths)
    loss = torch.nn.functional.cross_entropy(logits, GOLD, weight=torch.tensor([1.0, 2.0, 0.5]))
    loss.backward()
    expected = torch.nn.utils.clip_grad_norm_(theirs.parameters(), 5.0)
    optimizer.step()
    torch.testing.assert_close(weights(ours), weights(theirs))
    assert total / weight == pytest.approx(loss.item(), rel=1e-6)
    assert norm == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize("parts", [2, 3, 7, 50])
def test_accumulation_equals_the_large_batch(parts):
    whole, cut = Mean(), Mean()
    one, other = updater(whole), updater(cut, accumulate=parts)
    for _ in range(3):
        expected = one.update(LABELED, WEIGHT)
        assert other.update(LABELED, WEIGHT) == pytest.approx(expected, rel=1e-5)
    torch.testing.assert_close(weights(whole), weights(cut), rtol=0, atol=1e-6)


class Copier(torch.nn.Module):
    """Predicts the next token of a target from the one before and the mean of the source."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.source, self.target = torch.nn.Embedding(12, 6), torch.nn.Embedding(12, 6)
        self.output = FullSoftmax(6, 12)

    def forward(self, ids, lengths, inputs):
        keep = torch.arange(ids.shape[1]) < lengths[:, None]
        mean = (self.source(ids) * keep[:, :, None]).sum(1) / lengths.clamp(min=1)[:, None]
        return self.target(inputs) + mean[:, None]

    def loss(self, part):
        hidden = self(part.source.ids, part.source.lengths, part.inputs)
        keep = part.keep
        return self.output.loss(hidden[keep], part.gold[keep], label_smoothing=0.1)


@pytest.mark.parametrize("parts", [1, 2, 3, 50])
def test_pairs_are_updated_as_by_torch(parts):
    batch = pad_pairs(TEXTS, TEXTS[::-1])
    ours, theirs = Copier(), Copier()
    total, weight, norm = updater(ours, ours.loss, accumulate=parts).update(batch, batch.tokens)

    optimizer = torch.optim.SGD(theirs.parameters(), 0.5)
    summed, count = torch.zeros(()), 0
    for source, target in zip(TEXTS, TEXTS[::-1], strict=True):  # pair by pair, without padding
        ids, gold = torch.tensor(source)[None], torch.tensor([*target, 2])
        inputs = torch.tensor([[1, *target]])
        hidden = theirs(ids, torch.tensor([len(source)]), inputs)[0]
        logits = torch.nn.functional.linear(hidden, theirs.output.weight, theirs.output.bias)
        summed = summed + torch.nn.functional.cross_entropy(
            logits, gold, reduction="sum", label_smoothing=0.1
        )
        count += len(gold)
    (summed / count).backward()
    expected = torch.nn.utils.clip_grad_norm_(theirs.parameters(), 5.0)
    optimizer.step()
    torch.testing.assert_close(weights(ours), weights(theirs), rtol=0, atol=1e-6)
    assert weight == count
    assert total == pytest.approx(summed.item(), rel=1e-5)
    assert norm == pytest.approx(float(expected), rel=1e-4)


def test_out_of_memory_halves_the_batch_once_with_the_same_gradient(caplog):
    plain, full = Mean(), Full(1)
    gc.disable()  # the failed try must be let go of, not collected by chance
    try:
        with caplog.at_level(logging.WARNING):
            got = updater(full).update(LABELED, WEIGHT)
    finally:
        gc.enable()
    assert got == pytest.approx(updater(plain).update(LABELED, WEIGHT), rel=1e-5)
    torch.testing.assert_close(weights(full), weights(plain), rtol=0, atol=1e-6)
    assert full.sizes == [7, 4, 3]
    assert "with a batch of 7: each one is now computed in 2 parts" in caplog.text


def test_the_halves_stay_for_the_next_update():
    full = Full(1)
    made = updater(full)
    made.update(LABELED, WEIGHT)
    made.update(LABELED, WEIGHT)
    assert full.sizes == [7, 4, 3, 4, 3]


@pytest.mark.parametrize("failures", [2, 9])
def test_out_of_memory_again_is_an_error_with_a_remedy(failures):
    full = Full(failures)
    before = weights(full)
    with pytest.raises(SeqkitError, match=r"out of memory on cpu.* lower --batch-size or --dim$"):
        updater(full).update(LABELED, WEIGHT)
    assert torch.equal(weights(full), before)


def test_out_of_memory_on_a_later_batch_is_an_error_too():
    full = Full(1)
    made = updater(full)
    made.update(LABELED, WEIGHT)
    full.failures, full.held = 1, None
    with pytest.raises(SeqkitError, match="out of memory"):
        made.update(LABELED, WEIGHT)


def test_one_text_cannot_be_halved():
    with pytest.raises(SeqkitError, match="out of memory"):
        updater(Full(1)).update(LabeledBatch(pad(TEXTS[:1]), GOLD[:1]), 1.0)


def test_memory_that_ends_in_the_optimiser_is_one_line(monkeypatch):
    made = updater(Mean(), config=OptimConfig(name="adam"))

    def full(*args):
        raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate")

    monkeypatch.setattr(made.optimizer, "step", full)
    with pytest.raises(SeqkitError, match=r"^out of memory on cpu in the optimiser adam.*sgd.*$"):
        made.update(LABELED, WEIGHT)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_leaves_the_weights(value):
    network = Mean()
    with torch.no_grad():
        network.output.bias[0] = value
    before = weights(network)
    made = updater(network, config=OptimConfig(name="adam"))
    with pytest.raises(SeqkitError, match=r"lower --optim\.lr or"):
        made.update(LABELED, WEIGHT)
    torch.testing.assert_close(weights(network), before, rtol=0, atol=0, equal_nan=True)
    assert not made.optimizer.state


def test_l1_goes_into_the_update():
    plain, drawn = Mean(), Mean()
    updater(plain, config=OptimConfig(name="sgd", lr=0.5, clip=None)).update(LABELED, WEIGHT)
    before = weights(drawn)
    config = OptimConfig(name="sgd", lr=0.5, clip=None, l1=0.1)
    updater(drawn, config=config).update(LABELED, WEIGHT)
    torch.testing.assert_close(weights(drawn), weights(plain) - 0.05 * before.sign())


def test_bfloat16_comes_near():
    exact, rough = Mean(), Mean()
    expected = updater(exact).update(LABELED, WEIGHT)[0]
    assert updater(rough, precision="bf16").update(LABELED, WEIGHT)[0] == pytest.approx(
        expected, 0.02
    )


def test_the_state_goes_on():
    first = updater(Full(1))
    first.update(LABELED, WEIGHT)
    resumed = updater(Full(1))
    resumed.load_state_dict(first.state_dict())
    with pytest.raises(SeqkitError, match="out of memory"):  # halved already
        resumed.update(LABELED, WEIGHT)


def test_options_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="accumulate 0"):
        updater(Mean(), accumulate=0)
    with pytest.raises(ConfigError, match="precision 'bf61'"):
        updater(Mean(), precision="bf61").update(LABELED, WEIGHT)
    with pytest.raises(ConfigError, match="fp16 is for GPUs"):
        updater(Mean(), precision="fp16").update(LABELED, WEIGHT)
