"""Segments are few, and documents are moved rarely."""

import random

from hypothesis import given
from hypothesis import strategies as st

from seqkit.search.tiers import WIDTH, due_for_merging

MB = 1 << 20


def test_by_hand():
    assert due_for_merging([], []) == []
    assert due_for_merging([10] * (WIDTH - 1), [1.0] * (WIDTH - 1)) == []
    assert due_for_merging([10] * WIDTH, [1.0] * WIDTH) == [*range(WIDTH)]
    sizes = [40 * MB, *[2 * MB] * WIDTH]
    assert due_for_merging(sizes, [1.0] * len(sizes)) == [*range(1, WIDTH + 1)]
    assert due_for_merging([40 * MB, 10], [0.49, 1.0]) == [0]
    assert due_for_merging([40 * MB, 10], [0.5, 1.0]) == []


@given(st.integers(0, 10_000), st.integers(1, 300))
def test_growing_to_n_bytes_takes_log_n_segments_and_moves(seed, commits):
    rng = random.Random(seed)
    segments, written = [], 0
    for _ in range(commits):
        segments.append(rng.choice([1000, 200_000, 3 * MB]))
        while group := due_for_merging(segments, [1.0] * len(segments)):
            merged = sum(segments[number] for number in group)
            written += merged
            segments = [s for number, s in enumerate(segments) if number not in group] + [merged]
    tiers, limit = 1, MB
    while sum(segments) >= limit:
        tiers, limit = tiers + 1, limit * WIDTH
    assert len(segments) <= (WIDTH - 1) * tiers
    # a merge of the smallest tier may stay in it, but then moves less than a megabyte
    assert written <= tiers * sum(segments) + commits / (WIDTH - 1) * MB
