"""From sorted rows of n-grams to levels: each row adds what it does not share with the last."""

from collections.abc import Iterable
from contextlib import ExitStack
from typing import IO

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled
from seqkit.errors import DataError
from seqkit.ngram.levels import Levels, NgramCounts
from seqkit.ngram.rows import RowFormat
from seqkit.ngram.scratch import Scratch

__all__ = ["level_sizes", "levels_in_files", "levels_in_memory"]

_MOST = 2**32 - 1  # n-grams of an order: what uint32 can number
_NODE = 12  # bytes of an n-gram: word, start, count
_Rows = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]


def level_sizes(flat: npt.NDArray[np.uint64], form: RowFormat) -> list[int]:
    """Count the n-grams of each order from 2 on that distinct sorted rows make."""
    sizes = np.zeros(form.order, dtype=np.int64)
    _count(flat, form.columns, form.order, form.bits, form.ids_per_column, sizes)
    return sizes[1:].tolist()


def levels_in_memory(
    flat: npt.NDArray[np.uint64],
    counts: npt.NDArray[np.uint32],
    sizes: list[int],
    form: RowFormat,
) -> NgramCounts:
    """Make levels of distinct sorted rows, in arrays.

    Args:
        flat: the rows, one after the other.
        counts: uint32, how often each came.
        sizes: as `level_sizes` gives them.
        form: of the rows.

    Raises:
        DataError: if there are more n-grams of an order than can be numbered.
    """
    for order, size in enumerate(sizes, 2):
        _check(size, order)
    growing = _Growing(form, sizes)
    growing.add(flat, counts)
    words, starts, totals = [growing.first_words()], [growing.first_starts], [growing.first_counts]
    for index, size in enumerate(sizes):
        at = int(growing.offsets[index])
        words.append(growing.words[at : at + size])
        totals.append(growing.counts[at : at + size])
        if index + 1 < len(sizes):
            growing.starts[at + size] = sizes[index + 1]
            starts.append(growing.starts[at : at + size + 1])
    return _finished(words, starts[: form.order - 1], totals)


