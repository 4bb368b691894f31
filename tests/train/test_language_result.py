"""Results of language models: figures by hand, against `seqkit.metrics`, and what is refused."""

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit import metrics
from seqkit.errors import DataError
from seqkit.files import json_bytes
from seqkit.train.language_result import (
    LanguageResult,
    compare_language,
    language_rows,
    least_likely,
    most_surprising,
    sums_by_line,
)

TOKENS = np.random.default_rng(0).integers(2, 20, 200)


def result(name="model", *, split="test", nats=2.0, tokens=TOKENS, **options):
    """A result at so many nats a token, give or take."""
    noise = np.random.default_rng(len(name)).normal(0, 0.1, len(tokens))
    values = (nats + noise) * tokens
    sizes = {"characters": 5 * int(tokens.sum()), "bytes": 6 * int(tokens.sum()), "unknown": 7}
    return LanguageResult(
        name=name, split=split, nats_by_line=values, tokens_by_line=tokens, **{**sizes, **options}
    )


def test_figures_by_hand():
    one = LanguageResult(
        name="model",
        split="test",
        nats_by_line=np.array([3 * math.log(8), 5 * math.log(8)]),
        tokens_by_line=np.array([3, 5]),
        characters=16,
        bytes=24,
        unknown=1,
    )
    figures = one.metrics()
    assert figures.pop("log_prob") == pytest.approx(-24 * math.log(2))
    assert figures == pytest.approx(
        {
            "perplexity": 8,
            "perplexity_low": 8,
            "perplexity_high": 8,
            "bits_per_character": 24 / 16,
            "bits_per_byte": 1,
            "tokens": 8,
            "unknown": 1,
        }
    )


def test_the_interval_is_that_of_the_metrics():
    one = result()
    low, high = metrics.perplexity_interval(one.nats_by_line, TOKENS)
    figures = one.metrics()
    assert (figures["perplexity_low"], figures["perplexity_high"]) == (low, high)
    assert low < figures["perplexity"] < high


def test_a_single_line_has_no_interval_and_is_valid_json():
    one = result(tokens=np.array([50]))
    assert one.metrics()["perplexity_low"] is None
    assert json.loads(json_bytes(one.metrics()))["tokens"] == 50
    assert language_rows([one])[1][1] == f"{one.perplexity:.2f}"
    assert compare_language(one, one) is None


def test_a_comparison_needs_the_same_tokens():
    model, worse = result(), result("worse", nats=2.3)
    paired = compare_language(model, worse)
    assert paired.difference == pytest.approx(model.perplexity - worse.perplexity)
    assert paired.high < 0 and paired.p < 0.002
    assert compare_language(model, result("characters", tokens=5 * TOKENS)) is None


def test_the_table():
    others = [
        result("model + cache", nats=1.8, adapted=True),
        result("unigram", nats=3.0),
        result("characters", tokens=5 * TOKENS, nats=0.5),
    ]
    heading, model, cache, unigram, characters = language_rows([result(), *others])
    assert heading[-1] == "p (against model)"
    assert cache[0] == "model + cache (reads the test text)"
    assert model[-1] == "" and unigram[-1] == "< 0.001" and characters[-1] == ""
    assert unigram[1].startswith(f"{others[1].perplexity:.2f} (") and " to " in unigram[1]
    assert model[2] == f"{2 / math.log(2) / 5:.4f}"[:4] + model[2][4:]
    assert unigram[4] == f"{TOKENS.sum():,}" and unigram[5] == "7"


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=12),
    st.lists(st.integers(0, 72), max_size=9),
)
def test_sums_by_line_are_sums_however_they_come(sizes, cuts):
    tokens = np.array(sizes)
    log_probs = -np.random.default_rng(1).random(tokens.sum())
    parts = np.split(log_probs, np.cumsum(tokens)[:-1])
    came = np.split(log_probs, sorted(cuts))
    assert sums_by_line(came, tokens) == pytest.approx([-part.sum() for part in parts])


@given(
    st.lists(st.sampled_from([-1.0, -2.0, -3.5]), max_size=60),
    st.lists(st.integers(0, 60), max_size=5),
)
def test_the_least_likely_are_those_of_sorting(log_probs, cuts):
    parts = np.split(np.array(log_probs), sorted(cuts))
    found = []
    passed = list(least_likely(parts, found))
    assert [part.tolist() for part in passed] == [part.tolist() for part in parts]
    assert found == sorted((value, at) for at, value in enumerate(log_probs))[:20]


@pytest.mark.parametrize("tokens", [[2, 2], [3, 0], []])
def test_lines_that_do_not_fit_are_refused(tokens):
    with pytest.raises(DataError, match="3 log-probabilities"):
        sums_by_line([np.zeros(2), np.zeros(1)], np.array(tokens, dtype=np.int64))


@pytest.mark.parametrize(
    ("nats", "message"),
    [
        ([1.0, math.inf, 2.0], "line 2 costs inf"),
        ([1.0, 2.0, math.nan], "line 3 costs nan"),
        ([1.0], "nats of 1 lines, tokens of 3"),
    ],
)
def test_a_model_that_gave_no_probability_is_refused(nats, message):
    with pytest.raises(DataError, match=f"baseline on test: .*{message}"):
        LanguageResult(
            name="baseline",
            split="test",
            nats_by_line=np.array(nats),
            tokens_by_line=np.array([1, 1, 1]),
            characters=1,
            bytes=1,
            unknown=0,
        )


def test_the_most_surprising_tokens_with_their_lines():
    words = ["the", "cat", "sat", "\n", "a", "dog", "\n", "\n", "no", "\n"]
    tokens = np.array([4, 3, 1, 2])
    log_probs = np.array([-1, -5, -1, -2, -1, -9, -1, -9, -3, -1], dtype=np.float64)
    lowest = []
    nats = sums_by_line(least_likely([log_probs[:6], log_probs[6:]], lowest), tokens)
    model = dataclasses.replace(result(tokens=tokens), nats_by_line=nats, lowest=lowest, unknown=0)
    found = most_surprising(model, np.arange(10), text=lambda ids: " ".join(words[i] for i in ids))
    assert len(found) == 10
    assert [(each.token, each.line, each.log_prob) for each in found[:3]] == [
        ("dog", 2, -9.0),
        ("\n", 3, -9.0),
        ("cat", 1, -5.0),
    ]
    assert found[0].before == "the cat sat \n a"
    assert found[2].before == "the"
