"""Vectors of sentences: averages of their words' vectors, the frequent ones counting less (SIF)."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError

__all__ = ["SentenceVectors", "WordTable"]

_TOKENS = 16_384  # whose vectors are gathered at once: bounds the memory

Text = str | Sequence[str]


class WordTable(Protocol):
    """What sentence vectors ask of word vectors; `WordVectors` answers it."""

    @property
    def words(self) -> Sequence[str]:
        """The words, by convention the most frequent first."""
        ...

    @property
    def counts(self) -> npt.NDArray[np.int64] | None:
        """How often each was seen in training (V,), where that is known."""
        ...

    @property
    def dim(self) -> int:
        """E, the width of a vector."""
        ...

    def lookup(self, words: Sequence[str]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Return vectors (N, E) and which of the words are known (N,)."""
        ...


class SentenceVectors:
    """Smooth inverse frequency: weighted averages less what all sentences share.

    v_s = mean over the known words w of s of a / (a + p(w)) v_w, then v_s - U^T U v_s, where the
    rows of U are the first singular vectors of the sentences that were fitted (Arora, Liang and Ma
    2017, algorithm 1). Before `fit` nothing is taken away. A sentence without a known word is
    zeros.

    A sentence is a list of tokens, or a str that `tokenize` cuts into such. Its vector does not
    depend on the others that are transformed with it.
    """

    def __init__(
        self,
        vectors: WordTable,
        *,
        counts: Mapping[str, int] | None = None,
        a: float = 1e-3,
        components: int = 1,
        tokenize: Callable[[str], Sequence[str]] = str.split,
    ) -> None:
        """Weigh the words.

        Args:
            vectors: of words.
            counts: how often each word occurs in text like that of the sentences, which gives
                p(w) = count / sum; a word that is not there counts 0. None takes the counts of the
                vectors; where they have none, p(w) of the r-th word is taken to be 1 / (r * H_V)
                (Zipf), which holds for files in the order of frequency, as they usually are.
            a: the smaller, the less frequent words count; 1e-3 to 1e-4 in the paper.
            components: how many singular vectors `fit` learns and `transform` takes away.
            tokenize: cuts a str into words as the vectors spell them.

        Raises:
            ConfigError: an option out of range, or counts that sum to nothing.
        """
        if not 0 < a < float("inf"):
            raise ConfigError(f"SIF a {a}: must be above 0, such as 1e-3")
        if not 0 <= components <= vectors.dim:
            raise ConfigError(f"SIF components {components}: from 0 to the width, {vectors.dim}")
        self.vectors, self.a, self.tokenize = vectors, a, tokenize
        self.components = np.zeros((0, vectors.dim))
        """(K, E) float64, orthonormal rows: what is taken away."""
        self._wanted = components
        self._probability = _probabilities(vectors, counts)

    def weight(self, word: str) -> float:
        """Return a / (a + p(w)), 1 for a word of unknown frequency."""
        return self.a / (self.a + self._probability.get(word, 0.0))

    def fit(self, texts: Iterable[Text]) -> "SentenceVectors":
        """Learn the components that sentences share; returns itself.

        Raises:
            DataError: no sentence with a known word.
        """
        gram = np.zeros((self.vectors.dim, self.vectors.dim))
        for average in self._averages(texts):
            gram += average.T @ average
        if not gram.any():
            raise DataError("sentence vectors: no sentence to learn from has a word with a vector")
        # the eigenvectors of X^T X are the right singular vectors of X; ascending
        found = np.linalg.eigh(gram)[1].T[::-1][: self._wanted]
        largest = np.take_along_axis(found, np.abs(found).argmax(1)[:, None], 1)
        self.components = found * np.where(largest < 0, -1.0, 1.0)  # a sign that is always the same
        return self

    def transform(self, texts: Iterable[Text]) -> npt.NDArray[np.float32]:
        """Return the vectors of sentences, (N, E) float32."""
        made = [np.zeros((0, self.vectors.dim), np.float32)]
        for average in self._averages(texts):
            shared = average @ self.components.T  # (N, K)
            made.append((average - shared @ self.components).astype(np.float32))
        return np.concatenate(made)

    def _averages(self, texts: Iterable[Text]) -> Iterator[npt.NDArray[np.float64]]:
        """Yield the weighted averages of sentences, (N, E) float64, some thousand tokens a time."""
        if isinstance(texts, str):
            raise ConfigError("expected a list of sentences, got one str: write [sentence]")
        waiting: list[Sequence[str]] = []
        size = 0
        for text in texts:
            tokens = self.tokenize(text) if isinstance(text, str) else text
            if waiting and size + len(tokens) > _TOKENS:
                yield self._average(waiting)
                waiting, size = [], 0
            waiting.append(tokens)
            size += len(tokens)
        if waiting:
            yield self._average(waiting)

    def _average(self, sentences: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
        number: dict[str, int] = {}
        every = itertools.chain.from_iterable(sentences)
        words = np.array([number.setdefault(word, len(number)) for word in every], np.int64)
        sentence = np.repeat(np.arange(len(sentences)), [len(each) for each in sentences])
        vectors, known = self.vectors.lookup(list(number))  # (D, E), (D,) of different words
        weights = np.array([self.weight(word) for word in number], np.float64)
        weighted = vectors.astype(np.float64) * weights[:, None]
        kept = known[words] if len(words) else np.zeros(0, bool)
        words, sentence = words[kept], sentence[kept]
        sums = np.zeros((len(sentences), self.vectors.dim))
        if len(words):
            filled, starts = np.unique(sentence, return_index=True)
            sums[filled] = np.add.reduceat(weighted[words], starts, axis=0)
        counts = np.bincount(sentence, minlength=len(sentences))
        return sums / np.maximum(counts, 1)[:, None]


def _probabilities(vectors: WordTable, counts: Mapping[str, int] | None) -> dict[str, float]:
    """Return p(w) by word."""
    words = vectors.words
    if counts is None and vectors.counts is None:
        ranks = np.arange(1, len(words) + 1)
        return dict(zip(words, (1 / (ranks * (1 / ranks).sum())).tolist(), strict=True))
    if counts is None:
        counts = dict(zip(words, vectors.counts.tolist(), strict=True))
    total = sum(counts.values())
    if total <= 0 or min(counts.values()) < 0:
        raise ConfigError("SIF counts: must be 0 or more, and not all 0")
    return {word: count / total for word, count in counts.items()}
