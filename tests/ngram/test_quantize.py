"""Codebooks: what they lose, and what they must not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_tables import closed, fill, table_of

from seqkit.errors import ConfigError
from seqkit.ngram.coding import Coding
from seqkit.ngram.trie import PackedTrie


def values(table):
    return [*table.log_probs, *table.backoffs]


def random_model(size, *, special=0.2, order=3):
    rng = np.random.default_rng(size)
    grams = [tuple(gram) for gram in rng.integers(3, 40, (size, order)).tolist()]
    return table_of(fill(closed(grams, vocabulary=40), special=special), order=order)


def test_bins_of_equal_population_worked_by_hand():
    # 16 codes; 0.0 keeps one, and 30 other values fall into 15 bins of two
    numbers = np.array([0.0] * 50 + [-float(i) for i in range(1, 31)], np.float32)
    book = Coding.book(numbers, 4)
    assert list(book.numbers) == [*(-(i + 0.5) for i in range(29, 0, -2)), 0.0]


@given(st.lists(st.sampled_from([-np.inf, 0.0, -0.25, -1.5, -7.0, 0.5]), max_size=60))
def test_few_distinct_values_lose_nothing(numbers):
    book = Coding.book(np.array(numbers, np.float32), 4)
    assert set(numbers) <= set(book.numbers) and list(book.numbers) == sorted(book.numbers)


@given(st.lists(st.floats(-50, 3, width=32) | st.just(-np.inf), max_size=200), st.data())
def test_a_book_is_small_sorted_and_keeps_what_is_exact(numbers, data):
    array = np.array(numbers, np.float32)
    bits = data.draw(st.sampled_from([4, 8]))
    book = Coding.book(array, bits)
    assert 1 <= len(book.numbers) <= 1 << bits
    assert list(book.numbers) == sorted(set(book.numbers))
    assert {-np.inf, 0.0} & set(numbers) <= set(book.numbers)
    assert Coding.from_json(book.to_json()) == Coding(bits, list(book.numbers), True)


def test_small_models_are_quantised_without_loss():
    table = random_model(20, special=0, order=2)
    for one, other in zip(
        values(PackedTrie.pack(table, quantize=8).table()), values(table), strict=True
    ):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("bits", [4, 8])
def test_each_value_becomes_the_nearest_of_its_book(bits):
    table = random_model(2000)
    trie = PackedTrie.pack(table, quantize=bits)
    found = trie.table()
    for k in (1, 2):
        kinds = [(found.log_probs[k], table.log_probs[k], trie.frame.levels[k - 1].log_prob)]
        if k == 1:
            kinds.append((found.backoffs[k], table.backoffs[k], trie.frame.levels[0].backoff))
        for one, other, book in kinds:
            assert book.bits == bits
            finite = np.isfinite(other)
            centres = np.array(book.numbers)[np.isfinite(book.numbers)]
            nearest = np.abs(other[finite][:, None] - centres).min(axis=1)
            np.testing.assert_allclose(np.abs(one[finite] - other[finite]), nearest, atol=1e-6)
            exact = (other == 0) | np.isinf(other)
            assert np.array_equal(one[exact], other[exact])
    assert np.array_equal(found.log_probs[0], table.log_probs[0])  # unigrams stay as they are


def test_fewer_bits_take_less_room_and_lose_more():
    table = random_model(2000, special=0)
    block = np.random.default_rng(0).integers(2, 40, 4000).astype(np.uint32)
    exact = PackedTrie.pack(table)
    tries = [PackedTrie.pack(table, quantize=bits) for bits in (8, 4)]
    losses = [np.abs(t.score(block)[0] - exact.score(block)[0]).mean() for t in tries]
    assert 0 < losses[0] < 0.05 < losses[1] < 0.6
    assert exact.data.nbytes > tries[0].data.nbytes > tries[1].data.nbytes
    assert all(np.array_equal(t.score(block)[1], exact.score(block)[1]) for t in tries)


def test_quantised_anew_is_the_same():
    trie = PackedTrie.pack(random_model(2000), quantize=4)
    assert np.array_equal(PackedTrie.pack(trie.table(), quantize=4).data, trie.data)


def test_other_widths_are_refused():
    with pytest.raises(ConfigError, match="quantize 5: choose from 8, 4"):
        PackedTrie.pack(random_model(5), quantize=5)
