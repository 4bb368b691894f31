"""The order of the records: complete, repeatable, different from epoch to epoch, little padding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.batching import BucketSampler, padding_share
from seqkit.errors import ConfigError


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 50), max_size=300),
    st.integers(1, 20),
    st.integers(0, 2**40),
    st.integers(0, 5),
)
def test_every_record_comes_once(lengths: list[int], size: int, seed: int, epoch: int) -> None:
    sampler = BucketSampler(np.array(lengths, np.int64), batch_size=size, seed=seed)
    batches = sampler.batches(epoch)
    assert len(batches) == len(sampler)
    assert sorted(i for batch in batches for i in batch.tolist()) == list(range(len(lengths)))
    assert sorted(map(len, batches), reverse=True)[: len(lengths) // size] == [size] * (
        len(lengths) // size
    )


LENGTHS = np.random.default_rng(1).integers(1, 400, 2000)


def flat(sampler: BucketSampler, epoch: int) -> list[int]:
    return np.concatenate(sampler.batches(epoch)).tolist()


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    first, second = (BucketSampler(LENGTHS, batch_size=16, seed=3) for _ in range(2))
    expected = [flat(first, epoch) for epoch in range(3)]
    assert flat(second, 2) == expected[2]  # a resumed run asks for a later epoch at once
    assert flat(first, 0) == expected[0]
    assert len({tuple(order) for order in expected}) == 3
    assert flat(BucketSampler(LENGTHS, batch_size=16, seed=4), 0) != expected[0]


def test_batches_are_not_the_same_groups_each_epoch() -> None:
    sampler = BucketSampler(LENGTHS, batch_size=16, seed=3)
    groups = [{frozenset(batch.tolist()) for batch in sampler.batches(e)} for e in range(2)]
    assert len(groups[0] & groups[1]) < 3


def test_a_run_resumed_in_the_middle_of_an_epoch_sees_the_rest() -> None:
    whole = BucketSampler(LENGTHS, batch_size=16, seed=3).batches(1)
    rest = BucketSampler(LENGTHS, batch_size=16, seed=3).batches(1)[40:]
    assert [b.tolist() for b in whole[40:]] == [b.tolist() for b in rest]


def test_similar_lengths_come_together() -> None:
    batches = BucketSampler(LENGTHS, batch_size=16, seed=3).batches(0)
    shuffled = np.array_split(np.random.default_rng(1).permutation(2000), 125)
    assert padding_share(LENGTHS, batches) < 0.07 < 0.3 < padding_share(LENGTHS, shuffled)
    one_pool = BucketSampler(LENGTHS[:800], batch_size=16, seed=3).batches(0)
    widths = [int(LENGTHS[batch].max()) for batch in one_pool]
    assert widths != sorted(widths)  # but short and long batches are mixed


def test_weights_balance_the_classes() -> None:
    gold = np.array([0] * 1800 + [1] * 200)
    weights = 1 / np.bincount(gold)[gold]
    sampler = BucketSampler(LENGTHS, batch_size=16, seed=3, weights=weights)
    drawn = flat(sampler, 0)
    assert len(drawn) == 2000
    assert abs(gold[drawn].mean() - 0.5) < 0.04
    assert drawn == flat(sampler, 0) != flat(sampler, 1)
    never = BucketSampler(LENGTHS, batch_size=16, seed=3, weights=gold.astype(float))
    assert set(flat(never, 0)) <= set(range(1800, 2000))


@pytest.mark.parametrize(
    "weights",
    [np.ones(3), np.zeros(4), np.array([1, 1, -1, 1.0]), np.array([1, np.nan, 1, 1])],
)
def test_weights_that_cannot_be_used_are_refused(weights: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="sampling weights: expected 4 numbers"):
        BucketSampler(np.ones(4, np.int64), batch_size=2, seed=0, weights=weights)


def test_sizes_and_seeds_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(ConfigError, match="batch size 0"):
        BucketSampler(LENGTHS, batch_size=0, seed=1)
    with pytest.raises(ConfigError, match="seed -1"):
        BucketSampler(LENGTHS, batch_size=1, seed=-1)


def test_padding_share_by_hand() -> None:
    lengths = np.array([4, 1, 3, 0, 2])
    # [4 1] pads 3 of 8, [3 0 2] pads 4 of 9, [0] alone is one column of padding
    assert padding_share(lengths, [np.array([0, 1]), np.array([2, 3, 4])]) == 7 / 17
    assert padding_share(lengths, [np.array([3])]) == 1.0
    assert padding_share(lengths, []) == 0.0
