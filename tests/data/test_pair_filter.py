"""The filter of training pairs, against a loop over them and by hand."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seqkit.data import PairFilterConfig, filter_pairs
from seqkit.errors import ConfigError, DataError
from seqkit.text import Ragged


@dataclass
class Lengths:
    lengths: np.ndarray


def run(pairs, **limits):
    source, target = (Lengths(np.array(side, np.int64)) for side in zip(*pairs, strict=True))
    return filter_pairs(source, target, PairFilterConfig(**limits))


def test_by_hand():
    pairs = [(5, 5), (6, 5), (5, 6), (6, 6), (1, 5), (0, 3)]
    found = run(pairs, max_tokens=5)
    assert found.keep.tolist() == [True, False, False, False, True, False]
    assert found.counts == {"no tokens": 1, "source too long": 2, "target too long": 1, "ratio": 0}


def test_a_ratio_counts_from_eleven_tokens_on():
    pairs = [(10, 1), (11, 3), (3, 11), (11, 4), (4, 12), (4, 13)]
    found = run(pairs, max_ratio=3)
    assert found.keep.tolist() == [True, False, False, True, True, False]
    assert found.counts["ratio"] == 3


def test_the_default_takes_a_hundred_tokens_on_either_side():
    assert run([(100, 1), (1, 100), (101, 1), (1, 101)]).keep.tolist() == [True] * 2 + [False] * 2
    assert run([(9_999, 1)], max_tokens=None).keep.all()


def test_ids_of_a_pipeline_are_taken():
    ids = Ragged.from_sequences([[4, 5, 6], [4], []])
    assert filter_pairs(ids, ids, PairFilterConfig(max_tokens=2)).keep.tolist() == [
        False,
        True,
        False,
    ]


lengths = st.integers(0, 30)


@given(
    st.lists(st.tuples(lengths, lengths), min_size=1),
    st.none() | st.integers(1, 30),
    st.none() | st.floats(1, 5),
)
def test_as_a_loop(pairs, max_tokens, max_ratio):
    keep, counts = (
        [],
        dict.fromkeys(("no tokens", "source too long", "target too long", "ratio"), 0),
    )
    for source, target in pairs:
        reason = None
        if not source or not target:
            reason = "no tokens"
        elif max_tokens is not None and source > max_tokens:
            reason = "source too long"
        elif max_tokens is not None and target > max_tokens:
            reason = "target too long"
        elif max(source, target) > 10 and max(source, target) / min(source, target) > (
            max_ratio or math.inf
        ):
            reason = "ratio"
        keep.append(reason is None)
        if reason is not None:
            counts[reason] += 1
    assume(any(keep))
    found = run(pairs, max_tokens=max_tokens, max_ratio=max_ratio)
    assert found.keep.tolist() == keep and found.counts == counts


def test_none_is_left():
    with pytest.raises(DataError) as caught:
        run([(9, 1), (1, 9), (2, 9)], max_tokens=5)
    assert str(caught.value) == (
        "train: the filter leaves none of the 3 pairs (source too long 1, target too long 2): "
        "raise --filter.max-tokens or --filter.max-ratio"
    )
    two, one = Lengths(np.ones(2, np.int64)), Lengths(np.ones(1, np.int64))
    with pytest.raises(DataError, match=r"^2 sources and 1 targets: expected as many$"):
        filter_pairs(two, one, PairFilterConfig())


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"max_tokens": 0}, "--filter.max-tokens 0: must be 1 or more"),
        ({"max_ratio": 0.9}, "--filter.max-ratio 0.9: must be 1 or more"),
        ({"max_ratio": float("nan")}, "--filter.max-ratio nan: must be 1 or more"),
    ],
)
def test_limits_that_leave_nothing(limits, message):
    with pytest.raises(ConfigError) as caught:
        PairFilterConfig(**limits)
    assert str(caught.value) == message
