"""How a label is decided from scores: options, their checks, and the choice of a threshold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqkit import metrics
from seqkit.data import LabeledText
from seqkit.errors import ConfigError, DataError, choices
from seqkit.models.classifier import Decision

__all__ = ["DecisionConfig", "check_decidable", "check_positive", "choose_decision"]


@dataclass(frozen=True, kw_only=True)
class DecisionConfig:
    """How a label is decided from the scores."""

    positive: str | None = None
    """Of two labels the one to catch: adds caught and blocked to the report."""
    max_blocked: float | None = None
    """Choose on valid the threshold that catches most while it blocks at most this share."""
    conservative: bool = False
    """Choose it so that the share holds on other texts too, with 95% confidence."""


def check_positive(config: DecisionConfig, labels: Sequence[str]) -> str | None:
    """Check the options against the labels of the data; returns the label to catch.

    Raises:
        ConfigError: no such label, more labels than two, a threshold without a label to catch.
    """
    if config.conservative and config.max_blocked is None:
        raise ConfigError("--decision.conservative needs --decision.max-blocked SHARE")
    if config.positive is None:
        if config.max_blocked is not None:
            raise ConfigError("--decision.max-blocked needs --decision.positive LABEL")
        return None
    if config.positive not in labels:
        raise ConfigError(choices("--decision.positive", config.positive, labels))
    if len(labels) != 2:
        raise ConfigError(f"--decision.positive needs two labels, the data have {len(labels)}")
    return config.positive


def check_decidable(config: DecisionConfig, records: Sequence[LabeledText]) -> None:
    """Check, before hours of training, that a threshold can be chosen on these records.

    Raises:
        DataError: they have one label only.
    """
    if config.max_blocked is not None and len({record.label for record in records}) < 2:
        raise DataError("valid: one label only, no threshold can be chosen on it")


def choose_decision(
    config: DecisionConfig,
    labels: Sequence[str],
    records: Sequence[LabeledText],
    scores: npt.NDArray[np.float64],
) -> Decision | None:
    """Choose the threshold on held-out records; None takes the likelier label.

    Args:
        config: which label to catch, and at what price.
        labels: C names.
        records: N records that were held out.
        scores: (N, C) their probabilities.
    """
    if config.positive is None or config.max_blocked is None:
        return None
    chosen = metrics.choose_threshold(
        [record.label == config.positive for record in records],
        scores[:, labels.index(config.positive)],
        max_false_positive_rate=config.max_blocked,
        conservative=config.conservative,
    )
    surely = " with 95% confidence" if config.conservative else ""
    target = (
        f"{len(records)} held-out texts to block at most {config.max_blocked:.2%}{surely} of the "
        f"{chosen.negatives} others"
    )
    return Decision(positive=config.positive, threshold=chosen.value, target=target)
