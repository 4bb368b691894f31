"""Scatter integers over 64 bits: a bijection, so that different numbers stay different."""

import numpy as np

__all__ = ["mix"]


def mix(values: np.ndarray) -> np.ndarray:
    """Return each value scattered by the finaliser of SplitMix64 (Steele et al., OOPSLA 2014).

    Args:
        values: uint64 of any shape.

    Returns:
        uint64 of the same shape, the same on every machine and with every version of numpy.
    """
    x = np.asarray(values, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
