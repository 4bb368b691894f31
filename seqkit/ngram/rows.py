"""Padded n-grams as rows of whole numbers that sort as their ids do.

At each position of a line, from BOS to EOS, begins one row of N ids, with PAD behind EOS. It is
packed into as few uint64 as hold whole ids, the first id highest, so that comparing two rows word
by word compares their ids. All lower orders are prefixes of the rows: one sort serves them all.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed

__all__ = ["RowFormat", "combine_rows", "pack_lines", "sort_rows"]

_BOS, _EOS = 1, 2  # of Vocab, as compiled loops need them
_DIGIT = 11  # bits that one pass of the sort looks at: its 2,048 counters stay in the nearest cache


@dataclass(frozen=True)
class RowFormat:
    """Where the ids of an n-gram stand in its row.

    >>> RowFormat(order=5, vocabulary=163_000).columns
    2
    """

    order: int
    """Ids in a row, N."""
    vocabulary: int
    """How many ids there are, V."""

    @property
    def bits(self) -> int:
        """Bits of an id."""
        return max(1, (self.vocabulary - 1).bit_length())

    @property
    def ids_per_column(self) -> int:
        """How many ids a uint64 holds; the last one of a row may hold fewer."""
        return min(self.order, 64 // self.bits)

    @property
    def columns(self) -> int:
        """How many uint64 a row is."""
        return -(-self.order // self.ids_per_column)

    @property
    def column_bits(self) -> list[int]:
        """How many low bits of each uint64 are used."""
        full = self.ids_per_column
        last = self.order - (self.columns - 1) * full
        return [full * self.bits] * (self.columns - 1) + [last * self.bits]

    def place(self, index: int) -> tuple[int, int]:
        """Return the column of the id with this index in the n-gram, and how far left it stands."""
        column, within = divmod(index, self.ids_per_column)
        return column, self.column_bits[column] - (within + 1) * self.bits


def pack_lines(
    block: npt.NDArray[np.uint32],
    first: int,
    flat: npt.NDArray[np.uint64],
    used: int,
    form: RowFormat,
) -> tuple[int, int]:
    """Write the rows that begin in lines of text, until all are written or there is no room.

    Args:
        block: uint32 ids of whole lines, each with its EOS.
        first: the first id whose row is not written yet.
        flat: room for rows, one after the other.
        used: how many rows stand there already.
        form: of the rows.

    Returns:
        The new `first` and the new `used`.
    """
    return _pack_lines(fixed(block), first, flat, used, form.order, form.bits, form.ids_per_column)


def sort_rows(flat: npt.NDArray[np.uint64], form: RowFormat, *, weighted: bool) -> None:
    """Sort rows in place; twice their memory is needed, except for bare rows of one column.

    Args:
        flat: rows one after the other, each followed by its count where `weighted`.
        form: of the rows.
        weighted: whether counts stand between the rows.
    """
    if form.columns == 1 and not weighted:
        flat.sort()
        return
    bits = np.array(form.column_bits, dtype=np.int64)
    spare = np.empty_like(flat)
    if _radix_sort(flat, spare, form.columns + weighted, bits):
        flat[:] = spare


def combine_rows(
    flat: npt.NDArray[np.uint64],
    counts: npt.NDArray[np.uint32],
    form: RowFormat,
    *,
    weighted: bool,
) -> int:
    """Leave one of equal sorted rows, without the counts between them, at the front of `flat`.

    Args:
        flat: as sorted by `sort_rows`.
        counts: filled with the count of each row that is left.
        form: of the rows.
        weighted: whether counts stand between the rows; else each row counts 1.

    Returns:
        How many rows are left.
    """
    return _combine(flat, counts, form.columns, weighted)


@compiled
def _pack_lines(block, first, flat, used, order, bits, per_column):
    columns = (order + per_column - 1) // per_column
    room = len(flat) // columns
    width = np.uint64(bits)
    while first < len(block):
        starts_line = first == 0 or block[first - 1] == _EOS
        if used + starts_line >= room:
            break
        for lead in range(starts_line, -1, -1):  # the row of BOS goes before that of the first word
            at, column = used * columns, 0
            source = first
            word, held = np.uint64(0), 0
            for index in range(order):
                word <<= width
                if lead == 1 and index == 0:
                    word |= np.uint64(_BOS)
                elif source >= 0:
                    id = block[source]
                    word |= np.uint64(id)
                    source = -1 if id == _EOS else source + 1
                held += 1
                if held == per_column:
                    flat[at + column] = word
                    column += 1
                    word, held = np.uint64(0), 0
            if held:
                flat[at + column] = word
            used += 1
        first += 1
    return first, used


@compiled
def _radix_sort(rows, spare, columns, bits):
    """Sort by digits, the least first; returns whether the sorted rows are those in `spare`."""
    count = len(rows) // columns
    size = 1 << _DIGIT
    low = np.uint64(size - 1)
    swapped = False
    for column in range(len(bits) - 1, -1, -1):
        digits = (bits[column] + _DIGIT - 1) // _DIGIT
        places = np.zeros((digits, size), np.int64)
        for row in range(count):
            word = rows[row * columns + column]
            for digit in range(digits):
                places[digit, np.int64((word >> np.uint64(digit * _DIGIT)) & low)] += 1
        for digit in range(digits):
            if places[digit].max() == count:
                continue
            place = places[digit]
            total = 0
            for value in range(size):
                total, place[value] = total + place[value], total
            shift = np.uint64(digit * _DIGIT)
            for row in range(count):
                value = np.int64((rows[row * columns + column] >> shift) & low)
                at = place[value] * columns
                place[value] += 1
                for offset in range(columns):
                    spare[at + offset] = rows[row * columns + offset]
            rows, spare = spare, rows
            swapped = not swapped
    return swapped


@compiled
def _combine(flat, counts, columns, weighted):
    step = columns + 1 if weighted else columns
    left = 0
    for source in range(0, len(flat), step):
        count = np.uint32(flat[source + columns]) if weighted else np.uint32(1)
        new = left == 0
        for column in range(columns):
            new |= flat[source + column] != flat[(left - 1) * columns + column]
        if not new:
            counts[left - 1] += count
            continue
        for column in range(columns):
            flat[left * columns + column] = flat[source + column]
        counts[left] = count
        left += 1
    return left
