"""Perplexity of a running text by any model, each token once and given all before it."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

__all__ = ["exact_perplexity"]

_WINDOW = 500


@torch.inference_mode()
def exact_perplexity(
    read: Callable[[torch.Tensor, torch.Tensor, Any], tuple[torch.Tensor, Any]],
    ids: Sequence[int],
    *,
    first: int,
    state: Any,
    device: torch.device,
) -> float:
    """Read a text as one stream and return exp(nats / tokens).

    Args:
        read: (inputs (T,), targets (T,), state) -> (log-probabilities of the targets (T,), state).
        ids: of the whole text.
        first: the id before it.
        state: of one empty sequence.
        device: where `read` wants its ids.
    """
    text, nats = torch.tensor([first, *ids], device=device), 0.0
    for begin in range(0, len(ids), _WINDOW):
        piece = text[begin : begin + _WINDOW + 1]
        log_probs, state = read(piece[:-1], piece[1:], state)
        nats -= log_probs.double().sum().item()
    return math.exp(nats / len(ids))
