"""Adaptation at test time, as a recipe asks for it and measures it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqkit.batching import TokenShards
from seqkit.errors import ConfigError
from seqkit.models.lm_cache import Cache, fit_cache
from seqkit.models.lm_dynamic import DynamicEvaluation, adapted_stretches, gradient_scale
from seqkit.models.recurrent_lm import RecurrentLm
from seqkit.text import Vocab

__all__ = ["CACHE_THETAS", "CACHE_WEIGHTS", "AdaptConfig", "Adapted", "adapt", "check_adapt"]

CACHE_THETAS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8)
CACHE_WEIGHTS = (0.05, 0.1, 0.15, 0.2, 0.3)
"""What a cache's settings are chosen from, on valid."""

_SCALED_BY = 100_000  # training tokens that the size of each weight's gradient is learnt from


@dataclass(frozen=True, kw_only=True)
class AdaptConfig:
    """Adaptation at test time. Each of these reads the test text, left to right, to predict it."""

    cache: int = 0
    """Words of a continuous cache that reads the test text; 0 for none. Its other settings are
    chosen on valid."""
    dynamic: bool = False
    """Dynamic evaluation: the weights learn from the test text as it is read."""
    dynamic_lr: float = 0.001
    """Learning rate of dynamic evaluation."""
    dynamic_decay: float = 0.005
    """Pull of dynamic evaluation back to the trained weights."""


@dataclass(frozen=True, eq=False)
class Adapted:
    """A model that adapts to the text that it is measured on."""

    name: str
    log_probs: Callable[[TokenShards], Iterator[npt.NDArray[np.float64]]]
    """What it makes of a text, beginning as it was trained: the log-probability of each token, in
    nats, in stretches (N,), computed while they are read."""
    notes: list[str]
    """How it adapted, a sentence each."""


def check_adapt(config: AdaptConfig) -> None:
    """Refuse values out of range.

    Raises:
        ConfigError: which, and what is allowed.
    """
    if config.cache < 0:
        raise ConfigError(f"--adapt.cache {config.cache}: must be 0 or more")
    _dynamic(config)


def adapt(
    config: AdaptConfig, network: RecurrentLm, tokens: Mapping[str, TokenShards]
) -> Adapted | None:
    """Make the model that adapts to what it reads, or none where none is asked for.

    Args:
        config: what is asked for.
        network: stays as it is.
        tokens: of running text in `train`, which dynamic evaluation takes the size of its steps
            from, and `valid`, which the cache is fitted on.

    Raises:
        ConfigError: dynamic evaluation diverged, while `log_probs` are read.
    """
    if not (config.cache or config.dynamic):
        return None
    cache: Cache | None = None
    dynamic = scale = None
    names, notes = [], []
    if config.cache:
        cache = fit_cache(
            network,
            tokens["valid"],
            first=Vocab.EOS,
            size=config.cache,
            thetas=CACHE_THETAS,
            weights=CACHE_WEIGHTS,
        )
        names.append("cache")
        notes.append(
            f"The cache reads the test text: {cache.size} words, theta {cache.theta:g} and weight "
            f"{cache.weight:g}, chosen on valid."
        )
    if config.dynamic:
        dynamic = _dynamic(config)
        scale = gradient_scale(network, tokens["train"][:_SCALED_BY], first=Vocab.EOS)
        names.append("dynamic evaluation")
        notes.append(
            f"Dynamic evaluation learns from the test text: rate {dynamic.lr:g}, decay "
            f"{dynamic.decay:g}."
        )

    def log_probs(text: TokenShards) -> Iterator[npt.NDArray[np.float64]]:
        return adapted_stretches(
            network, text, first=Vocab.EOS, cache=cache, dynamic=dynamic, scale=scale
        )

    return Adapted(f"model with {' and '.join(names)}", log_probs, notes)


def _dynamic(config: AdaptConfig) -> DynamicEvaluation:
    return DynamicEvaluation(lr=config.dynamic_lr, decay=config.dynamic_decay)
