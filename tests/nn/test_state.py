"""State as a value, against the same done to a plain stack of rows."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from seqkit.nn.state import concat, detach, select


def make(count, *, fill=0.0):
    """Two layers, (h, c) of 3 units and (h,) of 2; row b holds b + fill everywhere."""
    rows = torch.arange(float(count)) + fill
    layers = [(3, 3), (2,)]
    return tuple(
        tuple(rows.view(1, count, 1).repeat(1, 1, size) for size in sizes) for sizes in layers
    )


def rows_of(state):
    for part in (part for layer in state for part in layer):
        yield part[0, :, 0].tolist()
        assert (part == part[:, :, :1]).all()


@given(st.integers(1, 6).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.integers(0, n - 1)))))
def test_select_takes_rows_in_any_order_and_as_often_as_named(case):
    count, wanted = case
    chosen = select(make(count), torch.tensor(wanted, dtype=torch.int64))
    assert all(rows == wanted for rows in rows_of(chosen))
    assert [[part.shape[2] for part in layer] for layer in chosen] == [[3, 3], [2]]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_concat_joins_what_select_takes_apart(counts):
    states = [make(count, fill=10 * number) for number, count in enumerate(counts)]
    joined = concat(states)
    expected = [10.0 * number + row for number, count in enumerate(counts) for row in range(count)]
    assert all(rows == expected for rows in rows_of(joined))
    at = 0
    for state, count in zip(states, counts, strict=True):
        back = select(joined, torch.arange(at, at + count))
        assert list(rows_of(back)) == list(rows_of(state))
        at += count


def test_detach_cuts_the_graph_and_shares_the_numbers():
    leaf = torch.ones(1, 2, 3, requires_grad=True)
    state = ((2 * leaf, 3 * leaf), (4 * leaf,))
    cut = detach(state)
    for part, its_like in zip(sum(cut, ()), sum(state, ()), strict=True):
        assert not part.requires_grad and its_like.requires_grad
        assert part.data_ptr() == its_like.data_ptr()


def test_the_state_that_was_given_stays_as_it_was():
    state = make(3)
    select(state, torch.tensor([2, 2]))[0][0].zero_()
    concat([state, state])[0][0].zero_()
    assert list(rows_of(state)) == [[0.0, 1.0, 2.0]] * 3
