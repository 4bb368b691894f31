"""Words that begin with given characters, found by halving a sorted list."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["PrefixIndex"]

_Text = TypeVar("_Text", str, bytes)


class PrefixIndex(Generic[_Text]):
    """The places of words in a list by how they begin: a microsecond a prefix, however many.

    >>> PrefixIndex(["whale", "the", "what"]).beginning_with("wh")
    array([0, 2])
    """

    def __init__(self, words: Sequence[_Text]) -> None:
        """Sort the words, which may come more than once."""
        order = sorted(range(len(words)), key=words.__getitem__)
        self._words = [words[place] for place in order]
        self._places = np.array(order, dtype=np.int64)

    def beginning_with(self, prefix: _Text) -> npt.NDArray[np.int64]:
        """Return the places (N,) int64 of the words that begin with it, in the order of text."""
        size = len(prefix)
        first = bisect_left(self._words, prefix)
        last = bisect_right(self._words, prefix, lo=first, key=lambda word: word[:size])
        return self._places[first:last]

    def equal_to(self, word: _Text) -> npt.NDArray[np.int64]:
        """Return the places (N,) int64 of a word."""
        first = bisect_left(self._words, word)
        return self._places[first : bisect_right(self._words, word, lo=first)]
