"""Losses of a classifier, as sums: the caller divides by the sum of the records' weights.

So the mean is the same over any partition of the records into batches.
"""

import math
from typing import Literal, get_args

import torch
from torch import nn
from torch.nn import functional

from seqkit.errors import ConfigError, choices

__all__ = ["LOSSES", "ClassificationLoss", "LossName", "smoothing_floor"]

LossName = Literal["cross-entropy", "focal", "hinge"]
LOSSES: tuple[str, ...] = get_args(LossName)


class ClassificationLoss(nn.Module):
    """Cross-entropy, focal or hinge loss, with class weights and label smoothing."""

    def __init__(
        self,
        name: LossName = "cross-entropy",
        *,
        label_smoothing: float = 0.0,
        focal_gamma: float = 2.0,
        class_weights: torch.Tensor | None = None,
    ) -> None:
        """Choose the loss.

        Args:
            name: `cross-entropy`; `focal`, (1 - p)^gamma times it (Lin et al. 2017, eq. 4);
                `hinge`, the sum over other classes of max(0, 1 - z_gold + z_other) (Weston and
                Watkins 1999).
            label_smoothing: share of the target spread over all classes (Szegedy et al. 2016);
                cross-entropy only.
            focal_gamma: how strongly `focal` plays down what is already right.
            class_weights: (C,) weight of each gold class; None counts every record once.
        """
        super().__init__()
        if name not in LOSSES:
            raise ConfigError(choices("loss", name, LOSSES))
        if not 0.0 <= label_smoothing < 1.0:
            raise ConfigError(f"label smoothing {label_smoothing}: must lie in [0, 1)")
        if label_smoothing and name != "cross-entropy":
            raise ConfigError(f"label smoothing is for cross-entropy, not for {name}: set it to 0")
        if focal_gamma < 0:
            raise ConfigError(f"focal gamma {focal_gamma}: must be 0 or more")
        self.name, self.label_smoothing, self.focal_gamma = name, label_smoothing, focal_gamma
        self.register_buffer("class_weights", class_weights, persistent=False)

    def forward(self, logits: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
        """Sum the weighted losses of logits (B, C) against gold (B,) int64: a float32 scalar.

        Under autocast it is computed in float32 too.
        """
        with torch.autocast(logits.device.type, enabled=False):
            return self._summed(logits.float(), gold)

    def _summed(self, logits: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
        if self.name == "hinge":
            margins = 1 - logits.gather(1, gold[:, None]) + logits
            losses = margins.clamp(min=0).sum(1) - 1  # the gold class gave its margin of 1
        else:
            losses = functional.cross_entropy(
                logits, gold, reduction="none", label_smoothing=self.label_smoothing
            )
            if self.name == "focal":
                # the floor keeps the gradient finite where p is 1 and gamma below 1
                wrong = (-torch.expm1(-losses)).clamp(min=1e-12)
                losses = losses * wrong**self.focal_gamma
        return losses.sum() if self.class_weights is None else losses @ self.class_weights[gold]

    def weight(self, gold: torch.Tensor) -> float:
        """Sum the weights of records with gold (B,): what their summed loss is divided by."""
        if self.class_weights is None:
            return float(len(gold))
        return float(self.class_weights[gold].sum())

    def at_start(self, classes: int) -> float:
        """The mean loss of a model that finds `classes` equally likely: log C for cross-entropy."""
        if self.name == "hinge":
            return classes - 1.0
        scale = (1 - 1 / classes) ** self.focal_gamma if self.name == "focal" else 1.0
        return math.log(classes) * scale

    def at_best(self, classes: int) -> float:
        """The least mean loss there is: the entropy of the smoothed target, 0 without smoothing."""
        return smoothing_floor(self.label_smoothing, classes)


def smoothing_floor(smoothing: float, classes: int) -> float:
    """Compute the least mean cross-entropy with smoothed targets: their entropy, 0 without any.

    >>> smoothing_floor(0.0, 5), round(smoothing_floor(0.1, 2), 4)
    (0.0, 0.1985)
    """
    if not smoothing:
        return 0.0
    rest = smoothing / classes
    gold = 1 - smoothing + rest
    return -gold * math.log(gold) - (classes - 1) * rest * math.log(rest)
