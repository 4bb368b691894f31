"""Ragged against plain lists of lists."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError
from seqkit.text import Ragged

rows = st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=9), max_size=9)


@given(rows)
def test_it_holds_what_it_was_given(sequences: list[list[int]]) -> None:
    ragged = Ragged.from_sequences(iter(sequences))
    assert len(ragged) == len(sequences)
    assert [row.tolist() for row in ragged] == sequences
    assert ragged.lengths.tolist() == list(map(len, sequences))
    assert ragged.flat.dtype == np.int32 and ragged.offsets.dtype == np.int64
    for index in range(-len(sequences), len(sequences)):
        assert ragged[index].tolist() == sequences[index]


def test_more_sequences_than_one_chunk() -> None:
    sequences = [[i] * (i % 3) for i in range(10_000)]
    assert [row.tolist() for row in Ragged.from_sequences(sequences)] == sequences


def test_an_index_that_is_not_there_is_refused() -> None:
    ragged = Ragged.from_sequences([[1], [2]])
    for index in (2, -3):
        with pytest.raises(IndexError):
            ragged[index]


@given(rows, st.integers(1, 10))
def test_truncation_is_slicing(sequences: list[list[int]], limit: int) -> None:
    ragged = Ragged.from_sequences(sequences)
    half = limit // 2

    def ends(row: list[int]) -> list[int]:
        return row if len(row) <= limit else row[:half] + row[len(row) - (limit - half) :]

    expected = {
        "head": [row[:limit] for row in sequences],
        "tail": [row[-limit:] for row in sequences],
        "ends": [ends(row) for row in sequences],
    }
    for keep, cut in expected.items():
        result = ragged.truncate(limit, keep=keep)
        assert [row.tolist() for row in result] == cut
        assert result.flat.dtype == np.int32 and result.offsets.dtype == np.int64
    assert [row.tolist() for row in ragged] == sequences  # the original stays as it was


def test_nothing_to_cut_copies_nothing() -> None:
    ragged = Ragged.from_sequences([[1, 2], []])
    assert ragged.truncate(None) is ragged
    assert ragged.truncate(2) is ragged


def test_options_that_cannot_be_used_are_refused() -> None:
    ragged = Ragged.from_sequences([[1, 2]])
    with pytest.raises(ConfigError, match="did you mean 'head'"):
        ragged.truncate(1, keep="heads")
    with pytest.raises(ConfigError, match="max tokens 0: must be 1 or more"):
        ragged.truncate(0)
