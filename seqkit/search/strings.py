"""Strings in arrays: mapped from a file at once, found by bisection, merged without a dict.

They lie back to back as UTF-8 (lone surrogates as three bytes each) in an array of bytes, string i
from `offsets[i]` to `offsets[i + 1]`. Their order is that of their bytes, which is Python's.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed

__all__ = ["Strings", "merge_strings"]

_NO_ORDER = fixed(np.empty(0, np.uint32))
_BELOW, _UP_TO, _BEGINNING = 0, 1, 2  # what `_bound` counts


class Strings:
    """Strings, sorted or with an array that sorts them.

    >>> words = Strings.from_list(["car", "care", "dog"])
    >>> words[1], words.find("dog"), words.find("cat"), words.with_prefix("ca")
    ('care', 2, -1, range(0, 2))
    """

    def __init__(
        self,
        offsets: npt.NDArray[np.integer],
        blob: npt.NDArray[np.uint8],
        order: npt.NDArray[np.uint32] = _NO_ORDER,
    ) -> None:
        """Take the arrays.

        Args:
            offsets: (n + 1,) uint32, int64 where these do not reach.
            blob: the bytes of all.
            order: (n,) the strings' places, sorted by their bytes, then by place; left out where
                they lie in this order.
        """
        self.offsets, self.blob = fixed(offsets), fixed(blob)
        self.order = fixed(order)
        self._starts, self._bytes = memoryview(self.offsets), memoryview(self.blob)  # read faster

    @classmethod
    def from_list(cls, strings: Sequence[str]) -> "Strings":
        """Put strings in arrays, in the order given."""
        content = [string.encode("utf-8", "surrogatepass") for string in strings]
        offsets = _offsets(np.fromiter(map(len, content), np.int64, len(content)))
        return cls(offsets, np.frombuffer(bytearray(b"".join(content)), np.uint8))

    def __len__(self) -> int:
        """Return how many strings there are."""
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> str:
        """Return a string; `index` is not negative."""
        if not 0 <= index < len(self):
            raise IndexError(f"string {index} of {len(self)}")
        content = self._bytes[self._starts[index] : self._starts[index + 1]]
        return str(content, "utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        """Go through the strings in the order in which they lie."""
        return map(self.__getitem__, range(len(self)))

    def find(self, string: str) -> int:
        """Return the place of a string, the last one where it is there more than once; or -1."""
        content = string.encode("utf-8", "surrogatepass")
        found: int = _find(content, self.offsets, self.blob, self.order)
        return found

    def below(self, string: str, *, equal: bool = False) -> int:
        """Count the strings that come before this one; with `equal`, itself too."""
        kind = _UP_TO if equal else _BELOW
        content = string.encode("utf-8", "surrogatepass")
        count: int = _bound(content, self.offsets, self.blob, self.order, kind)
        return count

    def with_prefix(self, prefix: str) -> range:
        """Return the places, in sorted order, of the strings that begin so."""
        content = prefix.encode("utf-8", "surrogatepass")
        arrays = self.offsets, self.blob, self.order
        return range(_bound(content, *arrays, _BELOW), _bound(content, *arrays, _BEGINNING))

    def take(self, places: npt.NDArray[np.integer]) -> "Strings":
        """Copy the strings of these places, in their order."""
        wanted = fixed(places.astype(np.int64))
        offsets = _offsets(np.diff(self.offsets)[wanted])
        blob = np.empty(offsets[-1], np.uint8)
        _copy(wanted, self.offsets, self.blob, offsets, blob)
        return Strings(offsets, blob)

    def in_order(self) -> "Strings":
        """Return them sorted: themselves where they are."""
        return self.take(self.order) if len(self.order) else self


def merge_strings(parts: Sequence[Strings]) -> tuple[Strings, list[npt.NDArray[np.uint32]]]:
    """Join sorted strings, those that are equal in one.

    Returns:
        The distinct strings, sorted, and for each part the places of its strings among them.
    """
    sizes = [len(part) for part in parts]
    bounds = np.cumsum([0, *sizes], dtype=np.int64)
    joined = Strings(
        _offsets(np.concatenate([np.diff(part.offsets) for part in parts])),
        np.concatenate([np.empty(0, np.uint8), *(part.blob for part in parts)]),
    )
    slots, firsts = np.empty(len(joined), np.uint32), np.empty(len(joined), np.int64)
    count = _merge(bounds, joined.offsets, joined.blob, slots, firsts)
    return joined.take(firsts[:count]), np.split(slots, bounds[1:-1])


def _offsets(lengths: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    """Return where strings of these lengths begin, and where the last one ends."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets.astype(np.uint32) if offsets[-1] < 1 << 32 else offsets


@compiled
def _difference(one, offsets, i, other, other_offsets, j):  # type: ignore[no-untyped-def]
    """Compare two strings: 0 equal, -1 or 1 the first is less or more, -2 or 2 by its end."""
    start, other_start = np.int64(offsets[i]), np.int64(other_offsets[j])
    length, other_length = offsets[i + 1] - start, other_offsets[j + 1] - other_start
    for byte in range(min(length, other_length)):
        a, b = one[start + byte], other[other_start + byte]
        if a != b:
            return -1 if a < b else 1
    if length == other_length:
        return 0
    return -2 if length < other_length else 2


@compiled
def _bound(string, offsets, blob, order, kind):  # type: ignore[no-untyped-def]
    """Count the strings before this one; with `_UP_TO` also itself, or all that begin with it."""
    low, high, whole = 0, len(offsets) - 1, (0, len(string))
    while low < high:
        middle = (low + high) >> 1
        place = np.int64(order[middle]) if len(order) > 0 else middle
        sign = _difference(blob, offsets, place, string, whole, 0)
        if sign < 0 or (sign == 0 and kind >= _UP_TO) or (sign == 2 and kind == _BEGINNING):
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _find(string, offsets, blob, order):  # type: ignore[no-untyped-def]
    last = _bound(string, offsets, blob, order, _UP_TO) - 1
    if last < 0:
        return -1
    place = np.int64(order[last]) if len(order) > 0 else last
    return place if _difference(blob, offsets, place, string, (0, len(string)), 0) == 0 else -1


@compiled
def _copy(places, offsets, blob, new_offsets, new_blob):  # type: ignore[no-untyped-def]
    for i in range(len(places)):
        start, at = np.int64(offsets[places[i]]), np.int64(new_offsets[i])
        for byte in range(new_offsets[i + 1] - at):
            new_blob[at + byte] = blob[start + byte]


@compiled
def _merge(bounds, offsets, blob, slots, firsts):  # type: ignore[no-untyped-def]
    """Merge parts, part i the strings `bounds[i]` to `bounds[i + 1]`, sorted; return how many.

    Args:
        slots: (n,) written: the place of each string among the distinct ones.
        firsts: (n,) written: of each of these, a string that is it.
    """
    next = bounds[:-1].copy()
    count = 0
    for _ in range(len(slots)):
        best = -1
        for part in range(len(next)):
            at = next[part]
            if at < bounds[part + 1]:
                if best < 0:
                    best = part
                    continue
                if _difference(blob, offsets, at, blob, offsets, next[best]) < 0:
                    best = part
        at = next[best]
        next[best] += 1
        last = firsts[count - 1] if count > 0 else at
        if count == 0 or _difference(blob, offsets, at, blob, offsets, last) != 0:
            firsts[count] = at
            count += 1
        slots[at] = count - 1
    return count
