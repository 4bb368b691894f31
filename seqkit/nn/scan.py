"""The recurrence h_t = a_t * h_(t-1) + b_t, element by element, without a step a token."""

import torch
from torch.autograd.function import FunctionCtx, once_differentiable

__all__ = ["linear_scan"]

LEAF = 8  # so few steps cost less one by one than in pairs
WIDE = 2048  # on a CPU so many elements fill a step; a step of fewer is mostly overhead


def linear_scan(a: torch.Tensor, b: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    """Compute h_t = a_t * h_(t-1) + b_t for all t, as a scan over pairs.

    Two neighbouring steps are one: (a_1, b_1) then (a_2, b_2) make (a_2 a_1, a_2 b_1 + b_2). Half
    as many steps are scanned the same way, and the other half is filled in: 2 log2(T) rounds of
    whole tensors and O(T) work (Blelloch 1990, section 1.4). No logarithms: any sign is allowed.
    The gradient is exact, and itself a scan, backwards in time. Where a single step is wide enough
    to keep a CPU busy, the steps are taken in order, which moves less memory.

    Args:
        a: (B, T, H) floating; halves are widened to float32.
        b: (B, T, H).
        start: h_0, (B, H).

    Returns:
        h, (B, T, H), float32 or float64. Differentiable once.

    >>> a, b = torch.tensor([2.0, 2.0, -1.0]), torch.tensor([0.0, 1.0, 0.0])
    >>> linear_scan(a.view(1, 3, 1), b.view(1, 3, 1), torch.ones(1, 1)).flatten().tolist()
    [2.0, 5.0, -5.0]
    """
    wide = torch.promote_types(torch.result_type(a, b), torch.float32)
    return _LinearScan.apply(a.to(wide), b.to(wide), start.to(wide))


class _LinearScan(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx, a: torch.Tensor, b: torch.Tensor, start: torch.Tensor
    ) -> torch.Tensor:
        h = _scan(a, b, start)
        ctx.save_for_backward(a, start, h)
        return h

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grad: torch.Tensor) -> tuple[torch.Tensor, ...]:
        # d_t = grad_t + a_(t+1) d_(t+1), which starts from the last: the same scan, turned around
        a, start, h = ctx.saved_tensors
        last = grad[:, -1]
        earlier = _scan(a[:, 1:].flip(1), grad[:, :-1].flip(1), last)
        d = torch.cat([earlier.flip(1), last[:, None]], 1)  # (B, T, H)
        before = torch.cat([start[:, None], h[:, :-1]], 1)
        return d * before, d, d[:, 0] * a[:, 0]


def _scan(a: torch.Tensor, b: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    if a.shape[1] <= LEAF or (a.device.type == "cpu" and start.numel() >= WIDE):
        return _in_order(a, b, start)
    return _in_pairs(a, b, start)


def _in_order(a: torch.Tensor, b: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    h, last = torch.empty_like(b), start
    for a_t, b_t, h_t in zip(a.unbind(1), b.unbind(1), h.unbind(1), strict=True):
        last = torch.addcmul(b_t, a_t, last, out=h_t)
    return h


def _in_pairs(a: torch.Tensor, b: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    first_a, first_b, second_a, second_b = a[:, 0::2], b[:, 0::2], a[:, 1::2], b[:, 1::2]
    pairs = second_a.shape[1]  # an odd T leaves its last step without a partner
    h = torch.empty_like(b)
    h[:, 1::2] = _scan(
        second_a * first_a[:, :pairs],
        torch.addcmul(second_b, second_a, first_b[:, :pairs]),
        start,
    )
    before = h[:, 1 : a.shape[1] - 1 : 2]  # what the first of each later pair follows
    torch.addcmul(first_b[:, 0], first_a[:, 0], start, out=h[:, 0])
    torch.addcmul(first_b[:, 1:], first_a[:, 1:], before, out=h[:, 2::2])
    return h
