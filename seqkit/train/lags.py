"""How far back the gradient reaches: its norm by time lag, where vanishing and exploding show."""

import contextlib
from collections.abc import Iterator

import torch
from torch import nn

from seqkit.nn.state import State

__all__ = ["gradient_by_lag"]


def gradient_by_lag(
    network: nn.Module, ids: torch.Tensor, targets: torch.Tensor, state: State
) -> list[list[float]]:
    """Measure how strongly the last prediction of a window depends on each earlier state.

    With s_t the states of all layers after token t, and the loss of the last of T tokens as a
    function of s_{T-k} and of the tokens after it, entry k of a layer is the L2 norm of
    d loss_T / d s_{T-k} over that layer's part of the state (h and c together), the mean over the
    sequences. Where it falls by a constant factor a step, gradients vanish; where it rises, they
    explode (Pascanu et al. 2013, section 2).

    Dropouts are off meanwhile; mode and gradients of the network are left as they were.

    Args:
        network: a `RecurrentLm`, or what is called like one; it reads one token at a time.
        ids: (B, T) int64.
        targets: (B, T) int64; the last column counts.
        state: before the window, each (1, B, H).

    Returns:
        For each layer T + 1 norms, from lag 0 to lag T, the state that was passed in. At lag 0 the
        prediction is made from the last layer alone, so the others have 0 there.
    """
    with torch.enable_grad(), _without_dropout(network):
        # copied: what was made in inference mode can require no gradient
        before = [tuple(tuple(p.detach().clone().requires_grad_() for p in s) for s in state)]
        for step in range(ids.shape[1]):
            hidden, state = network(ids[:, step : step + 1], before[-1])
            before.append(state)
        after = before.pop()
        loss = network.output.loss(hidden.top[:, -1], targets[:, -1])
        parts = [part for layers in before for layer in layers for part in layer]
        last, *gradients = torch.autograd.grad(loss, [hidden.raw, *parts])
    remaining = iter(gradients)
    norms = [[_norm([next(remaining) for _ in layer]) for layer in layers] for layers in before]
    now = _norm([last.transpose(0, 1)])
    norms.append([*[torch.zeros_like(now)] * (len(after) - 1), now])
    table = torch.stack([torch.stack(row) for row in norms[::-1]])  # (T + 1, L, B)
    return table.mean(2).T.tolist()


@contextlib.contextmanager
def _without_dropout(network: nn.Module) -> Iterator[None]:
    """Switch to evaluation, and cuDNN off: outside of training it has no backward pass."""
    training, cudnn = network.training, torch.backends.cudnn.enabled
    network.eval()
    torch.backends.cudnn.enabled = False
    try:
        yield
    finally:
        network.train(training)
        torch.backends.cudnn.enabled = cudnn


def _norm(parts: list[torch.Tensor]) -> torch.Tensor:
    """Compute the norm over the features of (1, B, H) parts, (B,)."""
    return torch.linalg.vector_norm(torch.cat(parts, 2)[0].float(), dim=1)
