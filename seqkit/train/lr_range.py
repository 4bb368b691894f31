"""Learning-rate range test: which rates make the loss fall, and from where on it explodes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import ConfigError, SeqkitError

__all__ = ["LearningRateRange", "learning_rate_range"]

_FEWEST = 10  # steps
_EXPLODED = 4.0  # times the best


@dataclass(frozen=True)
class LearningRateRange:
    """What the loss did while the rate rose."""

    rates: tuple[float, ...]
    """Learning rate of each update."""
    losses: tuple[float, ...]
    """Loss at each."""
    smoothed: tuple[float, ...]
    """Mean loss over a tenth of the steps around each."""
    suggestion: float | None
    """Rate at which the smoothed loss falls most steeply over the rate's logarithm; None where the
    loss does not fall. Its lowest point lies higher, but there it is about to explode."""
    exploded: bool
    """Whether the loss exploded before the highest rate."""

    def rows(self) -> list[dict[str, float]]:
        """Return rate, loss and smoothed loss of each update, for a log or a table."""
        points = zip(self.rates, self.losses, self.smoothed, strict=True)
        return [{"lr": lr, "loss": loss, "smoothed": mean} for lr, loss, mean in points]


def learning_rate_range(
    update: Callable[[float], float], *, low: float, high: float, steps: int
) -> LearningRateRange:
    """Update with rates that grow by a constant factor, and watch the loss (Smith 2017, 3.3).

    It ends when the mean over the last tenth of the steps exceeds 4 times the best such mean, or
    when a loss is not finite. The weights have moved afterwards, and may have overflowed: the
    caller puts them and the state of the optimiser back.

    Args:
        update: makes one update at this rate and returns its mean loss, NaN or infinity where it
            overflowed.
        low: first rate.
        high: last rate.
        steps: number of rates.

    Raises:
        ConfigError: rates that do not rise from above 0, or fewer than 10 steps.
        SeqkitError: the loss is not finite within the first tenth of the steps.
    """
    if not 0 < low < high < math.inf:
        raise ConfigError(f"learning rates from {low} to {high}: must rise, from above 0")
    if steps < _FEWEST:
        raise ConfigError(f"learning-rate range of {steps} steps: must be {_FEWEST} or more")
    width = max(3, steps // 10)
    rates: list[float] = []
    losses: list[float] = []
    best, exploded = math.inf, False
    for step in range(steps):
        rate = low * (high / low) ** (step / (steps - 1))
        loss = update(rate)
        if not math.isfinite(loss):
            exploded = True
            break
        rates.append(rate)
        losses.append(loss)
        recent = float(np.mean(losses[-width:]))
        best = min(best, recent)
        if recent > _EXPLODED * best:
            exploded = True
            break
    if len(losses) < width:
        raise SeqkitError(
            f"the loss is not finite after {len(losses)} updates from a learning rate of {low:g}: "
            "begin with a lower one, or look for extreme inputs"
        )
    smoothed = _centred_means(losses, width // 2)
    found = _steepest(rates, smoothed, width // 2)
    return LearningRateRange(tuple(rates), tuple(losses), tuple(smoothed.tolist()), found, exploded)


def _centred_means(losses: Sequence[float], half: int) -> NDArray[np.float64]:
    """Average over `half` values on either side; near the ends over as many as there are."""
    index = np.arange(len(losses))
    reach = np.minimum(half, np.minimum(index, index[::-1]))
    sums = np.append(0.0, np.cumsum(losses))
    return (sums[index + reach + 1] - sums[index - reach]) / (2 * reach + 1)


def _steepest(rates: Sequence[float], smoothed: NDArray[np.float64], half: int) -> float | None:
    """Find where the loss falls most steeply before its lowest point, the noisy ends left out."""
    last = min(int(smoothed.argmin()), len(smoothed) - half - 1)
    if last <= half:
        return None
    slopes = np.gradient(smoothed, np.log(rates))[half : last + 1]
    steepest = int(slopes.argmin())
    return rates[half + steepest] if slopes[steepest] < 0 else None
