r"""The words that a model knows, and their numbers.

The saved form is one line a word, in the order of the ids, after one header line:

    seqkit-vocab 1 words=2 counts=yes
    the<TAB>1061396
    a\tb<TAB>7

A word that holds a backslash, white space other than U+0020, a lone surrogate or anything else
unprintable is written in Python's escapes, so that every string survives and a line is a word.
"""

import hashlib
import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import SupportsIndex

from seqkit.errors import ConfigError, DataError

__all__ = ["Vocab"]

_log = logging.getLogger(__name__)
_HEADER = re.compile(r"seqkit-vocab (\d+) words=(\d+) counts=(yes|no)")
_FORMAT = 1
_ESCAPED = re.compile(r"(?:[^\\]|\\(?:[\\tnr]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}))*")
_COUNT = re.compile(r"[0-9]{1,18}")


class _Ids(dict[str, int]):
    """Word to id; a word that is not there has the id UNK and is not added."""

    def __missing__(self, word: str) -> int:
        return Vocab.UNK


class Vocab:
    """Words and their ids, with four special ids that no word of a text can have.

    The specials have no string key: `<unk>` or `<pad>` in a text is a word like any other, with an
    id of its own from 4 on.

    >>> vocab = Vocab.build([["b", "a", "<unk>"], ["a"]])
    >>> vocab.words, vocab.encode(["a", "never seen", "<unk>"], eos=True)
    (['a', '<unk>', 'b'], [4, 3, 5, 2])
    """

    PAD = 0
    """Fills a batch."""
    BOS = 1
    """Begins a sequence."""
    EOS = 2
    """Ends a sequence."""
    UNK = 3
    """Any word that is not in the vocabulary."""
    SPECIALS = ("<pad>", "<bos>", "<eos>", "<unk>")
    """How the four are shown, never how they are looked up."""

    def __init__(self, words: Iterable[str], counts: Iterable[int] | None = None) -> None:
        """Give each word the next id, from 4 on.

        Args:
            words: distinct words in the order of their ids.
            counts: how often each was seen, where that is known.

        Raises:
            DataError: if a word comes twice, or there are more or fewer counts than words.
        """
        self.words = list(words)
        self.counts = None if counts is None else list(counts)
        first = len(self.SPECIALS)
        self._ids = _Ids(zip(self.words, range(first, first + len(self.words)), strict=False))
        if len(self._ids) != len(self.words):
            word, times = Counter(self.words).most_common(1)[0]
            raise DataError(f"vocabulary: the word {word!r} comes {times} times, expected once")
        if self.counts is not None and len(self.counts) != len(self.words):
            raise DataError(f"vocabulary: {len(self.counts)} counts for {len(self.words)} words")

    @classmethod
    def build(
        cls,
        documents: Iterable[Sequence[str] | Mapping[str, int]],
        *,
        min_count: int = 1,
        max_size: int | None = None,
        max_distinct: int = 10_000_000,
    ) -> "Vocab":
        """Count the words of tokenised documents and keep the most frequent.

        Order: the most frequent first, equal counts by the text of the word.

        Memory is bounded: when more than `max_distinct` words are held, the rarer half goes, as in
        lossy counting (Manku and Motwani 2002), and a warning says by how much counts may be low.

        Args:
            documents: token lists, or counts of tokens that were made elsewhere; read once.
            min_count: leave out words seen fewer times.
            max_size: keep at most this many words; the specials are not counted.
            max_distinct: how many distinct words to hold at once while counting.

        Raises:
            ConfigError: if a limit is not positive, or `max_distinct` is less than 2.
        """
        limits = [("min_count", min_count, 1), ("max_distinct", max_distinct, 2)]
        if max_size is not None:
            limits.append(("max_size", max_size, 1))
        for name, value, least in limits:
            if value < least:
                raise ConfigError(f"{name} {value}: must be {least} or more")
        counts: Counter[str] = Counter()
        low = 0  # no count is lower than the truth by more than this
        for document in documents:
            counts.update(document)
            if len(counts) > max_distinct:
                low += _drop_rarest(counts, keep=max_distinct // 2)
        if low:
            _log.warning(
                "vocabulary: more than %d distinct words, the rarest were dropped while counting: "
                "counts may be up to %d too low; every word seen more often than that was kept",
                max_distinct,
                low,
            )
        words = [word for word in _ranked(counts)[:max_size] if counts[word] >= min_count]
        return cls(words, [counts[word] for word in words])

    def __len__(self) -> int:
        """Return the number of ids, the four specials included."""
        return len(self.SPECIALS) + len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def id(self, word: str) -> int:
        """Return the id of a word, UNK if it is not in the vocabulary."""
        return self._ids[word]

    def word(self, id: SupportsIndex) -> str:
        """Return the word of an id; a special as `<pad>`, `<bos>`, `<eos>` or `<unk>`.

        Raises:
            IndexError: if there is no such id.
        """
        index = id.__index__()
        if not 0 <= index < len(self):
            raise IndexError(f"id {index}: this vocabulary has the ids 0 to {len(self) - 1}")
        first = len(self.SPECIALS)
        return self.SPECIALS[index] if index < first else self.words[index - first]

    def encode(self, tokens: Iterable[str], *, bos: bool = False, eos: bool = False) -> list[int]:
        """Return the ids of tokens, with BOS before and EOS after where asked."""
        ids = list(map(self._ids.__getitem__, tokens))
        if bos:
            ids.insert(0, self.BOS)
        if eos:
            ids.append(self.EOS)
        return ids

    def decode(self, ids: Iterable[SupportsIndex], *, specials: bool = False) -> list[str]:
        """Return the words of ids, without the specials unless asked.

        Raises:
            IndexError: if there is no such id.
        """
        first = 0 if specials else len(self.SPECIALS)
        return [self.word(id) for id in ids if id.__index__() not in range(first)]

    def to_bytes(self) -> bytes:
        """Render words and counts as UTF-8 text (see the module's docstring)."""
        has_counts = "no" if self.counts is None else "yes"
        header = f"seqkit-vocab {_FORMAT} words={len(self.words)} counts={has_counts}"
        lines = [header, *map(_escape, self.words)]
        if self.counts is not None:
            lines[1:] = [
                f"{word}\t{count}" for word, count in zip(lines[1:], self.counts, strict=True)
            ]
        return ("\n".join(lines) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Vocab":
        """Read what `to_bytes` wrote.

        Raises:
            DataError: if it is damaged, cut short or written by a newer seqkit.
        """
        try:
            header, *lines = content.decode().split("\n")
        except UnicodeDecodeError as error:
            raise DataError(f"vocabulary: invalid UTF-8 at byte {error.start}") from None
        match = _HEADER.fullmatch(header)
        if match is None:
            raise DataError(
                f"vocabulary:1: {header[:40]!r} is not the header of a seqkit vocabulary"
            )
        if int(match[1]) > _FORMAT:
            raise DataError(f"vocabulary: format {match[1]} is newer than {_FORMAT}: update seqkit")
        if len(lines) != int(match[2]) + 1 or lines[-1]:
            raise DataError(f"vocabulary: {len(lines) - 1} whole lines, expected {match[2]} words")
        fields = [_fields(line, match[3] == "yes", at) for at, line in enumerate(lines[:-1], 2)]
        counts = [count for _, count in fields] if match[3] == "yes" else None
        return cls([word for word, _ in fields], counts)

    def hash(self) -> str:
        """Return the SHA-256 of the content, as 64 hexadecimal digits."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def _ranked(counts: Counter[str]) -> list[str]:
    words = sorted(counts)
    words.sort(key=counts.__getitem__, reverse=True)  # stable: equal counts stay in order of text
    return words


def _drop_rarest(counts: Counter[str], *, keep: int) -> int:
    """Keep so many words, and return the highest count among those that went."""
    dropped = _ranked(counts)[keep:]
    highest = counts[dropped[0]]
    for word in dropped:
        del counts[word]
    return highest


def _escape(word: str) -> str:
    if word.isprintable() and "\\" not in word:
        return word
    return word.encode("unicode_escape").decode("ascii")


def _fields(line: str, has_count: bool, number: int) -> tuple[str, int]:
    word, tab, count = line.partition("\t")
    if bool(tab) != has_count or (has_count and not _COUNT.fullmatch(count)):
        expected = "word<TAB>count" if has_count else "one word"
        raise DataError(f"vocabulary:{number}: expected {expected}, got {line[:40]!r}")
    if "\\" in word:
        try:
            if not _ESCAPED.fullmatch(word):
                raise ValueError
            word = word.encode("ascii").decode("unicode_escape")
        except ValueError:  # of which the two Unicode errors are kinds
            raise DataError(f"vocabulary:{number}: damaged escape in {word[:40]!r}") from None
    return word, int(count) if has_count else 0
