"""The state of a recurrent network: a value that is passed in, returned, cut and selected."""

from collections.abc import Callable, Sequence

import torch

__all__ = ["LayerState", "State", "concat", "detach", "select", "to_device"]

LayerState = tuple[torch.Tensor, ...]
"""What one layer carries: (h,) or (h, c), each (1, B, H)."""
State = tuple[LayerState, ...]
"""One `LayerState` for each layer, the lowest first."""


def detach(state: State) -> State:
    """Cut the state from the graph that made it: where back-propagation ends (truncated BPTT)."""
    return _map(torch.Tensor.detach, state)


def select(state: State, rows: torch.Tensor) -> State:
    """Take the given sequences, in that order and as often as named; `rows` is (B',) int64."""
    return _map(lambda part: part.index_select(1, rows.to(part.device)), state)


def to_device(state: State, device: torch.device) -> State:
    """Move the state."""
    return _map(lambda part: part.to(device), state)


def concat(states: Sequence[State]) -> State:
    """Join the sequences of several states into one batch."""
    return tuple(
        tuple(torch.cat(parts, 1) for parts in zip(*layers, strict=True))
        for layers in zip(*states, strict=True)
    )


def _map(change: Callable[[torch.Tensor], torch.Tensor], state: State) -> State:
    return tuple(tuple(change(part) for part in layer) for layer in state)
