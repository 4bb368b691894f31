"""Batches by positions: complete, bounded, repeatable, mixed, and with little padding."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.batching import TokenSampler, pad_pairs, pair_padding_share, token_buckets
from seqkit.errors import ConfigError


def positions(source: np.ndarray, target: np.ndarray) -> int:
    """Cells of the tensors that a batch of such lengths has, from the tensors themselves."""
    sides = ([np.zeros(n, np.int32) for n in lengths.tolist()] for lengths in (source, target))
    batch = pad_pairs(*sides)
    return batch.source.ids.numel() + batch.inputs.numel()


lengths = st.lists(st.tuples(st.integers(0, 140), st.integers(0, 140)), max_size=120)


@settings(max_examples=80)
@given(lengths, st.integers(1, 2000), st.integers(0, 2**40), st.integers(0, 5))
def test_every_pair_comes_once_in_batches_that_are_full_but_not_too_full(
    pairs: list[tuple[int, int]], limit: int, seed: int, epoch: int
) -> None:
    source, target = np.array(pairs, np.int64).reshape(-1, 2).T
    sampler = TokenSampler(source, target, batch_tokens=limit, seed=seed)
    batches = sampler.batches(epoch)
    assert sorted(i for batch in batches for i in batch.tolist()) == list(range(len(pairs)))
    cells = [positions(source[batch], target[batch]) for batch in batches]
    for batch, size in zip(batches, cells, strict=True):
        assert size <= limit or len(batch) == 1
    used = int(source.sum() + target.sum()) + len(pairs)
    expected = 1 - used / sum(cells) if cells else 0.0
    assert pair_padding_share(source, target, batches) == pytest.approx(expected, abs=1e-12)
    assert sampler.steps(epoch + 1) >= sampler.steps(epoch) + bool(pairs)


def made_up(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Lengths of both sides of 20,000 pairs."""
    rng = np.random.default_rng(1)
    if kind == "sentences":  # subwords of captions, 5 to 40
        source = np.clip(rng.lognormal(2.65, 0.33, 20_000), 5, 40).astype(np.int64)
        return source, np.clip(np.rint(source * rng.normal(1, 0.2, 20_000)), 5, 40).astype(np.int64)
    source = np.clip(np.rint(rng.normal(8, 2.3, 20_000)), 3, 15).astype(np.int64)
    return source, np.clip(source - rng.integers(-1, 4, 20_000), 2, 15)


@pytest.mark.parametrize("kind", ["sentences", "words"])
@pytest.mark.parametrize("limit", [2048, 4096])
def test_less_than_a_tenth_is_padding(kind: str, limit: int) -> None:
    source, target = made_up(kind)
    batches = TokenSampler(source, target, batch_tokens=limit, seed=1).batches(0)
    assert pair_padding_share(source, target, batches) < 0.05
    rng = np.random.default_rng(1)
    shuffled = np.array_split(rng.permutation(len(source)), len(batches))
    assert pair_padding_share(source, target, shuffled) > 0.3


@pytest.mark.parametrize("kind", ["sentences", "words"])
@pytest.mark.parametrize("pairs", [1000, 3000])
@pytest.mark.parametrize("limit", [2048, 4096, 8192])
def test_less_than_a_tenth_of_few_pairs_is_padding(kind: str, pairs: int, limit: int) -> None:
    source, target = (side[:pairs] for side in made_up(kind))
    for epoch in range(3):
        batches = TokenSampler(source, target, batch_tokens=limit, seed=1).batches(epoch)
        assert pair_padding_share(source, target, batches) < 0.1
        assert sum(len(batch) < 8 for batch in batches) <= 1 + pairs // 100


def test_batches_of_few_pairs_end_before_their_padding_does_harm() -> None:
    """By hand: of what fits, 40 of width 1 and 40 of width 100 on each side, only likes meet."""
    source = np.repeat([1, 100], 40)
    batches = TokenSampler(source, source, batch_tokens=100_000, seed=1).batches(0)
    assert sorted(len(batch) for batch in batches) == [40, 40]
    assert all(len({*source[batch].tolist()}) == 1 for batch in batches)
    seven = np.array([1] * 4 + [100] * 3)  # fewer than the least rows: one batch
    (batch,) = TokenSampler(seven, seven, batch_tokens=100_000, seed=1).batches(0)
    assert sorted(batch.tolist()) == list(range(7))


