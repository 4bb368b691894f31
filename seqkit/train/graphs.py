"""CUDA graphs: the launches of a step recorded once and replayed as one."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from seqkit.nn.state import State

__all__ = ["GraphedStep"]

_WARM = 3  # runs before recording, in which libraries choose their kernels

Step = Callable[[torch.Tensor, torch.Tensor, State], tuple[torch.Tensor, State]]


class GraphedStep:
    """Replays forward and backward pass of windows of one shape.

    A network of many small kernels waits for its launches more than for its sums; a recorded step
    has none. The gradients are left in the `.grad` of the weights, as by a step that is run.
    Results are copied out: the recording writes to the same memory each time.
    """

    def __init__(self, step: Step, weights: Sequence[torch.nn.Parameter]) -> None:
        """Wait for the first window.

        Args:
            step: (inputs (B, T), targets (B, T), state) -> (summed loss, state after); computes the
                gradients of all `weights` anew, and asks the device for nothing.
            weights: whose gradients it computes.
        """
        self.step, self.weights = step, list(weights)
        self.shape: torch.Size | None = None

    def __call__(
        self, inputs: torch.Tensor, targets: torch.Tensor, state: State
    ) -> tuple[torch.Tensor, State]:
        """Run a step; a window of another shape than the first is not replayed, but run."""
        if self.shape is None:
            self._record(inputs, targets, state)
        if inputs.shape != self.shape:
            return self.step(inputs, targets, state)
        for given, place in zip(_flat(inputs, targets, state), _flat(*self.taken), strict=True):
            place.copy_(given)
        for weight, gradient in zip(self.weights, self.gradients, strict=True):
            weight.grad = gradient
        self.graph.replay()
        loss, after = self.given
        return loss.clone(), tuple(tuple(part.clone() for part in layer) for layer in after)

    def _record(self, inputs: torch.Tensor, targets: torch.Tensor, state: State) -> None:
        self.shape = inputs.shape
        copies = tuple(tuple(part.clone() for part in layer) for layer in state)
        self.taken = inputs.clone(), targets.clone(), copies
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(_WARM):
                self.step(*self.taken)
        torch.cuda.current_stream().wait_stream(aside)
        for weight in self.weights:
            weight.grad = None  # or the recording would add to memory that is not its own
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.given = self.step(*self.taken)
        self.gradients = [weight.grad for weight in self.weights]


def _flat(inputs: torch.Tensor, targets: torch.Tensor, state: State) -> list[Any]:
    return [inputs, targets, *(part for layer in state for part in layer)]
