"""Checks before training: they are silent where all is well, and say what is wrong."""

import math

import pytest
import torch

from seqkit.errors import SeqkitError
from seqkit.train.sanity import check_first_loss, check_overfits


@pytest.mark.parametrize("loss", [math.log(2), 0.6, 0.9])
def test_a_first_loss_near_that_of_guessing(loss, caplog):
    assert check_first_loss(loss, math.log(2))
    assert not caplog.records


@pytest.mark.parametrize("loss", [3.0, 0.01])
def test_a_first_loss_far_from_it_is_told(loss, caplog):
    assert not check_first_loss(loss, math.log(2))
    assert "0.693 is expected" in caplog.text


def descent(rate):
    weight = torch.nn.Parameter(torch.tensor(2.0))
    optimizer = torch.optim.SGD([weight], rate)

    def update():
        optimizer.zero_grad()
        loss = weight**2
        loss.backward()
        optimizer.step()
        return loss.item()

    return update


def test_a_model_that_learns_one_batch():
    # each step halves the weight, so quarters the loss: below a quarter after the second
    assert check_overfits(descent(0.25)) == 3


@pytest.mark.parametrize(
    ("rate", "steps", "cause"),
    [(0.0, 5, "hardly moved"), (1.01, 5, "it rose"), (0.01, 20, "fell slowly")],
)
def test_a_model_that_does_not_is_told_why(rate, steps, cause):
    with pytest.raises(SeqkitError, match=cause):
        check_overfits(descent(rate), steps=steps)
