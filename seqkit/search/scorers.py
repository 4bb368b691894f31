"""What a document is worth to a query: the sum over its terms of weight times contribution.

All scorers come down to three forms, which compiled loops know. With the factors of a term
(weight, slope) and the norm of a document, a term that is tf times in it adds

    RATIO       weight * tf / (tf + norm)
    PRODUCT     weight * (1 + ln tf) * norm
    LOGARITHM   weight * max(0, ln((1 + slope * tf) * norm))

The loops have the norms from two numbers, `base` and `step`, and the length of the document:
base + step * length in RATIO, base / (base + length) in LOGARITHM; in PRODUCT they are made of the
postings: one through the root of the sum of (1 + ln tf)^2 over the terms of the document.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

from seqkit.errors import ConfigError, choices

__all__ = [
    "BM25",
    "LOGARITHM",
    "PRODUCT",
    "RATIO",
    "Counts",
    "Dirichlet",
    "Factors",
    "Scorer",
    "TfIdf",
]

RATIO, PRODUCT, LOGARITHM = range(3)


class Counts(NamedTuple):
    """What is counted of a term of a query, or of a phrase, in all live documents."""

    df: int
    """Documents with it; 1 or more."""
    cf: int
    """How often it is in them."""
    boost: float = 1.0


class Factors(NamedTuple):
    """What a term adds to a score; see the module."""

    weight: float
    slope: float = 0.0
    absent: float = 0.0
    """Added to every document that is found, whether it has the term or not."""


class Scorer(Protocol):
    """Says what the terms of a query and the lengths of documents are worth."""

    form: ClassVar[int]
    """RATIO, PRODUCT or LOGARITHM."""

    def factors(
        self, terms: Sequence[Counts], documents: int, total_length: int
    ) -> list[Factors]: ...  # those of each term of a query

    def norm(self, documents: int, total_length: int) -> tuple[float, float]: ...  # base, step


@dataclass(frozen=True, kw_only=True)
class BM25:
    """Score by BM25, in one of the variants that Kamphuis et al. (2020) compare.

    With L = 1 - b + b * length / average length, N documents, and the sum over the query's terms:

        lucene      ln(1 + (N - df + .5) / (df + .5)) * tf / (tf + k1 L)
        robertson   ln(max(1, (N - df + .5) / (df + .5))) * tf / (tf + k1 L)
        atire       ln(N / df) * (k1 + 1) tf / (tf + k1 L)
        bm25l       ln((N + 1) / (df + .5)) * (k1 + 1) (tf / L + delta) / (k1 + tf / L + delta)
        bm25+       ln((N + 1) / df) * ((k1 + 1) tf / (tf + k1 L) + delta)

    as bm25s and rank_bm25 have it: in the last two a term with tf = 0 adds to the score, too, the
    same to all documents, so that delta of bm25+ changes no order (Lv and Zhai, 2011, add up only
    terms that the document has).

    Raises:
        ConfigError: a number is out of range, the variant is unknown, or it has no delta.
    """

    form: ClassVar[int] = RATIO
    k1: float = 1.2
    """How slowly a term's repetitions cease to count; 0 counts none."""
    b: float = 0.75
    """How much long documents pay: 0 nothing, 1 in full."""
    variant: str = "lucene"
    """atire, bm25+, bm25l, lucene or robertson."""
    delta: float | None = None
    """Of bm25l and bm25+ alone; None for the authors' 0.5 and 1."""

    def __post_init__(self) -> None:
        """Check the options."""
        if self.variant not in _IDF:
            raise ConfigError(choices("variant", self.variant, _IDF))
        _check("k1", self.k1, 0)
        _check("b", self.b, 0, 1)
        if self.delta is not None:
            if self.variant not in _DELTA:
                raise ConfigError(
                    f"delta {self.delta}: variant {self.variant!r} has none: leave it out, or "
                    "choose bm25l or bm25+"
                )
            _check("delta", self.delta, 0)

    def factors(self, terms: Sequence[Counts], documents: int, total_length: int) -> list[Factors]:
        """Return weight and absent; see `Scorer`."""
        idf, k1 = _IDF[self.variant], self.k1
        if self.variant in ("lucene", "robertson"):
            return [Factors(boost * idf(df, documents)) for df, _, boost in terms]
        weight, absent, delta = k1 + 1, 0.0, self._delta
        if self.variant == "bm25+":
            absent = delta
        elif delta:  # bm25l: what tf = 0 has is split off, a ratio is left
            weight, absent = weight * k1 / (k1 + delta), weight * delta / (k1 + delta)
        values = [boost * idf(df, documents) for df, _, boost in terms]
        return [Factors(weight * value, 0.0, absent * value) for value in values]

    def norm(self, documents: int, total_length: int) -> tuple[float, float]:
        """Return k1 (1 - b) and k1 b / average length; in bm25l with k1 + delta for k1."""
        scale = self.k1 + (self._delta if self.variant == "bm25l" else 0.0)
        return scale * (1 - self.b), scale * self.b * documents / max(total_length, 1)

    @property
    def _delta(self) -> float:
        return _DELTA.get(self.variant, 0.0) if self.delta is None else self.delta


