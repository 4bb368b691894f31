"""The averages of the weights, by hand, against the paper's algorithm and against torch."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError
from seqkit.train.averaging import CheckpointAverage, TriggeredAverage, WeightAverage
from seqkit.train.checkpoint import load_state, save_state


def layer(value):
    module = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(module.weight, value)
    return module


def test_by_hand():
    module = layer(0.0)
    average = WeightAverage(module, 0.15)
    values = []
    for value in (10.0, 20.0, 30.0):
        torch.nn.init.constant_(module.weight, value)
        average.update()
        values.append(average.weights["weight"].item())
    # decays: 1 / 10, then 0.15 which 2 / 11 and 3 / 12 do not reach
    first = 0.9 * 10
    second = 0.15 * first + 0.85 * 20
    assert values == pytest.approx([first, second, 0.15 * second + 0.85 * 30])


def test_applied_puts_it_in_place_and_takes_it_back():
    module = layer(1.0)
    average = WeightAverage(module, 0.9)
    torch.nn.init.constant_(module.weight, 5.0)
    with average.applied():
        assert module.weight.item() == 1.0
    assert module.weight.item() == 5.0


def test_applied_takes_it_back_after_an_error():
    module = layer(1.0)
    average = WeightAverage(module, 0.9)
    torch.nn.init.constant_(module.weight, 5.0)
    with pytest.raises(KeyError), average.applied():
        raise KeyError
    assert module.weight.item() == 5.0


def test_a_decay_of_0_keeps_nothing():
    module = layer(1.0)
    average = WeightAverage(module, 0.0)
    torch.nn.init.constant_(module.weight, 5.0)
    average.update()
    with average.applied():
        assert module.weight.item() == 5.0
    assert average.state_dict() == {"updates": 0, "weights": {}}


def test_frozen_weights_have_no_average():
    module = layer(1.0)
    module.weight.requires_grad_(False)
    assert WeightAverage(module, 0.9).weights == {}


def test_the_state_goes_on():
    averages = []
    for _ in range(2):
        module = layer(1.0)
        averages.append((module, WeightAverage(module, 0.9)))
    (module, average), (other, resumed) = averages
    torch.nn.init.constant_(module.weight, 5.0)
    average.update()
    resumed.load_state_dict(average.state_dict())
    torch.nn.init.constant_(other.weight, 5.0)
    average.update()
    resumed.update()
    assert torch.equal(average.weights["weight"], resumed.weights["weight"])


@pytest.mark.parametrize("decay", [-0.1, 1.0, float("nan")])
def test_a_decay_out_of_range_is_refused(decay):
    with pytest.raises(ConfigError, match="ema"):
        WeightAverage(layer(0.0), decay)


def triggered(module, *, patience=0):
    """An average that has begun."""
    average = TriggeredAverage(module, patience)
    assert [average.observe(score) for score in (1.0, *[0.0] * (patience + 1))][-1]
    return average


def test_the_mean_begins_at_the_trigger():
    module = layer(0.0)
    average = TriggeredAverage(module, 1)
    seen = []
    for value, score in [(1.0, -9.0), (2.0, -5.0), (3.0, -6.0), (4.0, -5.5), (6.0, -7.0)]:
        torch.nn.init.constant_(module.weight, value)
        average.update()
        with average.applied():
            seen.append(module.weight.item())
        assert module.weight.item() == value
        average.observe(score)
    # -5.5 is worse than -5, the best of those before the last one, -6: from the next update on
    assert seen == [1.0, 2.0, 3.0, 4.0, 6.0]
    for value in (8.0, 1.0):
        torch.nn.init.constant_(module.weight, value)
        average.update()
    assert average.weights["weight"].item() == pytest.approx((6 + 8 + 1) / 3)


def merity_triggers(scores, patience):
    """Algorithm 1 as printed, over perplexities v = -score: the index t at which T is set."""
    logs = []
    for t, v in enumerate(-score for score in scores):
        if t > patience and v > min(logs[: t - patience]):
            return t
        logs.append(v)
    return None


@given(st.lists(st.integers(-5, 5), max_size=12), st.integers(0, 4))
def test_it_triggers_where_the_paper_does(scores, patience):
    average = TriggeredAverage(layer(0.0), patience)
    told = [average.observe(float(score)) for score in scores]
    expected = merity_triggers(scores, patience)
    assert [index for index, told_so in enumerate(told) if told_so] == (
        [] if expected is None else [expected]
    )
    assert average.triggered is (expected is not None)


def test_the_mean_is_that_of_torch():
    """ASGD with t0=0 drops its first iterate: so the trigger comes after it."""
    torch.manual_seed(0)
    ours, theirs = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    descent = torch.optim.SGD(ours.parameters(), 0.1)
    averaged = torch.optim.ASGD(theirs.parameters(), 0.1, t0=0, lambd=0)
    average = TriggeredAverage(ours, 0)
    for step in range(20):
        x = torch.randn(4, 3)
        for module, optimizer in ((ours, descent), (theirs, averaged)):
            optimizer.zero_grad()
            module(x).square().mean().backward()
            optimizer.step()
        average.update()
        if step == 0:
            assert not average.observe(1.0) and average.observe(0.0)
    for name, value in theirs.named_parameters():
        torch.testing.assert_close(average.weights[name], averaged.state[value]["ax"])
        assert not torch.allclose(average.weights[name], value)


def test_no_patience_never_averages():
    module = layer(1.0)
    average = TriggeredAverage(module, None)
    assert not any(average.observe(float(-n)) for n in range(20))
    average.update()
    assert average.state_dict() == {"scores": [], "triggered": False, "updates": 0, "weights": {}}


@pytest.mark.parametrize("cut", range(8))
def test_the_state_of_a_triggered_average_goes_on(cut, tmp_path):
    def run(average, module, numbers):
        for number in numbers:
            torch.nn.init.constant_(module.weight, number**1.5)
            average.update()
            average.observe([0.0, 3.0, 1.0, 2.0, 1.0, 0.0, 5.0, 4.0][number])
        return average.state_dict()

    whole_module, first, second = layer(0.0), layer(0.0), layer(0.0)
    whole = run(TriggeredAverage(whole_module, 1), whole_module, range(8))
    save_state(tmp_path / "state", run(TriggeredAverage(first, 1), first, range(cut)))
    resumed = TriggeredAverage(second, 1)
    resumed.load_state_dict(load_state(tmp_path / "state"))
    assert run(resumed, second, range(cut, 8)) == whole
    assert whole["triggered"] and whole["updates"] == 4


def test_a_state_from_before_the_trigger_takes_a_later_mean_away():
    module = layer(1.0)
    average = TriggeredAverage(module, 0)
    before = average.state_dict()
    average.observe(1.0)
    average.observe(0.0)
    average.update()
    average.load_state_dict(before)
    torch.nn.init.constant_(module.weight, 5.0)
    with average.applied():
        assert module.weight.item() == 5.0


def test_a_mean_leaves_frozen_weights_alone():
    module = torch.nn.Linear(1, 1)
    module.bias.requires_grad_(False)
    average = triggered(module, patience=2)
    average.update()
    assert average.weights.keys() == {"weight"}


def test_a_negative_patience_is_refused():
    with pytest.raises(ConfigError, match="patience of the averaging -1"):
        TriggeredAverage(layer(0.0), -1)


def epochs(average, module, values):
    """The weight in place after each epoch, which leaves one of the given values."""
    seen = []
    for value in values:
        torch.nn.init.constant_(module.weight, value)
        average.observe()
        with average.applied():
            seen.append(module.weight.item())
        assert module.weight.item() == value
    return seen


def test_the_mean_of_the_last_epochs_by_hand():
    module = layer(0.0)
    assert epochs(CheckpointAverage(module, 3), module, [3.0, 6.0, 12.0, 0.0, -3.0]) == [
        3.0,
        4.5,
        7.0,
        6.0,
        3.0,
    ]


@pytest.mark.parametrize("last", [0, 1])
def test_the_last_epoch_alone_is_not_kept(last):
    module = layer(0.0)
    average = CheckpointAverage(module, last)
    assert epochs(average, module, [3.0, 6.0]) == [3.0, 6.0]
    assert average.state_dict() == {"copies": []}


@given(st.lists(st.floats(-1e3, 1e3, width=32), max_size=8), st.integers(2, 5))
def test_the_mean_is_over_the_last_epochs(values, last):
    module = layer(0.0)
    expected = [sum(values[max(0, n - last) : n]) / min(last, n) for n in range(1, len(values) + 1)]
    found = epochs(CheckpointAverage(module, last), module, values)
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-3)


@pytest.mark.parametrize("cut", range(6))
def test_the_mean_of_epochs_goes_on(cut, tmp_path):
    values = [3.0, 1.75, 0.5, -4.25, 9.5, 2.0]
    module, other, third = layer(0.0), layer(0.0), layer(0.0)
    whole = epochs(CheckpointAverage(module, 3), module, values)
    stopped = CheckpointAverage(other, 3)
    before = epochs(stopped, other, values[:cut])
    save_state(tmp_path / "state", stopped.state_dict())
    epochs(stopped, other, [7.0, 8.0])  # what was saved is not changed by going on

    resumed = CheckpointAverage(third, 3)
    resumed.observe()  # is replaced
    resumed.load_state_dict(load_state(tmp_path / "state"))
    assert before + epochs(resumed, third, values[cut:]) == whole


def test_a_saved_mean_of_epochs_is_a_copy():
    module = layer(0.0)
    average = CheckpointAverage(module, 2)
    epochs(average, module, [1.0, 2.0])
    state = average.state_dict()
    epochs(average, module, [5.0])
    average.load_state_dict(state)
    with average.applied():
        assert module.weight.item() == 1.5


def test_tied_weights_are_averaged_once_and_frozen_ones_left():
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    module[1].weight = module[0].weight
    module[1].bias.requires_grad_(False)
    average = CheckpointAverage(module, 2)
    average.observe()
    assert average.copies[0].keys() == {"0.weight", "0.bias"}


def test_a_negative_number_of_epochs_is_refused():
    with pytest.raises(ConfigError, match="average of the last -1 epochs: must be 0 or more"):
        CheckpointAverage(layer(0.0), -1)
