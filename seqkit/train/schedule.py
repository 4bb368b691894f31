"""Learning-rate schedules with warm-up, as a value between 0 and 1 times the peak rate."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch

from seqkit.errors import ConfigError, choices

__all__ = ["SCHEDULES", "Schedule", "ScheduleConfig", "rate", "unused_options"]

ScheduleName = Literal["constant", "step", "cosine", "linear", "inverse-sqrt", "plateau"]
SCHEDULES: tuple[str, ...] = get_args(ScheduleName)


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """How the learning rate changes during training."""

    name: ScheduleName = "constant"
    """Shape after the warm-up."""
    warmup: float = 0.0
    """Share of all steps in which the rate rises from 0 to its peak."""
    every: float = 0.25
    """step: after each such share of all steps the rate is multiplied by `factor`."""
    factor: float = 0.5
    """step and plateau: what the rate is multiplied by."""
    patience: int = 1
    """plateau: validations without improvement before the rate is cut."""
    floor: float = 0.0
    """Least share of the peak rate that cosine and linear end in."""


def rate(config: ScheduleConfig, step: int, *, total: int) -> float:
    """Compute the share of the peak rate at update `step` of `total`, counted from 0.

    Warm-up is linear over w = warmup * total updates: (step + 1) / w. After it, with progress p
    from 0 to 1 over the remaining updates: cosine (1 + cos(pi p)) / 2 (Loshchilov and Hutter 2017,
    eq. 5), linear 1 - p, inverse square root sqrt(w / (step + 1)) (Vaswani et al. 2017, eq. 3),
    step factor^floor(progress / every). Constant and plateau stay at 1.
    """
    warm = round(config.warmup * total)
    if step < warm:
        return (step + 1) / warm
    progress = min(1.0, (step - warm) / max(1, total - warm))
    if config.name == "step":
        return config.factor ** int(progress / config.every + 1e-9)
    if config.name == "cosine":
        return config.floor + (1 - config.floor) * (1 + math.cos(math.pi * progress)) / 2
    if config.name == "linear":
        return config.floor + (1 - config.floor) * (1 - progress)
    if config.name == "inverse-sqrt":
        return math.sqrt(max(1, warm) / (step + 1)) if step >= max(1, warm) else 1.0
    return 1.0


def unused_options(config: ScheduleConfig) -> Iterator[tuple[str, str]]:
    """Yield the options `schedule.*` that the chosen schedule does not use, and why."""
    for option, names in (
        ("every", ("step",)),
        ("factor", ("step", "plateau")),
        ("patience", ("plateau",)),
        ("floor", ("cosine", "linear")),
    ):
        if config.name not in names:
            yield f"schedule.{option}", f"without --schedule.name {' or '.join(names)}"


class Schedule:
    """Sets the learning rate of an optimiser before each update."""

    def __init__(
        self, config: ScheduleConfig, optimizer: torch.optim.Optimizer, *, total: int
    ) -> None:
        """Start at update 0 of `total`.

        Raises:
            ConfigError: an unknown name or a value out of range.
        """
        if config.name not in SCHEDULES:
            raise ConfigError(choices("schedule", config.name, SCHEDULES))
        if not 0 <= config.warmup < 1:
            raise ConfigError(f"schedule.warmup {config.warmup}: a share of all steps in [0, 1)")
        if not 0 < config.every <= 1:
            raise ConfigError(f"schedule.every {config.every}: a share of all steps in (0, 1]")
        if not 0 < config.factor <= 1 or not 0 <= config.floor <= 1:
            raise ConfigError("schedule.factor must lie in (0, 1], schedule.floor in [0, 1]")
        if config.patience < 0:
            raise ConfigError(f"schedule.patience {config.patience}: must be 0 or more")
        self.config, self.optimizer, self.total = config, optimizer, total
        self.peaks = [group["lr"] for group in optimizer.param_groups]
        self.scale, self.best, self.bad = 1.0, -math.inf, 0

    def set(self, step: int, *, share: float = 1.0) -> float:
        """Set the rate for update `step`, `share` of what is due; returns that of the first group.

        Windows of varying length take their share of the full one (Merity et al. 2018, section 5).
        """
        share *= self.scale * rate(self.config, step, total=self.total)
        for group, peak in zip(self.optimizer.param_groups, self.peaks, strict=True):
            group["lr"] = peak * share
        return self.optimizer.param_groups[0]["lr"]

    def observe(self, score: float) -> None:
        """Tell a validation score, higher is better; plateau cuts the rate on it."""
        if score > self.best:
            self.best, self.bad = score, 0
            return
        self.bad += 1
        if self.config.name == "plateau" and self.bad > self.config.patience:
            self.scale, self.bad = self.scale * self.config.factor, 0

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` restores."""
        return {"scale": self.scale, "best": self.best, "bad": self.bad}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a saved schedule was."""
        self.scale, self.best, self.bad = state["scale"], state["best"], state["bad"]
