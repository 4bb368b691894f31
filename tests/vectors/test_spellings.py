"""The edit distance against its recursive definition; the spellings by hand."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.vectors.spellings import edit_distance, nearest_spellings


def by_definition(one: str, other: str) -> int:
    """Optimal string alignment, as its recurrence is written."""

    @cache
    def distance(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        ways = [distance(i - 1, j) + 1, distance(i, j - 1) + 1]
        ways.append(distance(i - 1, j - 1) + (one[i - 1] != other[j - 1]))
        if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
            ways.append(distance(i - 2, j - 2) + 1)
        return min(ways)

    return distance(len(one), len(other))


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_edit_distance_is_its_definition(one, other):
    assert edit_distance(one, other) == by_definition(one, other)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("kinng", ["king", "ring", "kind"]),
        ("KING", ["king", "ring", "kind"]),
        ("nigth", ["night"]),
        ("a", []),
        ("naïve", ["naive"]),
        ("zzzzzz", []),
        ("", []),
        ("two\nlines", ["two\nline"]),
    ],
)
def test_nearest_spellings(word, expected):
    words = ["queen", "king", "ring", "kind", "night", "b", "naive", "two\nline", "\ud800x", "i̇İ"]
    assert nearest_spellings(word, words) == expected


def test_the_more_frequent_of_equals_comes_first():
    assert nearest_spellings("cat", ["cut", "cot", "at", "Cat"]) == ["Cat", "cut", "cot"]
