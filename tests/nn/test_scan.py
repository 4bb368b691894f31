"""linear_scan against the recurrence, one step after the other."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqkit.nn import scan
from seqkit.nn.scan import linear_scan


def one_by_one(a: torch.Tensor, b: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    h, outputs = start, []
    for t in range(a.shape[1]):
        h = a[:, t] * h + b[:, t]
        outputs.append(h)
    return torch.stack(outputs, 1)


def inputs(batch: int, time: int, hidden: int, seed: int = 0) -> list[torch.Tensor]:
    rng = torch.Generator().manual_seed(seed)
    shapes = ((batch, time, hidden), (batch, time, hidden), (batch, hidden))
    return [
        torch.randn(shape, generator=rng, dtype=torch.float64).requires_grad_() for shape in shapes
    ]


@given(time=st.integers(1, 70), seed=st.integers(0, 10**6))
def test_pairs_and_order_are_the_recurrence(time: int, seed: int) -> None:
    a, b, start = (part.detach() for part in inputs(2, time, 3, seed))  # either sign
    expected = one_by_one(a, b, start)
    torch.testing.assert_close(linear_scan(a, b, start), expected)
    torch.testing.assert_close(scan._in_order(a, b, start), expected)


@pytest.mark.parametrize("time", [1, 2, 8, 9, 19])
def test_the_gradient_is_exact(time: int) -> None:
    assert torch.autograd.gradcheck(linear_scan, inputs(2, time, 3))


@pytest.mark.parametrize("hidden", [4, scan.WIDE])  # in pairs; in order
@pytest.mark.parametrize("time", [1, 8, 35, 64])
def test_the_gradient_is_that_of_the_recurrence(hidden: int, time: int) -> None:
    parts = inputs(1, time, hidden)
    weight = torch.randn(1, time, hidden, dtype=torch.float64)
    ours = torch.autograd.grad((linear_scan(*parts) * weight).sum(), parts)
    theirs = torch.autograd.grad((one_by_one(*parts) * weight).sum(), parts)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_zeros_forget_and_ones_add_up() -> None:
    b = torch.ones(1, 100, 1)
    start = torch.full((1, 1), 5.0)
    assert linear_scan(torch.zeros_like(b), b, start).eq(1).all()
    added = linear_scan(torch.ones_like(b), b, start).flatten()
    assert added.tolist() == [5.0 + t for t in range(1, 101)]


def test_halves_are_widened_under_autocast() -> None:
    a, b, start = (part.detach().bfloat16() for part in inputs(2, 40, 3))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        h = linear_scan(a, b, start)
    assert h.dtype == torch.float32
    torch.testing.assert_close(h, one_by_one(a.float(), b.float(), start.float()))
