"""What the updates of a language model gave: read from the device now and then, and checked."""

import math
from typing import Any

import torch

from seqkit.errors import SeqkitError
from seqkit.train.divergence import hopeless
from seqkit.train.progress import Progress
from seqkit.train.window_update import WindowUpdate

__all__ = ["Tally"]

_GPU_STEPS = 20
"""A GPU is asked for its figures so often: each question waits for all that it has to do."""
_LOST = 5
"""Hopeless reports in a row after which a training is lost: one may be a spike that it survives."""


class Tally:
    """Gathers updates, counts them in the progress of an epoch, and stops at what is not finite."""

    def __init__(
        self,
        *,
        device: torch.device,
        clip: float | None,
        vocabulary: int,
        scaler: torch.amp.GradScaler | None = None,
    ) -> None:
        """Begin to gather.

        Args:
            device: where the figures lie.
            clip: norm above which a gradient is clipped.
            vocabulary: number of ids; a loss far above its logarithm is hopeless.
            scaler: of the loss. With fp16 it is enabled, and skips the updates whose gradients
                overflow: they are passed over here.
        """
        self.every = 1 if device.type == "cpu" else _GPU_STEPS
        self.clip, self.vocabulary = clip, vocabulary
        self.scaler = scaler if scaler is not None and scaler.is_enabled() else None
        self.waiting: list[tuple[int, float, WindowUpdate]] = []
        self.nats = self.tokens = 0.0
        self.reported = [0.0, 0.0]  # nats and tokens of the last report
        self.steps = self.clipped = self.skipped = self.hopeless = 0
        self.norm = math.nan
        """Norm of the last finite gradient that was read."""

    def add(self, update: WindowUpdate, progress: Progress, rate: float) -> None:
        """Take an update made at a learning rate; `progress` has counted it as a step."""
        self.waiting.append((progress.step, rate, update))
        if len(self.waiting) >= self.every:
            self.settle(progress)

    def settle(self, progress: Progress) -> None:
        """Read what is waiting; to be called before anything is reported or saved.

        Raises:
            SeqkitError: a loss or a gradient is not finite: which update, and the likely causes; or
                fp16 overflows until its scaler multiplies the loss by less than 1.
        """
        if not self.waiting:
            return
        figures = [torch.stack((update.nats, update.norm)) for _, _, update in self.waiting]
        rows = torch.stack(figures).tolist()  # the one wait
        for (step, rate, update), (nats, norm) in zip(self.waiting, rows, strict=True):
            finite = math.isfinite(norm)
            if not math.isfinite(nats) or not (finite or self.scaler):
                raise self._failed(step, rate, nats / update.tokens, norm, progress)
            progress.add(nats, update.tokens)
            self.nats, self.tokens = self.nats + nats, self.tokens + update.tokens
            self.steps += 1
            self.skipped += not finite
            if finite:
                self.norm = norm
                self.clipped += self.clip is not None and norm > self.clip
        step = self.waiting[-1][0]
        self.waiting.clear()
        if self.scaler and (scale := self.scaler.get_scale()) < 1:
            raise SeqkitError(
                f"update {step}: fp16 has overflowed so often that its loss scale has fallen to "
                f"{scale:.3g}, where gradients vanish: --precision bf16, or a lower --optim.lr"
            )

    @property
    def loss(self) -> float:
        """Mean loss of a token in the last report and since, so of many updates: nan of none."""
        tokens = self.reported[1] + self.tokens
        return (self.reported[0] + self.nats) / tokens if tokens else math.nan

    @property
    def lost(self) -> bool:
        """Whether the last reports, five in a row, were hopeless: the training has diverged."""
        return self.hopeless >= _LOST

    def report(self) -> dict[str, Any]:
        """Return loss, gradient norm, share of clipped and, with fp16, of skipped updates.

        They are of the updates since the last report.
        """
        loss = self.nats / self.tokens
        row = {"loss": loss, "grad_norm": self.norm, "clipped": self.clipped / self.steps}
        if self.scaler:
            row["skipped"] = self.skipped / self.steps
        self.hopeless = self.hopeless + 1 if hopeless(loss, self.vocabulary) else 0
        self.reported = [self.nats, self.tokens]
        self.nats = self.tokens = 0.0
        self.steps = self.clipped = self.skipped = 0
        return row

    def _failed(
        self, step: int, rate: float, loss: float, norm: float, progress: Progress
    ) -> SeqkitError:
        before = f", after a mean of {progress.loss:.3f} in this epoch" if progress.weight else ""
        causes = [f"the learning rate of {rate:g} is too high (--optim.lr, or try --find-lr)"]
        if self.clip is None:
            causes.append("gradients are not clipped (--optim.clip)")
        if self.scaler:
            causes.append("fp16 has overflowed (--precision bf16)")
        return SeqkitError(
            f"update {step}: the training loss is {loss:.4g}, its gradient's norm {norm:.4g}"
            f"{before}; likely causes: {'; '.join(causes)}"
        )

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` restores; call `settle` first."""
        return {
            "sums": [self.nats, self.tokens],
            "reported": self.reported,
            "norm": self.norm,
            "counts": [self.steps, self.clipped, self.skipped, self.hopeless],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a saved tally was."""
        self.nats, self.tokens = state["sums"]
        self.reported, self.norm = state["reported"], state["norm"]
        self.steps, self.clipped, self.skipped, self.hopeless = state["counts"]
