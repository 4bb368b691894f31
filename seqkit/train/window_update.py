"""One update of a language model on a window: loss, penalties, clipping, and loud failure."""

import math
from dataclasses import dataclass
from typing import Any

import torch

from seqkit.errors import ConfigError, SeqkitError
from seqkit.models.recurrent_lm import RecurrentLm
from seqkit.nn.activation import activation_penalty
from seqkit.nn.devices import Precision, autocast
from seqkit.nn.softmax import AdaptiveSoftmax
from seqkit.nn.state import State, detach, to_device
from seqkit.train.graphs import GraphedStep
from seqkit.train.optim import OptimConfig, add_l1

__all__ = ["Carried", "WindowUpdate", "WindowUpdater"]


@dataclass(frozen=True)
class WindowUpdate:
    """What an update on one window gave; tensors, so that a GPU need not be waited for."""

    nats: torch.Tensor
    """Summed loss of the tokens, a scalar."""
    tokens: int
    norm: torch.Tensor
    """L2 norm of the gradient before clipping, a scalar."""
    state: State
    """After the window, cut from its graph."""


class Carried:
    """The hidden state between windows, as a part of a checkpoint."""

    def __init__(self, state: State) -> None:
        self.state = state

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` restores."""
        return {"state": self.state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with a saved state, on the device of this one."""
        self.state = to_device(state["state"], self.state[0][0].device)


class WindowUpdater:
    """Updates a language model on windows of its corpus, by truncated back-propagation.

    The loss of an update is the mean over the window's tokens, plus activation regularisation
    (alpha, beta; Merity, McCann and Socher 2017). The gradient's norm is clipped to `config.clip`
    (Pascanu et al. 2013).
    """

    def __init__(
        self,
        network: RecurrentLm,
        optimizer: torch.optim.Optimizer,
        *,
        config: OptimConfig,
        device: torch.device,
        precision: Precision = "fp32",
        alpha: float = 0.0,
        beta: float = 0.0,
        graphs: bool = False,
    ) -> None:
        """Bind the parts of an update; with `graphs`, on a GPU, windows are replayed.

        Raises:
            ConfigError: a penalty out of range, or graphs on the CPU or with an adaptive softmax.
        """
        if graphs and device.type != "cuda":
            raise ConfigError(
                f"--cuda-graphs on {device}: they are for GPUs, --no-cuda-graphs without one"
            )
        if graphs and isinstance(network.output, AdaptiveSoftmax):
            raise ConfigError(
                "--cuda-graphs with an adaptive softmax, which asks the device which clusters a "
                "window has: --no-cuda-graphs, or --model.output softmax"
            )
        for name, value in (("alpha", alpha), ("beta", beta)):
            if not 0 <= value < math.inf:
                raise ConfigError(f"regularise.{name} {value}: must be 0 or more")
        self.network, self.optimizer = network, optimizer
        self.config, self.device, self.precision = config, device, precision
        self.alpha, self.beta = alpha, beta
        self.scaler = torch.amp.GradScaler(device.type, enabled=precision == "fp16")
        self.weights = [p for p in network.parameters() if p.requires_grad]
        self.whole_window = GraphedStep(self._whole_window, self.weights) if graphs else None

    def update(
        self,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        state: State,
        keep: torch.Tensor | None = None,
    ) -> WindowUpdate:
        """Update the weights on one window.

        Args:
            inputs: (B, T) int64, the tokens before the targets.
            targets: (B, T) int64.
            state: that the window starts from.
            keep: (B, T) bool, the targets that count; None counts all.

        Raises:
            SeqkitError: memory ended.
        """
        self.network.train()
        tokens = targets.numel() if keep is None else int(keep.sum())
        try:
            if keep is None and self.whole_window is not None:
                nats, after = self.whole_window(inputs, targets, state)
            else:
                nats, after = self._gradients(inputs, targets, state, keep)
            norm = self._step()
        except torch.OutOfMemoryError:
            raise SeqkitError(
                f"out of memory on {self.device}, with {inputs.shape[0]} streams in windows of "
                f"{inputs.shape[1]}: lower --batch-size, --window or the sizes of the model"
            ) from None
        return WindowUpdate(nats, tokens, norm, after)

    def _whole_window(
        self, inputs: torch.Tensor, targets: torch.Tensor, state: State
    ) -> tuple[torch.Tensor, State]:
        return self._gradients(inputs, targets, state, None)

    def _gradients(
        self,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        state: State,
        keep: torch.Tensor | None,
    ) -> tuple[torch.Tensor, State]:
        """Compute the gradients alone; returns summed loss and next state."""
        self.optimizer.zero_grad(set_to_none=True)
        with autocast(self.device, self.precision):
            hidden, after = self.network(inputs, state)
            top, gold = hidden.top.flatten(0, 1), targets.flatten()
            if keep is not None:
                top, gold = hidden.top[keep], targets[keep]
            nats = self.network.output.loss(top, gold)
        objective = nats / len(gold)
        if self.alpha or self.beta:
            objective = objective + activation_penalty(
                hidden.top, hidden.raw, alpha=self.alpha, beta=self.beta, keep=keep
            )
        self.scaler.scale(objective).backward()
        return nats.detach(), detach(after)

    def _step(self) -> torch.Tensor:
        """Clip the gradients and update the weights; returns the norm before clipping."""
        self.scaler.unscale_(self.optimizer)
        add_l1(self.weights, self.config.l1)
        gradients = [p.grad for p in self.weights if p.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        if self.config.clip is not None:
            torch._foreach_mul_(gradients, (self.config.clip / norm).clamp(max=1.0))
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return norm

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` restores."""
        return {"scaler": self.scaler.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a saved updater was."""
        if state["scaler"]:  # empty but for fp16
            self.scaler.load_state_dict(state["scaler"])
