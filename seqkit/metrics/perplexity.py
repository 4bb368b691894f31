"""Perplexity and bits a character of a text, with intervals and paired comparisons.

Everything is a ratio of sums: nats (negative log-likelihoods, 0 or more) over tokens, characters or
bytes. Lines of a running text hang together, so what is resampled is blocks of consecutive lines,
about as long as the cube root of their number (Hall, Horowitz and Jing 1995).
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError
from seqkit.metrics.arrays import finite
from seqkit.metrics.resample import check_sampling, multinomial_draws
from seqkit.metrics.significance import Paired, paired_from_gaps

__all__ = ["bits_per", "paired_perplexity", "perplexity", "perplexity_interval"]


def perplexity(nats: float, tokens: int) -> float:
    """Return exp(nats / tokens); infinity where a float cannot hold it.

    >>> round(perplexity(3 * math.log(10), 3), 9)
    10.0

    Raises:
        DataError: no tokens.
    """
    if tokens < 1:
        raise DataError(f"perplexity: {tokens} tokens, expected 1 or more")
    try:
        return math.exp(nats / tokens)
    except OverflowError:
        return math.inf


def bits_per(nats: float, units: int) -> float:
    """Return the bits for each of `units` characters, bytes or tokens.

    >>> bits_per(8 * math.log(2), 4)
    2.0

    Raises:
        DataError: no units.
    """
    if units < 1:
        raise DataError(f"bits_per: {units} units, expected 1 or more")
    return nats / (units * math.log(2))


def perplexity_interval(
    nats_by_line: ArrayLike,
    tokens_by_line: ArrayLike,
    *,
    samples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the percentile interval of the perplexity from a bootstrap over blocks of lines.

    Args:
        nats_by_line: negative log-likelihood of each line, (N,), in the order of the text.
        tokens_by_line: tokens of each line, (N,).
        samples: number of resamples.
        level: share of the resamples within the interval.
        seed: of the resampling.

    Raises:
        ConfigError: fewer than one sample, level outside (0, 1).
        DataError: fewer than two lines, lengths that differ, NaN or infinity, a line of no tokens.
    """
    check_sampling(samples, level)
    nats, tokens = _blocks(nats_by_line, tokens_by_line)
    means = [
        (draws @ nats) / (draws @ tokens)
        for draws in _draws(len(tokens), samples=samples, seed=seed)
    ]
    # exp after the quantiles: the order is the same, and nothing overflows in between
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return perplexity(float(low), 1), perplexity(float(high), 1)


def paired_perplexity(
    nats_a: ArrayLike,
    nats_b: ArrayLike,
    tokens_by_line: ArrayLike,
    *,
    samples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Paired:
    """Compare the perplexities of two models on the same lines: that of a less that of b.

    The same blocks of lines are resampled for both; interval and p as in `paired_bootstrap`.

    Args:
        nats_a: negative log-likelihood of each line by the first model, (N,).
        nats_b: by the second, (N,), of the same tokens.
        tokens_by_line: tokens of each line, (N,).
        samples: number of resamples.
        level: share of the resamples within the interval.
        seed: of the resampling.

    Raises:
        ConfigError: fewer than one sample, level outside (0, 1).
        DataError: fewer than two lines, lengths that differ, NaN or infinity, a line of no tokens,
            or a perplexity that a float cannot hold.
    """
    check_sampling(samples, level)
    first, tokens = _blocks(nats_a, tokens_by_line)
    second, _ = _blocks(nats_b, tokens_by_line)
    if max(first.sum(), second.sum()) > 300 * tokens.sum():
        raise DataError(
            "paired_perplexity: more than 300 nats a token, a perplexity that no number holds: "
            "one of the models has diverged"
        )

    def gap(draws: NDArray[np.int64]) -> NDArray[np.float64]:
        count = draws @ tokens
        return np.exp(draws @ first / count) - np.exp(draws @ second / count)

    observed = gap(np.ones((1, len(tokens)), dtype=np.int64))
    gaps = [gap(draws) for draws in _draws(len(tokens), samples=samples, seed=seed)]
    return paired_from_gaps(float(observed[0]), np.concatenate(gaps), level=level)


def _blocks(nats: ArrayLike, tokens: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Check both, (N,), and add them up by block, (K,)."""
    values = finite(nats, name="nats_by_line", ndim=1).astype(np.float64)
    counts = finite(tokens, name="tokens_by_line", ndim=1).astype(np.float64)
    if len(values) != len(counts) or len(counts) < 2 or counts.min() < 1:
        raise DataError(
            f"perplexity: nats of {len(values)} lines, tokens of {len(counts)}, at least "
            f"{min(counts, default=0):g} a line: expected the same two or more lines, each of 1 "
            "token or more"
        )
    starts = np.arange(0, len(counts), max(1, round(len(counts) ** (1 / 3))))
    return np.add.reduceat(values, starts), np.add.reduceat(counts, starts)


def _draws(blocks: int, *, samples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield how often each block comes up, (S, K) at a time."""
    once = np.ones(blocks, dtype=np.int64)
    return multinomial_draws(once, samples, np.random.default_rng(seed), classes=1)
