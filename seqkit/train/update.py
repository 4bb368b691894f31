"""One update of the weights: micro-batches, autocast, clipping, and what to do when memory ends."""

import logging
import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol, Self

import torch
from torch import nn

from seqkit.errors import ConfigError, SeqkitError
from seqkit.nn.devices import Precision, autocast
from seqkit.train.optim import OptimConfig, add_l1, clip_gradients

__all__ = ["Divisible", "Updater"]

logger = logging.getLogger(__name__)


class Divisible(Protocol):
    """A batch that can be computed in parts: `LabeledBatch`, `PairBatch`."""

    def __len__(self) -> int:
        """Count its rows."""
        ...

    def to(self, device: torch.device) -> Self:
        """Move to a device."""
        ...

    def chunks(self, parts: int) -> Sequence[Self]:
        """Cut into up to `parts` smaller ones."""
        ...


class Updater:
    """Computes gradients in micro-batches and updates the weights.

    The gradient is that of the mean over the whole batch, however many parts it is computed in.
    When a GPU runs out of memory the parts are halved once, with a message.
    """

    def __init__(
        self,
        network: nn.Module,
        objective: Callable[[Any], torch.Tensor],
        optimizer: torch.optim.Optimizer,
        *,
        config: OptimConfig,
        device: torch.device,
        precision: Precision = "fp32",
        accumulate: int = 1,
        smaller: str,
    ) -> None:
        """Bind the parts of an update.

        Args:
            network: whose weights are trained.
            objective: (a part of a batch, on the device) -> its summed loss, a scalar; called under
                autocast.
            optimizer: of these weights.
            config: its clipping and penalties.
            device: where the network is.
            precision: of the forward pass.
            accumulate: micro-batches a batch.
            smaller: what to lower when memory ends, in the words of the recipe.
        """
        if accumulate < 1:
            raise ConfigError(f"accumulate {accumulate}: must be 1 or more")
        self.network, self.objective, self.optimizer = network, objective, optimizer
        self.config, self.device, self.precision = config, device, precision
        self.parts, self.halved, self.smaller = accumulate, False, smaller
        self.scaler = torch.amp.GradScaler(device.type, enabled=precision == "fp16")
        self.weights = [p for p in network.parameters() if p.requires_grad]

    def update(self, batch: Divisible, weight: float) -> tuple[float, float, float]:
        """Update the weights on one batch.

        Args:
            batch: on the CPU; its parts are moved one after another.
            weight: what its summed loss is divided by: the weight of its records, its tokens.

        Returns:
            The summed loss, the weight, the gradient's norm before clipping.

        Raises:
            SeqkitError: the loss is not finite, or memory ended a second time or in the optimiser.
        """
        self.network.train()
        total = self._try_backward(batch, weight)
        if total is None:
            self._halve(len(batch))
            total = self._try_backward(batch, weight)
        if total is None:
            raise self._no_memory(len(batch))
        self.scaler.unscale_(self.optimizer)
        add_l1(self.weights, self.config.l1)
        norm = clip_gradients(self.weights, self.config.clip)
        # fp16 overflows now and then: the scaler skips that update by itself
        if not math.isfinite(total) or not (math.isfinite(norm) or self.scaler.is_enabled()):
            raise SeqkitError(
                f"the training loss is {total}, its gradient's norm {norm}: lower --optim.lr or "
                "--optim.clip, or look for extreme inputs"
            )
        self._step()
        return total, weight, norm

    def _step(self) -> None:
        try:
            # torch warns until its checks of sparse gradients are switched on or off by name
            with torch.sparse.check_sparse_tensor_invariants(enable=False):
                self.scaler.step(self.optimizer)
        except torch.OutOfMemoryError:  # some weights may have moved: it cannot be tried again
            raise SeqkitError(
                f"out of memory on {self.device} in the optimiser {self.config.name}, which keeps "
                "averages of each weight: lower the sizes of the model, or try --optim.name sgd"
            ) from None
        self.scaler.update()

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` restores."""
        return {"parts": self.parts, "halved": self.halved, "scaler": self.scaler.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a saved updater was."""
        self.parts, self.halved = state["parts"], state["halved"]
        if state["scaler"]:  # empty but for fp16
            self.scaler.load_state_dict(state["scaler"])

    def _try_backward(self, batch: Divisible, weight: float) -> float | None:
        """Compute the gradient and the summed loss; None if memory ended.

        The error must be let go of before another try: its traceback holds the activations.
        """
        try:
            return self._backward(batch, weight)
        except torch.OutOfMemoryError:
            return None

    def _backward(self, batch: Divisible, weight: float) -> float:
        self.optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for part in batch.chunks(self.parts):
            part = part.to(self.device)
            with autocast(self.device, self.precision):
                summed = self.objective(part)
            self.scaler.scale(summed / weight).backward()
            total += summed.item()
        return total

    def _no_memory(self, size: int) -> SeqkitError:
        return SeqkitError(
            f"out of memory on {self.device}, with a batch of {size} in {self.parts} parts: lower "
            f"{self.smaller}"
        )

    def _halve(self, size: int) -> None:
        if self.halved or self.parts >= size:
            raise self._no_memory(size)
        self.parts, self.halved = self.parts * 2, True
        self.optimizer.zero_grad(set_to_none=True)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        logger.warning(
            "out of memory on %s, with a batch of %d: each one is now computed in %d parts, with "
            "the same gradient",
            self.device,
            size,
            self.parts,
        )