@dataclass(frozen=True, kw_only=True)
class TfIdf:
    """Score by the cosine of the angle between query and document: lnc.ntc of SMART.

    A term weighs 1 + ln tf in a document, and its boost times 1 + ln((1 + N) / (1 + df)) in a query
    (Salton and Buckley, 1988; the idf is scikit-learn's, so that no term weighs nothing). Documents
    without idf keep their norms while others come and go.
    """

    form: ClassVar[int] = PRODUCT

    def factors(self, terms: Sequence[Counts], documents: int, total_length: int) -> list[Factors]:
        """Return the weights of the terms, the sum of their squares 1."""
        weights = [boost * (1 + math.log((1 + documents) / (1 + df))) for df, _, boost in terms]
        norm = math.sqrt(sum(weight * weight for weight in weights)) or 1.0
        return [Factors(weight / norm) for weight in weights]

    def norm(self, documents: int, total_length: int) -> tuple[float, float]:
        """Return nothing: lengths play no part."""
        return 0.0, 0.0


@dataclass(frozen=True, kw_only=True)
class Dirichlet:
    """Score by the likelihood of the query, with Dirichlet's prior for the document's model.

    The sum of max(0, ln(1 + tf / (mu p)) + ln(mu / (mu + length))), p = cf / tokens of the
    collection (Zhai and Lafferty, 2004, over the terms that a document has; cut at 0 as in Lucene).

    Raises:
        ConfigError: mu is not above 0.
    """

    form: ClassVar[int] = LOGARITHM
    mu: float = 2000.0
    """Tokens that the collection adds to each document."""

    def __post_init__(self) -> None:
        """Check the option."""
        _check("mu", self.mu, 1e-6)

    def factors(self, terms: Sequence[Counts], documents: int, total_length: int) -> list[Factors]:
        """Return boost and 1 / (mu p); see `Scorer`."""
        return [Factors(boost, total_length / (self.mu * max(cf, 1))) for _, cf, boost in terms]

    def norm(self, documents: int, total_length: int) -> tuple[float, float]:
        """Return mu."""
        return self.mu, 0.0


def _check(name: str, value: float, low: float, high: float = 1e6) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{name} {value}: choose a number from {low:g} to {high:g}")


def _lucene(df: int, documents: int) -> float:
    return math.log(1 + (documents - df + 0.5) / (df + 0.5))


def _robertson(df: int, documents: int) -> float:
    return math.log(max(1.0, (documents - df + 0.5) / (df + 0.5)))


def _atire(df: int, documents: int) -> float:
    return math.log(documents / df)


def _bm25l(df: int, documents: int) -> float:
    return math.log((documents + 1) / (df + 0.5))


def _bm25plus(df: int, documents: int) -> float:
    return math.log((documents + 1) / df)


_IDF: dict[str, Callable[[int, int], float]] = {
    "atire": _atire,
    "bm25+": _bm25plus,
    "bm25l": _bm25l,
    "lucene": _lucene,
    "robertson": _robertson,
}
_DELTA = {"bm25l": 0.5, "bm25+": 1.0}
