"""The continuous cache: words of the recent past, by how like the present theirs was.

It reads the text that is scored, from left to right, as a person would who notices which words an
author uses. Nothing is looked at before it is scored, yet a figure with a cache is comparable only
with others that have one.
"""

import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from seqkit.errors import ConfigError, DataError
from seqkit.models.lm_scoring import Window, exactly, gathered, read_windows

__all__ = ["Cache", "cached_log_probs", "fit_cache", "mix_cache", "mixed_windows"]

logger = logging.getLogger(__name__)

_CELLS = 1 << 22  # products of hidden states that exist at once; some 80 MB with all made of them


@dataclass(frozen=True, kw_only=True)
class Cache:
    """A continuous cache (Grave et al. 2017, "Improving neural language models with a continuous
    cache"). `theta` and `weight` depend on the network: let `fit_cache` choose them."""

    size: int = 500
    """How many of the latest positions are remembered."""
    theta: float = 0.3
    """How sharply positions like the present one are preferred; 0 counts all of them alike."""
    weight: float = 0.1
    """Share of the cache in the mixture, in [0, 1)."""

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ConfigError(f"cache size {self.size}: must be 1 or more")
        if not 0 <= self.theta < math.inf:
            raise ConfigError(f"cache theta {self.theta}: must be 0 or more")
        if not 0 <= self.weight < 1:
            raise ConfigError(f"cache weight {self.weight}: lies in [0, 1)")


def cached_log_probs(
    network: nn.Module,
    tokens: npt.NDArray[np.int64],
    *,
    first: int,
    cache: Cache,
    window: int = 256,
) -> npt.NDArray[np.float64]:
    """Score a stream by a network and a cache of its own recent past.

    This reads the text that it scores: compare the figure only with others that do.

    With h_t the vector that token x_t is predicted from, and the sums over the `size` positions
    i < t before t (Grave et al. 2017, eq. 2 to 4, where h_t predicts x_(t+1)):

        p_cache(w) = sum_i [x_i = w] exp(theta h_t . h_i) / sum_i exp(theta h_t . h_i)
        p(w) = (1 - weight) p_network(w) + weight p_cache(w)

    The first token, before which nothing is remembered, is scored by the network alone.

    Args:
        network: a `RecurrentLm`; h is its `Hidden.top`.
        tokens: (N,) ids, or token shards.
        first: the id that stands before the first token.
        cache: its size and weights.
        window: tokens read at once; the result does not depend on it.

    Returns:
        (N,) float64 log-probabilities in nats.
    """
    with exactly(network):
        return mix_cache(read_windows(network, tokens, first=first, window=window), cache)


def mix_cache(windows: Iterable[Window], cache: Cache) -> npt.NDArray[np.float64]:
    """Mix a cache into the consecutive windows of a stream, see `cached_log_probs`."""
    return gathered(list(mixed_windows(windows, cache)))


@torch.no_grad()
def mixed_windows(windows: Iterable[Window], cache: Cache) -> Iterator[torch.Tensor]:
    """Yield the log-probabilities (T,) float64 of `mix_cache`, a block of tokens at a time."""
    for log_probs, p in _p_cache(windows, size=cache.size, thetas=[cache.theta]):
        yield _mixed(log_probs, p[0], cache.weight)


@torch.inference_mode()
def fit_cache(
    network: nn.Module,
    tokens: npt.NDArray[np.int64],
    *,
    first: int,
    size: int,
    thetas: Sequence[float],
    weights: Sequence[float],
    window: int = 256,
) -> Cache:
    """Choose theta and weight of a cache on validation text, by its perplexity.

    The network reads the text once, and p_cache is computed once for each theta. Of equals the
    first is taken.

    Args:
        network: as `cached_log_probs` takes it.
        tokens: (N,) ids of the validation text, or token shards.
        first: the id that stands before the first token.
        size: positions remembered.
        thetas: to choose from.
        weights: to choose from; with 0 among them no cache is an answer too.
        window: tokens read at once.

    Raises:
        ConfigError: nothing to choose from, or values that no `Cache` takes.
        DataError: no tokens.
    """
    caches = [[Cache(size=size, theta=theta, weight=w) for w in weights] for theta in thetas]
    if not caches or not caches[0]:
        raise ConfigError("fitting a cache: name at least one theta and one weight")
    if not len(tokens):
        raise DataError("fitting a cache: the validation text has no tokens")
    with exactly(network) as device:
        sums = torch.zeros(len(thetas), len(weights), dtype=torch.float64, device=device)
        windows = read_windows(network, tokens, first=first, window=window)
        for log_probs, p in _p_cache(windows, size=size, thetas=thetas):
            for column, weight in enumerate(weights):
                sums[:, column] += _mixed(log_probs, p, weight).sum(1)
    row, column = divmod(int(sums.argmax()), len(weights))
    best = caches[row][column]
    logger.info("%s: perplexity %.4f", best, math.exp(-float(sums.max()) / len(tokens)))
    return best


def _mixed(log_probs: torch.Tensor, p_cache: torch.Tensor, weight: float) -> torch.Tensor:
    """Mix log-probabilities (T,) with p_cache (..., T); NaN in it stands for: no cache yet."""
    model = log_probs.double().expand(p_cache.shape)
    if weight == 0:
        return model
    mixed = torch.logaddexp(model + math.log1p(-weight), p_cache.double().log() + math.log(weight))
    return torch.where(p_cache.isnan(), model, mixed)


def _p_cache(
    windows: Iterable[Window], *, size: int, thetas: Sequence[float]
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield for blocks of tokens their log-probabilities (T,) and p_cache (K, T) for K thetas."""
    rows = max(16, _CELLS // size)
    keys = words = None  # (<= size, E), (<= size,): the positions remembered
    for window in windows:
        for top, gold, log_probs in zip(*(part.split(rows) for part in window), strict=True):
            keys = top if keys is None else torch.cat([keys, top])
            words = gold if words is None else torch.cat([words, gold])
            place = torch.arange(len(words), device=top.device)
            present = place[-len(gold) :, None]  # (T, 1)
            remembered = (place < present) & (place >= present - size)  # (T, T + size)
            same = words == gold[:, None]
            products = top @ keys.T
            found = []
            for theta in thetas:
                shares = (products * theta).masked_fill_(~remembered, -torch.inf).softmax(1)
                found.append((shares * same).sum(1))  # NaN for the first token of all
            yield log_probs, torch.stack(found)
            keys, words = keys[-size:], words[-size:]
