"""Batches one ahead of those that are used."""

import pytest
import torch

from seqkit.train.prefetch import prefetch

CPU = torch.device("cpu")


def batches(count, made):
    for number in range(count):
        made.append(number)
        yield torch.tensor([number]), torch.tensor([-number])


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_every_batch_in_order(count):
    found = [tuple(map(int, batch)) for batch in prefetch(batches(count, []), CPU)]
    assert found == [(number, -number) for number in range(count)]


def test_the_next_is_made_before_the_last_is_given_and_no_more():
    made = []
    for number, _ in enumerate(prefetch(batches(4, made), CPU)):
        assert made == list(range(min(number + 2, 4)))


def test_nothing_is_made_before_it_is_asked_for():
    made = []
    prefetch(batches(3, made), CPU)
    assert made == []


@pytest.mark.gpu
def test_batches_reach_the_gpu_whole():
    device = torch.device("cuda")
    sent = [(torch.randint(9, (3, 50)), torch.rand(3, 50) > 0.5) for _ in range(20)]
    for batch, expected in zip(prefetch(sent, device), sent, strict=True):
        assert all(part.device.type == "cuda" for part in batch)
        assert all(torch.equal(a.cpu(), b) for a, b in zip(batch, expected, strict=True))
