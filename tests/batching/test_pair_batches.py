"""Batches of pairs: inputs, gold and what counts, against plain lists."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqkit.batching import PairBatch, pad_pairs
from seqkit.errors import DataError
from seqkit.text import Vocab

side = st.lists(st.integers(0, 9), max_size=40)
pairs = st.lists(st.tuples(side, side), min_size=1, max_size=8)


def padded(rows: list[tuple[list[int], list[int]]]) -> PairBatch:
    sides = zip(*rows, strict=True)
    return pad_pairs(*([np.array(ids, np.int32) for ids in each] for each in sides))


def check(batch: PairBatch, rows: list[tuple[list[int], list[int]]]) -> None:
    """Compare with a decoder's view of each row, read up to its own end."""
    assert len(batch) == len(rows)
    assert batch.tokens == sum(len(target) + 1 for _, target in rows)
    assert batch.tokens == int(batch.keep.sum())
    width = batch.target.ids.shape[1] + 1
    assert batch.inputs.shape == batch.gold.shape == batch.keep.shape == (len(rows), width)
    assert batch.inputs.dtype == batch.gold.dtype == torch.int64
    for at, (source, target) in enumerate(rows):
        assert batch.source.ids[at, : batch.source.lengths[at]].tolist() == source
        end = len(target) + 1
        assert batch.inputs[at, :end].tolist() == [Vocab.BOS, *target]
        assert batch.gold[at, :end].tolist() == [*target, Vocab.EOS]
        assert batch.keep[at].tolist() == [True] * end + [False] * (width - end)
        assert not batch.inputs[at, end:].any() and not batch.gold[at, end:].any()


@given(pairs)
def test_a_decoder_reads_bos_first_and_is_to_write_eos_last(
    rows: list[tuple[list[int], list[int]]],
) -> None:
    check(padded(rows), rows)


@given(pairs, st.integers(1, 10))
def test_chunks_are_the_batch_in_order_and_trimmed(
    rows: list[tuple[list[int], list[int]]], parts: int
) -> None:
    chunks = padded(rows).chunks(parts)
    assert [len(chunk) for chunk in chunks] == [
        len(piece) for piece in torch.arange(len(rows)).chunk(parts)
    ]
    start = 0
    for chunk in chunks:
        part = rows[start : start + len(chunk)]
        check(chunk, part)
        assert chunk.source.ids.shape[1] == max(1, *(len(source) for source, _ in part))
        assert chunk.target.ids.shape[1] == max(1, *(len(target) for _, target in part))
        start += len(chunk)


def test_what_is_asked_leaves_the_batch_as_it_was() -> None:
    batch = padded([([4], [5, 6]), ([4], [7])])
    assert batch.gold.tolist() == [[5, 6, 2], [7, 2, 0]] == batch.gold.tolist()
    assert batch.target.ids.tolist() == [[5, 6], [7, 0]]


def test_to_moves_both_sides() -> None:
    moved = padded([([4], [5, 6])]).to(torch.device("meta"))
    tensors = [moved.source.ids, moved.target.lengths, moved.inputs, moved.gold, moved.keep]
    assert {tensor.device.type for tensor in tensors} == {"meta"}


def test_sides_of_different_number_are_refused() -> None:
    with pytest.raises(DataError, match="1 sources and 0 targets"):
        pad_pairs([np.zeros(2, np.int32)], [])
