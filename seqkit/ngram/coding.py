"""Log-probabilities and back-off weights in a few bits each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Coding"]

_STEP = 1e-6  # nats; half of it and the rounding to float32 stay below 1e-6 for every value
_BITS = 32
_EXACT = (-math.inf, 0.0)  # these two always survive


@dataclass(frozen=True)
class Coding:
    """How the values of one kind and one order are written as codes of `bits` bits.

    Attributes:
        bits: width of a code.
        numbers: of a codebook, the value of each code, ascending. Otherwise the lowest finite value
            and the step: code 0 is -inf, 1 is 0.0, and c from 2 on is lowest + (c - 2) * step.
        is_book: which of the two.
    """

    bits: int
    numbers: Sequence[float]
    is_book: bool = False

    @classmethod
    def linear(cls, values: npt.NDArray[np.float32]) -> "Coding":
        """Space codes evenly between the lowest and the highest value, less than 1e-6 nats apart.

        A span of more than 4,294 nats gets wider steps: codes have 32 bits at most.
        """
        finite = np.isfinite(values)
        lowest = float(np.min(values, where=finite, initial=np.inf))
        if lowest == math.inf:
            return cls(1, (0.0, 0.0))
        span = float(np.max(values, where=finite, initial=-np.inf)) - lowest
        steps = math.ceil(span / _STEP)
        bits = min(_BITS, (steps + 2).bit_length())
        return cls(bits, (lowest, span / ((1 << bits) - 3)))

    @classmethod
    def book(cls, values: npt.NDArray[np.float32], bits: int) -> "Coding":
        """Choose at most 2**bits values, and code each value as the nearest of them.

        The finite values are cut into bins of equal population, and the mean of each is chosen
        (Federico and Bertoldi 2006, "How many bits are needed to store probabilities for
        phrase-based translation?"). -inf and 0.0 stay exact, and so does everything where no more
        than 2**bits values differ.
        """
        ordered = np.sort(values)
        changes = np.flatnonzero(ordered[1:] != ordered[:-1])
        distinct = np.append(ordered[changes], ordered[-1:])
        if len(distinct) > 1 << bits:
            exact = np.intersect1d(distinct, np.array(_EXACT, np.float32))
            rest = ordered[~np.isin(ordered, exact)]
            bins = np.linspace(0, len(rest), (1 << bits) - len(exact) + 1).astype(np.int64)
            means = np.add.reduceat(rest, bins[:-1], dtype=np.float64) / np.diff(bins)
            distinct = np.unique(np.concatenate([exact, means.astype(np.float32)]))
        return cls(bits, distinct.tolist() or [0.0], True)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> "Coding":
        """Restore what `to_json` returned."""
        numbers = [-math.inf if number is None else float(number) for number in saved["numbers"]]
        return cls(int(saved["bits"]), numbers, bool(saved["is_book"]))

    def to_json(self) -> dict[str, Any]:
        """Return the attributes for a JSON file, which has no infinity: null is -inf."""
        numbers = [None if number == -math.inf else float(number) for number in self.numbers]
        return {"bits": self.bits, "numbers": numbers, "is_book": self.is_book}
