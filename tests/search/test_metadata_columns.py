import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.search.columns import Column, ColumnBuilder, merge_columns

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)

value = (
    st.integers(-20, 20).map(str)
    | st.sampled_from(["1.5", "-0", "+3", "007", ".5", "2.", "1963", "1e1x", "nan", "", "²", "x"])
    | st.sampled_from(["90071992547409921", "90071992547409922", "90071992547409923"])
    | st.text(max_size=2)
)


def column(values: list[str | None]) -> Column:
    builder = ColumnBuilder()
    for doc, one in enumerate(values):
        if one is not None:
            builder.add(doc, one)
    return builder.build(len(values))


def inside(value: str, low: str | None, high: str | None, low_too: bool, high_too: bool) -> bool:
    """Say by definition whether a value is in a range."""
    given = [bound for bound in (low, high) if bound is not None]
    numbers = bool(given) and all(map(NUMBER.fullmatch, given))
    if numbers and not NUMBER.fullmatch(value):
        return False
    key = Fraction if numbers else str
    above = low is None or key(low) < key(value) or (low_too and key(low) == key(value))
    below = high is None or key(value) < key(high) or (high_too and key(high) == key(value))
    return above and below


@given(st.lists(st.none() | value, max_size=12), value)
def test_equality(values, wanted):
    found = column(values)
    assert found.equal(wanted).tolist() == [int(one == wanted) for one in values]
    assert [found.value(doc) for doc in range(len(values))] == values


@given(
    st.lists(st.none() | value, max_size=12),
    st.none() | value, st.none() | value, st.booleans(), st.booleans(),
)  # fmt: skip
def test_ranges(values, low, high, low_too, high_too):
    mask = column(values).between(low, high, include_low=low_too, include_high=high_too)
    assert mask.dtype == np.uint8
    expected = [one is not None and inside(one, low, high, low_too, high_too) for one in values]
    assert mask.astype(bool).tolist() == expected


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        ("9", "100", ["10", "9.5", "1e2"]),  # numbers: as such, whatever their spelling
        ("10", None, ["10", "1e2"]),  # what is no number is outside
        ("a", None, ["ten"]),  # by code points
        (None, "1", ["-3"]),
    ],
)
def test_worked_ranges(low, high, found):
    values = ["10", "9.5", "1e2", "-3", "ten"]
    mask = column(values).between(low, high)
    assert [one for one, there in zip(values, mask, strict=True) if there] == found


def test_a_number_of_many_digits_is_compared():
    values = ["9" * 5000, "1" + "0" * 400, "3"]
    assert column(values).between("5", None).tolist() == [1, 1, 0]
    assert column(values).between(None, "1e999").tolist() == [1, 1, 1]


@given(st.data())
def test_merged_columns_are_those_of_the_live_documents(data):
    names = st.dictionaries(st.sampled_from("xy"), st.sampled_from(["1", "2", "é"]))
    parts, left = [], []
    for _ in range(data.draw(st.integers(1, 3))):
        documents = data.draw(st.lists(names, max_size=5))
        live = [data.draw(st.booleans()) for _ in documents]
        there = {name for one in documents for name in one}
        columns = {name: column([one.get(name) for one in documents]) for name in there}
        parts.append((columns, np.array(live, np.bool_)))
        left += [one for one, lives in zip(documents, live, strict=True) if lives]
    merged = merge_columns(parts)
    assert merged.keys() == {name for one in left for name in one}
    for name, found in merged.items():
        fresh = column([one.get(name) for one in left])
        assert found.codes.tolist() == fresh.codes.tolist() and found.codes.dtype == np.uint32
        assert list(found.values) == list(fresh.values)
