"""Seeds and the states of the generators."""

import torch

from seqkit.train.seeding import generator_states, restore_generators, seed_generators


def test_one_seed_one_sequence():
    seed_generators(3)
    first = torch.rand(4)
    seed_generators(3)
    assert torch.equal(first, torch.rand(4))


def test_a_restored_generator_draws_what_it_would_have_drawn():
    seed_generators(3)
    torch.rand(4)
    states = generator_states()
    drawn = torch.rand(4)
    restore_generators(states)
    assert torch.equal(drawn, torch.rand(4))
