"""Poolings by hand, and attention against a softmax over each text alone."""

import pytest
import torch
from torch import nn

from seqkit.nn import AttentionPooling, RecurrentStack, keep_mask, pool

H = torch.tensor(
    [
        [[1.0, -5.0], [3.0, -4.0], [99.0, 99.0]],
        [[-1.0, -2.0], [99.0, 99.0], [99.0, 99.0]],
        [[99.0, 99.0], [99.0, 99.0], [99.0, 99.0]],
    ]
)
LENGTHS = torch.tensor([2, 1, 0])
KEEP = keep_mask(LENGTHS, 3)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("last", [[3.0, -4.0], [-1.0, -2.0], [0.0, 0.0]]),
        ("mean", [[2.0, -4.5], [-1.0, -2.0], [0.0, 0.0]]),
        ("max", [[3.0, -4.0], [-1.0, -2.0], [0.0, 0.0]]),
    ],
)
def test_pooling_by_hand(kind: str, expected: list[list[float]]) -> None:
    assert pool(kind, H, LENGTHS, KEEP).tolist() == expected


def test_the_last_vector_of_two_directions_is_where_each_ends() -> None:
    torch.manual_seed(1)
    stack = RecurrentStack(3, 4, bidirectional=True)
    reference = nn.LSTM(3, 4, batch_first=True, bidirectional=True)
    with torch.no_grad():
        parts = [part for layer in stack.layers[0] for part in layer.parts()]
        for name, part in zip(reference._flat_weights_names, parts, strict=True):
            getattr(reference, name).copy_(part)
    lengths = torch.tensor([5, 1, 3])
    x = torch.randn(3, 5, 3)
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    _, (ends, _) = reference(packed)  # (2, B, H): what each direction ends with
    pooled = pool("last", stack(x, lengths), lengths, keep_mask(lengths, 5), directions=2)
    torch.testing.assert_close(pooled, torch.cat(list(ends), -1))


@pytest.mark.parametrize("kind", ["last", "mean", "max"])
def test_padding_gets_no_gradient_and_an_empty_text_no_nan(kind: str) -> None:
    h = H.clone().requires_grad_()
    pool(kind, h, LENGTHS, KEEP).sum().backward()
    assert (h.grad[~KEEP] == 0).all()
    assert h.grad[1, 0].tolist() == [1.0, 1.0]


def test_attention_is_a_softmax_over_the_tokens_of_each_text() -> None:
    torch.manual_seed(1)
    attention = AttentionPooling(4)
    lengths = torch.tensor([5, 1, 3])
    h = torch.randn(3, 5, 4)
    pooled = attention(h, keep_mask(lengths, 5))
    for row, length in enumerate(lengths.tolist()):
        tokens = h[row, :length]
        weights = torch.softmax(attention.score(torch.tanh(attention.project(tokens)))[:, 0], 0)
        torch.testing.assert_close(pooled[row], weights @ tokens)


def test_attention_over_nothing_is_zeros_with_a_finite_gradient() -> None:
    attention = AttentionPooling(4)
    h = torch.randn(2, 3, 4, requires_grad=True)
    pooled = attention(h, keep_mask(torch.tensor([0, 2]), 3))
    assert pooled[0].tolist() == [0.0] * 4
    pooled.sum().backward()
    assert (h.grad[0] == 0).all()
    for parameter in attention.parameters():
        assert torch.isfinite(parameter.grad).all()


def test_attention_survives_extreme_scores() -> None:
    attention = AttentionPooling(2)
    with torch.no_grad():
        attention.score.weight.fill_(1e4)
    pooled = attention(torch.randn(1, 3, 2) * 50, keep_mask(torch.tensor([3]), 3))
    assert torch.isfinite(pooled).all()
