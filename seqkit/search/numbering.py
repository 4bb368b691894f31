"""Texts of documents to numbers of terms, each distinct token analysed once."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from seqkit.search.ascii_words import AsciiWords
from seqkit.text.links import may_hold_link

__all__ = ["NO_TERM", "Numbering"]

NO_TERM = ""
"""What punctuation becomes: no term, and no place of its own."""
_LEFT_OUT, _PUNCTUATION = -1, -2


class Numbering:
    """Give each term a number when it first comes."""

    def __init__(
        self,
        term: Callable[[str], str | None],
        cut: Callable[[Sequence[str]], Iterator[Iterable[str]]],
        *,
        ascii_words: bool,
    ) -> None:
        """Begin without terms.

        Args:
            term: a token to its term, None if it is left out, `NO_TERM` if it has none.
            cut: texts to the tokens of each.
            ascii_words: whether `cut` cuts ASCII text as `WordTokenizer` does: then a loop may.
        """
        self._numbers = _Numbers(term)
        self._cut = cut
        self._ascii = AsciiWords() if ascii_words else None
        self._of_ascii = np.zeros(0, np.int32)  # word of `_ascii` -> number of its term

    @property
    def terms(self) -> list[str]:
        """The terms in the order of their numbers."""
        return list(self._numbers.terms)

    def batch(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Number normalised texts: see `Analyzer.batch`."""
        by_loop = np.fromiter(map(self._is_quick, texts), np.bool_, len(texts))
        lengths = np.empty(len(texts), np.int64)
        parts = []
        for chosen, count in ((by_loop, self._count_ascii), (~by_loop, self._count_others)):
            numbers, lengths[chosen] = count([texts[at] for at in np.flatnonzero(chosen)])
            parts.append(numbers)
        flat = np.empty(lengths.sum(), np.int32)
        of_loop = np.repeat(by_loop, lengths)
        flat[of_loop], flat[~of_loop] = parts
        return flat, lengths

    def _is_quick(self, text: str) -> bool:
        return self._ascii is not None and text.isascii() and not may_hold_link(text)

    def _count_ascii(
        self, texts: Sequence[str]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        if self._ascii is None or not texts:
            return np.zeros(0, np.int32), np.zeros(0, np.int64)
        words, lengths = self._ascii.read(texts)
        new = self._numbers.of(self._ascii.since(len(self._of_ascii)))
        self._of_ascii = np.concatenate([self._of_ascii, new])
        return self._of_ascii[words], lengths

    def _count_others(
        self, texts: Sequence[str]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        parts = [np.zeros(0, np.int32)]
        for tokens in self._cut(texts):
            numbers = self._numbers.of(tokens)
            parts.append(numbers[numbers != _PUNCTUATION])
        return np.concatenate(parts), np.array([len(part) for part in parts[1:]], np.int64)


class _Numbers(dict[str, int]):
    """Token -> number of its term; a token that is not there is analysed."""

    def __init__(self, term: Callable[[str], str | None]) -> None:
        super().__init__()
        self.terms: dict[str, int] = {}
        self._term = term

    def of(self, tokens: Iterable[str]) -> npt.NDArray[np.int32]:
        return np.fromiter(map(self.__getitem__, tokens), np.int32)

    def __missing__(self, token: str) -> int:
        term = self._term(token)
        if term is None:
            number = _LEFT_OUT
        elif term == NO_TERM:
            number = _PUNCTUATION
        else:
            number = self.terms.setdefault(term, len(self.terms))
        self[token] = number
        return number
