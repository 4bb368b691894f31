"""The word vectors that an app imports: look up, compare, find neighbours, save."""

import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from seqkit import bundle
from seqkit.errors import BundleError, ConfigError, choices
from seqkit.vectors.amounts import amount
from seqkit.vectors.asking import (
    Operands,
    add_up,
    known_vectors,
    look_up,
    nearest_words,
    rows_of,
    unknown_word,
    vector_of,
)
from seqkit.vectors.assembly import assemble
from seqkit.vectors.faiss_search import FaissSearch
from seqkit.vectors.formats import VectorFormat
from seqkit.vectors.mover import movers_distance
from seqkit.vectors.neighbours import Neighbour, cosines, unit_rows
from seqkit.vectors.saving import read_parts, write_parts
from seqkit.vectors.storage import Matrix, Precision, check_precision
from seqkit.vectors.stored import StoredVectors, read_vector_file
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.words import word_list
from seqkit.vectors.writing import write_vector_file

__all__ = ["WordVectors"]


class WordVectors:
    """A vector for each word; with subwords, for any word that has some.

    A saved one is loaded with `seqkit.load(folder)` in milliseconds: its numbers stay on disk,
    mapped into memory, and its words are read at the first question.
    `seqkit.load("vectors.vec")` reads a file of another tool.
    """

    def __init__(
        self,
        words: Sequence[str],
        vectors: npt.ArrayLike | Matrix,
        *,
        counts: npt.ArrayLike | None = None,
        subwords: Subwords | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Put words and vectors together.

        Args:
            words: all different, by convention the most frequent first.
            vectors: (V, E), finite; kept as float32. An array of float32 is not copied: do not
                change it later.
            counts: (V,) how often each word was seen in training.
            subwords: the n-grams that vectors of unknown words are made of.
            facts: what is to be known of their making, JSON-ready.

        Raises:
            ConfigError: shapes that do not fit together, or what is no str among the words.
            DataError: no words, one that stands twice, or a number that is not finite.
        """
        self._parts = assemble(words, vectors, counts=counts, subwords=subwords, facts=facts)

    # what is there

    @property
    def words(self) -> list[str]:
        """The words, in the order of their rows."""
        return self._parts.words.spelled

    @property
    def counts(self) -> npt.NDArray[np.int64] | None:
        """How often each word was seen in training (V,), where that is known."""
        return self._parts.counts

    @property
    def subwords(self) -> Subwords | None:
        """What vectors of unknown words are made of, where there is such a thing."""
        return self._parts.subwords

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of their making."""
        return dict(self._parts.facts)

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return self._parts.matrix.shape[1]

    @property
    def precision(self) -> str:
        """What the numbers are kept as: float32, float16 or int8."""
        return self._parts.matrix.precision

    @property
    def lengths(self) -> npt.NDArray[np.float32]:
        """Euclidean length of each vector (V,)."""
        return self._parts.lengths

    def __len__(self) -> int:
        return len(self._parts.matrix)

    def __repr__(self) -> str:
        return f"WordVectors({amount(len(self), 'word')} x {self.dim}, {self.precision})"

    def __contains__(self, word: object) -> bool:
        """Whether a word has a vector of its own."""
        return word in self._parts.words.rows

    def __iter__(self) -> Iterator[str]:
        """Go through the words, in the order of their rows."""
        return iter(self.words)

    def __getitem__(self, word: str) -> npt.NDArray[np.float32]:
        """Return the vector (E,) float32 of a word; see `vector`."""
        return self.vector(word)

    def index(self, word: str) -> int:
        """Return the row of a word.

        Raises:
            ConfigError: what is no str.
            DataError: it has no vector of its own, with the nearest spellings.
        """
        row = self._parts.words.rows.get(*word_list([word]))
        if row is None:
            raise unknown_word(self._parts, word)
        return row

    # vectors

    def rows(self, indices: Any) -> npt.NDArray[np.float32]:
        """Read rows, by numbers or a slice, as float32 (N, E), whatever they are kept as."""
        return self._parts.matrix[indices]

    def vector(self, word: str) -> npt.NDArray[np.float32]:
        """Return the vector (E,) float32 of a word, of its subwords where it has none of its own.

        Raises:
            DataError: there is neither, with the nearest spellings.
        """
        return vector_of(self._parts, word)

    def lookup(self, words: Sequence[str]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Look many words up, those of subwords included.

        Returns:
            Vectors (N, E) float32, zeros where nothing is known; known (N,) bool.

        Raises:
            ConfigError: one str instead of a list.
        """
        return look_up(self._parts, words)

    # comparing

    def similarity(self, a: str, b: str) -> float:
        """Return the cosine of two words, 0 where one is a vector of zeros."""
        return _cosine(self.vector(a), self.vector(b))

    def n_similarity(self, words_a: Sequence[str], words_b: Sequence[str]) -> float:
        """Return the cosine of the mean vectors of two lists of words.

        Raises:
            ConfigError: an empty list.
            DataError: an unknown word.
        """
        means = [known_vectors(self._parts, words).mean(axis=0) for words in (words_a, words_b)]
        return _cosine(*means)

    def doesnt_match(self, words: Sequence[str]) -> str:
        """Return the word farthest from the mean of all; of several, the first.

        Raises:
            ConfigError: no words.
            DataError: an unknown word.
        """
        words = word_list(words)
        vectors = known_vectors(self._parts, words)
        center = unit_rows(unit_rows(vectors).mean(axis=0, keepdims=True))
        scores = cosines(vectors, np.broadcast_to(center, vectors.shape))
        return words[int(np.argmin(scores))]

    def movers_distance(
        self, words_a: Sequence[str], words_b: Sequence[str], *, norm: bool = True
    ) -> float:
        """Return the Word Mover's Distance of two texts, each a list of words; see `mover`.

        Words without a vector are left out; a text of which nothing is left is infinitely far.

        Args:
            words_a: the words of one text; one that stands twice weighs twice.
            words_b: of the other.
            norm: bring the vectors to length 1 first.

        Raises:
            ConfigError: a str instead of a list, or scipy is not installed.
        """
        points, weights = [], []
        for words in (words_a, words_b):
            counts = Counter(word_list(words))
            vectors, known = self.lookup(list(counts))
            points.append(unit_rows(vectors[known]) if norm else vectors[known])
            weights.append(np.array(list(counts.values()), np.float64)[known])
        if not all(map(len, weights)):
            return math.inf
        return movers_distance(points[0], weights[0], points[1], weights[1])

    # neighbours

    def most_similar(
        self,
        positive: Operands,
        negative: Operands = (),
        *,
        k: int = 10,
        among: Iterable[str] | None = None,
    ) -> list[Neighbour]:
        """Return the words nearest to a sum of words less others (Mikolov et al. 2013, 3CosAdd).

        `most_similar(["king", "woman"], "man")` completes man : king = woman : ?. Each operand
        counts with length 1; words among them are not answers.

        Args:
            positive: a word or a vector (E,), or several.
            negative: the same, taken away.
            k: how many words.
            among: words that may be answers, all by default; those that are not known count not.

        Returns:
            Words and cosines, best first, ties in the order of rows.

        Raises:
            ConfigError: no operand, a vector of another width, one str for `among`, or a k that is
                no whole number.
            DataError: an unknown word.
        """
        query, asked = add_up(self._parts, positive, negative)
        return nearest_words(self._parts, query, [asked], k=k, among=among)[0]

    def most_similar_many(
        self,
        words: Sequence[str],
        *,
        k: int = 10,
        backend: Literal["auto", "numpy", "faiss"] = "auto",
        among: Iterable[str] | None = None,
    ) -> list[list[Neighbour]]:
        """Return the neighbours of many words at once, the same as `most_similar` of each.

        Args:
            words: unknown ones take part where they have subwords.
            k: how many neighbours of each.
            backend: what finds them, with the same answers. faiss keeps an index in memory, a
                float32 copy of the vectors, which is built at the first use. auto is numpy: a flat
                index of faiss was measured to be no faster, see `benchmarks/vectors.py`.
            among: words that may be answers, all by default, as in `most_similar`.

        Raises:
            ConfigError: no such backend, it is not installed, or is faiss where `among` is given;
                one str instead of a list.
            DataError: an unknown word.
        """
        if backend not in ("auto", "numpy", "faiss"):
            raise ConfigError(choices("backend", backend, ["auto", "numpy", "faiss"]))
        if backend == "faiss" and among is not None:
            raise ConfigError("backend faiss searches all words: leave among out, or take numpy")
        words = word_list(words)
        if not words:
            return []
        queries = unit_rows(known_vectors(self._parts, words))
        asked = [rows_of(self._parts, [word]) for word in words]
        search = self._faiss.nearest if backend == "faiss" else None
        return nearest_words(self._parts, queries, asked, k=k, among=among, search=search)

    # saving

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        precision: Precision = "float32",
        provenance: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:
        """Write them as a bundle; see `seqkit.bundle.write`.

        Args:
            folder: where to.
            precision: what a number is kept as: float32 is exact, float16 half of its size, with 3
                digits, int8 a quarter, with 127 steps from 0 to the largest of its row.
            provenance: JSON-ready facts of the training.
            metrics: JSON-ready figures.

        Raises:
            ConfigError: no such precision.
            DataError: a number too large for float16.
        """
        check_precision(precision)
        write_parts(
            folder, self._parts, precision=precision, provenance=provenance, metrics=metrics
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "WordVectors":
        """Load a bundle, or a file of another tool.

        Raises:
            BundleError: a bundle that is damaged, or of another kind.
            DataError: a file that is no vector file, or damaged.
        """
        if not Path(path).is_dir():
            return cls.from_file(path)
        if (kind := bundle.read(path).kind) != "WordVectors":
            raise BundleError(f"{path}: holds a {kind}, no WordVectors: use seqkit.load")
        found: WordVectors = bundle.load(path)
        return found

    @classmethod
    def from_bundle(cls, saved: bundle.Bundle) -> "WordVectors":
        """Map the vectors of a checked bundle.

        Raises:
            BundleError: the files of the bundle do not fit together.
        """
        vectors = cls.__new__(cls)
        vectors._parts = read_parts(saved)
        return vectors

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], *, limit: int | None = None) -> "WordVectors":
        """Read a file of another tool: word2vec, GloVe, fastText; see `read_vector_file`.

        Args:
            path: the file.
            limit: read no more than so many words.

        Raises:
            DataError: what is wrong with the file.
        """
        read = read_vector_file(path, limit=limit)
        return cls(
            read.words,
            read.vectors,
            counts=read.counts,
            subwords=read.subwords,
            facts={"file": Path(path).name},
        )

    def export(self, path: str | os.PathLike[str], *, format: VectorFormat) -> None:
        """Write them as a file of another tool; see `write_vector_file`."""
        stored = StoredVectors(
            self.words, np.asarray(self._parts.matrix), self.counts, self.subwords
        )
        write_vector_file(path, stored, format=format)

    @cached_property
    def _faiss(self) -> FaissSearch:
        return FaissSearch(self._parts.matrix, self.lengths)


def _cosine(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    return float(cosines(a[None], unit_rows(b[None]))[0])
