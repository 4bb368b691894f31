"""How many different keys there are, in bounded memory however many come."""

from array import array

import numpy as np
import numpy.typing as npt

__all__ = ["DistinctKeys"]

_KEPT = 1 << 17  # 1 MB of keys


class DistinctKeys:
    """Counts different 64-bit keys: exactly up to 131,072, beyond that to within about 1%.

    The smallest keys are kept. Those of a hash are spread evenly, so the largest of the smallest k
    says how densely they lie: about (k - 1) / it are there (Bar-Yossef et al. 2002; the standard
    error is a share of 1 / sqrt(k - 2), here 0.3%).
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._smallest: npt.NDArray[np.uint64] = np.zeros(0, np.uint64)  # sorted
        self._read = array("Q")
        self._below = 2**64

    def add(self, key: int) -> None:
        """Take a key, 0 <= key < 2^64."""
        if key < self._below:
            self._read.append(key)
            if len(self._read) == _KEPT:
                self._sort()

    def count(self) -> int:
        """Return how many different keys came."""
        self._sort()
        if len(self._smallest) < _KEPT:
            return len(self._smallest)
        return round((_KEPT - 1) * 2**64 / float(self._below))

    def _sort(self) -> None:
        both = np.concatenate([self._smallest, np.frombuffer(self._read, np.uint64)])
        self._smallest, self._read = np.unique(both)[:_KEPT], array("Q")
        if len(self._smallest) == _KEPT:
            self._below = int(self._smallest[-1])