@pytest.mark.parametrize("kind", ["sentences", "words"])
def test_of_many_pairs_each_batch_is_as_full_as_may_be(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = made_up(kind)
    sampler = TokenSampler(source, target, batch_tokens=4096, seed=1)
    found = [batch.tolist() for batch in sampler.batches(0)]
    monkeypatch.setattr(token_buckets, "_PADDING", 1.0)
    assert [batch.tolist() for batch in sampler.batches(0)] == found


@pytest.mark.skipif("SEQKIT_DATA" not in os.environ, reason="SEQKIT_DATA is not set")
@pytest.mark.parametrize("limit", [2048, 4096, 8192])
def test_less_than_a_tenth_of_multi30k_is_padding(limit: int) -> None:
    def words(language: str) -> Iterator[int]:
        path = Path(os.environ["SEQKIT_DATA"], "multi30k", f"train.{language}.gz")
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from (len(line.split()) for line in lines)

    source, target = (np.fromiter(words(language), np.int64) for language in ("en", "de"))
    assert len(source) == len(target) == 29_000
    for pairs, most in ((1_000, 0.1), (5_000, 0.1), (29_000, 0.06)):
        sides = source[:pairs], target[:pairs]
        sampler = TokenSampler(*sides, batch_tokens=limit, seed=1)
        assert pair_padding_share(*sides, sampler.batches(0)) < most


def flat(sampler: TokenSampler, epoch: int) -> list[int]:
    return np.concatenate(sampler.batches(epoch)).tolist()


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    sides = made_up("words")
    first, second = (TokenSampler(*sides, batch_tokens=2048, seed=3) for _ in range(2))
    expected = [flat(first, epoch) for epoch in range(3)]
    assert flat(second, 2) == expected[2]  # a resumed run asks for a later epoch at once
    assert flat(first, 0) == expected[0]
    assert len({tuple(order) for order in expected}) == 3
    assert flat(TokenSampler(*sides, batch_tokens=2048, seed=4), 0) != expected[0]


@pytest.mark.parametrize("kind", ["sentences", "words"])
def test_batches_are_mixed_and_not_the_same_groups_each_epoch(kind: str) -> None:
    source, target = made_up(kind)
    sampler = TokenSampler(source, target, batch_tokens=2048, seed=3)
    epochs = [sampler.batches(epoch) for epoch in range(2)]
    groups = [{frozenset(batch.tolist()) for batch in batches} for batches in epochs]
    assert len(groups[0] & groups[1]) < 0.05 * len(epochs[0])
    widths = np.array([target[batch].max() for batch in epochs[0]], float)
    assert abs(np.corrcoef(widths[:-1], widths[1:])[0, 1]) < 0.2


def test_steps_are_the_batches_of_the_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    source, target = rng.integers(1, 60, (2, 30_000))
    sampler = TokenSampler(source, target, batch_tokens=300, seed=3)
    counts = [len(sampler.batches(epoch)) for epoch in range(4)]
    assert len(set(counts)) > 1  # of several pools: epochs differ
    fresh = TokenSampler(source, target, batch_tokens=300, seed=3)
    assert [fresh.steps(epochs) for epochs in range(5)] == [0, *np.cumsum(counts).tolist()]
    monkeypatch.setattr(fresh, "batches", None)  # is not asked again
    assert fresh.steps(4) == sum(counts)


def test_no_pairs_make_no_batches() -> None:
    nothing = np.zeros(0, np.int64)
    sampler = TokenSampler(nothing, nothing, batch_tokens=10, seed=0)
    assert sampler.batches(0) == [] and sampler.steps(3) == 0
    assert pair_padding_share(nothing, nothing, []) == 0.0


def test_padding_share_by_hand() -> None:
    source, target = np.array([4, 1, 0]), np.array([2, 3, 0])
    # widths 4 + 3 + 1, twice, of which 4 + 2 + 1 and 1 + 3 + 1 are used; nothing: 1 + 1 + 1 for 1
    batches = [np.array([0, 1]), np.array([2])]
    assert pair_padding_share(source, target, batches) == 6 / 19


def test_options_that_cannot_be_used_are_refused() -> None:
    three, two = np.ones(3, np.int64), np.ones(2, np.int64)
    with pytest.raises(ConfigError, match="batch_tokens 0: must be 1 or more"):
        TokenSampler(three, three, batch_tokens=0, seed=1)
    with pytest.raises(ConfigError, match="seed -1"):
        TokenSampler(three, three, batch_tokens=1, seed=-1)
    with pytest.raises(ConfigError, match="lengths of 3 sources and 2 targets"):
        TokenSampler(three, two, batch_tokens=1, seed=1)
