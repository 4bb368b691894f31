"""What a model must offer so that text can be drawn from it, one token after another."""

from typing import Any, Protocol, runtime_checkable

import torch

__all__ = ["AttendingStepper", "Stepper"]


class Stepper(Protocol):
    """Give the probabilities of the next token and the state after it.

    State is a value: it is passed in, a new one is returned, and the old one stays as it was. The
    tensors that are passed in may lie on the CPU wherever the model computes: the stepper moves
    them. What it returns lies on its own device, takes part in no gradient, and is not written to.
    The answers for one sequence do not depend on what else is in the batch.
    """

    vocabulary: int
    """V, the number of ids."""

    def start(self, count: int) -> Any:
        """Return the state of `count` empty sequences."""
        ...

    def read(self, state: Any, ids: torch.Tensor) -> tuple[torch.Tensor, Any]:
        """Read `ids` (B, T) int64, T >= 1.

        Returns:
            Natural log-probabilities (B, V) float32 of what follows the last column, and the state.
        """
        ...

    def step(self, state: Any, tokens: torch.Tensor) -> tuple[torch.Tensor, Any]:
        """Read one token of each sequence, (B,) int64. Returns the same as `read`."""
        ...

    def select(self, state: Any, rows: torch.Tensor) -> Any:
        """Return the state of the sequences `rows` (B',) int64, in that order, repeats allowed."""
        ...


@runtime_checkable
class AttendingStepper(Stepper, Protocol):
    """A stepper whose sequences attend to the positions of a source."""

    def coverage(self, state: Any) -> torch.Tensor:
        """Say how much of its source each sequence has left out, (B,) float32, 0 at best.

        That is sum_i log(min(sum_j weight_ij, 1)) over the positions i of the source and the steps
        j until now (Wu et al. 2016, eq. 14 without its factor).
        """
        ...
