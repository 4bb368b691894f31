"""Discounts, worked by hand."""

import numpy as np
import pytest

from seqkit.ngram.discounts import count_of_counts, modified_discounts, single_discount

FALLBACK = (0.5, 1.0, 1.5)


def test_count_of_counts():
    counts = np.array([0, 1, 2, 2, 3, 4, 4, 4, 5, 900, 1], dtype=np.uint32)
    assert count_of_counts(counts) == (2, 2, 1, 3)
    assert count_of_counts(counts[:0]) == (0, 0, 0, 0)


def test_modified():
    # Y = 8 / (8 + 2 * 4) = 1/2: 1 - 2 Y 4/8, 2 - 3 Y 2/4, 3 - 4 Y 1/2
    found = modified_discounts((8, 4, 2, 1), fallback=FALLBACK)
    assert found.values == pytest.approx((0.5, 1.25, 2.0))
    assert not found.fault
    assert modified_discounts((8, 4, 2, 0), fallback=FALLBACK).values[2] == 3


def test_single():
    assert single_discount((8, 4, 0, 0), fallback=FALLBACK).values == (0.5,) * 3


@pytest.mark.parametrize(
    ("n", "fault"),
    [
        ((0, 4, 2, 1), "none has a count of 1"),
        ((8, 0, 2, 1), "none has a count of 2"),
        ((8, 4, 0, 1), "none has a count of 3"),
        ((8, 4, 9, 1), "that of a count of 2 comes out as -1.38"),
        ((8, 4, 2, 9), "that of a count of 3 comes out as -6"),
    ],
)
def test_what_cannot_be_estimated(n, fault):
    found = modified_discounts(n, fallback=FALLBACK)
    assert (found.values, found.fault) == (FALLBACK, fault)


@pytest.mark.parametrize("n", [(0, 4, 2, 1), (8, 0, 2, 1)])
def test_one_discount_takes_the_first_of_the_fallback(n):
    assert single_discount(n, fallback=FALLBACK).values == (0.5,) * 3
