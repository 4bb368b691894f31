"""Rows of packed ids: their order is that of the ids, and a sort leaves nothing out."""

from collections import Counter

import numpy as np
import pytest
from counted import BOS, EOS, block_of
from hypothesis import given
from hypothesis import strategies as st

from seqkit.ngram.rows import RowFormat, combine_rows, pack_lines, sort_rows


def unpacked(flat: np.ndarray, form: RowFormat) -> list[tuple[int, ...]]:
    """Take the ids out of rows one by one, with Python's whole numbers."""
    rows = []
    for row in flat.reshape(-1, form.columns).tolist():
        ids = []
        for index in range(form.order):
            column, shift = form.place(index)
            ids.append(row[column] >> shift & (1 << form.bits) - 1)
        rows.append(tuple(ids))
    return rows


def padded(lines: list[list[int]], order: int) -> list[tuple[int, ...]]:
    found = []
    for line in lines:
        ids = [BOS, *line, EOS, *[0] * order]
        found += [tuple(ids[i : i + order]) for i in range(len(line) + 2)]
    return found


def test_how_many_ids_a_word_holds():
    imdb = RowFormat(5, 163_000)
    assert (imdb.bits, imdb.ids_per_column, imdb.columns) == (18, 3, 2)
    assert imdb.column_bits == [54, 36]
    assert [imdb.place(i) for i in range(5)] == [(0, 36), (0, 18), (0, 0), (1, 18), (1, 0)]
    assert RowFormat(3, 2_000_000).columns == 1
    assert RowFormat(8, 2**32).columns == 4
    assert RowFormat(8, 256).column_bits == [64]


@given(
    st.lists(st.lists(st.integers(2, 6)), min_size=1, max_size=8),
    st.integers(1, 8),
    st.sampled_from([8, 2**9, 2**17 + 1, 2**32]),
    st.integers(2, 40),
)
def test_each_position_gives_its_row(lines, order, vocabulary, room):
    """Whatever room there is, and wherever it ends."""
    lines = [[vocabulary - word + 2 - 1 if word > 2 else 4 for word in line] for line in lines]
    form, block = RowFormat(order, vocabulary), block_of(lines)
    first, rows = 0, []
    while first < len(block):
        flat = np.empty(room * form.columns, dtype=np.uint64)
        first, used = pack_lines(block, first, flat, 0, form)
        rows += unpacked(flat[: used * form.columns], form)
    assert rows == padded(lines, order)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("order", "vocabulary"), [(3, 100), (5, 163_000), (8, 163_000), (4, 2**32)]
)
def test_sorted_and_added_up(order, vocabulary, weighted):
    form, random = RowFormat(order, vocabulary), np.random.default_rng(0)
    few = random.integers(0, vocabulary, size=(200, order), dtype=np.uint64)
    ids = few[random.integers(0, 200, size=5_000)]
    flat = np.zeros((len(ids), form.columns + weighted), dtype=np.uint64)
    for index in range(order):
        column, shift = form.place(index)
        flat[:, column] |= ids[:, index] << np.uint64(shift)
    times = random.integers(1, 9, size=len(ids)) if weighted else np.ones(len(ids), dtype=int)
    if weighted:
        flat[:, -1] = times
    expected: Counter[tuple[int, ...]] = Counter()
    for row, count in zip(ids.tolist(), times.tolist(), strict=True):
        expected[tuple(row)] += count

    flat, counts = flat.ravel(), np.empty(len(ids), dtype=np.uint32)
    sort_rows(flat, form, weighted=weighted)
    left = combine_rows(flat, counts, form, weighted=weighted)
    rows = unpacked(flat[: left * form.columns], form)
    assert list(zip(rows, counts[:left].tolist(), strict=True)) == sorted(expected.items())
