"""Where to cut the score of a positive class, and what the cut promises on other data."""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import ConfigError, DataError, choices
from seqkit.metrics.counts import STATISTICS, Counts
from seqkit.metrics.curves import ranked
from seqkit.metrics.proportions import clopper_pearson_upper

__all__ = ["Threshold", "choose_threshold"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A cut and what it did on the data that it was chosen on; `dataclasses.asdict` is JSON."""

    value: float
    """Positive is what scores at least this, compared in double precision: see `decide`."""
    caught: float
    """Share of the positives that it calls positive."""
    false_positive_rate: float
    """Share of the negatives that it calls positive."""
    false_positive_bound: float
    """Upper Clopper-Pearson bound of that rate on other data, at `confidence`."""
    confidence: float
    """Chance that the bound holds, one-sided."""
    mcc: float
    """Matthews correlation of its calls with gold."""
    target: float | None
    """The false positive rate asked for; None where the cut was chosen by a metric."""
    met: bool
    """Whether the rate, or the bound where `conservative` was asked for, is within the target."""
    positives: int
    """Positive records it was chosen on."""
    negatives: int
    """Negative records it was chosen on."""

    def decide(self, scores: ArrayLike) -> NDArray[np.bool_]:
        """Return True where a score, (...), is at least the threshold."""
        return np.asarray(scores, dtype=np.float64) >= self.value


def choose_threshold(
    gold: ArrayLike,
    scores: ArrayLike,
    *,
    max_false_positive_rate: float | None = None,
    metric: str | None = None,
    conservative: bool = False,
    confidence: float = 0.95,
) -> Threshold:
    """Choose the cut that catches most at a stated false positive rate, or has the best metric.

    Cuts lie midway between neighbouring distinct scores; equal scores are never parted. Two more
    cuts call nothing and everything positive. Among the cuts that meet the target, the one with
    the most positives caught is chosen, among equals the highest: it has the fewest false
    positives. With a metric, the best one, among equals the highest.

    A rate of zero can always be met on the data at hand, if need be by calling nothing positive.
    But a cut with a rate of k in n here has a higher one on other data half of the time. With
    `conservative` the upper bound of the rate must meet the target: the rate on other data of the
    same kind then exceeds it with probability 1 - confidence at most. This holds although cut and
    bound come from the same records, since how many false positives are allowed depends on n alone
    (Tong, Feng and Li 2018, Neyman-Pearson umbrella algorithm). Few negatives cannot promise much:
    n of them without a false positive bound the rate by about 3 / n. Where even that exceeds the
    target, the cut with no false positive that catches most is returned, `met` is False, and a
    warning is logged.

    Args:
        gold: 1 for positive and 0 for negative, (N,): validation data, never the test set.
        scores: scores of the positive class, (N,).
        max_false_positive_rate: the target, in [0, 1].
        metric: in place of the target: a name of `STATISTICS`, such as mcc.
        conservative: hold the upper bound to the target in place of the rate itself.
        confidence: of the bound.

    Raises:
        ConfigError: both or neither of target and metric, no such metric, `conservative` without
            a target, target or confidence out of range.
        DataError: no positive or no negative record, shapes that differ, NaN.

    >>> cut = choose_threshold([0, 0, 1, 1], [0.1, 0.4, 0.6, 0.9], max_false_positive_rate=0.0)
    >>> cut.value, cut.caught, cut.false_positive_rate
    (0.5, 1.0, 0.0)
    """
    _check(max_false_positive_rate, metric, conservative)
    distinct, true, false = ranked(gold, scores)
    positives, negatives = int(true[-1]), int(false[-1])
    if not positives or not negatives:
        raise DataError(
            f"choose_threshold: {positives} positive and {negatives} negative records, "
            "both are needed"
        )
    true, false = np.append(0, true), np.append(0, false)  # cut 0 calls nothing positive
    counts = Counts(
        np.stack([negatives - false, true], axis=-1),
        np.array([negatives, positives]),
        np.stack([negatives + positives - false - true, false + true], axis=-1),
    )
    met = True
    if metric is not None:
        cut = int(np.argmax(STATISTICS[metric](counts)))
    else:
        allowed, met = _allowed(max_false_positive_rate, negatives, conservative, confidence)
        cut = int(np.argmax(np.where(false <= allowed, true, -1)))
    bound = clopper_pearson_upper(int(false[cut]), negatives, confidence=confidence)
    if not met:
        _log.warning(
            "%d negatives cannot bound a false positive rate by %g (with none it is %.2g): "
            "chose the threshold without false positives; more validation data would help",
            *(negatives, max_false_positive_rate, bound),
        )
    return Threshold(
        value=_between(distinct, cut),
        caught=int(true[cut]) / positives,
        false_positive_rate=int(false[cut]) / negatives,
        false_positive_bound=bound,
        confidence=confidence,
        mcc=float(STATISTICS["mcc"](counts)[cut]),
        target=max_false_positive_rate,
        met=met,
        positives=positives,
        negatives=negatives,
    )


def _check(target: float | None, metric: str | None, conservative: bool) -> None:
    if (target is None) == (metric is None):
        raise ConfigError("choose_threshold: give either max_false_positive_rate or metric")
    if metric is not None:
        if metric not in STATISTICS:
            raise ConfigError(choices("metric", metric, STATISTICS))
        if conservative:
            raise ConfigError("choose_threshold: conservative needs max_false_positive_rate")
    elif not 0 <= target <= 1:
        raise ConfigError(f"max_false_positive_rate {target}: expected 0 to 1, such as 0.003")


def _allowed(
    target: float, negatives: int, conservative: bool, confidence: float
) -> tuple[int, bool]:
    """Return how many false positives meet the target, and whether any number does."""

    def rate(k: int) -> float:
        if conservative:
            return clopper_pearson_upper(k, negatives, confidence=confidence)
        return k / negatives

    if rate(0) > target:
        return 0, False
    low, high = 0, negatives  # rate() rises: the last k within the target by bisection
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if rate(middle) <= target else (low, middle - 1)
    return low, True


def _between(distinct: NDArray[np.float64], cut: int) -> float:
    """Return a threshold with the first `cut` of the falling scores on its upper side.

    Single precision can hold it wherever it can tell the two neighbours apart, so that an app that
    compares in float32 decides the same.
    """
    if cut == len(distinct):
        return float(distinct[-1])
    below = distinct[cut]
    if cut == 0:
        return float(np.nextafter(np.float32(below), np.float32(np.inf)))
    above = distinct[cut - 1]
    middle = float(np.float32(below + (above - below) / 2))
    return middle if below < middle <= above else float(above)
