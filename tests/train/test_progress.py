"""Position in the data, and all parts of a training saved and restored as one."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from seqkit.errors import DataError, SeqkitError
from seqkit.text import Ragged
from seqkit.train.progress import Checkpointed, Progress
from seqkit.train.run import Run

IDS, GOLD = Ragged.from_sequences([[1, 2], [3]]), np.array([0, 1])
DATA = [IDS, GOLD]


@dataclass(frozen=True, kw_only=True)
class Config:
    resume: bool = False


def parts():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Dropout(0.5))
    return network, torch.optim.Adam(network.parameters())


def step(network, optimizer):
    optimizer.zero_grad()
    network(torch.ones(2, 3)).square().sum().backward()
    optimizer.step()


def test_progress_by_hand():
    progress = Progress()
    assert progress.loss == 0.0
    progress.count(6.0, 2.0)
    progress.count(1.0, 5.0)
    assert (progress.batch, progress.step, progress.loss) == (2, 2, 1.0)
    progress.next_epoch()
    assert (progress.epoch, progress.batch, progress.step, progress.loss) == (1, 0, 2, 0.0)


def test_a_restored_training_goes_on_as_if_never_stopped(tmp_path):
    network, optimizer = parts()
    training = Checkpointed(network=network, optimizer=optimizer)
    with Run(tmp_path, config=Config(), recipe="test") as run:
        progress = training.restore(run, data=DATA)
        assert progress.step == 0
        step(network, optimizer)
        progress.count(3.0, 2.0)
        training.save(run, progress, best_step=-1)
    step(network, optimizer)

    again, resumed = parts()
    torch.manual_seed(99)
    training = Checkpointed(network=again, optimizer=resumed)
    with Run(tmp_path, config=Config(resume=True), recipe="test") as run:
        progress = training.restore(run, data=DATA)
    assert (progress.epoch, progress.batch, progress.step, progress.loss) == (0, 1, 1, 1.5)
    step(again, resumed)
    assert torch.equal(network[0].weight, again[0].weight)


@pytest.mark.parametrize(
    "changed",
    [
        [Ragged.from_sequences([[1, 2], [4]]), GOLD],
        [Ragged.from_sequences([[1], [2, 3]]), GOLD],
        [IDS, np.array([1, 0])],
    ],
)
def test_other_data_are_refused(tmp_path, changed):
    network, optimizer = parts()
    training = Checkpointed(network=network, optimizer=optimizer)
    with Run(tmp_path, config=Config(), recipe="test") as run:
        training.save(run, training.restore(run, data=DATA), best_step=-1)
    with (
        Run(tmp_path, config=Config(resume=True), recipe="test") as run,
        pytest.raises(DataError, match="--resume: the data"),
    ):
        training.restore(run, data=changed)


def test_weights_that_have_overflowed_take_no_checkpoint_s_place(tmp_path):
    network, optimizer = parts()
    training = Checkpointed(network=network, optimizer=optimizer)
    with Run(tmp_path, config=Config(), recipe="test") as run:
        progress = training.restore(run, data=DATA)
        training.save(run, progress, best_step=-1)
        before = run.checkpoint_path.read_bytes()
        progress.count(3.0, 2.0)
        network[0].bias.data[1] = torch.inf
        with pytest.raises(SeqkitError, match="update 1: the weights have overflowed; lower"):
            training.save(run, progress, best_step=-1)
        assert run.checkpoint_path.read_bytes() == before


def test_a_state_is_a_copy():
    network, optimizer = parts()
    training = Checkpointed(network=network, optimizer=optimizer)
    step(network, optimizer)
    before, state = network[0].weight.clone(), training.state()
    first = torch.rand(3)
    step(network, optimizer)
    training.set_state(state)
    assert torch.equal(network[0].weight, before)
    assert torch.equal(torch.rand(3), first)
