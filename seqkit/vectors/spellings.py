"""The words that are spelled most like one that is not known, for the message that says so."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["edit_distance", "nearest_spellings"]

_LOOKED_AT = 500  # candidates whose edit distance is computed


def nearest_spellings(word: str, words: Sequence[str], *, k: int = 3) -> list[str]:
    """Return up to k words that take few edits to become `word`, the fewest first.

    Upper and lower case count as alike until all else is equal, then the earlier word wins: the
    more frequent one, where words are in that order. The pairs of neighbouring characters that two
    words share say which are worth comparing.

    >>> nearest_spellings("kinng", ["queen", "king", "kind"])
    ['king', 'kind']
    """
    folded = word.lower()
    allowed = 1 + len(folded) // 4
    found = []
    for row in _candidates(folded, words):
        other = words[row]
        distance = edit_distance(folded, other.lower())
        if distance <= allowed and other != word:
            found.append((distance, edit_distance(word, other), row))
    return [words[row] for _, _, row in sorted(found)[:k]]


def edit_distance(one: str, other: str) -> int:
    """Count the edits between two words: a character more, less or another, or two swapped.

    Optimal string alignment, after Damerau (1964): no part is edited twice.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _candidates(folded: str, words: Sequence[str]) -> list[int]:
    """Return the rows of the words that share most of their pairs of characters."""
    text = "\n" + "\n".join(words).lower() + "\n"
    if text.count("\n") > len(words) + 1:  # a word with a line break in it
        text = "\n" + "\n".join(word.replace("\n", " ") for word in words).lower() + "\n"
    characters = _characters(text)
    ends = np.flatnonzero(characters == ord("\n"))
    lengths = np.diff(ends) - 1
    shared = np.isin(_pairs(characters), _pairs(_characters(f"\n{folded}\n")))
    counts = np.add.reduceat(shared, ends[:-1], dtype=np.int64)
    likeness = counts / (lengths + len(folded) + 2)  # Dice's coefficient, halved
    likeness[np.abs(lengths - len(folded)) > 1 + len(folded) // 4] = 0
    worth = np.flatnonzero(likeness)
    order = np.argsort(-likeness[worth], kind="stable")
    return [int(row) for row in worth[order[:_LOOKED_AT]]]


def _characters(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _pairs(characters: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """Make a number of each two neighbouring characters."""
    return characters[:-1].astype(np.uint64) << np.uint64(32) | characters[1:]
