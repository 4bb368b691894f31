"""Word similarity: how well the cosine of two words follows what people say of them."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqkit.errors import DataError
from seqkit.metrics.correlation import correlation_interval, pearson, spearman
from seqkit.vectors.frequent import folded_rows, frequent_rows
from seqkit.vectors.neighbours import cosines, unit_rows
from seqkit.vectors.question_lines import question_lines

if TYPE_CHECKING:
    from seqkit.vectors.word_vectors import WordVectors

__all__ = ["SimilarityScores", "WordPair", "measure_similarity", "read_word_pairs"]


class WordPair(NamedTuple):
    """Two words and what people say of them."""

    first: str
    second: str
    score: float
    """How similar or related they are, on any scale."""


@dataclass(frozen=True, kw_only=True)
class SimilarityScores:
    """How well the cosines of pairs of words follow the scores of people."""

    pairs: int
    """Pairs in the file."""
    known: int
    """Pairs of which both words have a vector; only these are measured."""
    composed: int
    """Of these, pairs with a word whose vector comes from its subwords."""
    spearman: float | None
    """Correlation of the ranks; None where fewer than two pairs are known, or all are equal."""
    spearman_interval: tuple[float, float] | None
    """Of 95%; None from fewer than four pairs."""
    pearson: float | None
    """Correlation of the values."""
    pearson_interval: tuple[float, float] | None
    unknown: tuple[str, ...]
    """Words without a vector, in alphabetical order."""

    @property
    def coverage(self) -> float:
        """Share of the pairs that are known."""
        return self.known / self.pairs if self.pairs else 0.0

    def metrics(self) -> dict[str, Any]:
        """Return all figures, ready for JSON."""
        return {
            "spearman": self.spearman,
            "spearman_interval": self.spearman_interval and [*self.spearman_interval],
            "pearson": self.pearson,
            "pearson_interval": self.pearson_interval and [*self.pearson_interval],
            "known": self.known,
            "composed": self.composed,
            "pairs": self.pairs,
            "coverage": self.coverage,
            "unknown": list(self.unknown),
        }

    def rows(self) -> list[list[str]]:
        """Return a table: its heads, then Spearman's and Pearson's correlation."""
        heads = ["correlation", "value", "95% interval", "known", "pairs", "coverage"]
        counts = [f"{self.known:,}", f"{self.pairs:,}", f"{self.coverage:.0%}"]
        figures = {
            "Spearman": (self.spearman, self.spearman_interval),
            "Pearson": (self.pearson, self.pearson_interval),
        }
        return [heads, *([name, *_figure(*both), *counts] for name, both in figures.items())]


def read_word_pairs(path: str | os.PathLike[str]) -> list[WordPair]:
    """Read pairs of words with a score, apart by tabs, commas or spaces; also `.gz` or `.xz`.

    The words are the first two columns, the score is the first column after them that holds a
    number (SimLex-999 has a part of speech between). A first line without a number is a header.

    Raises:
        DataError: the file cannot be read, a line without two words and a number (with the line),
            or no pair at all.
    """
    pairs: list[WordPair] = []
    separator: str | None = None
    score = header = 0
    for number, line in question_lines(path):
        if not pairs and not header:
            separator = next((mark for mark in "\t," if mark in line), None)
        fields = [field.strip() for field in line.split(separator)]
        if not score:
            score = next((at for at in range(2, len(fields)) if _number(fields[at])), 0)
        if not score and not header:
            header = number
            continue
        value = _number(fields[score]) if 0 < score < len(fields) else None
        if value is None or not fields[0] or not fields[1]:
            raise DataError(f"{path}:{number}: expected two words and a number")
        pairs.append(WordPair(fields[0], fields[1], value))
    if not pairs:
        raise DataError(f"{path}: has no pairs, expected lines of two words and a number")
    return pairs


def measure_similarity(
    vectors: "WordVectors",
    pairs: str | os.PathLike[str] | Sequence[WordPair],
    *,
    fold_case: bool = True,
    subwords: bool = True,
) -> SimilarityScores:
    """Correlate the cosines of pairs of words with the scores that people gave.

    Pairs with a word that has no vector are left out and counted. Without `subwords` the figures
    are those of gensim's `evaluate_word_pairs` over the whole vocabulary.

    Args:
        vectors: what is measured.
        pairs: a file (see `read_word_pairs`), or the pairs.
        fold_case: take "Rome" and "rome" for one word, of the vector of the more frequent one.
        subwords: compose the vectors of other words from their subwords, where there are any.

    Raises:
        DataError: as `read_word_pairs`.
    """
    read = read_word_pairs(pairs) if isinstance(pairs, str | os.PathLike) else pairs
    forms = folded_rows(vectors, frequent_rows(vectors), fold_case=fold_case)
    places = {word: place for place, word in enumerate(sorted({w for p in read for w in p[:2]}))}
    words = list(places)
    row = np.array([forms.get(w.casefold() if fold_case else w, [-1])[0] for w in words], np.int64)
    own = row >= 0
    if subwords:
        found, known = vectors.lookup(words)
    else:
        found, known = np.zeros((len(words), vectors.dim), np.float32), own.copy()
    found[own], known[own] = vectors.rows(row[own]), True

    both = np.array([[places[pair.first], places[pair.second]] for pair in read], np.int64)
    both = both.reshape(-1, 2)  # (P, 2), also where there is no pair
    measured = known[both].all(1)
    composed = int((~own[both[measured]]).any(1).sum())
    values = cosines(found[both[measured, 0]], unit_rows(found[both[measured, 1]]))
    scores = np.array([pair.score for pair in read])[measured]
    by_rank, by_value = spearman(values, scores), pearson(values, scores)
    return SimilarityScores(
        pairs=len(read),
        known=len(values),
        composed=composed,
        spearman=by_rank,
        spearman_interval=_interval(by_rank, len(values), ranks=True),
        pearson=by_value,
        pearson_interval=_interval(by_value, len(values), ranks=False),
        unknown=tuple(word for word, has in zip(words, known.tolist(), strict=True) if not has),
    )


def _number(text: str) -> float | None:
    """Read a finite number; None of what is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _interval(value: float | None, n: int, *, ranks: bool) -> tuple[float, float] | None:
    return None if value is None else correlation_interval(value, n, ranks=ranks)


def _figure(value: float | None, interval: tuple[float, float] | None) -> list[str]:
    shown = "-" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
    return ["-" if value is None else f"{value:.3f}", shown]
