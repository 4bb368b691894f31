"""Perplexity by hand, its interval against repeated texts, and against resampling one by one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.metrics import bits_per, paired_perplexity, perplexity, perplexity_interval

GENERATOR = np.random.default_rng(11)


def text(lines, *, generator=GENERATOR, mean=4.0, blocks=1):
    """Nats and tokens by line; `blocks` lines in a row share a topic of their own difficulty."""
    tokens = generator.integers(5, 40, lines)
    topics = np.repeat(generator.normal(0, 0.3, -(-lines // blocks)), blocks)[:lines]
    nats = (mean + topics) * tokens + generator.normal(0, 2, lines) * np.sqrt(tokens)
    return nats, tokens


def test_by_hand():
    # a fair die of 6 sides, 12 throws
    assert perplexity(12 * math.log(6), 12) == pytest.approx(6)
    assert bits_per(12 * math.log(6), 12) == pytest.approx(math.log2(6))
    assert perplexity(0.0, 3) == 1.0
    assert perplexity(1e6, 1) == math.inf


@given(st.floats(0, 500), st.integers(1, 100))
def test_bits_and_perplexity_say_the_same(nats, tokens):
    assert 2 ** bits_per(nats, tokens) == pytest.approx(perplexity(nats, tokens))


@pytest.mark.parametrize("function", [perplexity, bits_per])
def test_of_nothing_there_is_none(function):
    with pytest.raises(DataError, match="0 "):
        function(1.0, 0)


def test_the_interval_is_that_of_resampling_blocks_one_by_one():
    nats, tokens = text(500)
    generator = np.random.default_rng(0)
    starts = np.arange(0, 500, 8)  # the cube root of 500 is 7.9
    values = []
    for _ in range(2000):
        rows = np.concatenate([np.arange(s, min(s + 8, 500)) for s in generator.choice(starts, 63)])
        values.append(np.exp(nats[rows].sum() / tokens[rows].sum()))
    expected = np.quantile(values, [0.025, 0.975])
    assert perplexity_interval(nats, tokens) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("blocks", [1, 5])
def test_the_interval_covers_the_truth_as_often_as_it_says(blocks):
    """Over texts drawn anew, topics that run over lines included."""
    generator = np.random.default_rng(3)
    truth = math.exp(4.0)
    covered = 0
    for seed in range(200):
        nats, tokens = text(400, generator=generator, blocks=blocks)
        low, high = perplexity_interval(nats, tokens, samples=300, seed=seed)
        covered += low < truth < high
    assert covered / 200 == pytest.approx(0.92, abs=0.06)


def test_a_wider_level_is_a_wider_interval():
    nats, tokens = text(300)
    narrow = perplexity_interval(nats, tokens, level=0.5)
    wide = perplexity_interval(nats, tokens, level=0.99)
    assert wide[0] < narrow[0] < perplexity(nats.sum(), int(tokens.sum())) < narrow[1] < wide[1]
    assert narrow == perplexity_interval(nats, tokens, level=0.5)
    assert narrow != perplexity_interval(nats, tokens, level=0.5, seed=1)


def test_a_model_that_is_better_everywhere():
    nats, tokens = text(300)
    found = paired_perplexity(nats - 0.1 * tokens, nats, tokens)
    observed = perplexity(nats.sum(), int(tokens.sum()))
    assert found.difference == pytest.approx(observed * (math.exp(-0.1) - 1))
    assert found.low < found.difference < found.high < 0
    assert found.p == pytest.approx(2 / 2001)
    # paired: far narrower than the interval of either
    low, high = perplexity_interval(nats, tokens)
    assert found.high - found.low < 0.2 * (high - low)


def test_exchanging_the_models_turns_the_sign():
    nats, tokens = text(200)
    other = nats + GENERATOR.normal(0, 1, 200)
    one, two = paired_perplexity(nats, other, tokens), paired_perplexity(other, nats, tokens)
    assert (one.difference, one.low, one.high) == pytest.approx(
        (-two.difference, -two.high, -two.low)
    )
    assert one.p == two.p


def test_equal_models_are_equal():
    nats, tokens = text(50)
    assert paired_perplexity(nats, nats, tokens) == (0.0, 0.0, 0.0, 1.0)


def test_p_is_small_as_rarely_as_it_says():
    generator = np.random.default_rng(5)
    small = 0
    for seed in range(200):
        nats, tokens = text(300, generator=generator)
        noise = generator.normal(0, 1, (2, 300)) * np.sqrt(tokens)
        models = nats + noise[0], nats + noise[1]
        small += paired_perplexity(*models, tokens, seed=seed, samples=300).p < 0.05
    assert small / 200 == pytest.approx(0.06, abs=0.05)


@pytest.mark.parametrize(
    ("nats", "tokens", "message"),
    [
        ([1.0], [1], "1 lines"),
        ([], [], "0 lines"),
        ([1.0, 2.0], [1, 0], "at least 0 a line"),
        ([1.0, 2.0], [1, 2, 3], "2 lines, tokens of 3"),
        ([1.0, math.nan], [1, 2], "NaN"),
        ([1.0, math.inf], [1, 2], "infinity"),
    ],
)
def test_what_is_no_text_is_refused(nats, tokens, message):
    with pytest.raises(DataError, match=message):
        perplexity_interval(nats, tokens)
    with pytest.raises(DataError, match=message):
        paired_perplexity(nats, nats, tokens)


def test_what_cannot_be_sampled_is_refused():
    with pytest.raises(ConfigError, match="samples 0"):
        perplexity_interval([1.0, 2.0], [1, 1], samples=0)
    with pytest.raises(ConfigError, match="level 95"):
        paired_perplexity([1.0, 2.0], [1.0, 2.0], [1, 1], level=95)
    with pytest.raises(DataError, match="diverged"):
        paired_perplexity([1e6, 1e6], [1.0, 2.0], [1, 1])
