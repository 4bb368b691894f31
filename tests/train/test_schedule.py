"""Learning-rate schedules against values worked by hand."""

import math

import pytest
import torch

from seqkit.errors import ConfigError
from seqkit.train.schedule import SCHEDULES, Schedule, ScheduleConfig, rate


def rates(total=8, **options):
    config = ScheduleConfig(**options)
    return [rate(config, step, total=total) for step in range(total)]


def make(**options):
    weights = [torch.nn.Parameter(torch.zeros(1)), torch.nn.Parameter(torch.zeros(1))]
    groups = [{"params": weights[:1], "lr": 0.1}, {"params": weights[1:], "lr": 1.0}]
    optimizer = torch.optim.SGD(groups)
    return Schedule(ScheduleConfig(**options), optimizer, total=8), optimizer


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"name": "constant"}, [1] * 8),
        ({"name": "plateau"}, [1] * 8),
        ({"name": "constant", "warmup": 0.5}, [0.25, 0.5, 0.75, 1, 1, 1, 1, 1]),
        ({"name": "linear"}, [1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8]),
        ({"name": "linear", "warmup": 0.5}, [0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25]),
        (
            {"name": "linear", "floor": 0.5, "warmup": 0.5},
            [0.25, 0.5, 0.75, 1, 1, 7 / 8, 0.75, 5 / 8],
        ),
        ({"name": "step", "every": 0.25}, [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]),
        ({"name": "step", "every": 0.5, "factor": 0.1}, [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1]),
        ({"name": "step", "every": 0.5, "warmup": 0.5}, [0.25, 0.5, 0.75, 1, 1, 1, 0.5, 0.5]),
        (
            {"name": "cosine", "warmup": 0.5},
            [0.25, 0.5, 0.75, 1, 1, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2],
        ),
        (
            {"name": "inverse-sqrt", "warmup": 0.5},
            [0.25, 0.5, 0.75, 1, *(math.sqrt(4 / step) for step in (5, 6, 7, 8))],
        ),
        ({"name": "inverse-sqrt"}, [math.sqrt(1 / step) for step in range(1, 9)]),
    ],
)
def test_by_hand(options, expected):
    assert rates(**options) == pytest.approx(expected)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.33, 0.99])
def test_every_rate_lies_between_0_and_1_and_never_rises_after_the_warm_up(name, warmup):
    got = rates(total=50, name=name, warmup=warmup)
    after = got[round(warmup * 50) :]
    assert all(0 < share <= 1 for share in got)
    assert after == sorted(after, reverse=True)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_training_of_one_update(name):
    assert rates(total=1, name=name, warmup=0.9) == [1.0]


def test_set_scales_the_peak_of_each_group():
    schedule, optimizer = make(name="linear")
    assert schedule.set(4) == pytest.approx(0.05)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.05, 0.5])


def test_plateau_cuts_the_rate_after_more_than_patience_validations_without_a_better_one():
    schedule, _ = make(name="plateau", patience=1, factor=0.5)
    got = []
    for score in (1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 3.0):
        schedule.observe(score)
        got.append(schedule.set(0))
    assert got == pytest.approx([0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025])


def test_only_plateau_looks_at_the_score():
    schedule, _ = make(name="constant", patience=0)
    for _ in range(5):
        schedule.observe(0.0)
    assert schedule.set(0) == 0.1


def test_the_state_goes_on():
    schedule, _ = make(name="plateau", patience=1)
    for score in (1.0, 1.0, 1.0, 1.0):
        schedule.observe(score)
    resumed, _ = make(name="plateau", patience=1)
    resumed.load_state_dict(schedule.state_dict())
    for each in (schedule, resumed):
        each.observe(0.5)
    assert resumed.set(3) == schedule.set(3) == pytest.approx(0.025)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "cosinus"}, "did you mean 'cosine'"),
        ({"warmup": 1.0}, "schedule.warmup 1.0"),
        ({"warmup": -0.1}, "schedule.warmup -0.1"),
        ({"warmup": math.nan}, "schedule.warmup nan"),
        ({"every": 0.0}, "schedule.every 0.0"),
        ({"factor": 0.0}, "schedule.factor"),
        ({"factor": 1.5}, "schedule.factor"),
        ({"floor": -1.0}, "schedule.floor"),
        ({"patience": -1}, "schedule.patience -1"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        make(**options)
