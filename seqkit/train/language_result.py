"""What a language model, or a baseline, made of one split; set side by side with others."""

import functools
import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from seqkit import metrics
from seqkit.errors import DataError
from seqkit.metrics import Paired
from seqkit.train.markdown import p_value

__all__ = [
    "LanguageResult",
    "Surprise",
    "TokenSum",
    "compare_language",
    "language_rows",
    "least_likely",
    "most_surprising",
    "sums_by_line",
]

_BEFORE = 10  # tokens of context
_LOWEST = 20  # least likely tokens that are kept


class TokenSum(NamedTuple):
    """How many tokens, and their negative log-likelihood: infinite where one is impossible."""

    tokens: int
    nats: float

    @property
    def perplexity(self) -> float:
        """exp(nats / tokens); infinite where there are none."""
        return metrics.perplexity(self.nats, self.tokens) if self.tokens else math.inf


@dataclass(frozen=True, kw_only=True, eq=False)
class LanguageResult:
    """What one model did on one split, by line in the order of the text."""

    name: str
    split: str
    nats_by_line: npt.NDArray[np.float64]
    """(N,) negative log-likelihood of each line, its end included, its impossible tokens not."""
    tokens_by_line: npt.NDArray[np.int64]
    """(N,) tokens of each line, its end included."""
    characters: int
    """Code points of what is predicted, `TextPipeline.predicted`, one for each line end."""
    bytes: int
    """Of UTF-8 of the same, one for each line end."""
    unknown: int
    """Tokens that are not in the vocabulary."""
    adapted: bool = False
    """It reads the text that it is measured on, as the cache and dynamic evaluation do."""
    mixed: bool = False
    """It is the model together with another one: no baseline of it."""
    known: TokenSum | None = None
    """Those that are in the vocabulary, where they were summed up."""
    impossible: int = 0
    """Tokens to which the model gives no probability at all, as one without smoothing does."""
    lowest: Sequence[tuple[float, int]] = ()
    """Log-probability and position of the least likely tokens, see `least_likely`."""

    def __post_init__(self) -> None:
        finite = np.isfinite(self.nats_by_line)
        if len(self.nats_by_line) != len(self.tokens_by_line) or not len(finite):
            raise DataError(
                f"{self.name} on {self.split}: nats of {len(self.nats_by_line)} lines, tokens of "
                f"{len(self.tokens_by_line)}: expected the same, one line or more"
            )
        if not finite.all():
            line = int(np.argmin(finite))
            raise DataError(
                f"{self.name} on {self.split}: line {line + 1} costs {self.nats_by_line[line]} "
                "nats: the model has overflowed"
            )

    @property
    def label(self) -> str:
        """The name, with a mark where the text that is measured was read."""
        return f"{self.name} (reads the {self.split} text)" if self.adapted else self.name

    @property
    def tokens(self) -> int:
        """All tokens, line ends included."""
        return int(self.tokens_by_line.sum())

    @property
    def nats(self) -> float:
        """Negative log-likelihood of the split."""
        return math.fsum(self.nats_by_line)

    @property
    def perplexity(self) -> float:
        """exp(nats / tokens), infinite if one is impossible; between equal tokens comparable."""
        return math.inf if self.impossible else metrics.perplexity(self.nats, self.tokens)

    @property
    def possible(self) -> TokenSum:
        """The tokens that are not impossible."""
        return TokenSum(self.tokens - self.impossible, self.nats)

    @functools.cached_property
    def interval(self) -> tuple[float, float] | None:
        """95% interval of the perplexity, bootstrapped over blocks of lines.

        None of one line, and where a token is impossible.
        """
        if len(self.tokens_by_line) < 2 or self.impossible:
            return None
        return metrics.perplexity_interval(self.nats_by_line, self.tokens_by_line)

    def metrics(self) -> dict[str, Any]:
        """Return the figures for `metrics.json`, None for what is infinite."""
        low, high = self.interval or (None, None)
        nats = math.inf if self.impossible else self.nats
        figures: dict[str, Any] = {
            "perplexity": self.perplexity,
            "perplexity_low": low,
            "perplexity_high": high,
            "bits_per_character": metrics.bits_per(nats, self.characters),
            "bits_per_byte": metrics.bits_per(nats, self.bytes),
            "log_prob": -nats,
            "tokens": self.tokens,
            "unknown": self.unknown,
        }
        if self.known is not None:
            figures["perplexity_known"] = self.known.perplexity
        if self.impossible:
            figures["impossible"] = self.impossible
            figures["perplexity_possible"] = self.possible.perplexity
        return {name: _finite(value) for name, value in figures.items()}


