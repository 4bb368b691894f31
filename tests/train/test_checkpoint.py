"""Training state in a file: everything that a training holds comes back as it was."""

import math
import os

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.errors import DataError
from seqkit.train.checkpoint import load_state, save_state
from seqkit.train.optim import OPTIMIZERS, OptimConfig, make_optimizer

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("ab/0")
STATES = st.dictionaries(
    st.text("ab/01", max_size=3),
    st.recursive(
        PLAIN | st.lists(st.integers(-9, 9), max_size=3).map(torch.tensor),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(st.integers(0, 9) | st.text("ab/01", max_size=2), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=3,
)


def equal(one, other):
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and one.shape == other.shape and bool((one == other).all())
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and all(map(equal, one, other)) and len(one) == len(other)
    return type(one) is type(other) and one == other


@settings(max_examples=50)
@given(STATES)
def test_round_trip(tmp_path_factory, state):
    path = tmp_path_factory.mktemp("state") / "s.safetensors"
    save_state(path, state)
    assert equal(load_state(path), state)


def test_what_is_easily_lost(tmp_path):
    table = torch.arange(6.0).reshape(2, 3)
    state = {
        0: {"integer key": True, "0": "text key"},
        "infinity": -math.inf,
        "pair": (0.9, 0.999),
        "scalar": torch.tensor(3.0),
        "no rows": torch.zeros(0, 3),
        "bytes": torch.get_rng_state(),
        "half": torch.ones(2, dtype=torch.bfloat16),
        "table": table,
        "the same memory": table,
        "a part of it": table[1],
        "turned": table.T,
        "a/b": {"c": torch.tensor(1)},
        "a": {"b/c": torch.tensor(2)},
    }
    save_state(tmp_path / "s", state)
    assert equal(load_state(tmp_path / "s"), state)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimiser_goes_on_as_if_never_stopped(tmp_path, name):
    def begin():
        torch.manual_seed(0)
        layer = torch.nn.Linear(3, 2)
        momentum = 0.9 if name in ("sgd", "rmsprop") else 0.0
        return layer, make_optimizer(OptimConfig(name=name, momentum=momentum), layer.parameters())

    def step(layer, optimizer, seed):
        x = torch.randn(4, 3, generator=torch.Generator().manual_seed(seed))
        optimizer.zero_grad()
        layer(x).square().sum().backward()
        optimizer.step()

    layer, optimizer = begin()
    for seed in range(3):
        step(layer, optimizer, seed)
    save_state(tmp_path / "s", {"layer": layer.state_dict(), "optimizer": optimizer.state_dict()})
    for seed in range(3, 6):
        step(layer, optimizer, seed)

    again, resumed = begin()
    state = load_state(tmp_path / "s")
    again.load_state_dict(state["layer"])
    resumed.load_state_dict(state["optimizer"])
    for seed in range(3, 6):
        step(again, resumed, seed)
    assert equal(layer.state_dict(), again.state_dict())
    assert equal(optimizer.state_dict(), resumed.state_dict())


@pytest.mark.parametrize("damage", ["empty", "cut", "foreign"])
def test_damage_is_refused(tmp_path, damage):
    path = tmp_path / "s.safetensors"
    save_state(path, {"a": torch.ones(100)})
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        os.truncate(path, path.stat().st_size - 1)
    else:
        path.write_text("not a checkpoint")
    with pytest.raises(DataError) as error:
        load_state(path)
    assert "not a readable checkpoint" in str(error.value)
    assert "\n" not in str(error.value)
