"""The activation penalty against sums by hand."""

import pytest
import torch

from seqkit.errors import ConfigError
from seqkit.nn.activation import activation_penalty


def test_it_is_the_sum_over_all_elements_divided_by_their_number() -> None:
    torch.manual_seed(1)
    dropped, raw = torch.randn(2, 5, 3), torch.randn(2, 5, 3)
    small = sum(v * v for v in dropped.flatten().tolist()) / 30
    slow = sum(
        (raw[b, t, k] - raw[b, t - 1, k]).item() ** 2
        for b in range(2)
        for t in range(1, 5)
        for k in range(3)
    )
    for alpha, beta in ((2, 1), (0, 1), (2, 0), (0, 0)):
        penalty = activation_penalty(dropped, raw, alpha=alpha, beta=beta)
        assert penalty.item() == pytest.approx(alpha * small + beta * slow / 24)


def test_a_window_of_one_has_nothing_to_compare() -> None:
    x = torch.ones(2, 1, 3)
    assert activation_penalty(x, x, alpha=2, beta=1).item() == 2


def test_padding_does_not_count() -> None:
    """Rows of 1, 4 and 2 steps together, against the steps of each alone."""
    torch.manual_seed(1)
    x, lengths = torch.randn(3, 4, 5), torch.tensor([1, 4, 2])
    keep = torch.arange(4) < lengths[:, None]
    rows = [row[:length] for row, length in zip(x, lengths, strict=True)]
    small = torch.cat(rows).square().mean()
    slow = torch.cat([row.diff(dim=0) for row in rows]).square().mean()
    penalty = activation_penalty(x, x, alpha=2, beta=3, keep=keep)
    torch.testing.assert_close(penalty, 2 * small + 3 * slow)
    alone = keep & (torch.arange(4) == 0)  # no step has one before it
    assert activation_penalty(x, x, alpha=0, beta=3, keep=alone).item() == 0


def test_each_term_has_its_own_gradient() -> None:
    dropped = torch.tensor([[[1.0], [2.0]]], requires_grad=True)
    raw = torch.tensor([[[1.0], [4.0]]], requires_grad=True)
    activation_penalty(dropped, raw, alpha=2, beta=1).backward()
    assert dropped.grad.flatten().tolist() == [2, 4]  # alpha * 2 h / 2
    assert raw.grad.flatten().tolist() == [-6, 6]  # beta * 2 (h_2 - h_1)


def test_halves_are_widened() -> None:
    x = torch.full((1, 2, 4), 300.0, dtype=torch.float16)  # its square is beyond float16
    penalty = activation_penalty(x, x, alpha=1, beta=1)
    assert penalty.dtype == torch.float32 and penalty.item() == 90000


def test_negative_weights_are_refused() -> None:
    x = torch.ones(1, 1, 1)
    with pytest.raises(ConfigError, match="must be 0 or more"):
        activation_penalty(x, x, alpha=-1, beta=0)
