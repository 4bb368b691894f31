"""Masks and reversal against plain Python lists."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from seqkit.nn import keep_mask, reverse_sequences

ragged = st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=5)


def padded(rows: list[list[int]], width: int) -> torch.Tensor:
    return torch.tensor([row + [0] * (width - len(row)) for row in rows]).view(len(rows), width)


@given(ragged, st.integers(0, 3))
def test_keep_mask_is_true_up_to_the_length(rows: list[list[int]], extra: int) -> None:
    width = max(map(len, rows)) + extra
    keep = keep_mask(torch.tensor([len(row) for row in rows]), width)
    assert keep.dtype == torch.bool
    assert keep.tolist() == [[i < len(row) for i in range(width)] for row in rows]


@given(ragged, st.integers(0, 3), st.integers(1, 3))
def test_reversal_turns_each_sequence_and_leaves_its_padding(
    rows: list[list[int]], extra: int, features: int
) -> None:
    width = max(1, max(map(len, rows)) + extra)
    lengths = torch.tensor([len(row) for row in rows])
    x = padded(rows, width)
    assert torch.equal(reverse_sequences(x, lengths), padded([row[::-1] for row in rows], width))
    wide = torch.stack([x + 10 * k for k in range(features)], -1)  # (B, T, features)
    turned = reverse_sequences(wide, lengths)
    assert torch.equal(turned[..., 0], reverse_sequences(x, lengths))
    assert torch.equal(reverse_sequences(turned, lengths), wide)  # its own inverse
