"""Sampled frequencies against probabilities, filters against their definitions, bad options."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seqkit.decode import RepetitionPenalty, Sampling, choose, nucleus, random_streams, top_k
from seqkit.errors import ConfigError

PROBABILITIES = np.array([0.02, 0.3, 0.05, 0.2, 0.0, 0.1, 0.25, 0.08])
DRAWS = 20_000


def filtered(probabilities: np.ndarray, sampling: Sampling) -> np.ndarray:
    """The distribution by the book: loops over a sorted list."""
    with np.errstate(divide="ignore"):
        p = np.exp(np.log(probabilities) / sampling.temperature)
    p /= p.sum()
    order = sorted(range(len(p)), key=lambda i: -p[i])
    kept = order[: sampling.top_k]
    share = p[kept] / p[kept].sum()
    if sampling.top_p is not None:
        count = next(n for n in range(1, len(kept) + 1) if share[:n].sum() >= sampling.top_p - 1e-6)
        kept = kept[:count]
    result = np.zeros_like(p)
    result[kept] = p[kept] / p[kept].sum()
    return result


def draw(probabilities: np.ndarray, sampling: Sampling, *, seed: int = 3) -> np.ndarray:
    """Count what 20,000 draws give."""
    scores = torch.tensor(probabilities).float().log().expand(DRAWS, -1)
    (stream,) = random_streams([[1, 2]], seed=seed)
    ids = choose(scores, torch.tensor(list(itertools.islice(stream, DRAWS))), sampling)
    return np.bincount(ids.numpy(), minlength=len(probabilities))


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(),
        Sampling(temperature=0.5),
        Sampling(temperature=2.5),
        Sampling(top_k=3),
        Sampling(top_k=100),
        Sampling(top_p=0.7),
        Sampling(top_p=1.0),
        Sampling(top_k=4, top_p=0.6),
        Sampling(temperature=0.7, top_k=5, top_p=0.9),
    ],
    ids=str,
)
def test_frequencies_follow_the_probabilities(sampling: Sampling) -> None:
    expected = filtered(PROBABILITIES, sampling)
    counts = draw(PROBABILITIES, sampling)
    possible = expected > 0
    assert counts[~possible].sum() == 0
    assert stats.chisquare(counts[possible], expected[possible] * DRAWS).pvalue > 1e-3


def test_a_wrong_distribution_would_be_noticed() -> None:
    counts, possible = draw(PROBABILITIES, Sampling(temperature=0.9)), PROBABILITIES > 0
    assert stats.chisquare(counts[possible], PROBABILITIES[possible] * DRAWS).pvalue < 1e-6


def test_frequencies_over_a_large_vocabulary() -> None:
    probabilities = 1 / np.arange(1, 401) ** 1.1
    probabilities /= probabilities.sum()
    for sampling in (Sampling(), Sampling(top_p=0.95), Sampling(top_k=150)):
        expected = filtered(probabilities, sampling)
        counts = draw(probabilities, sampling)
        assert counts[expected == 0].sum() == 0
        possible = expected > 0
        assert stats.chisquare(counts[possible], expected[possible] * DRAWS).pvalue > 1e-3


def test_temperature_0_takes_the_likeliest_and_tiny_ones_too() -> None:
    torch.manual_seed(0)
    scores = torch.randn(50, 30).log_softmax(-1)
    best = scores.max(-1).indices
    assert torch.equal(choose(scores, torch.empty(0), Sampling(temperature=0)), best)
    cold = choose(scores, torch.rand(50), Sampling(temperature=1e-6))
    assert torch.equal(cold, best)
    assert torch.equal(choose(scores, torch.rand(50), Sampling(top_k=1)), best)
    assert torch.equal(choose(scores, torch.rand(50), Sampling(top_p=1e-9)), best)


@settings(max_examples=30)
@given(st.sampled_from([128, 700, 1024, 1279]), st.floats(0.1, 9.0), st.integers(0, 999))
def test_a_choice_among_many_falls_where_the_number_does(
    size: int, scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    scores = torch.tensor(
        scale * rng.normal(size=(300, size))
    ).float()  # more than cumulated at once
    scores[:, rng.choice(size, size // 3, replace=False)] = -torch.inf
    uniforms = torch.tensor(rng.random(300)).float()
    uniforms[:2] = torch.tensor([0, 1 - 2**-24])
    ids = choose(scores, uniforms, Sampling()).numpy()
    p = scores.double().softmax(-1).numpy()
    rows = np.arange(300)
    assert (p[rows, ids] > 0).all()
    reached = p.cumsum(1)[rows, ids]
    assert (reached > uniforms.numpy() - 1e-5).all()
    assert (reached - p[rows, ids] <= uniforms.numpy() + 1e-5).all()
    single = torch.cat([choose(scores[r : r + 1], uniforms[r : r + 1], Sampling()) for r in rows])
    assert (single.numpy() == ids).mean() > 0.98  # all but where rounding decides


def test_the_ends_of_the_unit_interval_draw_what_is_possible() -> None:
    scores = torch.tensor([[-torch.inf, 0.5, 0.5, -torch.inf]]).log_softmax(-1).expand(2, -1)
    ends = torch.tensor([0.0, np.nextafter(np.float32(1), np.float32(0))])
    for sampling in (Sampling(), Sampling(top_k=3), Sampling(top_p=0.99)):
        assert sorted(choose(scores, ends, sampling).tolist()) == [1, 2]


@given(st.integers(1, 300), st.floats(0.01, 0.999), st.floats(0.0, 4.0), st.integers(0, 999))
def test_the_nucleus_is_the_smallest_set_that_holds_the_mass(
    size: int, mass: float, scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    p = np.exp(scale * rng.normal(size=(3, size)).round(1))  # rounded: some are equal
    p = (p / p.sum(1, keepdims=True)).astype(np.float32)
    for row, kept in zip(p, nucleus(torch.tensor(p), mass).numpy(), strict=True):
        inside = kept > 0
        np.testing.assert_array_equal(kept[inside], row[inside])
        total = row[inside].sum(dtype=float)
        assert total >= mass - 1e-5
        assert total - row[inside].min() < mass + 1e-5
        assert row[inside].min() >= row[~inside].max(initial=0)


def test_the_nucleus_by_hand() -> None:
    weights = torch.tensor([[0.25, 0.25, 0.25, 0.25], [0.0, 0.5, 0.125, 0.375]])
    for mass, first, second in [
        (0.5, [0.25, 0.25, 0, 0], [0, 0.5, 0, 0]),
        (0.6, [0.25, 0.25, 0.25, 0], [0, 0.5, 0, 0.375]),
        (1.0, [0.25, 0.25, 0.25, 0.25], [0, 0.5, 0.125, 0.375]),
    ]:
        assert nucleus(weights, mass).tolist() == [first, second]


def test_top_k_renormalises() -> None:
    weights, ids = top_k(torch.tensor(PROBABILITIES[None]).log(), 2)
    assert ids.tolist() == [[1, 6]]
    np.testing.assert_allclose(weights, [[30 / 55, 25 / 55]])


def test_repetition_penalty_by_hand() -> None:
    penalty = RepetitionPenalty(2.0, [[0, 0, 3], [1]], vocabulary=4, spared=[3])
    log_probs = torch.tensor([[0.4, 0.3, 0.2, 0.1], [0.4, 0.3, 0.2, 0.1]]).log()
    # 0.4 ** 2; 3 is spared; a token that came twice counts once
    expected = torch.tensor([[0.16, 0.3, 0.2, 0.1], [0.4, 0.09, 0.2, 0.1]])
    torch.testing.assert_close(penalty(log_probs).exp(), expected)
    penalty.add(torch.tensor([2, 3]))
    penalty.select(torch.tensor([1, 0]))
    expected = torch.tensor([[0.4, 0.09, 0.2, 0.1], [0.16, 0.3, 0.04, 0.1]])
    torch.testing.assert_close(penalty(log_probs).exp(), expected)
    torch.testing.assert_close(penalty(log_probs[:1], torch.tensor([1])).exp(), expected[1:])


def test_a_stream_depends_on_seed_prompt_and_occurrence_alone() -> None:
    def head(prompts: list[list[int]], seed: int) -> list[tuple[float, ...]]:
        return [tuple(itertools.islice(s, 200)) for s in random_streams(prompts, seed=seed)]

    (alone,) = head([[2, 5]], 1)
    among = head([[2], [2, 5], [2, 6], [2, 5]], 1)
    assert among[1] == alone
    assert len({alone, *among, *head([[2, 5]], 2)}) == 5
    assert all(0 <= number < 1 for number in alone)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"temperature": -1}, "temperature -1: 0 for the likeliest"),
        ({"temperature": 1e-9}, "temperature 1e-09"),
        ({"temperature": float("nan")}, "temperature nan"),
        ({"temperature": float("inf")}, "temperature inf"),
        ({"top_k": 0}, "top_k 0: a whole number"),
        ({"top_k": 2.5}, "top_k 2.5"),
        ({"top_p": 0.0}, "top_p 0.0: a share"),
        ({"top_p": 1.1}, "top_p 1.1"),
        ({"top_p": float("nan")}, "top_p nan"),
        ({"repetition_penalty": 0.5}, "repetition_penalty 0.5: 1 .none. or more"),
        ({"temperature": 0, "top_k": 5}, "top_k would have no effect"),
        ({"temperature": 0, "top_p": 0.5}, "top_p would have no effect"),
    ],
)
def test_bad_options(options: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Sampling(**options)


def test_a_negative_seed() -> None:
    with pytest.raises(ConfigError, match="seed -1: must be 0 or more"):
        random_streams([[1]], seed=-1)
