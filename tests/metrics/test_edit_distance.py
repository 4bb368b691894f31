"""Edit distance beside the table that defines it; error rates beside counts by hand."""

import functools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import DataError
from seqkit.metrics import edit_distance, error_rate, wilson


def by_definition(a, b):
    """Levenshtein's recurrence, as it is written in books."""

    @functools.cache
    def distance(i, j):
        if not i or not j:
            return i + j
        substituted = distance(i - 1, j - 1) + (a[i - 1] != b[j - 1])
        return min(distance(i - 1, j) + 1, distance(i, j - 1) + 1, substituted)

    return distance(len(a), len(b))


@given(st.text("abc", max_size=12), st.text("abcd", max_size=12))
def test_it_is_what_the_recurrence_gives(a, b):
    assert edit_distance(a, b) == by_definition(a, b) == edit_distance(b, a)


def test_beyond_the_width_of_a_machine_word():
    generator = np.random.default_rng(0)
    a, b = (generator.integers(0, 4, size).tolist() for size in (150, 170))
    assert edit_distance(a, b) == by_definition(a, b)


@given(*[st.lists(st.integers(0, 3), max_size=8)] * 3)
def test_it_is_a_distance(a, b, c):
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


def test_rates_by_hand_with_the_nearest_alternative():
    hypotheses = [["P", "R", "OW"], ["K", "AE", "T"], ["D", "AO", "G"]]
    references = [
        [["P", "R", "OW"], ["P", "R", "AA"]],  # right
        [["K", "AH", "T", "S"], ["K", "AH", "T"]],  # one edit from the second
        [["D", "AO"]],  # one edit
    ]
    rate = error_rate(hypotheses, references)
    assert rate.edits.tolist() == [0, 1, 1]
    assert rate.tokens.tolist() == [3, 3, 2]
    assert rate.nearest.tolist() == [0, 1, 0]
    assert rate.sequence == pytest.approx(2 / 3)
    assert rate.token == pytest.approx(2 / 8)


def test_an_empty_answer_costs_its_whole_reference():
    rate = error_rate([[], ["a"]], [[["a", "b"]], [["a"]]])
    assert (rate.token, rate.sequence) == (pytest.approx(2 / 3), 0.5)


def test_intervals_hold_the_rates_and_do_not_vanish_without_errors():
    generator = np.random.default_rng(1)
    words = [generator.integers(0, 3, 4).tolist() for _ in range(200)]
    heard = [[*word[:-1], 9] if n % 5 == 0 else word for n, word in enumerate(words)]
    rate = error_rate(heard, [[word] for word in words])
    spans = rate.intervals()
    assert spans["sequence"][0] < rate.sequence == 0.2 < spans["sequence"][1]
    assert spans["token"][0] < rate.token == 0.05 < spans["token"][1]
    right = error_rate(words, [[word] for word in words]).intervals()
    assert right["sequence"] == wilson(0, 200)
    assert right["token"] == (0.0, pytest.approx(wilson(0, 200)[1] / 4))
    wrong = error_rate([[9]] * 200, [[word] for word in words]).intervals()
    assert wrong["sequence"] == wilson(200, 200)


@pytest.mark.parametrize(
    ("hypotheses", "references", "said"),
    [
        ([], [], "0 hypotheses, references of 0"),
        (["a"], [["a"], ["b"]], "1 hypotheses, references of 2"),
        (["a", "b"], [["a"], []], "sequence 1 has no reference"),
        (["a"], [[""]], "no token in any reference"),
    ],
)
def test_what_cannot_be_rated_is_refused(hypotheses, references, said):
    with pytest.raises(DataError, match=said):
        error_rate(hypotheses, references)


def test_a_dictionary_takes_a_moment():
    generator = np.random.default_rng(0)
    words = [generator.integers(0, 39, 7).tolist() for _ in range(13_000)]
    start = time.perf_counter()
    error_rate(words, [[word, word[:-1]] for word in words])
    assert time.perf_counter() - start < 5
