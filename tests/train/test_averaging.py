"""The moving average of the weights, by hand."""

import pytest
import torch

from seqkit.errors import ConfigError
from seqkit.train.averaging import WeightAverage


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
