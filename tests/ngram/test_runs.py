"""Sorted runs on disk, merged: every row once, in order, with all of its counts."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.ngram import runs
from seqkit.ngram.rows import RowFormat
from seqkit.ngram.runs import RowSorter, Run, merge_runs
from seqkit.ngram.scratch import scratch_folder

pairs = st.tuples(st.integers(0, 3), st.integers(0, 2**63))


def written(folder: Path, number: int, rows: Counter[tuple[int, ...]]) -> Run:
    paths = folder / f"{number}.rows", folder / f"{number}.counts"
    ordered = sorted(rows.items())
    np.array([row for row, _ in ordered], dtype=np.uint64).tofile(paths[0])
    np.array([count for _, count in ordered], dtype=np.uint32).tofile(paths[1])
    return Run(*paths, len(ordered))


@given(st.lists(st.lists(pairs, max_size=30), min_size=1, max_size=7), st.integers(1, 2_000))
def test_merged_as_one_counter(tmp_path_factory, lists, memory):
    """Empty runs too, and buffers of a single row."""
    folder = tmp_path_factory.mktemp("runs")
    counters = [Counter(rows) for rows in lists]
    files = [written(folder, number, rows) for number, rows in enumerate(counters)]
    merged: Counter[tuple[int, ...]] = Counter()
    order = []
    for rows, counts in merge_runs(files, RowFormat(2, 2**40), memory=memory):
        for row, count in zip(rows.reshape(-1, 2).tolist(), counts.tolist(), strict=True):
            merged[tuple(row)] += count
            order.append(tuple(row))
    assert order == sorted(order)
    assert merged == sum(counters, Counter())


def test_runs_are_read_in_bounded_pieces(tmp_path):
    rows = Counter((0, number) for number in range(10_000))
    files = [written(tmp_path, number, rows) for number in range(4)]
    sizes = [len(c) for _, c in merge_runs(files, RowFormat(2, 2**40), memory=20_000)]
    assert max(sizes) <= 20_000 // 5 // 20 and sum(sizes) >= 10_000


@pytest.mark.parametrize("memory", [2_000, 2**20])
def test_rows_with_counts_in_any_order(tmp_path, monkeypatch, memory):
    """A model of unigrams: what is added up is what was added."""
    monkeypatch.setattr(runs, "LEAST_MEMORY", 0)
    monkeypatch.setattr(runs, "_FAN_IN", 2)
    random = np.random.default_rng(0)
    rows = np.stack([random.integers(1, 40, 900), random.integers(1, 9, 900)], axis=1)
    with scratch_folder(tmp_path) as scratch:
        sorter = RowSorter(RowFormat(1, 40), scratch, memory=memory, weighted=True)
        for part in np.split(rows.astype(np.uint64), [10, 500, 500]):
            sorter.add_rows(part)
        counts = sorter.levels()
    assert (scratch.written > 0) == (memory == 2_000)
    expected = np.bincount(rows[:, 0], weights=rows[:, 1], minlength=40)
    np.testing.assert_array_equal(counts.counts[0], expected)
    assert not list(tmp_path.rglob("run-*"))