def levels_in_files(
    chunks: Iterable[_Rows], form: RowFormat, scratch: Scratch, *, memory: int
) -> NgramCounts:
    """Make levels of sorted rows that come in chunks, in files that are then mapped.

    Args:
        chunks: rows one after the other, and their counts; a row may go on in the next chunk.
        form: of the rows.
        scratch: for the files.
        memory: bytes that the buffers may take.

    Raises:
        DataError: if there are more n-grams of an order than can be numbered, or the disk is full.
    """
    orders = range(2, form.order + 1)
    step = max(1, memory // (_NODE * form.order))  # rows at a time: at most so many new n-grams
    growing = _Growing(form, [step] * len(orders))
    with ExitStack() as stack:
        files = [
            {
                kind: stack.enter_context(scratch.create(f"{order}-{kind}.uint32"))
                for kind in ("words", "starts", "counts")[:: 2 if order == form.order else 1]
            }
            for order in orders
        ]
        for flat, counts in chunks:
            for at in range(0, len(counts), step):
                rows = flat[at * form.columns : (at + step) * form.columns]
                growing.add(rows, counts[at : at + step])
                growing.flush(files, scratch)
        sizes = growing.flush(files, scratch, last=True)
    words, starts, totals = [growing.first_words()], [growing.first_starts], [growing.first_counts]
    for size, handles in zip(sizes, files, strict=True):
        words.append(_mapped(handles["words"].name, size))
        totals.append(_mapped(handles["counts"].name, size))
        if "starts" in handles:
            starts.append(_mapped(handles["starts"].name, size + 1))
    return _finished(words, starts[: form.order - 1], totals)


class _Growing:
    """Levels that rows are being added to: the unigrams whole, of the others a part each.

    Part k of `words`, `starts` and `counts` begins at `offsets[k]`, has room for one entry more
    than was asked for, and holds `used[k]` n-grams of order k + 2; the first of them has the number
    `base[k]`. The last n-gram of each order is still open: `open` are the ids of the last row.
    """

    def __init__(self, form: RowFormat, room: list[int]) -> None:
        self.form = form
        self.first_counts = np.zeros(form.vocabulary, dtype=np.uint32)
        self.first_starts = np.zeros(form.vocabulary + 1, dtype=np.uint32)
        self.offsets = np.cumsum([0, *(size + 1 for size in room)], dtype=np.int64)
        self.words = np.empty(self.offsets[-1], dtype=np.uint32)
        self.counts = np.empty(self.offsets[-1], dtype=np.uint32)
        self.starts = np.empty(self.offsets[-2] if room else 0, dtype=np.uint32)
        self.used = np.zeros(len(room), dtype=np.int64)
        self.base = np.zeros(len(room), dtype=np.int64)
        self.open = np.zeros(form.order, dtype=np.uint32)

    def add(self, flat: npt.NDArray[np.uint64], counts: npt.NDArray[np.uint32]) -> None:
        form, columns = self.form, self.form.columns
        shape = columns, form.order, form.bits, form.ids_per_column
        levels = self.words, self.starts, self.counts, self.offsets, self.used, self.base
        _grow(flat, counts, shape, self.first_counts, self.first_starts, levels, self.open)
        if len(self.used):  # ids above the last one that came have no children either
            total = self.base[0] + self.used[0]
            self.first_starts[int(self.open[0]) + 1 :] = np.uint32(total & _MOST)

    def flush(
        self, files: list[dict[str, IO[bytes]]], scratch: Scratch, *, last: bool = False
    ) -> list[int]:
        """Write the n-grams that cannot change any more; returns how many were written in all."""
        for index, handles in enumerate(files):
            at, used = int(self.offsets[index]), int(self.used[index])
            _check(int(self.base[index]) + used, index + 2)
            if last and "starts" in handles:
                self.starts[at + used] = self.base[index + 1] + self.used[index + 1]
            done = used if last else max(used - 1, 0)
            for kind, handle in handles.items():
                array = getattr(self, kind)
                more = last and kind == "starts"
                scratch.write(handle, array[at : at + done + more])
                if not last and used:
                    array[at] = array[at + done]
            self.base[index] += done
            self.used[index] -= done
        return self.base.tolist()

    def first_words(self) -> npt.NDArray[np.uint32]:
        return np.arange(self.form.vocabulary, dtype=np.uint32)


def _check(size: int, order: int) -> None:
    if size > _MOST:
        raise DataError(
            f"more than {_MOST} n-grams of order {order}, which is all that can be numbered: "
            "count less text, or a lower order"
        )


def _finished(words: list, starts: list, counts: list) -> NgramCounts:
    for array in (*words, *starts, *counts):
        array.flags.writeable = False
    return NgramCounts(Levels(words, starts), counts)


def _mapped(path: str, size: int) -> npt.NDArray[np.uint32]:
    if not size:  # nothing cannot be mapped
        return np.empty(0, dtype=np.uint32)
    return np.asarray(np.memmap(path, dtype=np.uint32, mode="r", shape=(size,)))


@compiled
def _count(flat, columns, order, bits, per_column, sizes):
    open_ids = np.zeros(order, np.uint32)
    for row in range(0, len(flat), columns):
        new = False
        for column in range(columns):
            first = column * per_column
            held = min(per_column, order - first)
            word = flat[row + column]
            for index in range(first, first + held):
                shift = np.uint64((first + held - 1 - index) * bits)
                id = np.uint32((word >> shift) & np.uint64((1 << bits) - 1))
                new |= id != open_ids[index]
                if new and id != 0:
                    sizes[index] += 1
                open_ids[index] = id


@compiled
def _grow(flat, row_counts, shape, first_counts, first_starts, levels, open_ids):
    columns, order, bits, per_column = shape
    words, starts, counts, offsets, used, base = levels
    mask = np.uint64((1 << bits) - 1)
    for row in range(len(row_counts)):
        count = row_counts[row]
        new = False
        for column in range(columns):
            first = column * per_column
            held = min(per_column, order - first)
            word = flat[row * columns + column]
            for index in range(first, first + held):
                shift = np.uint64((first + held - 1 - index) * bits)
                id = np.uint32((word >> shift) & mask)
                if id == 0:  # behind EOS: the same row may come again, no longer one can
                    break
                if index == 0:
                    if id != open_ids[0]:
                        new = True
                        if order > 1:
                            for between in range(open_ids[0] + 1, id + 1):
                                first_starts[between] = base[0] + used[0]
                        open_ids[0] = id
                    first_counts[id] += count
                    continue
                level = index - 1
                at = offsets[level] + used[level]
                if new or id != open_ids[index]:
                    new = True
                    open_ids[index] = id
                    words[at] = id
                    counts[at] = count
                    if level + 1 < len(used):
                        starts[at] = base[level + 1] + used[level + 1]
                    used[level] += 1
                else:
                    counts[at - 1] += count
