"""Exponential moving average of weights (Polyak and Juditsky 1992)."""

import contextlib
from collections.abc import Iterator

import torch
from torch import nn

from seqkit.errors import ConfigError

__all__ = ["WeightAverage"]


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
        self.weights = {k: v.detach().clone() for k, v in self._live()} if decay else {}

    def _live(self) -> Iterator[tuple[str, torch.Tensor]]:
        return ((k, v) for k, v in self.module.named_parameters() if v.requires_grad)

    @torch.no_grad()
    def update(self) -> None:
        """Move the average towards the weights, after an update of them."""
        if not self.decay:
            return
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        for name, value in self._live():
            self.weights[name].lerp_(value, 1 - decay)

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Put the average in place of the weights, for the length of the block."""
        kept = {name: value.detach().clone() for name, value in self._live() if self.decay}
        self._copy(self.weights)
        try:
            yield
        finally:
            self._copy(kept)

    @torch.no_grad()
    def _copy(self, source: dict[str, torch.Tensor]) -> None:
        for name, value in self._live():
            if name in source:
                value.copy_(source[name])

    def state_dict(self) -> dict[str, object]:
        """Return what `load_state_dict` restores."""
        return {"updates": self.updates, "weights": self.weights}

    def load_state_dict(self, state: dict) -> None:
        """Go on where a saved average was."""
        self.updates = state["updates"]
        for name, value in state["weights"].items():
            self.weights[name].copy_(value)
