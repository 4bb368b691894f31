"""Sort more rows than memory holds: sorted runs on disk, merged."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled
from seqkit.errors import ConfigError
from seqkit.ngram.growing import level_sizes, levels_in_files, levels_in_memory
from seqkit.ngram.levels import NgramCounts
from seqkit.ngram.rows import RowFormat, combine_rows, pack_lines, sort_rows
from seqkit.ngram.scratch import Scratch

__all__ = ["LEAST_MEMORY", "RowSorter", "Run", "merge_runs"]

LEAST_MEMORY = 16 * 2**20
"""Bytes below which there is no room to sort in."""
_FAN_IN = 64  # runs that are merged at once: two open files each
_Rows = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]


@dataclass(frozen=True)
class Run:
    """Distinct sorted rows in a file, their counts in another."""

    rows: Path
    counts: Path
    size: int

    def remove(self) -> None:
        """Remove the two files."""
        self.rows.unlink()
        self.counts.unlink()


class RowSorter:
    """Take rows in any order and make the levels of their n-grams, in bounded memory.

    What `memory` bounds are the arrays of the work; the levels come on top only where they are
    mapped from files.
    """

    def __init__(
        self, form: RowFormat, scratch: Scratch, *, memory: int, weighted: bool = False
    ) -> None:
        """Make room for rows.

        Args:
            form: of the rows.
            scratch: for what does not fit in memory.
            memory: bytes.
            weighted: whether each row is followed by its count; else it counts 1.

        Raises:
            ConfigError: if there is too little memory for the vocabulary.
        """
        least = max(LEAST_MEMORY, 32 * form.vocabulary)
        if memory < least:
            raise ConfigError(
                f"memory {memory} bytes: counting {form.vocabulary} different ids needs "
                f"{least} or more ({-(-least // 2**20)}M)"
            )
        self.form = form
        self.weighted = weighted
        self._scratch = scratch
        self._memory = memory
        self._columns = form.columns + weighted
        self._runs: list[Run] = []
        in_place = self._columns == 1  # else sorting takes the memory of the rows twice
        row_bytes = 8 + 4 if in_place else 16 * self._columns
        self.capacity = (memory - 8 * form.vocabulary) * 7 // 8 // row_bytes
        # not touched, and so not taken, until rows are written there
        self._flat = np.empty(self.capacity * self._columns, dtype=np.uint64)
        self._used = 0

    def add_lines(self, block: npt.NDArray[np.uint32]) -> None:
        """Add a row for each position of whole lines of ids; see `pack_lines`."""
        first = 0
        while first < len(block):
            first, self._used = pack_lines(block, first, self._flat, self._used, self.form)
            if first < len(block):
                self._spill()

    def add_rows(self, rows: npt.NDArray[np.uint64]) -> None:
        """Add rows, uint64 (n, columns), the last column their counts where they are weighted."""
        while len(rows):
            if self._used == self.capacity:
                self._spill()
            taken = rows[: self.capacity - self._used]
            at = self._used * self._columns
            self._flat[at : at + taken.size] = taken.ravel()
            self._used += len(taken)
            rows = rows[len(taken) :]

    def levels(self) -> NgramCounts:
        """Make the levels of all rows that were added; nothing can be added any more.

        Raises:
            DataError: if there are too many n-grams of an order, or the disk is full.
        """
        if self._runs:
            return self._merged()
        counts = self._sort()
        self._flat.resize(len(counts) * self.form.columns, refcheck=False)
        sizes = level_sizes(self._flat, self.form)
        held = self._flat.nbytes + counts.nbytes + 8 * self.form.vocabulary
        if held + 12 * (sum(sizes) + len(sizes)) <= self._memory:
            return levels_in_memory(self._flat, counts, sizes, self.form)
        chunks = [(self._flat, counts)]
        return levels_in_files(chunks, self.form, self._scratch, memory=self._memory // 16)

    def _sort(self) -> npt.NDArray[np.uint32]:
        """Leave the distinct rows in order at the front; returns their counts."""
        flat = self._flat[: self._used * self._columns]
        sort_rows(flat, self.form, weighted=self.weighted)
        counts = np.empty(self._used, dtype=np.uint32)
        size = combine_rows(flat, counts, self.form, weighted=self.weighted)
        return counts[:size]

    def _spill(self) -> None:
        counts = self._sort()
        rows = self._flat[: len(counts) * self.form.columns]
        self._runs.append(_write_run([(rows, counts)], len(self._runs), self._scratch))
        self._used = 0

    def _merged(self) -> NgramCounts:
        if self._used:
            self._spill()
        self._flat = np.empty(0, dtype=np.uint64)
        runs, number = self._runs, len(self._runs)
        while len(runs) > _FAN_IN:
            together, runs = runs[:_FAN_IN], runs[_FAN_IN:]
            chunks = merge_runs(together, self.form, memory=self._memory // 2)
            runs.append(_write_run(chunks, number, self._scratch))
            number += 1
            for run in together:
                run.remove()
        chunks = merge_runs(runs, self.form, memory=self._memory // 2)
        counts = levels_in_files(chunks, self.form, self._scratch, memory=self._memory // 8)
        for run in runs:
            run.remove()
        return counts


def merge_runs(runs: Sequence[Run], form: RowFormat, *, memory: int) -> Iterator[_Rows]:
    """Yield the rows of sorted runs in order, equal ones added up.

    Args:
        runs: in files; they stay.
        form: of the rows.
        memory: bytes that the buffers may take.

    Yields:
        Rows, one after the other, and their counts; both change when the next are asked for. The
        first row may be the last one again, with more to add to it.
    """
    columns = form.columns
    room = max(1, memory // ((len(runs) + 1) * (8 * columns + 4)))
    rows = np.empty((len(runs), room * columns), dtype=np.uint64)
    counts = np.empty((len(runs), room), dtype=np.uint32)
    out_rows, out_counts = np.empty(room * columns, np.uint64), np.empty(room, np.uint32)
    at, held = np.zeros(len(runs), dtype=np.int64), np.zeros(len(runs), dtype=np.int64)
    left = np.array([run.size for run in runs], dtype=np.int64)  # not read yet
    heap = np.empty(len(runs), dtype=np.int64)
    with ExitStack() as stack:
        files = [
            [stack.enter_context(open(path, "rb")) for path in (run.rows, run.counts)]
            for run in runs
        ]
        while True:
            for index in np.flatnonzero((at == held) & (left > 0)):
                size = min(room, int(left[index]))
                files[index][0].readinto(rows[index, : size * columns])
                files[index][1].readinto(counts[index, :size])
                at[index], held[index] = 0, size
                left[index] -= size
            made = _merge(rows, counts, at, held, left, heap, columns, out_rows, out_counts)
            if not made:
                return
            yield out_rows[: made * columns], out_counts[:made]


def _write_run(
    chunks: Iterable[_Rows],
    number: int,
    scratch: Scratch,
) -> Run:
    size = 0
    with (
        scratch.create(f"run-{number}-rows.uint64") as rows_file,
        scratch.create(f"run-{number}-counts.uint32") as counts_file,
    ):
        for rows, counts in chunks:
            scratch.write(rows_file, rows)
            scratch.write(counts_file, counts)
            size += len(counts)
    return Run(Path(rows_file.name), Path(counts_file.name), size)


@compiled
def _merge(rows, counts, at, held, left, heap, columns, out_rows, out_counts):
    """Merge until the output is full, or a run that goes on has to be read from again.

    `heap` is room for the runs whose next row is held, the one with the least row first.
    """
    size = 0
    for run in range(len(at)):
        if at[run] < held[run]:
            heap[size] = run
            size += 1
    for root in range(size // 2 - 1, -1, -1):
        _sift(rows, at, heap, size, root, columns)
    made = 0
    while size:
        run = heap[0]
        source = at[run] * columns
        new = made == 0
        for column in range(columns):
            new |= rows[run, source + column] != out_rows[(made - 1) * columns + column]
        if new:
            if made == len(out_counts):
                return made
            for column in range(columns):
                out_rows[made * columns + column] = rows[run, source + column]
            out_counts[made] = counts[run, at[run]]
            made += 1
        else:
            out_counts[made - 1] += counts[run, at[run]]
        at[run] += 1
        if at[run] == held[run]:
            if left[run]:
                return made
            size -= 1
            heap[0] = heap[size]
        _sift(rows, at, heap, size, 0, columns)
    return made


@compiled
def _sift(rows, at, heap, size, root, columns):
    run = heap[root]
    while True:
        child = 2 * root + 1
        if child >= size:
            break
        if child + 1 < size and _less(rows, at, heap[child + 1], heap[child], columns):
            child += 1
        if not _less(rows, at, heap[child], run, columns):
            break
        heap[root] = heap[child]
        root = child
    heap[root] = run


@compiled
def _less(rows, at, one, other, columns):
    for column in range(columns):
        a = rows[one, at[one] * columns + column]
        b = rows[other, at[other] * columns + column]
        if a != b:
            return a < b
    return False
