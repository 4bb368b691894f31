"""Thresholds against a search over every cut, and the promise of the bound by simulation."""

import dataclasses
import json
import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit import metrics
from seqkit.errors import ConfigError, DataError
from seqkit.metrics import choose_threshold

RECORDS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0])),
    min_size=2,
    max_size=30,
).filter(lambda records: len({gold for gold, _ in records}) == 2)


def every_cut(records):
    """List (caught, false positives) of each way to cut, the strictest first."""
    values = sorted({score for _, score in records}, reverse=True)
    for cut in [2.0, *values]:
        yield (
            sum(gold for gold, score in records if score >= cut),
            sum(1 - gold for gold, score in records if score >= cut),
        )


@given(RECORDS, st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]))
def test_no_cut_within_the_target_catches_more(records, target):
    gold, scores = map(np.array, zip(*records, strict=True))
    chosen = choose_threshold(gold, scores, max_false_positive_rate=target)
    positives, negatives = gold.sum(), (1 - gold).sum()
    within = [(c, -f) for c, f in every_cut(records) if f / negatives <= target]
    caught, false = max(within)
    assert chosen.met and chosen.false_positive_rate <= target
    assert (chosen.caught, chosen.false_positive_rate) == (caught / positives, -false / negatives)
    calls = chosen.decide(scores)
    assert metrics.caught(gold, calls, positive=1) == chosen.caught
    assert metrics.blocked(gold, calls, positive=1) == chosen.false_positive_rate


@given(RECORDS)
def test_no_cut_has_a_better_mcc(records):
    gold, scores = map(np.array, zip(*records, strict=True))
    chosen = choose_threshold(gold, scores, metric="mcc")
    best = max(metrics.mcc(gold, scores >= cut) for cut in [2.0, *scores])
    assert chosen.mcc == pytest.approx(best)
    assert metrics.mcc(gold, chosen.decide(scores)) == pytest.approx(best)


def test_cuts_lie_midway():
    chosen = choose_threshold([0, 0, 1, 1], [0.1, 0.25, 0.75, 0.9], metric="accuracy")
    assert chosen.value == 0.5


def test_a_tie_across_the_classes_is_not_parted():
    gold, scores = [0, 1, 1, 0], [0.8, 0.8, 0.9, 0.1]
    assert choose_threshold(gold, scores, max_false_positive_rate=0.0).caught == 0.5
    assert choose_threshold(gold, scores, max_false_positive_rate=0.5).caught == 1.0


def test_a_top_score_that_is_negative_leaves_nothing_to_call():
    chosen = choose_threshold([0, 1, 0], [1.0, 0.9, 0.1], max_false_positive_rate=0.0)
    assert chosen.met and chosen.caught == 0.0 and chosen.value > 1.0
    assert not chosen.decide(np.float32([1.0, 0.9])).any()


def test_single_precision_decides_the_same():
    scores = np.float32([0.3, np.nextafter(np.float32(0.3), np.float32(1)), 0.1])
    chosen = choose_threshold([0, 1, 0], scores, max_false_positive_rate=0.0)
    assert (scores >= np.float32(chosen.value)).tolist() == [False, True, False]
    assert chosen.decide(scores).tolist() == [False, True, False]


def test_a_rate_equal_to_the_target_is_within_it():
    gold = [0] * 1000 + [1]
    scores = [0.9] * 3 + [0.1] * 997 + [0.5]
    assert choose_threshold(gold, scores, max_false_positive_rate=0.003).caught == 1.0


def test_a_bound_that_few_records_cannot_meet_is_said(caplog):
    gold, scores = [0] * 100 + [1] * 5, [*np.linspace(0, 0.6, 100), 0.5, 0.7, 0.8, 0.9, 1.0]
    with caplog.at_level(logging.WARNING, logger="seqkit.metrics"):
        chosen = choose_threshold(gold, scores, max_false_positive_rate=0.003, conservative=True)
    assert not chosen.met and "100 negatives cannot bound" in caplog.text
    assert chosen.false_positive_rate == 0.0 and chosen.caught == 0.8
    assert chosen.false_positive_bound == pytest.approx(1 - 0.05 ** (1 / 100))


def test_a_conservative_cut_keeps_its_promise_on_other_data():
    """Neyman-Pearson umbrella: the true rate is above the target in 5% of the draws at most.

    Negatives are uniform, so that the true rate of a cut t is 1 - t; 300 draws of 200 negatives.
    """
    generator = np.random.default_rng(1)
    above = {True: 0, False: 0}
    for _ in range(300):
        negatives = generator.random(200)
        positives = 1 - generator.random(50) * 0.3
        gold = np.repeat([0, 1], [200, 50])
        for conservative in above:
            chosen = choose_threshold(
                gold,
                np.append(negatives, positives),
                max_false_positive_rate=0.05,
                conservative=conservative,
            )
            above[conservative] += 1 - chosen.value > 0.05
    assert above[True] / 300 <= 0.05 + 0.03
    assert above[False] / 300 > 0.3  # what the option is for


def test_a_threshold_is_json():
    chosen = choose_threshold([0, 1], [0, 1], metric="mcc")
    assert json.loads(json.dumps(dataclasses.asdict(chosen), allow_nan=False))["mcc"] == 1.0


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"metric": "mcc", "max_false_positive_rate": 0.1},
        {"metric": "mc"},
        {"metric": "caught"},
        {"metric": "mcc", "conservative": True},
        {"max_false_positive_rate": 3},
        {"max_false_positive_rate": 0.1, "confidence": 95},
    ],
)
def test_options_that_cannot_be_used_are_refused(options):
    with pytest.raises(ConfigError):
        choose_threshold([0, 1], [0.1, 0.9], **options)


def test_one_class_is_refused():
    with pytest.raises(DataError, match="2 positive and 0 negative"):
        choose_threshold([1, 1], [0.1, 0.9], metric="mcc")