def sums_by_line(
    log_probs: Iterable[npt.NDArray[np.float64]], tokens_by_line: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Add up the nats of each line: log-probabilities of all tokens in order give (lines,).

    Args:
        log_probs: stretches (N,) of tokens, one after the other, cut anywhere.
        tokens_by_line: (lines,), 1 or more each.

    Raises:
        DataError: there are not as many tokens as the lines have.
    """
    ends = np.cumsum(tokens_by_line)
    tokens = int(ends[-1]) if len(ends) and tokens_by_line.min() > 0 else 0
    nats = np.zeros(len(ends))
    start = 0
    for part in log_probs:
        stop = start + len(part)
        if start < stop <= tokens:
            first, last = np.searchsorted(ends, [start, stop - 1], side="right")
            lines = slice(first, last + 1)
            cuts = np.maximum(ends[lines] - tokens_by_line[lines], start) - start
            nats[lines] -= np.add.reduceat(part, cuts)
        start = stop
    if start != tokens or not tokens:
        raise DataError(
            f"{start} log-probabilities for lines of {ends[-1:].sum()} tokens: expected as many, "
            "and 1 token a line or more"
        )
    return nats


def least_likely(
    log_probs: Iterable[npt.NDArray[np.float64]], found: list[tuple[float, int]]
) -> Iterator[npt.NDArray[np.float64]]:
    """Pass log-probabilities on, and keep in `found` which tokens have the lowest.

    Args:
        log_probs: stretches (N,) of consecutive tokens.
        found: becomes (log-probability, position) of twenty of them, the lowest first; of equal
            ones, the first comes first.
    """
    start = 0
    for part in log_probs:
        lowest = np.argsort(part, kind="stable")[:_LOWEST]
        here = zip(part[lowest].tolist(), (start + lowest).tolist(), strict=True)
        found[:] = heapq.nsmallest(_LOWEST, [*found, *here])
        start += len(part)
        yield part


def compare_language(first: LanguageResult, second: LanguageResult) -> Paired | None:
    """Compare two perplexities on the same tokens.

    None where the tokens differ, one line is all, or one of the perplexities is infinite.

    Returns:
        The difference with its 95% interval and p-value, of a paired bootstrap over blocks of
        lines.
    """
    tokens = first.tokens_by_line
    if first.impossible or second.impossible or len(tokens) < 2:
        return None
    if not np.array_equal(tokens, second.tokens_by_line):
        return None
    return metrics.paired_perplexity(first.nats_by_line, second.nats_by_line, tokens)


def language_rows(results: Sequence[LanguageResult]) -> list[list[str]]:
    """Lay out results on one split as a table: a heading, then a row each.

    The last column is the p-value of a paired comparison with the first result. Where they were
    summed up and some are unknown, there is a column for the tokens in the vocabulary, and where a
    token is impossible, there are two about that.
    """
    known = any(result.known is not None and result.unknown for result in results)
    impossible = any(result.impossible for result in results)
    heading = ["", "perplexity", "bits/character", "bits/byte", "tokens", "unknown"]
    heading += ["perplexity without unknown"] * known
    heading += ["impossible", "perplexity without impossible"] * impossible
    rows = [[*heading, f"p (against {results[0].name})"]]
    for result in results:
        figures = result.metrics()
        spread = " ({:.2f} to {:.2f})".format(*result.interval) if result.interval else ""
        paired = None if result is results[0] else compare_language(results[0], result)
        cells = [
            result.label,
            f"{_written(figures['perplexity'], 2)}{spread}",
            _written(figures["bits_per_character"], 4),
            _written(figures["bits_per_byte"], 4),
            f"{figures['tokens']:,}",
            f"{figures['unknown']:,}",
        ]
        if known:
            part = result.known
            cells.append(f"{part.perplexity:.2f} over {part.tokens:,}" if part else "")
        if impossible:
            part = result.possible
            cells += [f"{result.impossible:,}", f"{part.perplexity:.2f} over {part.tokens:,}"]
        rows.append([*cells, p_value(paired.p) if paired else ""])
    return rows


def _finite(value: float | None) -> float | None:
    return None if value is None or math.isinf(value) else value


def _written(value: float | None, digits: int) -> str:
    return "infinite" if value is None else f"{value:.{digits}f}"


@dataclass(frozen=True)
class Surprise:
    """A token that a model did not expect."""

    token: str
    log_prob: float
    """In nats."""
    line: int
    """Number of the line, from 1."""
    before: str
    """The end of the text that stands before it."""


class _Slices(Protocol):
    def __getitem__(self, index: slice) -> npt.NDArray[np.int64]: ...


def most_surprising(
    result: LanguageResult, ids: _Slices, *, text: Callable[[Sequence[int]], str]
) -> list[Surprise]:
    """List the tokens that a model expected least.

    Args:
        result: of the model; `lowest` says which they are.
        ids: (N,) int64 of the split, line ends included, or token shards.
        text: turns ids into text.
    """
    ends = np.cumsum(result.tokens_by_line)
    found = []
    for log_prob, at in result.lowest:
        before = text(ids[max(0, at - _BEFORE) : at].tolist())
        line = int(np.searchsorted(ends, at, side="right")) + 1
        found.append(Surprise(text(ids[at : at + 1].tolist()), log_prob, line, before))
    return found
