"""How much each of several models should count for when their probabilities are mixed."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError

__all__ = ["fit_weights", "mix"]

_CHUNK = 1 << 18  # tokens held at once
_GAP = 1e-8  # nats a token
_MOST = 1000  # passes

_Floats = NDArray[np.float32] | NDArray[np.float64]


class _LogProbs(Protocol):
    """An array (N,), or what reads one from a file a slice at a time."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: slice) -> _Floats: ...


def mix(log_probs: Sequence[_Floats], weights: Sequence[float]) -> NDArray[np.float64]:
    """Return the log-probabilities (N,) of a mixture from those of its parts, in nats.

    >>> np.exp(mix([np.log([0.5, 0.2]), np.log([0.1, 0.4])], [0.75, 0.25])).round(4).tolist()
    [0.4, 0.25]
    """
    with np.errstate(divide="ignore"):  # of no probability, or no weight: -inf
        weighted = [
            np.log(w) + np.asarray(p, np.float64) for p, w in zip(log_probs, weights, strict=True)
        ]
        return np.logaddexp.reduce(weighted, axis=0)


def fit_weights(log_probs: Sequence[_LogProbs]) -> NDArray[np.float64]:
    """Find the weights of the mixture that finds held-out text the likeliest.

    By expectation maximisation (Jelinek and Mercer 1980): a model's new weight is the mean of its
    share in the probability of each token. The likelihood is concave in the weights, and no weights
    give more than log(max_k mean_i p_k(i) / p(i)) nats a token over those at hand: that bound ends
    it, at 1e-8, so the same text gives the same weights.

    Args:
        log_probs: of each model, (N,) in nats, of the same tokens; read in slices.

    Returns:
        (K,) float64 that sum to 1.

    Raises:
        DataError: no tokens, lengths that differ, NaN, or a token that no model thinks possible.
    """
    sizes = [len(part) for part in log_probs]
    if not sizes or min(sizes) != max(sizes) or not sizes[0]:
        raise DataError(f"fit_weights: {sizes} log-probabilities: expected as many of each model")
    weights = np.full(len(sizes), 1 / len(sizes))
    for _ in range(_MOST):
        gains = sum(_gains(log_probs, weights, start) for start in range(0, sizes[0], _CHUNK))
        gains /= sizes[0]
        if np.log(gains.max()) < _GAP:
            break
        weights *= gains
        weights /= weights.sum()
    return weights


def _gains(
    log_probs: Sequence[_LogProbs], weights: NDArray[np.float64], start: int
) -> NDArray[np.float64]:
    """Sum p_k / p over the tokens of a chunk, (K,)."""
    parts = np.stack([np.asarray(p[start : start + _CHUNK], np.float64) for p in log_probs])
    best = parts.max(axis=0)
    if not np.isfinite(best).all():
        at = int(np.argmin(np.isfinite(best)))
        raise DataError(
            f"fit_weights: token {start + at + 1} has the log-probabilities "
            f"{parts[:, at].tolist()}: no mixture of the models gives it a probability"
        )
    np.exp(parts - best, out=parts)  # (K, N), the greatest of each token 1
    return (parts / (weights @ parts)).sum(axis=1)
