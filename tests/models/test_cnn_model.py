"""CnnClassifier against dot products in plain loops."""

import numpy as np
import pytest
import torch

from seqkit.batching import pad
from seqkit.errors import ConfigError
from seqkit.models.cnn import CnnClassifier, CnnConfig

SIZES = {"vocabulary": 20, "classes": 3}


def network(**options: object) -> CnnClassifier:
    torch.manual_seed(1)
    config = CnnConfig(**{"dim": 4, "channels": 5, "widths": (2, 4), **options})
    return CnnClassifier(config, **SIZES).eval()


def by_hand(model: CnnClassifier, ids: list[int]) -> np.ndarray:
    """Each filter over each window that lies within the text; over zeros where it is short."""
    table = model.embedding.weight.detach().numpy()
    pooled = []
    for width, convolution in zip(model.config.widths, model.convolutions, strict=True):
        filters, bias = (part.detach().numpy() for part in (convolution.weight, convolution.bias))
        x = np.zeros((max(width, len(ids)), table.shape[1]))
        x[: len(ids)] = table[ids] if ids else 0
        maxima, means = [], []
        for channel in range(len(filters)):
            found = [
                max(0.0, (x[start : start + width] * filters[channel].T).sum() + bias[channel])
                for start in range(len(x) - width + 1)
            ]
            maxima.append(max(found))
            means.append(sum(found) / len(found))
        pooled += {"max": maxima, "mean": means, "both": maxima + means}[model.config.pooling]
    return np.array(pooled)


@pytest.mark.parametrize("pooling", ["max", "mean", "both"])
@pytest.mark.parametrize("widths", [(1,), (3,), (2, 4), (3, 4, 5)])
def test_features_by_hand(widths: tuple[int, ...], pooling: str) -> None:
    model = network(widths=widths, pooling=pooling)
    rng = np.random.default_rng(1)
    texts = [rng.integers(0, 20, n).tolist() for n in (6, 0, 1, 2, 3, 9)]
    batch = pad([np.array(text, np.int32) for text in texts])
    logits = model(batch.ids, batch.lengths)
    for text, row in zip(texts, logits, strict=True):
        features = torch.tensor(by_hand(model, text), dtype=torch.float32)
        torch.testing.assert_close(row, model.output(features))


def test_batch_norm_of_the_features() -> None:
    model = network(batch_norm=True).train()
    model.dropout.p = 0.0
    model.embedding.dropout.rate = 0.0
    texts = [[1, 2, 3, 4], [5, 6], [7]]
    batch = pad([np.array(text, np.int32) for text in texts])
    features = np.array([by_hand(model, text) for text in texts])
    normal = (features - features.mean(0)) / np.sqrt(features.var(0) + 1e-5)
    expected = model.output(torch.tensor(normal, dtype=torch.float32))
    torch.testing.assert_close(model(batch.ids, batch.lengths), expected, atol=1e-5, rtol=1e-4)


def test_batch_norm_of_one_record_uses_the_running_statistics() -> None:
    model = network(batch_norm=True, dropout=0.0, word_dropout=0.0)
    one = torch.tensor([[1, 2, 3]]), torch.tensor([3])
    expected = model(*one)
    before = model.norm.running_mean.clone()
    got = model.train()(*one)
    torch.testing.assert_close(got, expected)
    assert torch.equal(model.norm.running_mean, before)
    got.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": ()}, r"cnn widths \(\)"),
        ({"widths": (0, 2)}, r"cnn widths \(0, 2\)"),
        ({"channels": 0}, "cnn channels 0"),
        ({"dim": 0}, "embedding dim 0"),
        ({"dropout": 1.0}, r"cnn dropout 1\.0"),
        ({"word_dropout": -0.1}, "embedding dropout -0.1"),
    ],
)
def test_options_that_cannot_be_used_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        network(**options)
