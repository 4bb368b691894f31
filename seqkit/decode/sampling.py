"""How the next token is chosen, and where the random numbers come from."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from seqkit.decode.filters import nucleus, top_k
from seqkit.errors import ConfigError

__all__ = ["Sampling", "choose", "random_streams"]

_NUMBERS = 64  # drawn at a time: the call costs more than the number
_BLOCK = 128  # weights added up before cumulating, which takes several times as long as adding
_FEW = 1 << 15  # weights up to which all are cumulated
_BELOW_1 = 1 - 2**-24  # the greatest float32 below
_COOLEST = 1e-6


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How to choose the next token: repetition penalty, temperature, top-k, top-p, in that order.

    Raises:
        ConfigError: a value out of range, or one that would have no effect.
    """

    temperature: float = 1.0
    """Log-probabilities are divided by it: below 1 the likely become likelier; 0 always takes the
    likeliest (greedy)."""
    top_k: int | None = None
    """Draw from so many of the likeliest tokens."""
    top_p: float | None = None
    """Draw from the fewest tokens that hold this share of the probability (nucleus)."""
    repetition_penalty: float = 1.0
    """What the log-probability of a token is multiplied by once it has come; 1 changes nothing."""

    def __post_init__(self) -> None:
        if not (self.temperature == 0 or _COOLEST <= self.temperature < math.inf):
            raise ConfigError(
                f"temperature {self.temperature}: 0 for the likeliest token, or {_COOLEST} and more"
            )
        if self.top_k is not None and (not isinstance(self.top_k, int) or self.top_k < 1):
            raise ConfigError(
                f"top_k {self.top_k}: a whole number of tokens, 1 or more; leave it out for all"
            )
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ConfigError(f"top_p {self.top_p}: a share of the probability in (0, 1]")
        if not 1 <= self.repetition_penalty < math.inf:
            raise ConfigError(f"repetition_penalty {self.repetition_penalty}: 1 (none) or more")
        if self.temperature == 0 and (self.top_k, self.top_p) != (None, None):
            name = "top_p" if self.top_k is None else "top_k"
            raise ConfigError(
                f"temperature 0 takes the likeliest token and {name} would have no effect: "
                "leave it out, or set a temperature"
            )


def choose(scores: torch.Tensor, uniforms: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    """Choose one token for each row, by inverting the cumulated probabilities.

    Args:
        scores: (B, V) float32 log-probabilities, penalised, -inf where a token is banned.
        uniforms: (B,) float32 in [0, 1), one number a row; not looked at when greedy.
        sampling: temperature, top-k and top-p.

    Returns:
        (B,) int64. A token of probability 0 is never chosen.
    """
    if sampling.temperature == 0:
        return scores.argmax(-1)
    if sampling.temperature != 1:
        scores = scores / sampling.temperature
    ids = None
    if sampling.top_k is not None:
        weights, ids = top_k(scores, sampling.top_k)  # (B, K)
    else:
        weights = scores.softmax(-1)  # (B, V)
    if sampling.top_p is not None:
        weights = nucleus(weights, sampling.top_p)
    drawn = _invert(weights, uniforms[:, None])
    return (drawn if ids is None else ids.gather(1, drawn)).squeeze(1)


def _invert(weights: torch.Tensor, uniforms: torch.Tensor) -> torch.Tensor:
    """Find where the cumulated weights (B, N) exceed a share (B, 1) of their sum; (B, 1) int64.

    Among many, first the block of them in which they do: the same but for rounding.
    """
    if weights.numel() <= _FEW:
        return _exceeding(weights.cumsum(1), uniforms)
    size = weights.shape[1]
    blocks, left = divmod(size, _BLOCK)
    whole, tail = weights.split([size - left, left], dim=1)
    sums = torch.cat([whole.unflatten(1, (blocks, _BLOCK)).sum(2), tail.sum(1, keepdim=True)], 1)
    reached = sums.cumsum(1)  # (B, blocks + 1)
    block = _exceeding(reached, uniforms)
    passed = uniforms * reached[:, -1:] - (reached - sums).gather(1, block)
    share = (passed / sums.gather(1, block)).clamp_(0, _BELOW_1)
    places = block * _BLOCK + torch.arange(_BLOCK, device=weights.device)  # (B, _BLOCK)
    inside = weights.gather(1, places.clamp(max=size - 1)).masked_fill_(places >= size, 0)
    return places.gather(1, _exceeding(inside.cumsum(1), share))


def _exceeding(reached: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """Find the first of rising sums (B, N) that exceeds a share (B, 1) in [0, 1) of the last."""
    # right=True finds the first that exceeds the number, so its own weight is above 0
    places = torch.searchsorted(reached, shares * reached[:, -1:], right=True)
    return places.clamp_(max=reached.shape[1] - 1)  # all NaN: seen in the log-probability


def random_streams(prompts: Sequence[Sequence[int]], *, seed: int) -> list[Iterator[float]]:
    """Make an endless stream of float32 numbers in [0, 1) for each prompt.

    It depends on the seed, the ids of the prompt, and how many equal ones come before it: a prompt
    is continued in the same way alone and among others, and twice the same prompt in two ways.

    Raises:
        ConfigError: a negative seed.
    """
    if seed < 0:
        raise ConfigError(f"seed {seed}: must be 0 or more")
    seen: Counter[tuple[int, ...]] = Counter()
    streams = []
    for prompt in map(tuple, prompts):
        streams.append(_stream([seed, seen[prompt], *prompt]))
        seen[prompt] += 1
    return streams


def _stream(entropy: list[int]) -> Iterator[float]:
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
    while True:
        # float32, so that rounding a double cannot make a 1 of it
        yield from generator.random(_NUMBERS, dtype=np.float32).tolist()
