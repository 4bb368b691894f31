"""Embeddings: what is given, what is drawn, what stays in training."""

import pytest
import torch
from torch import nn

from seqkit.errors import ConfigError
from seqkit.nn import Embedding, keep_mask
from seqkit.nn.embedding import RESERVED, GivenRows
from seqkit.train.optim import OptimConfig, make_optimizer

V = 9


def given(use: str = "tuned", width: int = 4) -> GivenRows:
    """Vectors for the ids 4, 5 and 7; the others' are marked as no vectors."""
    torch.manual_seed(5)
    known = torch.zeros(V, dtype=torch.bool)
    known[[4, 5, 7]] = True
    return GivenRows(torch.randn(V, width), known, use)


def make(rows: GivenRows | None, dim: int = 4) -> Embedding:
    torch.manual_seed(1)
    return Embedding(V, dim, given=rows)


def train(embedding: Embedding, optim: OptimConfig) -> None:
    """Ten updates that would move every row."""
    optimizer = make_optimizer(optim, embedding.parameters(), undecayed=[embedding.weight])
    ids, keep = torch.arange(V)[None], keep_mask(torch.tensor([V]), V)
    for _ in range(10):
        optimizer.zero_grad()
        (embedding(ids, keep) - 3).square().sum().backward()
        optimizer.step()


def test_given_rows_are_copied_among_drawn_ones():
    rows = given()
    drawn, embedding = make(None), make(rows)
    assert torch.equal(embedding.weight[rows.known], rows.rows[rows.known])
    assert torch.equal(embedding.weight[~rows.known], drawn.weight[~rows.known])
    assert (embedding.weight[:RESERVED] == 0).all()
    with torch.no_grad():
        embedding.weight.add_(1)
    assert torch.equal(rows.rows, given().rows)


@pytest.mark.parametrize(
    "optim",
    [
        OptimConfig(name="sgd", lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1),
        OptimConfig(name="adam", lr=0.1, weight_decay=0.1),
        OptimConfig(name="adamw", lr=0.1, weight_decay=0.1),
        OptimConfig(name="adagrad", lr=0.1),
        OptimConfig(name="rmsprop", lr=0.1, momentum=0.9),
    ],
    ids=lambda optim: optim.name,
)
@pytest.mark.parametrize("use", ["tuned", "frozen", "projected"])
def test_what_is_kept_stays_to_the_last_digit_and_the_rest_is_learned(use, optim):
    rows = given(use)
    embedding = make(rows)
    before = embedding.weight.detach().clone()
    train(embedding, optim)
    moved = (embedding.weight != before).any(1)
    assert moved[~rows.known].all()
    assert moved[rows.known].all() if use == "tuned" else not moved[rows.known].any()


def test_what_is_kept_stays_on_a_network_that_was_loaded_and_moved():
    rows = given("frozen")
    embedding = make(rows)
    state = {name: value.clone() for name, value in embedding.state_dict().items()}
    embedding.to(torch.float32).load_state_dict(state)
    train(embedding, OptimConfig(name="sgd", lr=0.01))
    assert torch.equal(embedding.weight[rows.known], rows.rows[rows.known])


def test_projected_rows_go_through_a_matrix():
    rows = given("projected", width=3)
    embedding = make(rows, dim=5)
    assert (embedding.dim, embedding.projected_from) == (5, 3)
    ids, keep = torch.tensor([[4, 7, 5, 8]]), keep_mask(torch.tensor([3]), 4)
    out = embedding(ids, keep)
    matrix = embedding.projection.weight.detach()
    expected = [[sum(m * x for m, x in zip(row, rows.rows[i], strict=True)) for row in matrix]
                for i in (4, 7, 5)]  # fmt: skip
    torch.testing.assert_close(out[0, :3], torch.tensor(expected))
    assert (out[0, 3] == 0).all()
    before = matrix.clone()
    train(embedding, OptimConfig(name="adam", lr=0.1))
    assert (matrix != before).all()


def test_a_projection_keeps_lengths_on_average():
    torch.manual_seed(2)
    rows = nn.functional.normalize(torch.randn(400, 50))
    made = GivenRows(rows, torch.ones(400, dtype=torch.bool), "projected")
    embedding = Embedding(400, 80, given=made)
    out = embedding(torch.arange(400)[None], torch.ones(1, 400, dtype=torch.bool))
    assert out[0].norm(dim=1).mean().item() == pytest.approx(1, abs=0.05)


def test_autocast_does_not_narrow_what_is_projected():
    embedding = make(given("projected", width=3))
    ids, keep = torch.tensor([[4, 5]]), torch.ones(1, 2, dtype=torch.bool)
    with torch.autocast("cpu", torch.bfloat16):
        assert embedding(ids, keep).dtype == torch.float32


def test_a_stand_in_has_the_shape_of_what_is_loaded():
    assert GivenRows.stand_in(V, None) is None
    saved = make(given("projected", width=3), dim=5)
    with torch.device("meta"):
        empty = Embedding(V, 5, given=GivenRows.stand_in(V, saved.projected_from))
    loaded = empty.to_empty(device="cpu")
    loaded.load_state_dict(saved.state_dict())
    ids, keep = torch.arange(V)[None], torch.ones(1, V, dtype=torch.bool)
    assert torch.equal(loaded(ids, keep), saved(ids, keep))


def test_random_vectors_have_a_length_near_one():
    torch.manual_seed(3)
    assert Embedding(500, 64).weight.norm(dim=1).mean().item() == pytest.approx(1, abs=0.05)


def test_rows_that_do_not_fit_are_refused():
    with pytest.raises(ConfigError, match=r"shape \(9, 4\): the model needs \(9, 3\)"):
        Embedding(V, 3, given=given("frozen"))
    with pytest.raises(ConfigError, match=r"shape \(9, 4\): the model needs \(8, 4\)"):
        Embedding(8, 4, given=given("projected"))
    with pytest.raises(ConfigError, match=r"use of vectors 'frosen'.*did you mean 'frozen'"):
        given("frosen")
    with pytest.raises(ConfigError, match=r"shape \(9, 4\) with \(8,\) marks"):
        GivenRows(torch.zeros(9, 4), torch.zeros(8, dtype=torch.bool))
    with pytest.raises(ConfigError, match="embedding dim 0"):
        Embedding(7, 0)
