"""From the lines of a text to an n-gram model, in one call."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqkit.errors import ConfigError
from seqkit.ngram.corpus import encode_lines, read_corpus
from seqkit.ngram.counting import HIGHEST_ORDER, count_ngrams
from seqkit.ngram.estimate import SmoothingConfig, estimate
from seqkit.ngram.model import NgramModel
from seqkit.ngram.trie import PackedTrie
from seqkit.text import TextConfig

__all__ = ["NgramConfig", "train_ngram"]


@dataclass(frozen=True, kw_only=True)
class NgramConfig:
    """How n-grams become a model."""

    order: int = 5
    """Length of the longest n-grams, 1 to 8: a word is predicted from one less."""
    smoothing: SmoothingConfig = SmoothingConfig()
    quantize: Literal[4, 8] | None = None
    """Keep probabilities in so many bits: a smaller model that is a little worse."""

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ConfigError: a value of another type or out of range.
        """
        if type(self.order) is not int or not 1 <= self.order <= HIGHEST_ORDER:
            raise ConfigError(f"order {self.order!r}: must be an int from 1 to {HIGHEST_ORDER}")
        if not isinstance(self.smoothing, SmoothingConfig):
            raise ConfigError(f"smoothing {self.smoothing!r:.40}: give a SmoothingConfig")
        if self.quantize not in (None, 4, 8):
            raise ConfigError(f"quantize {self.quantize!r}: choose from 4, 8, or None for neither")


def train_ngram(
    lines: Iterable[str],
    config: NgramConfig | None = None,
    *,
    text: TextConfig | None = None,
    heldout: Iterable[str] | None = None,
    memory: int = 512 << 20,
    tmp: str | None = None,
) -> NgramModel:
    """Count a text and estimate a model; `seqkit train ngram` does the same and reports on it.

    Args:
        lines: of the text, without their line breaks.
        config: order and smoothing; a modified Kneser-Ney model of order 5 where it is not given.
        text: how a line becomes tokens; at white space, and nothing else changed, by default.
        heldout: lines of other text, for Jelinek-Mercer smoothing, which fits its weights on them.
        memory: bytes that the counting may hold; what is more goes to files meanwhile.
        tmp: folder for these files, the system's where it is not given.

    Raises:
        DataError: a text without tokens, or a disk that is full.
        ConfigError: an option out of range, a line that is no str, or a str in the place of lines.

    >>> model = train_ngram(["a b", "a b", "a c"], NgramConfig(order=2))
    >>> model.score("a b").tokens
    3
    """
    config = config or NgramConfig()
    lines = _Lines(lines, "lines")
    if heldout is not None:
        heldout = _Lines(heldout, "heldout")
    text = text or TextConfig(tokenizer="whitespace", unicode="none", case="keep")
    with tempfile.TemporaryDirectory(dir=tmp, prefix="seqkit-ngram-") as name:
        corpus = read_corpus(lines, text, folder=Path(name))
        pipeline = corpus.pipeline
        counts = count_ngrams(
            corpus.blocks(),
            order=config.order,
            vocabulary=len(pipeline.vocab),
            memory=memory,
            folder=Path(name),
        )
        kept = None if heldout is None else list(encode_lines(heldout, pipeline))
        found = estimate(counts, config.smoothing, heldout=None if kept is None else lambda: kept)
        del counts
        trie = PackedTrie.pack(found.table, quantize=config.quantize)
    return NgramModel(trie, pipeline, facts=found.facts)


class _Lines:
    """Lines of which each is looked at when it is read; as often as those it is made of."""

    def __init__(self, lines: Iterable[str], name: str) -> None:
        if isinstance(lines, str):
            raise ConfigError(f"{name}: expected lines of text, got one str: [{lines!r:.40}]")
        self._lines, self._name = lines, name

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, 1):
            if not isinstance(line, str):
                raise ConfigError(
                    f"{self._name}: line {number} is no str, got {type(line).__name__} {line!r:.40}"
                )
            yield line
