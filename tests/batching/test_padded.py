"""Padding, and gradient accumulation over the chunks of a batch."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqkit.batching import Batch, pad, padded_width
from seqkit.models.cnn import CnnClassifier, CnnConfig
from seqkit.models.rnn import RnnClassifier, RnnConfig
from seqkit.nn import ClassificationLoss, HashedBag

sequences = st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=8)


def arrays(rows: list[list[int]]) -> list[np.ndarray]:
    return [np.array(row, np.int32) for row in rows]


@given(sequences)
def test_padding_keeps_every_sequence(rows: list[list[int]]) -> None:
    batch = pad(arrays(rows))
    width = max([1, *map(len, rows)])
    assert batch.ids.shape == (len(rows), width)
    assert batch.ids.dtype == batch.lengths.dtype == torch.int64
    assert batch.lengths.tolist() == list(map(len, rows)) and len(batch) == len(rows)
    assert batch.ids.tolist() == [row + [0] * (width - len(row)) for row in rows]


@given(sequences.filter(len), st.integers(1, 10))
def test_chunks_are_the_batch_in_order_and_trimmed(rows: list[list[int]], parts: int) -> None:
    batch = pad(arrays(rows))
    chunks = batch.chunks(parts)
    assert len(chunks) <= parts
    assert [len(chunk) for chunk in chunks] == [
        len(piece) for piece in torch.arange(len(rows)).chunk(parts)
    ]
    again = [
        ids[:length].tolist()
        for chunk in chunks
        for ids, length in zip(chunk.ids, chunk.lengths, strict=True)
    ]
    assert again == rows
    for chunk in chunks:
        assert chunk.ids.shape[1] == max(1, chunk.lengths.max())


def test_to_moves_both() -> None:
    moved = pad(arrays([[1, 2]])).to(torch.device("meta"))
    assert isinstance(moved, Batch)
    assert {moved.ids.device.type, moved.lengths.device.type} == {"meta"}


def networks() -> dict[str, torch.nn.Module]:
    torch.manual_seed(1)
    sizes = {"vocabulary": 10, "classes": 3}
    rnn = RnnConfig(dim=5, hidden=6, pooling="attention", layers=2, layer_norm=True)
    return {
        "rnn": RnnClassifier(rnn, **sizes),
        "cnn": CnnClassifier(CnnConfig(dim=5, channels=4), **sizes),
        "bag": HashedBag(**sizes, dim=5, ngrams=2, buckets=20, sparse=False),
    }


@pytest.mark.parametrize("name", ["rnn", "cnn", "bag"])
@pytest.mark.parametrize("parts", [2, 3, 7, 20])
def test_accumulated_gradients_are_those_of_the_whole_batch(name: str, parts: int) -> None:
    network = networks()[name].eval()  # no dropout: its masks would differ from part to part
    weights = torch.tensor([1.0, 0.3, 2.0])
    loss = ClassificationLoss(class_weights=weights)
    rng = np.random.default_rng(1)
    batch = pad([rng.integers(0, 10, n).astype(np.int32) for n in (5, 0, 1, 9, 3, 3, 2)])
    gold = torch.tensor([0, 1, 2, 2, 1, 0, 1])

    (loss(network(batch.ids, batch.lengths), gold) / loss.weight(gold)).backward()
    whole = [parameter.grad.clone() for parameter in network.parameters()]
    network.zero_grad()
    for piece, target in zip(batch.chunks(parts), gold.chunk(parts), strict=True):
        (loss(network(piece.ids, piece.lengths), target) / loss.weight(gold)).backward()
    for parameter, expected in zip(network.parameters(), whole, strict=True):
        torch.testing.assert_close(parameter.grad, expected, atol=1e-6, rtol=1e-4)


@given(st.integers(0, 5000))
def test_widths_are_rounded_by_a_sixteenth_at_most(longest: int) -> None:
    width = padded_width(longest)
    assert max(1, longest) <= width <= max(1, longest * 17 / 16)


def test_few_different_widths_occur() -> None:
    assert len({padded_width(longest) for longest in range(401)}) < 110
