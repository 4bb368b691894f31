"""Leave pairs out of training that are too long, or whose sides differ too much in length."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError

__all__ = ["FilterResult", "PairFilterConfig", "Sized", "filter_pairs"]

_SHORT = 10  # tokens; among few, a ratio says nothing: "Thanks." is "Ich danke Ihnen vielmals."


@dataclass(frozen=True, kw_only=True)
class PairFilterConfig:
    """Which pairs a model is trained on; valid and test are measured whole."""

    max_tokens: int | None = 100
    """Leave a pair out where either side has more tokens."""
    max_ratio: float | None = None
    """Leave a pair out where one side, of more than 10 tokens, is so many times as long as the
    other one."""

    def __post_init__(self) -> None:
        """Check the limits.

        Raises:
            ConfigError: a limit that leaves nothing.
        """
        if self.max_tokens is not None and self.max_tokens < 1:
            raise ConfigError(f"--filter.max-tokens {self.max_tokens}: must be 1 or more")
        if self.max_ratio is not None and not self.max_ratio >= 1:
            raise ConfigError(f"--filter.max-ratio {self.max_ratio}: must be 1 or more")


class Sized(Protocol):
    """Sequences that know their lengths, as `seqkit.text.Ragged` does."""

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(N,) int64."""
        ...


class FilterResult(NamedTuple):
    """Which pairs stay, and how many others were left out for which reason."""

    keep: npt.NDArray[np.bool_]
    """(N,) bool."""
    counts: dict[str, int]
    """Pairs left out, each once, under the first reason that holds."""


def filter_pairs(source_ids: Sized, target_ids: Sized, config: PairFilterConfig) -> FilterResult:
    """Decide which pairs a model is trained on.

    Args:
        source_ids, target_ids: the two sides of N pairs as ids, without <bos> and <eos>.
        config: the limits.

    Returns:
        What stays; the reasons are "no tokens" (a side of nothing that the tokeniser knows as a
        unit), "source too long", "target too long" and "ratio", in this order, zeros too.

    Raises:
        DataError: none stays, or there are more of one side.
    """
    source, target = source_ids.lengths, target_ids.lengths
    if len(source) != len(target):
        raise DataError(f"{len(source):,} sources and {len(target):,} targets: expected as many")
    longer, shorter = np.maximum(source, target), np.minimum(source, target)
    most = np.inf if config.max_tokens is None else config.max_tokens
    ratio = np.inf if config.max_ratio is None else config.max_ratio
    reasons = {
        "no tokens": shorter == 0,
        "source too long": source > most,
        "target too long": target > most,
        "ratio": (longer > _SHORT) & (longer > ratio * np.maximum(shorter, 1)),
    }
    keep, counts = np.ones(len(source), np.bool_), {}
    for reason, holds in reasons.items():
        counts[reason] = int((keep & holds).sum())
        keep &= ~holds
    if not keep.any():
        told = ", ".join(f"{reason} {count:,}" for reason, count in counts.items() if count)
        raise DataError(
            f"train: the filter leaves none of the {len(keep):,} pairs ({told or 'none given'}): "
            "raise --filter.max-tokens or --filter.max-ratio"
        )
    return FilterResult(keep, counts)
