"""A text that a language model has read: figures in all, by line, and the surprising tokens."""

import functools
import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from seqkit.metrics import perplexity
from seqkit.text import Vocab

if TYPE_CHECKING:
    from seqkit.language import AnyLanguageModel, Score

__all__ = ["LINE_END", "ScoredText", "figures", "finite"]

LINE_END = "\u21b5"
"""How the end of a line is shown."""

_CONTEXT = 30  # characters on each side of a surprising token


@dataclass(frozen=True)
class ScoredText:
    """The lines of a text with the log-probability of each token, the line's end included."""

    model: "AnyLanguageModel"
    lines: Sequence[str]
    ids: Sequence[Sequence[int]]
    """Of each line, with EOS."""
    log_probs: Sequence[npt.NDArray[np.float64]]
    """Of each line, in nats."""

    def total(self) -> dict[str, Any]:
        """Return the figures of the whole text.

        With them the perplexity of its known tokens alone, and how many are `impossible`: a model
        without smoothing gives them no probability, and has no finite perplexity then.
        """
        score = functools.reduce(operator.add, self._scores())
        log_probs = np.concatenate(self.log_probs)
        known = log_probs[np.concatenate(self.ids) != Vocab.UNK]
        return {
            **figures(score),
            "perplexity_known": perplexity(-float(known.sum()), len(known)),
            "impossible": int((log_probs == -np.inf).sum()),
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the figures of each line, with its number and its text."""
        for number, (line, score) in enumerate(zip(self.lines, self._scores(), strict=True), 1):
            yield {"line": number, **figures(score), "text": line}

    def surprising(self, count: int) -> list[dict[str, Any]]:
        """List the tokens of the lowest log-probability; of equal ones, the first comes first."""
        ends = np.cumsum([len(row) for row in self.ids])
        found = []
        for at in np.argsort(np.concatenate(self.log_probs), kind="stable")[:count]:
            number = int(np.searchsorted(ends, at, side="right"))
            found.append(self._token(number, int(at - ends[number]) + len(self.ids[number])))
        return found

    def _scores(self) -> "Iterator[Score]":
        return map(self.model.line_score, self.lines, self.log_probs)

    def _token(self, number: int, place: int) -> dict[str, Any]:
        pipeline = self.model.pipeline
        text = pipeline.normalizer(self.lines[number])
        spans = [*pipeline.tokenizer.spans(text), (LINE_END, len(text), len(text))]
        token, start, end = spans[place]
        return {
            "line": number + 1,
            "token": token,
            "log_prob": float(self.log_probs[number][place]),
            "unknown": self.ids[number][place] == Vocab.UNK,
            "before": text[max(start - _CONTEXT, 0) : start],
            "after": text[end : end + _CONTEXT],
        }


def figures(score: "Score") -> dict[str, Any]:
    """Return everything that a `Score` says, as JSON values."""
    return {
        **score._asdict(),
        "log10_prob": score.log_prob / math.log(10),
        "perplexity": score.perplexity,
        "bits_per_character": score.bits_per_character,
        "bits_per_byte": score.bits_per_byte,
    }


def finite(value: Any) -> Any:
    """Put None in the place of what JSON has no number for, wherever in a value."""
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
