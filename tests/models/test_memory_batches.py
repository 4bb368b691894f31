"""Batches of like length: the order, the bounds, and what happens when memory ends."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import SeqkitError
from seqkit.models.memory_batches import in_batches

CPU = torch.device("cpu")


@given(
    st.lists(st.integers(0, 30), max_size=40),
    st.integers(1, 8),
    st.integers(1, 60),
    st.integers(1, 9),
)
def test_every_item_once_in_order_and_within_the_bounds(lengths, rows, cells, memory):
    tried = []

    def work(batch):
        tried.append([length for _, length in batch])
        if len(batch) > memory:
            raise torch.OutOfMemoryError
        return [index for index, _ in batch]

    items = list(enumerate(lengths))
    found = in_batches(items, work, lengths=lengths, rows=rows, cells=cells, device=CPU)
    assert found == list(range(len(lengths)))
    for batch in tried:
        assert len(batch) <= rows and (len(batch) == 1 or len(batch) * max(batch) <= cells)
        assert batch == sorted(batch, reverse=True)
    done = [length for batch in tried if len(batch) <= memory for length in batch]
    assert done == sorted(lengths, reverse=True)  # none twice
    over = [len(batch) for batch in tried if len(batch) > memory]
    assert over == sorted(over, reverse=True)  # once too many is not tried again


def test_one_item_too_many_is_an_error_that_says_so(caplog):
    def work(batch):
        raise torch.OutOfMemoryError

    with pytest.raises(SeqkitError, match=r"out of memory on cpu with a single text of 7 tokens"):
        in_batches([1, 2, 3], work, lengths=[3, 7, 2], rows=8, cells=99, device=CPU)
    assert caplog.messages == ["out of memory on cpu: going on with 1 texts at a time"]
