"""The baselines by name, and the settings that each takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from seqkit.baselines.majority import Majority
from seqkit.baselines.naive_bayes import NaiveBayes
from seqkit.baselines.nb_svm import NbSvm
from seqkit.baselines.neighbours import Neighbours
from seqkit.baselines.rows import Rows
from seqkit.baselines.tfidf_linear import TfidfLinear
from seqkit.errors import ConfigError, choices

__all__ = ["FAMILIES", "NAMES", "NEED_SKLEARN", "Family", "Model", "settings"]


class Model(Protocol):
    """A fitted baseline: a dataclass whose fields are arrays."""

    def probabilities(self, counts: Rows) -> np.ndarray:
        """Return the distribution over the classes of each document, (N, C) float64."""
        ...


@dataclass(frozen=True)
class Family:
    """One kind of baseline."""

    model: type
    """Restores a fitted model from its arrays."""
    fit: Callable[..., Model]
    defaults: dict[str, Any]
    """Its settings: `ngrams` and `min_count` choose the features, the rest goes to `fit`."""


_PAIRS = {"ngrams": (1, 2), "min_count": 2}
_TRIPLES = {"ngrams": (1, 3), "min_count": 2}

# One set of values for every data set: a compromise over film reviews, text messages, tweets and
# news topics, not the best for any of them.
FAMILIES: dict[str, Family] = {
    "knn": Family(Neighbours, Neighbours.fit, {**_PAIRS, "k": 10}),
    "majority": Family(Majority, Majority.fit, {}),
    "naive-bayes": Family(NaiveBayes, NaiveBayes.fit, {**_PAIRS, "alpha": 0.1}),
    "nb-svm": Family(NbSvm, NbSvm.fit, {**_TRIPLES, "alpha": 1.0, "C": 1.0}),
    "tfidf-lr": Family(TfidfLinear, TfidfLinear.fit_logistic, {**_PAIRS, "C": 100.0}),
    "tfidf-svm": Family(TfidfLinear, TfidfLinear.fit_svm, {**_PAIRS, "C": 3.0}),
}

NAMES: tuple[str, ...] = tuple(sorted(FAMILIES))

NEED_SKLEARN = ("knn", "nb-svm", "tfidf-lr", "tfidf-svm")
"""Those that cannot be fitted and used without the `baselines` extra."""


def settings(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Complete the settings that are given, not None, with the defaults of the baseline.

    Raises:
        ConfigError: an unknown baseline, a setting it does not have, or a value out of range.
    """
    if name not in FAMILIES:
        raise ConfigError(choices("baseline", name, NAMES))
    defaults = FAMILIES[name].defaults
    given = {key: value for key, value in given.items() if value is not None}
    for key, value in given.items():
        if key not in defaults:
            has = ", ".join(sorted(defaults)) or "no settings"
            raise ConfigError(f"baseline {name!r} has no setting {key!r}: it has {has}")
        _check(key, value)
    return {**defaults, **given}


def _check(key: str, value: Any) -> None:
    if key == "ngrams":
        orders = tuple(value) if isinstance(value, tuple | list) else ()
        whole = len(orders) == 2 and all(isinstance(order, int) for order in orders)
        fits, want = whole and 1 <= orders[0] <= orders[1], "(shortest, longest), from 1"
    elif key in ("k", "min_count"):
        fits, want = isinstance(value, int) and value >= 1, "a whole number from 1"
    else:
        fits = isinstance(value, int | float) and 0 < value < float("inf")
        want = "a number above 0"
    if not fits:
        raise ConfigError(f"{key} {value!r}: expected {want}")
