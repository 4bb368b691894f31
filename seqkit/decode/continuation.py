"""A text in the making: from a prompt to its ids, and from drawn ids to the text."""

import copy
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from seqkit.decode.pieces import StopStrings, TextPieces
from seqkit.errors import ConfigError
from seqkit.text import TextPipeline, Vocab

__all__ = ["Conventions", "Draft", "Generation", "Prompt"]

_log = logging.getLogger(__name__)
_SHOWN = 5  # unknown words named in the warning


@dataclass(frozen=True)
class Generation:
    """A continuation of a prompt."""

    prompt: str
    text: str
    """The continuation alone, cut before a stop string."""
    tokens: tuple[str, ...]
    """All that was drawn: those of a stop string too, and `<eos>` for a line break or the end."""
    log_prob: float
    """Sum over `tokens` of their log-probabilities under the model, before any filter."""
    finished: Literal["length", "stop", "end"]
    """What ended it: the limit of tokens, a stop string, or the model."""
    seconds: float
    """From the start of its batch to its last token."""


@dataclass(frozen=True)
class Prompt:
    """A prompt as the model reads it."""

    text: str
    ids: tuple[int, ...]
    """With the id that begins every text."""
    line: tuple[str, ...]
    """Tokens of its last line, to which the continuation is joined."""


@dataclass(frozen=True, kw_only=True)
class Conventions:
    """How the model's texts are laid out in tokens."""

    pipeline: TextPipeline
    first: int
    """The id before every text."""
    line_end: bool
    """EOS is a line break and the text goes on; otherwise EOS ends the text."""

    @property
    def ends(self) -> tuple[int, ...]:
        """The ids after which nothing follows."""
        return () if self.line_end else (Vocab.EOS,)

    def read(self, prompts: Sequence[str]) -> list[Prompt]:
        """Encode prompts, and warn in one line of what the model does not know.

        Raises:
            ConfigError: something that is no str, or several lines where a text is one line.
        """
        unknown: Counter[str] = Counter()
        read = [self._read(prompt, unknown) for prompt in prompts]
        if unknown:
            words = ", ".join(map(repr, list(unknown)[:_SHOWN]))
            total = sum(len(prompt.ids) - prompt.text.count("\n") - 1 for prompt in read)
            _log.warning(
                "prompt: %d of %d tokens are unknown to the model, which takes them for one and "
                "the same word: %s%s",
                unknown.total(),
                total,
                words,
                ", ..." if len(unknown) > _SHOWN else "",
            )
        return read

    def _read(self, prompt: str, unknown: Counter[str]) -> Prompt:
        if not isinstance(prompt, str):
            raise ConfigError(f"a prompt is a str, got {type(prompt).__name__} {prompt!r:.40}")
        lines = prompt.replace("\r\n", "\n").split("\n")
        if len(lines) > 1 and not self.line_end:
            raise ConfigError(
                f"prompt {prompt[:40]!r}: {len(lines)} lines, but this model writes single "
                "sentences: give one line"
            )
        ids = [self.first]
        for number, line in enumerate(lines):
            tokens = self.pipeline.tokens(line)
            line_ids = self.pipeline.vocab.encode(tokens)
            unknown.update(t for t, id in zip(tokens, line_ids, strict=True) if id == Vocab.UNK)
            ids += ([Vocab.EOS] if number else []) + line_ids
        return Prompt(prompt, tuple(ids), tuple(tokens))


class Draft:
    """One continuation while its tokens come."""

    def __init__(self, conventions: Conventions, prompt: Prompt, stop: Sequence[str]) -> None:
        """Begin after the prompt.

        Raises:
            ConfigError: a stop string that cannot be used.
        """
        self.conventions, self.prompt, self.stop = conventions, prompt, stop
        self.seconds = self.log_prob = 0.0
        self._pieces = TextPieces(conventions.pipeline.tokenizer.join, prompt.line)
        self._stops = StopStrings(stop)
        self._text: list[str] = []
        self._ids: list[int] = []

    @property
    def stopped(self) -> bool:
        """Whether a stop string is complete."""
        return self._stops.found

    @property
    def tokens(self) -> int:
        """How many tokens it has."""
        return len(self._ids)

    def add(self, id: int, log_prob: float) -> str:
        """Take the next token; return the text that is settled by it."""
        self._ids.append(id)
        self.log_prob += log_prob
        if id != Vocab.EOS:
            piece = self._pieces.push(self.conventions.pipeline.vocab.word(id))
        elif self.conventions.line_end:
            piece = self._pieces.line_break()
        else:
            piece = ""
        return self._give(self._stops.push(piece))

    def filled(self, ids: Sequence[int]) -> "Draft":
        """Return a new draft of the same prompt with these tokens; this one stays as it is."""
        draft = Draft(self.conventions, self.prompt, self.stop)
        for id in ids:
            draft.add(id, 0.0)
        return draft

    def copy(self) -> "Draft":
        """Return a draft that goes on from here by itself."""
        draft = copy.copy(self)
        draft._pieces, draft._stops = copy.copy(self._pieces), copy.copy(self._stops)
        draft._text, draft._ids = self._text.copy(), self._ids.copy()
        return draft

    def finish(self) -> str:
        """Return the text that was held back, since nothing follows."""
        rest = self._stops.push(self._pieces.flush())
        return self._give(rest + self._stops.flush())

    def generation(self) -> Generation:
        """Return what it has become, once finished."""
        ended = bool(self._ids) and self._ids[-1] in self.conventions.ends
        return Generation(
            prompt=self.prompt.text,
            text="".join(self._text),
            tokens=tuple(map(self.conventions.pipeline.vocab.word, self._ids)),
            log_prob=self.log_prob,
            finished="stop" if self.stopped else "end" if ended else "length",
            seconds=self.seconds,
        )

    def _give(self, piece: str) -> str:
        if piece:
            self._text.append(piece)
        return piece
