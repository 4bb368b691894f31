"""What a language model, or a baseline, made of one split; set side by side with others."""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit import metrics
from seqkit.errors import DataError
from seqkit.metrics import Paired
from seqkit.train.markdown import p_value

__all__ = [
    "LanguageResult",
    "Surprise",
    "compare_language",
    "language_rows",
    "most_surprising",
    "sums_by_line",
]

_BEFORE = 10  # tokens of context


@dataclass(frozen=True, kw_only=True, eq=False)
class LanguageResult:
    """What one model did on one split, by line in the order of the text."""

    name: str
    split: str
    nats_by_line: npt.NDArray[np.float64]
    """(N,) negative log-likelihood of each line, its end included."""
    tokens_by_line: npt.NDArray[np.int64]
    """(N,) tokens of each line, its end included."""
    characters: int
    """Code points of the split, one for each line end included."""
    bytes: int
    """Of UTF-8, one for each line end included."""
    unknown: int
    """Tokens that are not in the vocabulary."""
    adapted: bool = False
    """It reads the text that it is measured on, as the cache and dynamic evaluation do."""

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
                "nats: the model has overflowed, or gives a token no probability at all"
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
        """exp(nats / tokens); comparable between equal tokens only."""
        return metrics.perplexity(self.nats, self.tokens)

    @functools.cached_property
    def interval(self) -> tuple[float, float] | None:
        """95% interval of the perplexity, bootstrapped over blocks of lines; None of one line."""
        if len(self.tokens_by_line) < 2:
            return None
        return metrics.perplexity_interval(self.nats_by_line, self.tokens_by_line)

    def metrics(self) -> dict[str, Any]:
        """Return the figures for `metrics.json`."""
        low, high = self.interval or (None, None)
        return {
            "perplexity": self.perplexity,
            "perplexity_low": low,
            "perplexity_high": high,
            "bits_per_character": metrics.bits_per(self.nats, self.characters),
            "bits_per_byte": metrics.bits_per(self.nats, self.bytes),
            "log_prob": -self.nats,
            "tokens": self.tokens,
            "unknown": self.unknown,
        }


def sums_by_line(
    log_probs: npt.NDArray[np.float64], tokens_by_line: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Add up the nats of each line: log-probabilities (N,) of all tokens in order give (lines,)."""
    ends = np.cumsum(tokens_by_line)
    if not len(ends) or ends[-1] != len(log_probs) or tokens_by_line.min() < 1:
        raise DataError(
            f"{len(log_probs)} log-probabilities for lines of {ends[-1:].sum()} tokens: expected "
            "as many, and 1 token a line or more"
        )
    return -np.add.reduceat(log_probs, ends - tokens_by_line)


def compare_language(first: LanguageResult, second: LanguageResult) -> Paired | None:
    """Compare two perplexities on the same tokens; None where the tokens differ or one line is all.

    Returns:
        The difference with its 95% interval and p-value, of a paired bootstrap over blocks of
        lines.
    """
    tokens = first.tokens_by_line
    if len(tokens) < 2 or not np.array_equal(tokens, second.tokens_by_line):
        return None
    return metrics.paired_perplexity(first.nats_by_line, second.nats_by_line, tokens)


def language_rows(results: Sequence[LanguageResult]) -> list[list[str]]:
    """Lay out results on one split as a table: a heading, then a row each.

    The last column is the p-value of a paired comparison with the first result.
    """
    heading = ["", "perplexity", "bits/character", "bits/byte", "tokens", "unknown"]
    rows = [[*heading, f"p (against {results[0].name})"]]
    for result in results:
        figures = result.metrics()
        spread = " ({:.2f} to {:.2f})".format(*result.interval) if result.interval else ""
        paired = None if result is results[0] else compare_language(results[0], result)
        rows.append(
            [
                result.label,
                f"{figures['perplexity']:.2f}{spread}",
                f"{figures['bits_per_character']:.4f}",
                f"{figures['bits_per_byte']:.4f}",
                f"{figures['tokens']:,}",
                f"{figures['unknown']:,}",
                p_value(paired.p) if paired else "",
            ]
        )
    return rows


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


def most_surprising(
    log_probs: npt.NDArray[np.float64],
    ids: Any,
    tokens_by_line: npt.NDArray[np.int64],
    *,
    text: Callable[[Sequence[int]], str],
    count: int = 20,
) -> list[Surprise]:
    """List the tokens of the lowest log-probability; of equal ones, the first comes first.

    Args:
        log_probs: (N,) of all tokens in order, line ends included.
        ids: (N,) int64, or token shards: only slices of it are read.
        tokens_by_line: (lines,) as in `LanguageResult`.
        text: turns ids into text.
        count: how many.
    """
    ends = np.cumsum(tokens_by_line)
    found = []
    for at in np.argsort(log_probs, kind="stable")[:count].tolist():
        before = text(ids[max(0, at - _BEFORE) : at].tolist())
        line = int(np.searchsorted(ends, at, side="right")) + 1
        token = text(ids[at : at + 1].tolist())
        found.append(Surprise(token, float(log_probs[at]), line, before))
    return found
