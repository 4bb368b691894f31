"""Early stopping: the best score, and the validations since."""

import math

import pytest

from seqkit.errors import ConfigError, SeqkitError
from seqkit.train.stopping import EarlyStopping


def test_stops_after_patience_validations_without_a_better_one():
    stopping = EarlyStopping(2)
    seen = [(stopping.observe(s, i), stopping.stop) for i, s in enumerate([1, 3, 3, 2])]
    assert seen == [(True, False), (True, False), (False, False), (False, True)]
    assert (stopping.best, stopping.best_step) == (3, 1)


def test_a_better_one_begins_the_count_anew():
    stopping = EarlyStopping(2)
    for step, score in enumerate([1, 0, 2, 1]):
        stopping.observe(score, step)
    assert not stopping.stop and stopping.best_step == 2


def test_none_never_stops():
    stopping = EarlyStopping(None)
    for step in range(100):
        stopping.observe(-step, step)
    assert not stopping.stop


def test_the_state_goes_on():
    stopping, resumed = EarlyStopping(2), EarlyStopping(2)
    stopping.observe(1.0, 5)
    stopping.observe(0.5, 6)
    resumed.load_state_dict(stopping.state_dict())
    resumed.observe(0.5, 7)
    assert resumed.stop and resumed.best_step == 5


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_not_finite_ends_the_training_with_a_remedy(score):
    with pytest.raises(SeqkitError, match=r"update 7 .* lower --optim\.lr"):
        EarlyStopping(2).observe(score, 7)


def test_patience_out_of_range_is_refused():
    with pytest.raises(ConfigError, match="patience 0"):
        EarlyStopping(0)
