"""Metadata of documents: a column of strings for each name, looked through by filters."""

import bisect
import re
from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from seqkit.search.strings import Strings, merge_strings

__all__ = ["Column", "ColumnBuilder", "is_number", "merge_columns"]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DIGITS = 300  # of an integer that is compared exactly


class Column:
    """The values of one name.

    >>> column = ColumnBuilder()
    >>> column.add(0, "1963"), column.add(2, "801.5")
    (None, None)
    >>> column.build(3).between("800", "1000").tolist()
    [0, 0, 1]
    """

    def __init__(self, codes: npt.NDArray[np.uint32], values: Strings) -> None:
        """Take the arrays.

        Args:
            codes: (docs,) 0 where a document has no value, else its place in `values`, plus 1.
            values: the distinct values, sorted.
        """
        self.codes, self.values = codes, values

    def value(self, doc: int) -> str | None:
        """Return the value of a document, None if it has none."""
        code = int(self.codes[doc])
        return self.values[code - 1] if code else None

    def equal(self, value: str) -> npt.NDArray[np.uint8]:
        """Return 1 for the documents that have exactly this value (docs,)."""
        code = self.values.find(value) + 1
        return ((self.codes == code) & (code > 0)).view(np.uint8)

    def between(
        self,
        low: str | None,
        high: str | None,
        *,
        include_low: bool = True,
        include_high: bool = True,
    ) -> npt.NDArray[np.uint8]:
        """Return 1 for the documents whose value is in a range (docs,); None is an open end.

        Where the bounds are numbers, only numbers are inside, compared as such; else all values are
        compared as strings, by code points.
        """
        bounds = [bound for bound in (low, high) if bound is not None]
        wanted = np.zeros(len(self.values) + 1, np.uint8)
        if bounds and all(is_number(bound) for bound in bounds):
            numbers, codes = self._numbers
            bisections = bisect.bisect_right, bisect.bisect_left
            start = 0 if low is None else bisections[include_low](numbers, _number(low))
            stop = len(numbers)
            if high is not None:
                stop = bisections[not include_high](numbers, _number(high))
            wanted[codes[start:stop]] = 1
        else:
            start = 0 if low is None else self.values.below(low, equal=not include_low)
            stop = len(self.values)
            if high is not None:
                stop = self.values.below(high, equal=include_high)
            wanted[1 + start : 1 + max(start, stop)] = 1
        return wanted[self.codes]

    @property
    def has_numbers(self) -> bool:
        """Whether any of the values is a number, for a range."""
        return bool(self._numbers[0])

    @cached_property
    def _numbers(self) -> tuple[list[float], npt.NDArray[np.int64]]:
        """Those of the values that are numbers, ascending, and their codes."""
        pairs = sorted(
            (_number(value), code) for code, value in enumerate(self.values, 1) if is_number(value)
        )
        return [number for number, _ in pairs], np.array([code for _, code in pairs], np.int64)


class ColumnBuilder:
    """Collects the values of one name."""

    def __init__(self) -> None:
        """Begin with none."""
        self._docs, self._places = array("I"), array("I")
        self._values: dict[str, int] = {}

    def add(self, doc: int, value: str) -> None:
        """Say the value of a document."""
        self._docs.append(doc)
        self._places.append(self._values.setdefault(value, len(self._values)))

    def build(self, docs: int) -> Column:
        """Make the column of so many documents."""
        values = sorted(self._values)
        codes_of = np.empty(len(values), np.uint32)
        codes_of[[self._values[value] for value in values]] = np.arange(1, len(values) + 1)
        codes = np.zeros(docs, np.uint32)
        codes[np.asarray(self._docs)] = codes_of[np.asarray(self._places)]
        return Column(codes, Strings.from_list(values))


def is_number(value: str) -> bool:
    """Tell whether a value is compared as a number."""
    return _NUMBER.fullmatch(value) is not None


def merge_columns(
    parts: Sequence[tuple[Mapping[str, Column], npt.NDArray[np.bool_]]],
) -> dict[str, Column]:
    """Join the columns of segments, each with its live documents (docs,), in this order."""
    merged = {}
    for name in sorted({name for columns, _ in parts for name in columns}):
        codes, values = [], []
        for columns, live in parts:
            if name in columns:
                found, renumbered = np.unique(columns[name].codes[live], return_inverse=True)
                absent = len(found) and found[0] == 0
                values.append(columns[name].values.take(found[int(absent) :] - 1))
                codes.append(renumbered.astype(np.uint32) + (0 if absent else 1))
            else:
                values.append(Strings.from_list([]))
                codes.append(np.zeros(int(live.sum()), np.uint32))
        joined, places = merge_strings(values)
        if len(joined):  # some live document has one
            tables = [np.concatenate([np.zeros(1, np.uint32), place + 1]) for place in places]
            pairs = zip(tables, codes, strict=True)
            merged[name] = Column(np.concatenate([t[c] for t, c in pairs]), joined)
    return merged


def _number(value: str) -> float:
    """Read a number; an integer as such, so that a long one is compared exactly."""
    exact = value.lstrip("+-").isdigit() and len(value) < _DIGITS
    return int(value) if exact else float(value)
