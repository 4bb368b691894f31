"""RnnClassifier against torch's own modules on each text alone."""

import pytest
import torch
from torch import nn

from seqkit.batching import pad
from seqkit.errors import ConfigError
from seqkit.models.rnn import RnnClassifier, RnnConfig
from seqkit.nn.devices import autocast
from seqkit.text import Ragged

SIZES = {"vocabulary": 20, "classes": 3}
TEXTS = Ragged.from_sequences([[5, 6, 7, 8, 9], [4], [10, 11], [12, 5, 5]])


def network(**options: object) -> RnnClassifier:
    torch.manual_seed(1)
    return RnnClassifier(RnnConfig(**{"dim": 4, "hidden": 5, **options}), **SIZES).eval()


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_an_embedding_an_lstm_a_pooling_and_a_linear_layer(pooling: str) -> None:
    model = network(pooling=pooling, bidirectional=False)
    reference = nn.LSTM(4, 5, batch_first=True)
    with torch.no_grad():
        parts = model.stack.layers[0][0].parts()
        for name, part in zip(reference._flat_weights_names, parts, strict=True):
            getattr(reference, name).copy_(part)
    batch = pad(list(TEXTS))
    logits = model(batch.ids, batch.lengths)
    for text, row in zip(TEXTS, logits, strict=True):
        h = reference(model.embedding.weight[torch.from_numpy(text).long()][None])[0][0]
        pooled = {"last": h[-1], "mean": h.mean(0), "max": h.amax(0)}[pooling]
        torch.testing.assert_close(row, model.output(pooled))


def test_an_empty_text_has_the_output_s_bias() -> None:
    for pooling in ("last", "mean", "max", "attention"):
        model = network(pooling=pooling)
        logits = model(torch.zeros(1, 1, dtype=torch.int64), torch.tensor([0]))
        assert torch.equal(logits[0], model.output.bias)


def test_each_dropout_acts_in_training_alone() -> None:
    batch = pad(list(TEXTS))
    off = dict.fromkeys(("dropout", "locked_dropout", "word_dropout", "weight_dropout"), 0.0)
    for name in off:
        model = network(**{**off, name: 0.5})
        calm = model(batch.ids, batch.lengths)
        torch.testing.assert_close(calm, network(**off)(batch.ids, batch.lengths))
        assert not torch.equal(model.train()(batch.ids, batch.lengths), calm), name
    quiet = network(**off)
    assert torch.equal(
        quiet.train()(batch.ids, batch.lengths), quiet.eval()(batch.ids, batch.lengths)
    )


@pytest.mark.parametrize("cell", ["tanh", "gru", "lstm"])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_bfloat16_trains(cell: str, pooling: str) -> None:
    model = network(cell=cell, pooling=pooling, layer_norm=True, weight_dropout=0.3).train()
    batch = pad(list(TEXTS))
    exact = network(cell=cell, pooling=pooling, layer_norm=True)(batch.ids, batch.lengths)
    with autocast(torch.device("cpu"), "bf16"):
        logits = model(batch.ids, batch.lengths)
        near = model.eval()(batch.ids, batch.lengths)
    torch.testing.assert_close(near.float(), exact, atol=0.05, rtol=0.1)
    logits.float().logsumexp(1).sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pooling": "maximum"}, "pooling 'maximum': choose from attention, last, max, mean"),
        ({"cell": "lsmt"}, "did you mean 'lstm'"),
        ({"hidden": 0}, "sizes must be 1 or more"),
        ({"layers": 0}, "layers 0"),
        ({"dim": 0}, "embedding dim 0"),
        ({"dropout": 1.0}, r"rnn dropout 1\.0"),
        ({"locked_dropout": 2.0}, r"locked dropout 2\.0"),
        ({"weight_dropout": -1.0}, r"weight dropout -1\.0"),
    ],
)
def test_options_that_cannot_be_used_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        network(**options)
