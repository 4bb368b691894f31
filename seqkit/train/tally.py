"""What the updates of a language model gave: read from the device now and then, and checked."""

import math
from typing import Any

import torch

from seqkit.errors import SeqkitError
from seqkit.train.progress import Progress
from seqkit.train.window_update import WindowUpdate

__all__ = ["Tally"]

_GPU_STEPS = 20
"""A GPU is asked for its figures so often: each question waits for all that it has to do."""


class Tally:
    """Gathers updates, counts them in the progress of an epoch, and stops at what is not finite."""

    def __init__(self, *, device: torch.device, clip: float | None, lenient: bool = False) -> None:
        """Begin to gather.

        Args:
            device: where the figures lie.
            clip: norm above which a gradient is clipped.
            lenient: pass over gradients that overflow: fp16's scaler skips those updates.
        """
        self.every = 1 if device.type == "cpu" else _GPU_STEPS
        self.clip, self.lenient = clip, lenient
        self.waiting: list[tuple[int, float, WindowUpdate]] = []
        self.nats = self.tokens = 0.0
        self.steps = self.clipped = 0
        self.loss = self.norm = math.nan
        """Mean loss of a token and gradient's norm, of the last update that was read."""

    def add(self, update: WindowUpdate, progress: Progress, rate: float) -> None:
        """Take an update made at a learning rate; `progress` has counted it as a step."""
        self.waiting.append((progress.step, rate, update))
        if len(self.waiting) >= self.every:
            self.settle(progress)

    def settle(self, progress: Progress) -> None:
        """Read what is waiting; to be called before anything is reported or saved.

        Raises:
            SeqkitError: a loss or a gradient is not finite: which update, and the likely causes.
        """
        if not self.waiting:
            return
        figures = [torch.stack((update.nats, update.norm)) for _, _, update in self.waiting]
        rows = torch.stack(figures).tolist()  # the one wait
        for (step, rate, update), (nats, norm) in zip(self.waiting, rows, strict=True):
            if not math.isfinite(nats) or not (math.isfinite(norm) or self.lenient):
                raise self._failed(step, rate, nats / update.tokens, norm, progress)
            progress.add(nats, update.tokens)
            self.nats, self.tokens = self.nats + nats, self.tokens + update.tokens
            self.loss, self.norm = nats / update.tokens, norm
            self.steps += 1
            self.clipped += self.clip is not None and norm > self.clip
        self.waiting.clear()

    def report(self) -> dict[str, Any]:
        """Return loss, gradient norm and share of clipped updates since the last report."""
        row = {
            "loss": self.nats / self.tokens,
            "grad_norm": self.norm,
            "clipped": self.clipped / self.steps,
        }
        self.nats = self.tokens = 0.0
        self.steps = self.clipped = 0
        return row

    def _failed(
        self, step: int, rate: float, loss: float, norm: float, progress: Progress
    ) -> SeqkitError:
        before = f", after a mean of {progress.loss:.3f} in this epoch" if progress.weight else ""
        causes = [f"the learning rate of {rate:g} is too high (--optim.lr, or try --find-lr)"]
        if self.clip is None:
            causes.append("gradients are not clipped (--optim.clip)")
        if self.lenient:
            causes.append("fp16 has overflowed (--precision bf16)")
        return SeqkitError(
            f"update {step}: the training loss is {loss:.4g}, its gradient's norm {norm:.4g}"
            f"{before}; likely causes: {'; '.join(causes)}"
        )

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` restores; call `settle` first."""
        return {
            "sums": [self.nats, self.tokens],
            "last": [self.loss, self.norm],
            "counts": [self.steps, self.clipped],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a saved tally was."""
        self.nats, self.tokens = state["sums"]
        self.loss, self.norm = state["last"]
        self.steps, self.clipped = state["counts"]
