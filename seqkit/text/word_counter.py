"""Number and count the words of a text that is read once."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from seqkit.text import Vocab
from seqkit.text.lexicon import cut_words
from seqkit.text.scanning import count_words, fill_table

__all__ = ["TokenCounter", "WordCounter"]

_FIRST = len(Vocab.SPECIALS)


class WordCounter:
    r"""A lexicon that grows: words get the ids 4, 5, ... in the order in which they first come.

    >>> counter = WordCounter()
    >>> counter.read(b"b a\nb\n").tolist(), counter.words(), counter.counts.tolist()
    ([4, 5, 2, 4, 2], ['b', 'a'], [2, 1])
    """

    def __init__(self) -> None:
        """Begin without words."""
        room = 1 << 12  # words
        self._used = 0
        self._table = np.zeros(2 * room, np.uint64)
        self._offsets = np.zeros(room + 1, np.int64)
        self._counts = np.zeros(room, np.int64)
        self._blob = np.zeros(8 * room, np.uint8)

    def read(self, text: bytes) -> npt.NDArray[np.uint32]:
        """Return the ids of the words of lines, EOS behind each line; see `Lexicon.encode`.

        Args:
            text: UTF-8, cut where `str.split` cuts; every line ends with a line feed.
        """
        ids = np.empty(len(text) // 2 + text.count(b"\n"), np.uint32)
        done = np.array([self._used, 0])
        at = 0
        while True:
            words = self._table, self._offsets, self._blob, self._counts
            at = count_words(text, at, *words, ids, done)
            self._used = int(done[0])
            if at == len(text):
                return ids[: done[1]]
            self._grow(len(text) - at)

    def words(self, start: int = 0) -> list[str]:
        """Return the words in the order of their ids, without the first `start` of them."""
        offsets = self._offsets[start : self._used + 1]
        return cut_words(self._blob[offsets[0] : offsets[-1]], offsets - offsets[0])

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """(words,) int64: how often each word came."""
        return self._counts[: self._used]

    def _grow(self, waiting: int) -> None:
        """Double what is full; the next word has no more bytes than are waiting."""
        if self._used < len(self._counts):
            more = np.zeros(len(self._blob) + waiting, np.uint8)
            self._blob = np.concatenate([self._blob, more])
            return
        more = np.zeros_like(self._counts)
        self._counts = np.concatenate([self._counts, more])
        self._offsets = np.concatenate([self._offsets, more])
        self._table = np.zeros(2 * len(self._table), np.uint64)
        fill_table(self._table, self._offsets, self._blob, self._used)


class TokenCounter:
    """The same for tokens that another tokeniser has cut.

    >>> counter = TokenCounter()
    >>> counter.read([["b", "a"], ["b"]]).tolist(), counter.words(), counter.counts.tolist()
    ([4, 5, 2, 4, 2], ['b', 'a'], [2, 1])
    """

    def __init__(self) -> None:
        """Begin without tokens."""
        self._ids = _Numbers()
        self._counts = np.zeros(1 << 12, np.int64)

    def read(self, lines: Iterable[Sequence[str]]) -> npt.NDArray[np.uint32]:
        """Return the ids of the tokens of lines, EOS behind each line."""
        numbers: list[int] = []
        for tokens in lines:
            numbers.extend(map(self._ids.__getitem__, tokens))
            numbers.append(Vocab.EOS)
        ids = np.array(numbers, np.uint32)
        while len(self._counts) < _FIRST + len(self._ids):
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
        np.add.at(self._counts, ids, 1)
        return ids

    def words(self) -> list[str]:
        """Return the tokens in the order of their ids."""
        return list(self._ids)

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """(tokens,) int64: how often each came."""
        return self._counts[_FIRST : _FIRST + len(self._ids)]


class _Numbers(dict[str, int]):
    """Token to id; one that is not there gets the next."""

    def __missing__(self, token: str) -> int:
        number = self[token] = _FIRST + len(self)
        return number
