"""The choice of a threshold: against a hand-worked set, and what may not be asked."""

import numpy as np
import pytest

from seqkit.data import LabeledText
from seqkit.errors import ConfigError, DataError
from seqkit.train.decision import (
    DecisionConfig,
    check_decidable,
    check_positive,
    choose_decision,
)

LABELS = ("ham", "spam")


def held_out(ham: int, spam: int) -> tuple[list[LabeledText], np.ndarray]:
    """Ham scored 0 to .5, but for one at .8; spam scored .6 and .9 in turn."""
    scores = [*np.linspace(0, 0.5, ham - 1), 0.8, *([0.6, 0.9] * spam)[:spam]]
    labels = ["ham"] * ham + ["spam"] * spam
    records = [LabeledText(str(i), label, "f", i) for i, label in enumerate(labels)]
    return records, np.array([[1 - score, score] for score in scores])


def choose(ham: int, **options: object) -> float:
    config = DecisionConfig(positive="spam", **options)
    chosen = choose_decision(config, LABELS, *held_out(ham, 10))
    assert chosen is not None and chosen.positive == "spam"
    return chosen.threshold


def test_one_of_a_hundred_may_be_blocked_but_not_one_of_a_thousand() -> None:
    assert 0.5 < choose(100, max_blocked=0.01) <= 0.6
    assert 0.8 < choose(100, max_blocked=0.001) <= 0.9


def test_the_conservative_choice_asks_for_more_than_the_share_itself() -> None:
    """At 1 of 400 the rate is .25%, its upper bound 1.2%: within 1.5%, not within 1%."""
    assert choose(400, max_blocked=0.01, conservative=True) > 0.8
    assert choose(400, max_blocked=0.015, conservative=True) <= 0.6


def test_without_a_share_the_likelier_label_is_taken() -> None:
    assert choose_decision(DecisionConfig(), LABELS, *held_out(5, 5)) is None
    assert choose_decision(DecisionConfig(positive="spam"), LABELS, *held_out(5, 5)) is None


@pytest.mark.parametrize(
    ("options", "labels", "message"),
    [
        ({"max_blocked": 0.1}, LABELS, "needs --decision.positive"),
        ({"positive": "spam", "conservative": True}, LABELS, "needs --decision.max-blocked"),
        ({"positive": "spma"}, LABELS, "did you mean 'spam'"),
        ({"positive": "spam"}, (*LABELS, "eggs"), "needs two labels, the data have 3"),
    ],
)
def test_what_may_not_be_asked(options: dict, labels: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_positive(DecisionConfig(**options), labels)


def test_one_label_alone_is_told_before_training() -> None:
    records, _ = held_out(5, 1)
    with pytest.raises(DataError, match="one label only"):
        check_decidable(DecisionConfig(positive="spam", max_blocked=0.1), records[:5])
    check_decidable(DecisionConfig(), records[:5])
