"""Pieces of the n-gram row: blocks of whole lines, and log-probabilities that wait on disk."""

import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.batching import TokenShards
from seqkit.errors import ConfigError
from seqkit.metrics import fit_weights, mixture
from seqkit.text import Vocab
from seqkit.train import ngram_rows
from seqkit.train.language_kept import KeptLogProbs
from seqkit.train.ngram_rows import NgramRowConfig, NgramRows, line_blocks


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 12))
def test_blocks_are_whole_lines_in_order(lengths, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ngram_rows, "_BLOCK", size)
        lines = [[*range(4, 4 + length), Vocab.EOS] for length in lengths]
        ids = [id for line in lines for id in line]
        blocks = list(line_blocks(TokenShards.from_array(ids)))
    assert np.concatenate(blocks).tolist() == ids
    assert all(block.dtype == np.uint32 and block[-1] == Vocab.EOS for block in blocks)
    longest = max(map(len, lines))
    assert max(map(len, blocks)) <= max(size, 2 * longest)


@given(st.lists(st.lists(st.floats(-50, 0, width=32), max_size=6), max_size=6), st.data())
def test_what_is_kept_is_what_has_passed(parts, data):
    with tempfile.TemporaryDirectory() as folder:
        kept = KeptLogProbs(Path(folder) / "kept")
        passed = list(kept.passing(np.array(part) for part in parts))
        assert [part.tolist() for part in passed] == parts
        whole = [value for part in parts for value in part]
        assert len(kept) == len(whole)
        start, stop = (data.draw(st.integers(0, len(whole))) for _ in range(2))
        assert kept[start:stop].tolist() == whole[start:stop]
        assert kept[:].tolist() == whole


def test_memory_does_not_grow_with_the_text(tmp_path, monkeypatch):
    monkeypatch.setattr(ngram_rows, "_BLOCK", 5_000)
    monkeypatch.setattr(mixture, "_CHUNK", 5_000)

    def peak(count):
        tracemalloc.start()
        rows = NgramRows(NgramRowConfig(order=2), tmp_path, vocabulary=9)
        for split in ("valid", "test"):
            stretches = (np.full(5_000, -1.0) for _ in range(count // 5_000))
            for _ in rows.keeping("model", split, stretches):
                pass
        kept = rows._kept["model", "valid"]
        other = rows._kept["model", "test"]
        weights = fit_weights([kept, other])
        total = sum(part.sum() for part in ngram_rows._mixed([kept, other], weights))
        assert total == pytest.approx(-count)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(5_000)  # with it comes numba
    few, many = peak(50_000), peak(400_000)
    assert many < 1.5 * few < 1_500_000


def test_an_order_that_cannot_be():
    with pytest.raises(ConfigError, match="choose from 1 to 8, or 0 for no n-grams"):
        NgramRowConfig(order=9)


def test_a_large_text_is_counted_as_far_as_memory_goes(tmp_path, monkeypatch):
    monkeypatch.setattr("seqkit.train.ngram_rows._MOST", 12)
    ids = [4, 5, 2, 6, 2] * 10
    tokens = TokenShards.from_array(ids)
    assert sum(map(len, line_blocks(tokens, most=12))) == len(tokens)  # whole blocks
    rows = NgramRows(NgramRowConfig(order=2), tmp_path, vocabulary=8)
    rows.results({"train": tokens, "valid": tokens, "test": tokens}, [])
    assert "The 2-gram was counted on the first 12 of 50 tokens." in rows.notes
