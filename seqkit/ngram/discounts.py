"""What is taken off the counts of n-grams that were seen, for those that were not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled

__all__ = ["Discounts", "count_of_counts", "modified_discounts", "single_discount"]


@dataclass(frozen=True)
class Discounts:
    """What is taken off a count of 1, of 2, and of 3 or more.

    Attributes:
        values: the three.
        fault: why the estimate could not be used and the fallback stands here; empty where it is
            the estimate.
    """

    values: tuple[float, float, float]
    fault: str = ""


def count_of_counts(counts: npt.NDArray[np.uint32]) -> tuple[int, int, int, int]:
    """Count the n-grams that have a count of 1, 2, 3 and 4: n1 to n4."""
    found = np.zeros(5, dtype=np.int64)
    _small_counts(counts, found)
    return tuple(found[1:].tolist())


def modified_discounts(
    n: tuple[int, int, int, int], *, fallback: tuple[float, float, float]
) -> Discounts:
    """Estimate three discounts (Chen and Goodman 1998, eq. 26).

    D_i = i - (i + 1) Y n_(i+1) / n_i with Y = n1 / (n1 + 2 n2).

    Args:
        n: n1 to n4, from `count_of_counts`.
        fallback: the discounts where one of n1, n2, n3 is 0 or a discount comes out below 0.
    """
    for i in (1, 2, 3):
        if n[i - 1] == 0:
            return Discounts(fallback, f"none has a count of {i}")
    y = n[0] / (n[0] + 2 * n[1])
    values = tuple(i - (i + 1) * y * n[i] / n[i - 1] for i in (1, 2, 3))
    for i, value in enumerate(values, start=1):
        if value < 0:
            return Discounts(fallback, f"that of a count of {i} comes out as {value:.3g}")
    return Discounts(values)


def single_discount(
    n: tuple[int, int, int, int], *, fallback: tuple[float, float, float]
) -> Discounts:
    """Estimate one discount for all counts (Ney, Essen and Kneser 1994): D = n1 / (n1 + 2 n2).

    Args:
        n: n1 to n4, from `count_of_counts`.
        fallback: its first is the discount where n1 or n2 is 0.
    """
    for i in (1, 2):
        if n[i - 1] == 0:
            return Discounts((fallback[0],) * 3, f"none has a count of {i}")
    return Discounts((n[0] / (n[0] + 2 * n[1]),) * 3)


@compiled
def _small_counts(counts, found):  # type: ignore[no-untyped-def]
    for count in counts:
        if count < 5:
            found[count] += 1
