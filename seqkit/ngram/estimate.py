"""From the counts of n-grams to a model: the estimators."""

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError, choices
from seqkit.ngram.add_k import add_k
from seqkit.ngram.adjusted import adjusted_counts, predicted_counts, suffix_numbers
from seqkit.ngram.discounts import count_of_counts, modified_discounts, single_discount
from seqkit.ngram.interpolation import Rule, interpolate
from seqkit.ngram.jelinek_mercer import fit_shares
from seqkit.ngram.levels import NgramCounts, NgramTable
from seqkit.ngram.pruning import drop

__all__ = ["SMOOTHING_METHODS", "Estimate", "SmoothingConfig", "estimate", "unused_smoothing"]

_log = logging.getLogger(__name__)

Method = Literal[
    "modified-kneser-ney",
    "kneser-ney",
    "absolute",
    "witten-bell",
    "jelinek-mercer",
    "add-k",
    "mle",
    "stupid-backoff",
]
SMOOTHING_METHODS: tuple[str, ...] = get_args(Method)

_DISCOUNTS = {
    "modified-kneser-ney": modified_discounts,
    "kneser-ney": single_discount,
    "absolute": single_discount,
}


@dataclass(frozen=True, kw_only=True)
class SmoothingConfig:
    """How probabilities are made of counts."""

    method: Method = "modified-kneser-ney"
    """The estimator; mle gives words that were not seen after a context nothing."""
    k: float = 1.0
    """add-k: what is added to each count."""
    alpha: float = 0.4
    """stupid-backoff: what each step to a shorter context costs."""
    fallback: tuple[float, float, float] = (0.5, 1.0, 1.5)
    """Discounts of counts of 1, 2, and 3 or more, where the text is too small to estimate them; for
    the methods with one discount the first."""
    prune: tuple[int, ...] = ()
    """Counts for the orders from 1 on: n-grams that came no more often are dropped. The first is 0,
    the last goes for the higher orders too."""

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ConfigError: an unknown method, or a value out of range.
        """
        if self.method not in SMOOTHING_METHODS:
            raise ConfigError(choices("smoothing.method", self.method, SMOOTHING_METHODS))
        if not 0 < self.k < math.inf:
            raise ConfigError(f"smoothing.k {self.k}: must be more than 0, and finite")
        if not 0 < self.alpha <= 1:
            raise ConfigError(f"smoothing.alpha {self.alpha}: must lie in (0, 1]")
        if len(self.fallback) != 3 or not all(
            0 <= value <= i for i, value in enumerate(self.fallback, start=1)
        ):
            raise ConfigError(
                f"smoothing.fallback {_spaced(self.fallback)}: three discounts, the first in "
                "[0, 1], the second in [0, 2], the third in [0, 3]"
            )
        if (self.prune and self.prune[0] != 0) or list(self.prune) != sorted(self.prune):
            raise ConfigError(
                f"smoothing.prune {_spaced(self.prune)}: must begin with 0 and never fall, "
                "as in 0 0 1"
            )


@dataclass(frozen=True, eq=False)
class Estimate:
    """A model, and what its estimation found.

    Attributes:
        table: the model.
        facts: method, discounts, weights, n-grams that were dropped; as JSON can hold it.
        notes: what whoever uses the model should know, a sentence each.
    """

    table: NgramTable
    facts: dict[str, Any]
    notes: list[str]


def unused_smoothing(config: SmoothingConfig) -> Iterator[tuple[str, str]]:
    """Yield the options `smoothing.*` that the chosen method does not use, and why."""
    for option, methods in (
        ("k", ("add-k",)),
        ("alpha", ("stupid-backoff",)),
        ("fallback", tuple(_DISCOUNTS)),
    ):
        if config.method not in methods:
            yield f"smoothing.{option}", f"without --smoothing.method {' or '.join(methods)}"


def estimate(
    counts: NgramCounts,
    config: SmoothingConfig,
    *,
    heldout: Callable[[], Iterable[npt.NDArray[np.uint32]]] | None = None,
) -> Estimate:
    """Make a model of the counts of a text.

    modified-kneser-ney is that of Chen and Goodman (1998), interpolated, with the counts and the
    pruning of Heafield et al. (2013); kneser-ney has one discount (Kneser and Ney 1995); absolute
    takes it off the plain counts (Ney, Essen and Kneser 1994); witten-bell is method C of Witten
    and Bell (1991); jelinek-mercer is fitted on `heldout`; all these end in the uniform
    distribution over all that can be predicted, so that no word is impossible. stupid-backoff gives
    scores that do not sum to 1 (Brants et al. 2007).

    Args:
        counts: at most read, so they may be mapped from disk.
        config: the method and its options.
        heldout: gives blocks of ids of other text, each line followed by EOS; for jelinek-mercer.

    Raises:
        ConfigError: jelinek-mercer without `heldout`, or `prune` longer than the order.
        DataError: no text was counted, or the held-out text is empty.
    """
    order = counts.levels.order
    if not counts.tokens:
        raise DataError("no text was counted, so that there is nothing to estimate: give a text")
    if config.method == "jelinek-mercer" and heldout is None:
        raise ConfigError(
            "smoothing.method jelinek-mercer is fitted on held-out text, and there is none: "
            "give valid text"
        )
    least = _limits(config.prune, order)
    facts: dict[str, Any] = {"method": config.method}
    notes = _missing_orders(counts.levels.sizes)
    if config.method == "add-k":
        log_probs, backoffs = add_k(counts, k=config.k, least=least)
        facts["k"] = config.k
    else:
        suffixes, raw = suffix_numbers(counts.levels), predicted_counts(counts)
        kneser_ney = config.method in ("modified-kneser-ney", "kneser-ney")
        own = adjusted_counts(counts, suffixes) if kneser_ney else list(raw)
        rules = [Rule()] * order
        if config.method in _DISCOUNTS:
            rules = _discounted(own, config, facts, notes)
        elif config.method == "witten-bell":
            rules = [Rule(types=1.0)] * order
        elif config.method == "jelinek-mercer" and heldout is not None:
            shares = fit_shares(counts, heldout())
            rules = [Rule(shares=row) for row in shares]
            facts["shares"] = shares.round(6).tolist()
        kept = [0] * order if config.method == "stupid-backoff" else least  # it moves no mass
        log_probs, backoffs = interpolate(counts.levels, own, rules, suffixes, raw=raw, least=kept)
        _take_logs([*log_probs, *backoffs])
    unseen = 0.0
    if config.method == "stupid-backoff":
        unseen = math.log(config.alpha)
        for weights in backoffs:
            weights[:] = unseen
        facts["alpha"] = config.alpha
        notes.append(
            "stupid-backoff gives scores, not probabilities: a perplexity of them says nothing."
        )
    table = NgramTable(counts.levels, log_probs, backoffs, unseen)
    if any(least):
        table = drop(table, counts.counts, least)
    before, after = counts.levels.sizes, table.levels.sizes
    facts["pruned"] = [old - new for old, new in zip(before, after, strict=True)]
    return Estimate(table, facts, notes)


def _limits(prune: tuple[int, ...], order: int) -> list[int]:
    if len(prune) > order:
        raise ConfigError(
            f"smoothing.prune {_spaced(prune)}: {len(prune)} counts for order {order}: "
            f"give {order} at most"
        )
    return [*prune, *(prune or (0,))[-1:] * (order - len(prune))]


def _missing_orders(sizes: Sequence[int]) -> list[str]:
    if all(sizes):
        return []
    first = sizes.index(0) + 1
    return [f"No line is long enough for {first}-grams: the model is one of order {first - 1}."]


def _discounted(
    counts: Sequence[npt.NDArray[np.uint32]],
    config: SmoothingConfig,
    facts: dict[str, Any],
    notes: list[str],
) -> list[Rule]:
    """Estimate the discounts of each order; write down what they are, and which could not be."""
    rules = []
    facts.update(discounts=[], counts_of_counts=[])
    for order, own in enumerate(counts, start=1):
        n = count_of_counts(own)
        found = _DISCOUNTS[config.method](n, fallback=config.fallback)
        if found.fault and len(own):
            note = (
                f"The discounts of the {order}-grams cannot be estimated ({found.fault}; the text "
                f"is small or not natural): {_spaced(found.values)} stand in for them."
            )
            _log.warning("%s", note)
            notes.append(note)
        rules.append(Rule(discounts=found.values))
        facts["discounts"].append(list(found.values))
        facts["counts_of_counts"].append(list(n))
    return rules


def _take_logs(arrays: Iterable[npt.NDArray[np.float32]]) -> None:
    with np.errstate(divide="ignore"):
        for array in arrays:
            np.log(array, out=array)
            np.minimum(array, 0, out=array)  # a sum may have been rounded to more than 1


def _spaced(values: Iterable[float]) -> str:
    return " ".join(f"{value:g}" for value in values)
