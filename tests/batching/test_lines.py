"""The lines of a corpus by number, against the lists that they were made of."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqkit.batching import Lines, TokenShards, lines
from seqkit.errors import DataError
from seqkit.text import Vocab

rows = st.lists(st.lists(st.integers(3, 50), max_size=7), min_size=1, max_size=15)


def tokens(sentences: list[list[int]]) -> TokenShards:
    return TokenShards.from_array([t for ids in sentences for t in [*ids, Vocab.EOS]])


@pytest.mark.parametrize("chunk", [1, 4, 1 << 20])
@given(sentences=rows)
def test_lines_are_what_was_written(chunk, sentences):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_CHUNK", chunk)
        found = Lines(tokens(sentences))
    assert len(found) == len(sentences)
    assert found.lengths.tolist() == list(map(len, sentences))
    assert [found[i].tolist() for i in range(len(found))] == sentences
    assert found[-1].tolist() == sentences[-1]
    with pytest.raises(IndexError):
        found[len(sentences)]


@given(rows)
def test_a_batch_predicts_each_token_and_the_end(sentences):
    order = list(range(len(sentences)))[::-1]
    batch, targets = Lines(tokens(sentences)).batch(order)
    assert batch.ids.shape == targets.shape and targets.dtype == torch.int64
    assert batch.lengths.tolist() == [len(sentences[i]) + 1 for i in order]
    for row, index in enumerate(order):
        width = batch.lengths[row]
        assert batch.ids[row, :width].tolist() == [Vocab.BOS, *sentences[index]]
        assert targets[row, :width].tolist() == [*sentences[index], Vocab.EOS]


@pytest.mark.parametrize("ids", [[], [4, 5], [4, Vocab.EOS, 5]])
def test_the_last_line_ends_with_eos(ids):
    with pytest.raises(DataError, match=f"^{len(ids)} tokens that do not end with EOS: "):
        Lines(TokenShards.from_array(ids))
