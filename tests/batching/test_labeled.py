"""Batches of texts with classes: parts are the batch in order, each class beside its text."""

import numpy as np
import pytest
import torch

from seqkit.batching import LabeledBatch, pad

ROWS = [[5, 6, 7, 8], [9], [], [4, 4], [3]]
BATCH = LabeledBatch(pad([np.array(row, np.int32) for row in ROWS]), torch.arange(5))


@pytest.mark.parametrize("parts", [1, 2, 3, 9])
def test_chunks(parts):
    chunks = BATCH.chunks(parts)
    assert [len(chunk) for chunk in chunks] == list(map(len, torch.arange(5).chunk(parts)))
    for chunk in chunks:
        for ids, length, gold in zip(chunk.texts.ids, chunk.texts.lengths, chunk.gold, strict=True):
            assert ids[:length].tolist() == ROWS[gold]
        assert chunk.texts.ids.shape[1] == max(1, *map(int, chunk.texts.lengths))


def test_to_moves_all():
    moved = BATCH.to(torch.device("meta"))
    kinds = {t.device.type for t in (moved.texts.ids, moved.texts.lengths, moved.gold)}
    assert kinds == {"meta"} and len(moved) == 5
