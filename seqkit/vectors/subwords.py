"""Vectors of a word's character n-grams, hashed as fastText does.

Bojanowski, Grave, Joulin, Mikolov: Enriching word vectors with subword information, TACL 2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError

__all__ = ["RowTable", "Subwords", "hash_ngrams"]

_SENTENCE_END = "</s>"  # fastText's own word, which has no n-grams
_BASIS, _PRIME = 2166136261, 16777619  # of FNV-1a with 32 bits
_WIDEST = 4  # bytes of a character in UTF-8
_BLOCK = 512  # words whose n-grams are gathered at a time


class RowTable(Protocol):
    """What holds the vectors of the n-grams: an array, mapped or not, or what looks like one."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(buckets, E)."""
        ...

    def __getitem__(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Return the rows (N, E), of any float."""
        ...


@dataclass(frozen=True)
class Subwords:
    """The n-grams' vectors of a fastText model; they make a vector for any word."""

    table: RowTable
    """(buckets, E), a row for all n-grams with that hash."""
    minn: int
    """Characters of the shortest n-gram; the word's marks < and > count."""
    maxn: int
    """Characters of the longest."""

    def __post_init__(self) -> None:
        """Refuse lengths and tables that cannot be."""
        if not (0 <= self.minn <= self.maxn and self.maxn >= 1):
            raise ConfigError(
                f"n-grams of {self.minn} to {self.maxn} characters: give 0 <= minn <= maxn, maxn 1 "
                "or more"
            )
        if len(self.table.shape) != 2 or not all(self.table.shape):
            raise ConfigError(f"n-gram table of shape {self.table.shape}: give (buckets, E)")

    @property
    def buckets(self) -> int:
        """Rows of the table."""
        return self.table.shape[0]

    @property
    def dim(self) -> int:
        """Values of a vector, E."""
        return self.table.shape[1]

    def ngram_rows(self, word: str) -> list[int]:
        """Return the row of each n-gram of a word, in fastText's order, repeats kept."""
        return hash_ngrams([word], self.minn, self.maxn, self.buckets)[0].tolist()

    def vector(self, word: str) -> npt.NDArray[np.float32]:
        """Return the mean of the rows of a word's n-grams, (E,); zeros where it has none."""
        return self.vectors([word])[0]

    def vectors(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the vector of each word, (N, E) float32; the same as one by one."""
        sums, counts = self.sums(words)
        return sums / np.maximum(counts, 1).astype(np.float32)[:, None]

    def sums(self, words: Sequence[str]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """Add up the rows of each word's n-grams.

        Returns:
            Sums (N, E) float32, and how many rows each one is of, (N,) int64.
        """
        sums = np.zeros((len(words), self.dim), np.float32)
        counts = np.zeros(len(words), np.int64)
        for start in range(0, len(words), _BLOCK):
            block = words[start : start + _BLOCK]
            rows, lengths = hash_ngrams(block, self.minn, self.maxn, self.buckets)
            some = np.flatnonzero(lengths)
            counts[start : start + len(block)] = lengths
            if len(some):
                gathered = np.asarray(self.table[rows], np.float32)  # (n-grams, E)
                offsets = (np.cumsum(lengths) - lengths)[some]
                sums[start + some] = np.add.reduceat(gathered, offsets, axis=0)
        return sums, counts


def hash_ngrams(
    words: Sequence[str], minn: int, maxn: int, buckets: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Hash the n-grams of words to rows, as fastText's `Dictionary::computeSubwords`.

    An n-gram is minn to maxn characters of `<word>` in UTF-8, of one character never a mark; its
    row is its FNV-1a hash, with bytes as signed numbers, modulo `buckets`.

    Returns:
        Rows (M,) int64, word after word, and how many each word has, (N,) int64.
    """
    marked = ["" if word == _SENTENCE_END else f"<{word}>" for word in words]
    encoded = [word.encode("utf-8", "surrogatepass") for word in marked]
    content = np.frombuffer(b"".join(encoded), np.uint8)
    signed = content.astype(np.int8).astype(np.int32).view(np.uint32)  # sign-extended
    starts = np.flatnonzero((content & 0xC0) != 0x80)  # (C,) the first byte of each character
    widths = np.diff(starts, append=len(content))
    lengths = [len(word) for word in marked]  # in characters
    ends, owner = np.cumsum(lengths), np.repeat(np.arange(len(words)), lengths)  # (N,), (C,)
    maxn = min(maxn, max(lengths, default=0))
    hashes = np.full(len(starts), _BASIS, np.uint32)
    rows = np.full((len(starts), maxn), -1, np.int64)
    here = np.arange(len(starts))  # where an n-gram that still fits into its word begins
    for n in range(1, maxn + 1):
        here = here[here + n <= ends[owner[here]]]
        added = here + n - 1  # the character that makes it longer
        for byte in range(_WIDEST):
            wide = widths[added] > byte
            at = here[wide]
            hashes[at] = (hashes[at] ^ signed[starts[added[wide]] + byte]) * np.uint32(_PRIME)
        if n >= minn:
            kept = here
            if n == 1:  # the marks by themselves say nothing
                first = np.append(True, owner[1:] != owner[:-1])
                last = np.append(owner[1:] != owner[:-1], True)
                kept = here[~(first | last)[here]]
            rows[kept, n - 1] = hashes[kept] % np.uint32(buckets)
    counts = np.bincount(owner, weights=(rows >= 0).sum(axis=1), minlength=len(words))
    return rows[rows >= 0], counts.astype(np.int64)
