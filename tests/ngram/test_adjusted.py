"""Suffixes and adjusted counts, against their definitions."""

from counted import BOS, count, listed, ngrams
from hypothesis import given
from hypothesis import strategies as st

from seqkit.ngram.adjusted import adjusted_counts, line_starts, predicted_counts, suffix_numbers

lines = st.lists(st.lists(st.integers(3, 7), max_size=6), min_size=1, max_size=8)


@given(lines, st.integers(1, 6))
def test_suffixes_and_adjusted_counts(lines, order):
    counts, raw = count(lines, order=order, vocabulary=8), ngrams(lines, order)
    grams, suffixes = listed(counts.levels), suffix_numbers(counts.levels)
    adjusted = adjusted_counts(counts, suffixes)
    assert [dict(zip(*pair, strict=True)) for pair in zip(grams, counts.counts, strict=True)] == [
        {gram: raw[gram] for gram in level} for level in grams
    ]
    for longer, shorter, numbers in zip(grams[1:], grams, suffixes, strict=False):
        assert [shorter[number] for number in numbers] == [gram[1:] for gram in longer]
    for level, values, own in zip(grams, adjusted, predicted_counts(counts), strict=True):
        for gram, value, times in zip(level, values, own, strict=True):
            plain = len(gram) == order or (gram[0] == BOS and len(gram) > 1)
            before = {other[0] for other in raw if len(other) > 1 and other[1:] == gram}
            assert value == (times if plain else len(before)), gram
    for level, (first, last) in zip(grams, line_starts(counts.levels), strict=True):
        assert {*level[first:last]} == {gram for gram in level if gram[0] == BOS}
