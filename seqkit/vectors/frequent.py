"""The most frequent words of a set of vectors, and how a question finds its words among them."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError

if TYPE_CHECKING:
    from seqkit.vectors.word_vectors import Neighbour, WordVectors

__all__ = ["folded_rows", "frequent_neighbours", "frequent_rows", "unit_vectors", "with_letters"]


def frequent_rows(
    vectors: "WordVectors",
    count: int | None = None,
    *,
    among: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.int64]:
    """Return the rows of the `count` most frequent words, (N,), the most frequent first.

    By the counts of the training where they are known, else in the order of the rows, which is how
    the tools that write such files order them. Words of one count keep the order of their rows.

    Args:
        vectors: the words.
        count: how many at most; all if None.
        among: which words count (V,); all if None.

    Raises:
        ConfigError: a count below 1.
    """
    if count is not None and count < 1:
        raise ConfigError(f"most frequent words: {count}: expected 1 or more, or None for all")
    if vectors.counts is None:
        rows = np.arange(len(vectors))
    else:
        rows = np.argsort(-vectors.counts, kind="stable")
    return (rows if among is None else rows[among[rows]])[:count]


def with_letters(vectors: "WordVectors") -> npt.NDArray[np.bool_]:
    """Tell which words have a letter or a digit (V,); where none has, all of them count."""
    marks = (any(map(str.isalnum, word)) for word in vectors.words)
    found = np.fromiter(marks, np.bool_, len(vectors))
    return found if found.any() else ~found


def folded_rows(
    vectors: "WordVectors", rows: npt.NDArray[np.int64], *, fold_case: bool
) -> dict[str, list[int]]:
    """Return the rows of each form of a word, in the order of `rows`.

    Args:
        vectors: the words.
        rows: of the words, (N,).
        fold_case: "Rome" and "rome" are forms of one word.
    """
    found: dict[str, list[int]] = {}
    words = vectors.words
    for row in rows.tolist():
        found.setdefault(words[row].casefold() if fold_case else words[row], []).append(row)
    return found


def unit_vectors(vectors: "WordVectors", rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return the vectors of `rows` at length 1, (N, E) float32; zeros stay zeros."""
    lengths = vectors.lengths[rows][:, None]
    return vectors.rows(rows) / np.where(lengths > 0, lengths, np.float32(1))


def frequent_neighbours(
    vectors: "WordVectors", *, count: int = 8, k: int = 6, skip: int = 100, shortest: int = 3
) -> "list[tuple[str, Sequence[Neighbour]]]":
    """Return a few frequent words, each with its `k` nearest: what a report shows.

    Neighbours are words with a letter or a digit.

    Args:
        vectors: the words.
        count: how many words.
        k: neighbours of each.
        skip: so many of the most frequent words, which are function words and marks, are passed
            over; fewer where there are few words.
        shortest: words with fewer letters, or with other characters, are passed over too.
    """
    rows = frequent_rows(vectors)
    rows = rows[min(skip, len(rows) // 10) :]
    words: list[str] = []
    for row in rows.tolist():
        if len(words) == count:
            break
        word = vectors.words[row]
        if len(word) >= shortest and word.isalpha():
            words.append(word)
    among = itertools.compress(vectors.words, with_letters(vectors))
    return list(zip(words, vectors.most_similar_many(words, k=k, among=among), strict=True))
