"""What a translator is asked for, and what it gives."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from seqkit.decode import check_beam
from seqkit.errors import ConfigError, choices
from seqkit.models.long_sources import join_texts
from seqkit.text import Tokenizer

__all__ = [
    "LONG",
    "UNKNOWN",
    "Lengths",
    "Long",
    "Source",
    "Translation",
    "TranslationOptions",
    "Unknown",
    "join_parts",
]

Long = Literal["split", "truncate", "refuse"]
LONG: tuple[str, ...] = get_args(Long)
Unknown = Literal["source", "avoid", "keep", "drop"]
UNKNOWN: tuple[str, ...] = get_args(Unknown)

_LEAST_RATIO, _MORE = 2.0, 10  # tokens written for each one read, and on top


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """How long the texts are that a network was trained on.

    Raises:
        ConfigError: one out of range.
    """

    max_tokens: int | None = None
    """Tokens of a source at most; None is no limit."""
    usual: int | None = None
    """Tokens of a source that few had more of: texts of several sentences are split above it; None
    splits those above `max_tokens` alone."""
    ratio: float = _LEAST_RATIO
    """Tokens of a target for each of its source that few had more of."""

    def __post_init__(self) -> None:
        for name in ("max_tokens", "usual"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < 1):
                raise ConfigError(f"{name} {value!r}: must be 1 or more; None is no limit")
        if self.usual is not None and self.usual > (self.max_tokens or self.usual):
            raise ConfigError(f"usual {self.usual}: must be max_tokens {self.max_tokens} or less")
        if not isinstance(self.ratio, Real) or not 0 < self.ratio < math.inf:
            raise ConfigError(f"ratio {self.ratio!r}: must be above 0, target tokens by source")

    @property
    def slope(self) -> float:
        """Tokens that a translation may have for each of its source, beside the 10 on top."""
        return max(_LEAST_RATIO, self.ratio)

    def limit(self, read: int) -> int:
        """Return how many tokens a translation of so many may have, its end included."""
        return math.ceil(self.slope * read) + _MORE


class Source(NamedTuple):
    """A text as a translator reads it."""

    tokens: tuple[str, ...]
    """S tokens."""
    ids: tuple[tuple[int, ...], ...]
    """Their ids, once for each network that reads them."""

    @property
    def length(self) -> int:
        """Tokens of it, the most that a network reads."""
        return max(map(len, self.ids))


@dataclass(frozen=True)
class Translation:
    """A text and what became of it."""

    source: str
    """The text that was given."""
    text: str
    """Its translation."""
    tokens: tuple[str, ...]
    """Those of the translation, T of them, without its end. One that stands for any unknown word is
    `<unk>` where it was not replaced."""
    log_prob: float
    """Natural logarithm of the probability of the tokens and of the end, given the source."""
    score: float
    """What it was ranked by: see `seqkit.decode.beam_search`. That of a text in parts is theirs
    added up."""
    finished: Literal["end", "length"]
    """Whether the model ended it, or the greatest length did."""
    source_tokens: tuple[str, ...]
    """Those of the source, S of them."""
    attention: npt.NDArray[np.float32] | None = field(default=None, compare=False)
    """(T, S), how much each token attends to each of the source, rows summing to 1; None where it
    was not asked for. Parts of a long text attend to themselves alone."""


@dataclass(frozen=True, kw_only=True)
class TranslationOptions:
    """How to translate; `Translator.translate` says what each is.

    Raises:
        ConfigError: one out of range.
    """

    beam: int = 5
    num: int = 1
    length_penalty: float | None = None
    coverage_penalty: float | None = None
    max_tokens: int | None = None
    long: Long = "split"
    unknown: Unknown | None = None
    attention: bool = False
    batch: int | None = None

    def __post_init__(self) -> None:
        for name in ("beam", "num", "max_tokens", "batch"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
                raise ConfigError(f"{name} {value!r}: give a whole number")
        for name in ("length_penalty", "coverage_penalty"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, Real) or isinstance(value, bool)):
                raise ConfigError(f"{name} {value!r}: give a number")
        check_beam(self.beam, self.num, **self.penalties)
        for name in ("length_penalty", "coverage_penalty"):
            if self.beam == 1 and getattr(self, name) is not None:
                raise ConfigError(
                    f"{name} {getattr(self, name)}: beam 1 ranks nothing, so it has no effect: "
                    "leave it out, or widen the beam"
                )
        for name in ("max_tokens", "batch"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name} {value}: must be 1 or more")
        if self.long not in LONG:
            raise ConfigError(choices("long", self.long, LONG))
        if self.unknown is not None and self.unknown not in UNKNOWN:
            raise ConfigError(choices("unknown", self.unknown, UNKNOWN))

    @property
    def penalties(self) -> dict[str, float]:
        """What `beam_search` ranks by; a beam of 1 does not prefer a longer text to the end."""
        length = float(self.beam > 1) if self.length_penalty is None else self.length_penalty
        return {"length_penalty": length, "coverage_penalty": self.coverage_penalty or 0.0}

    def limit(self, source: Source, lengths: Sequence[Lengths]) -> int:
        """Return how many tokens a translation may have, its end included.

        Args:
            source: what is translated.
            lengths: those of each network that reads it.
        """
        pairs = zip(lengths, source.ids, strict=True)
        return self.max_tokens or max(each.limit(len(ids)) for each, ids in pairs)


def join_parts(
    text: str, parts: Sequence[Sequence[Translation]], tokenizer: Tokenizer, *, num: int
) -> list[Translation]:
    """Make the best translations of a text from those of its parts.

    Args:
        text: the whole.
        parts: for each of one or more parts its translations, the best first.
        tokenizer: the target's.
        num: how many to return: those with the fewest parts that were cut off, and among these
            those whose scores add up to most.
    """
    best = [(_cut(translation), translation) for translation in parts[0]]
    for part in parts[1:]:
        pairs = [(cut + _cut(tail), head, tail) for cut, head in best for tail in part]
        pairs.sort(key=lambda pair: (pair[0], -(pair[1].score + pair[2].score)))  # stable
        best = [(cut, _joined(head, tail, tokenizer)) for cut, head, tail in pairs[:num]]
    return [replace(translation, source=text) for _, translation in best]


def _cut(part: Translation) -> int:
    return int(part.finished == "length")


def _joined(head: Translation, tail: Translation, tokenizer: Tokenizer) -> Translation:
    attention = None
    if head.attention is not None and tail.attention is not None:
        (rows, columns), more = head.attention.shape, tail.attention.shape
        attention = np.zeros((rows + more[0], columns + more[1]), np.float32)
        attention[:rows, :columns] = head.attention
        attention[rows:, columns:] = tail.attention
    return Translation(
        source="",
        text=join_texts([head.text, tail.text], tokenizer),
        tokens=head.tokens + tail.tokens,
        log_prob=head.log_prob + tail.log_prob,
        score=head.score + tail.score,
        finished=tail.finished if head.finished == "end" else head.finished,
        source_tokens=head.source_tokens + tail.source_tokens,
        attention=attention,
    )
