"""What a translator is asked for, and what it gives."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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

_TWICE, _MORE = 2, 10  # tokens written for each one read, and on top


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
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0
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
        check_beam(
            self.beam,
            self.num,
            length_penalty=self.length_penalty,
            coverage_penalty=self.coverage_penalty,
        )
        for name in ("max_tokens", "batch"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name} {value}: must be 1 or more")
        if self.long not in LONG:
            raise ConfigError(choices("long", self.long, LONG))
        if self.unknown is not None and self.unknown not in UNKNOWN:
            raise ConfigError(choices("unknown", self.unknown, UNKNOWN))

    def limit(self, source: Source) -> int:
        """Return how many tokens a translation may have, its end included."""
        return self.max_tokens or _TWICE * source.length + _MORE


def join_parts(
    text: str, parts: Sequence[Sequence[Translation]], tokenizer: Tokenizer, *, num: int
) -> list[Translation]:
    """Make the best translations of a text from those of its parts.

    Args:
        text: the whole.
        parts: for each of one or more parts its translations, the best first.
        tokenizer: the target's.
        num: how many to return: those whose scores add up to most.
    """
    best = list(parts[0])
    for part in parts[1:]:
        pairs = [(head, tail) for head in best for tail in part]
        pairs.sort(key=lambda pair: -(pair[0].score + pair[1].score))  # stable: by head, by tail
        best = [_joined(*pair, tokenizer) for pair in pairs[:num]]
    return [replace(translation, source=text) for translation in best]


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
