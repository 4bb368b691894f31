"""Averages of the weights, over updates (Polyak and Juditsky 1992) or epochs, to be evaluated."""

import contextlib
from collections.abc import Iterator

import torch
from torch import nn

from seqkit.errors import ConfigError

__all__ = ["CheckpointAverage", "TriggeredAverage", "WeightAverage"]


class WeightAverage:
    """Keeps a moving average of the weights of a module, to be evaluated in their place.

    The decay is min(decay, (1 + n) / (10 + n)) after n updates, so that the first steps do not
    keep the average at the initial weights.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        """Start from the module's weights; a `decay` of 0 keeps no average."""
        if not 0 <= decay < 1:
            raise ConfigError(f"ema {decay}: the decay lies in [0, 1), 0 for none")
        self.module, self.decay, self.updates = module, decay, 0
        self.weights = _copies(module) if decay else {}

    @torch.no_grad()
    def update(self) -> None:
        """Move the average towards the weights, after an update of them."""
        if not self.decay:
            return
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        for name, value in _live(self.module):
            self.weights[name].lerp_(value, 1 - decay)

    def applied(self) -> contextlib.AbstractContextManager[None]:
        """Put the average in place of the weights, for the length of the block."""
        return _in_place(self.module, self.weights)

    def state_dict(self) -> dict[str, object]:
        """Return what `load_state_dict` restores."""
        return {"updates": self.updates, "weights": self.weights}

    def load_state_dict(self, state: dict) -> None:
        """Go on where a saved average was."""
        self.updates = state["updates"]
        for name, value in state["weights"].items():
            self.weights[name].copy_(value)


class TriggeredAverage:
    """Averages the weights from the update on at which validation stops getting better.

    This is NT-ASGD (Merity et al. 2018, algorithm 1). It triggers at the first score that is worse
    than the best of those before the last `patience`; from then on the average is the arithmetic
    mean of the weights after each update. Until then nothing is kept, and nothing is in place of
    the weights.
    """

    def __init__(self, module: nn.Module, patience: int | None) -> None:
        """Wait for the trigger; a `patience` of None never averages."""
        if patience is not None and patience < 0:
            raise ConfigError(
                f"patience of the averaging {patience}: must be 0 or more, or None for no average"
            )
        self.module, self.patience = module, patience
        self.scores: list[float] = []
        self.triggered, self.updates = False, 0
        self.weights: dict[str, torch.Tensor] = {}

    def observe(self, score: float) -> bool:
        """Tell a validation score, higher is better; returns whether it triggers the average."""
        if self.patience is None or self.triggered:
            return False
        earlier = self.scores[: max(0, len(self.scores) - self.patience)]
        self.scores.append(score)
        self.triggered = bool(earlier) and score < max(earlier)
        return self.triggered

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights into the mean, after an update of them."""
        if not self.triggered:
            return
        self.updates += 1
        if self.updates == 1:
            self.weights = _copies(self.module)
            return
        for name, value in _live(self.module):
            self.weights[name].lerp_(value, 1 / self.updates)

    def applied(self) -> contextlib.AbstractContextManager[None]:
        """Put the mean, where there is one, in place of the weights for the length of the block."""
        return _in_place(self.module, self.weights)

    def state_dict(self) -> dict[str, object]:
        """Return what `load_state_dict` restores."""
        return {
            "scores": list(self.scores),
            "triggered": self.triggered,
            "updates": self.updates,
            "weights": self.weights,
        }

    def load_state_dict(self, state: dict) -> None:
        """Go on where a saved average was."""
        self.scores, self.triggered = list(state["scores"]), state["triggered"]
        self.updates, self.weights = state["updates"], {}
        if state["weights"]:
            self.weights = _copies(self.module)
            for name, value in state["weights"].items():
                self.weights[name].copy_(value)


class CheckpointAverage:
    """The mean of a module's weights after each of the last epochs, evaluated in their place.

    This is what averaging the last checkpoints of a run gives (Junczys-Dowmunt et al. 2016). Of
    each of these epochs a copy of the weights is kept, beside the weights.
    """

    def __init__(self, module: nn.Module, last: int) -> None:
        """Wait for the first epoch; a `last` of 0 or 1 keeps nothing."""
        if last < 0:
            raise ConfigError(f"average of the last {last} epochs: must be 0 or more, 0 for none")
        self.module, self.last = module, last
        self.copies: list[dict[str, torch.Tensor]] = []

    def observe(self) -> None:
        """Take the weights into the mean, after an epoch; the oldest ones leave it."""
        if self.last > 1:
            self.copies = [*self.copies, _copies(self.module)][-self.last :]

    def applied(self) -> contextlib.AbstractContextManager[None]:
        """Put the mean, where there is one, in place of the weights for the length of the block."""
        return _in_place(self.module, _mean(self.copies) if self.copies else {})

    def state_dict(self) -> dict[str, object]:
        """Return what `load_state_dict` restores."""
        return {"copies": list(self.copies)}

    def load_state_dict(self, state: dict) -> None:
        """Go on where a saved average was."""
        self.copies = [_copies(self.module) for _ in state["copies"]]
        for own, saved in zip(self.copies, state["copies"], strict=True):
            for name, value in saved.items():
                own[name].copy_(value)


def _live(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    return ((k, v) for k, v in module.named_parameters() if v.requires_grad)


def _copies(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in _live(module)}


def _mean(copies: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    summed = {name: value.clone() for name, value in copies[0].items()}
    for each in copies[1:]:
        for name, value in each.items():
            summed[name] += value
    return {name: value / len(copies) for name, value in summed.items()}


@contextlib.contextmanager
def _in_place(module: nn.Module, weights: dict[str, torch.Tensor]) -> Iterator[None]:
    kept = _copies(module) if weights else {}
    _fill(module, weights)
    try:
        yield
    finally:
        _fill(module, kept)


@torch.no_grad()
def _fill(module: nn.Module, source: dict[str, torch.Tensor]) -> None:
    for name, value in _live(module):
        if name in source:
            value.copy_(source[name])
