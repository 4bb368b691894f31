"""Number the word n-grams of a training set, and count them in texts.

An n-gram is the number of its first n-1 words times V plus the number of its last word: one 64-bit
key. An order is then a sorted array of keys, a batch is looked up in one binary search, and five
million trigrams cost 40 MB, not five million Python strings.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seqkit.baselines.analyser import tokens
from seqkit.baselines.rows import Rows
from seqkit.errors import ConfigError

__all__ = ["Ngrams"]

_CHUNK = 1 << 18  # tokens counted at once: bounds the working memory


@dataclass(frozen=True)
class Ngrams:
    """Numbered n-grams of orders `shortest` to `longest`: by order, then by key."""

    words: tuple[str, ...]
    """Words in the order of their numbers: the most frequent first, ties by text."""
    keys: tuple[np.ndarray, ...]
    """For orders 2 to `longest`: (F_n,) int64, ascending."""
    shortest: int
    """Lower orders are numbered, as beginnings of longer ones, but are not features."""

    @classmethod
    def learn(
        cls, texts: Iterable[str], *, orders: tuple[int, int], min_count: int
    ) -> tuple["Ngrams", Rows]:
        """Number every word, and the longer n-grams seen `min_count` times; return their counts."""
        number: defaultdict[str, int] = defaultdict()
        number.default_factory = number.__len__
        ids, lengths = _encode(texts, number)
        seen = np.bincount(ids[ids >= 0], minlength=len(number))
        words = sorted(number, key=lambda word: (-seen[number[word]], word))
        renumber = np.full(len(number) + 1, -1, np.int32)  # the last stays: the end of a text
        renumber[[number[word] for word in words]] = np.arange(len(words))
        ids = renumber[ids]

        keys: list[np.ndarray] = []
        numbers = ids
        for _ in range(1, orders[1]):
            found = _keys(numbers, ids, len(words))
            table = np.sort(found[found >= 0])
            first = np.flatnonzero(np.diff(table, prepend=-1))  # where each distinct key begins
            keys.append(table[first[np.diff(first, append=len(table)) >= min_count]])
            numbers = _look_up(found, keys[-1])
        ngrams = cls(tuple(words), tuple(keys), orders[0])
        return ngrams, ngrams._count(ids, lengths)

    def __len__(self) -> int:
        """Return F, the number of features."""
        sizes = [len(self.words), *map(len, self.keys)]
        return sum(sizes[self.shortest - 1 :])

    def rows(self, texts: Iterable[str]) -> Rows:
        """Count the known n-grams of each text; the rest is left out."""
        return self._count(*_encode(texts, self._number))

    @cached_property
    def _number(self) -> "_Known":
        return _Known(zip(self.words, range(len(self.words)), strict=True))

    def _count(self, ids: np.ndarray, lengths: np.ndarray) -> Rows:
        parts = [self._count_chunk(i, n) for i, n in _chunks(ids, lengths)]
        return Rows.concatenate(parts)

    def _count_chunk(self, ids: np.ndarray, lengths: np.ndarray) -> Rows:
        row = np.repeat(np.arange(len(lengths)), lengths)
        cells, numbers, base = [], ids, 0
        for order in range(1, len(self.keys) + 2):
            if order > 1:
                numbers = _look_up(_keys(numbers, ids, len(self.words)), self.keys[order - 2])
            if order >= self.shortest:
                known = np.flatnonzero(numbers >= 0)
                cells.append(row[known] * len(self) + base + numbers[known])
                base += len(self.words) if order == 1 else len(self.keys[order - 2])
        cell, count = np.unique(np.concatenate(cells), return_counts=True)
        row, feature = np.divmod(cell, max(len(self), 1))
        starts = np.searchsorted(row, np.arange(len(lengths) + 1))
        return Rows(starts, feature.astype(np.int32), count.astype(np.float32))


class _Known(dict[str, int]):
    def __missing__(self, word: str) -> int:
        return -1


def _encode(texts: Iterable[str], number: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Number the words, with a -1 after each text that no n-gram can cross: ids and lengths."""
    if isinstance(texts, str):
        raise ConfigError("texts: got one string, expected a list of texts: write [text]")
    ids, lengths = array("i"), array("q")
    for text in texts:
        before = len(ids)
        ids.extend(map(number.__getitem__, tokens(text)))
        ids.append(-1)
        lengths.append(len(ids) - before)
    return np.array(ids, dtype=np.int32), np.array(lengths, dtype=np.int64)


def _keys(prefix: np.ndarray, ids: np.ndarray, words: int) -> np.ndarray:
    """Join n-grams (T - n + 1,) to the words after them: keys (T - n,), -1 where one is unknown."""
    prefix, last = prefix[:-1], ids[len(ids) - len(prefix) + 1 :]
    return np.where((prefix >= 0) & (last >= 0), prefix.astype(np.int64) * words + last, -1)


def _look_up(keys: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Find each key's place in the ascending table, or -1."""
    if not len(table):
        return np.full(len(keys), -1)
    place = np.searchsorted(table, keys)
    place[place == len(table)] = 0
    return np.where(table[place] == keys, place, -1)


def _chunks(ids: np.ndarray, lengths: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Cut the stream between documents into parts of about _CHUNK tokens."""
    ends = np.cumsum(lengths)
    cuts = np.unique(np.searchsorted(ends, np.arange(_CHUNK, ids.size, _CHUNK)) + 1)
    for first, last in zip([0, *cuts], [*cuts, len(lengths)], strict=True):
        if first < last:
            yield ids[ends[first] - lengths[first] : ends[last - 1]], lengths[first:last]
