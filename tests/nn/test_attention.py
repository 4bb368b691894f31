"""Attention beside plain loops, and what does not depend on padding."""

import math

import pytest
import torch

from seqkit.errors import ConfigError
from seqkit.nn.attention import SCORES, Attention


def plain(attention, query, states, length):
    """Attend with one query (Q,) to one source (S, K), term by term."""
    scores = []
    for state in states[:length]:
        if attention.score == "additive":
            inner = attention.query.weight @ query + attention.key.weight @ state
            scores.append(torch.tanh(inner + attention.key.bias) @ attention.energy)
        elif attention.score == "general":
            scores.append(query @ (attention.key.weight @ state))
        else:
            scale = math.sqrt(len(state)) if attention.score == "scaled-dot" else 1
            scores.append(query @ state / scale)
    weights = torch.stack(scores).softmax(0)
    return sum(w * s for w, s in zip(weights, states, strict=False)), weights


@pytest.mark.parametrize("score", SCORES)
def test_attention_is_what_the_papers_write(score):
    torch.manual_seed(1)
    size = 6 if "dot" in score else 4
    attention = Attention(score, query=6, states=size, hidden=5)
    query, states = torch.randn(2, 3, 6), torch.randn(2, 5, size)
    lengths = torch.tensor([5, 2])
    keep = torch.arange(5) < lengths[:, None]
    context, weights = attention(query, attention.keys(states), states, keep)
    assert context.shape == (2, 3, size) and weights.shape == (2, 3, 5)
    for row in range(2):
        for step in range(3):
            length = int(lengths[row])
            expected, expected_weights = plain(attention, query[row, step], states[row], length)
            torch.testing.assert_close(context[row, step], expected)
            torch.testing.assert_close(weights[row, step, :length], expected_weights)
            assert not weights[row, step, length:].any()


def test_a_source_without_tokens_gives_numbers():
    attention = Attention("additive", query=3, states=3, hidden=2)
    states = torch.randn(1, 4, 3)
    none = torch.zeros(1, 4, dtype=torch.bool)
    context, _ = attention(torch.randn(1, 1, 3), attention.keys(states), states, none)
    assert context.isfinite().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"score": "cosine"}, "attention 'cosine'"),
        ({"score": "dot", "states": 4}, "attention dot multiplies a query of 6 with states of 4"),
        ({"hidden": 0}, "attention hidden 0"),
    ],
)
def test_what_does_not_fit(options, message):
    with pytest.raises(ConfigError, match=message):
        Attention(**{"score": "additive", "query": 6, "states": 6, "hidden": 2, **options})
