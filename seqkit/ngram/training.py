"""From the lines of a text to an n-gram model, in one call."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqkit.ngram.corpus import encode_lines, read_corpus
from seqkit.ngram.counting import count_ngrams
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
        ConfigError: an option out of range.

    >>> model = train_ngram(["a b", "a b", "a c"], NgramConfig(order=2))
    >>> model.score("a b").tokens
    3
    """
    config = config or NgramConfig()
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
