"""The bits of a packed trie, read back by arithmetic on one large integer, and its file."""

import json
import resource

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_tables import closed, fill, models, table_of

from seqkit.errors import DataError
from seqkit.ngram import packing
from seqkit.ngram.coding import Coding
from seqkit.ngram.trie import PackedTrie


def small_table():
    return table_of(fill(closed([(1, 4, 5), (4, 5, 2), (4, 4, 6)], vocabulary=7)), order=3)


@given(models())
def test_a_table_comes_back(model):
    order, _, ngrams, unseen = model
    table = table_of(ngrams, order=order, unseen_context=unseen)
    found = PackedTrie.pack(table).table()
    assert found.unseen_context == unseen and found.levels.sizes == table.levels.sizes
    assert list(map(len, found.levels.starts)) == list(map(len, table.levels.starts))
    for name in ("words", "starts"):
        pairs = zip(getattr(found.levels, name), getattr(table.levels, name), strict=True)
        assert all(np.array_equal(one, other) and one.dtype == np.uint32 for one, other in pairs)
    for name in ("log_probs", "backoffs"):
        for one, other in zip(getattr(found, name), getattr(table, name), strict=True):
            assert one.dtype == np.float32
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)
            exact = (other == 0) | np.isinf(other)
            assert np.array_equal(one[exact], other[exact])


@given(models(max_order=4))
def test_records_lie_where_the_frame_says(model):
    order, vocabulary, ngrams, _ = model
    table = table_of(ngrams, order=order)
    trie = PackedTrie.pack(table)
    bits = int.from_bytes(trie.data.tobytes(), "little")
    assert trie.data[0].tobytes() == b"seqtrie\x01" and trie.data[1] == len(trie.data)
    for k, level in enumerate(trie.frame.levels, 1):
        inner = k + 1 < order
        assert level.word_bits == (vocabulary - 1).bit_length()
        assert level.records == table.levels.sizes[k] + inner
        for i in range(level.records):
            at = 64 * level.first + i * level.size
            if i < table.levels.sizes[k]:
                assert bits >> at & (1 << level.word_bits) - 1 == table.levels.words[k][i]
            at += level.size - level.start_bits
            start = bits >> at & (1 << level.start_bits) - 1
            assert start == (table.levels.starts[k][i] if inner else 0)


@given(st.lists(st.floats(-100, 4, width=32) | st.just(-np.inf), max_size=40))
def test_linear_codes_are_within_a_millionth(values):
    array = np.array(values, np.float32)
    coding = Coding.linear(array)
    lowest, step = coding.numbers
    finite = array[np.isfinite(array)].astype(float)
    codes = np.round((finite - lowest) / step) if step else np.zeros(len(finite))
    decoded = (lowest + codes * step).astype(np.float32)
    assert np.abs(decoded - finite).max(initial=0) < 1e-6
    assert (codes + 2 < 1 << coding.bits).all()


def test_wide_spans_take_32_bits():
    coding = Coding.linear(np.array([-1e6, 0], np.float32))
    assert coding.bits == 32 and coding.numbers[1] < 1e6 / (2**32 - 4)


def test_pieces_join_without_a_seam(monkeypatch):
    rng = np.random.default_rng(3)
    grams = [tuple(gram) for gram in rng.integers(3, 12, (150, 3)).tolist()]
    table = table_of(fill(closed(grams, vocabulary=12)), order=3)
    whole = PackedTrie.pack(table).data
    monkeypatch.setattr(packing, "_PIECE", 64)
    assert np.array_equal(whole, PackedTrie.pack(table).data)


@pytest.mark.parametrize("quantize", [None, 8])
def test_a_file_holds_what_memory_holds(tmp_path, quantize):
    memory = PackedTrie.pack(small_table(), quantize=quantize)
    mapped = PackedTrie.pack(small_table(), quantize=quantize, path=tmp_path / "a.bin")
    memory.write(tmp_path / "b.bin")
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bin", "b.bin"]
    layout = json.loads(json.dumps(mapped.layout, allow_nan=False))
    opened = PackedTrie.open(tmp_path / "a.bin", layout)
    block = np.array([4, 5, 2, 4, 6, 3, 2], np.uint32)
    for trie in (mapped, opened):
        assert np.array_equal(trie.score(block)[0], memory.score(block)[0])


def refusal(path, layout) -> str:
    with pytest.raises(DataError) as caught:
        PackedTrie.open(path, layout)
    said = str(caught.value)
    assert said.startswith(f"{path}: ") and "\n" not in said
    return said.removeprefix(f"{path}: ")


def test_a_file_that_does_not_fit_is_refused(tmp_path):
    path = tmp_path / "ngrams.bin"
    layout = PackedTrie.pack(small_table(), path=path).layout
    content = path.read_bytes()
    assert "No such file" in refusal(tmp_path / "none", layout)
    path.write_bytes(content[:-8])
    assert refusal(path, layout) == (
        f"{len(content) - 8} bytes, expected {len(content)}: truncated, or of another model"
    )
    path.write_bytes(b"\x7fELF" + content[4:])
    assert "not the n-grams of a seqkit model" in refusal(path, layout)
    path.write_bytes(content[:7] + b"\x02" + content[8:])
    assert "newer seqkit (format 2)" in refusal(path, layout)
    assert "newer seqkit (format 2)" in refusal(path, {**layout, "format": 2})
    for damaged in ({}, {**layout, "sizes": None}, {**layout, "codings": [[1, 2]]}):
        assert "the layout is damaged" in refusal(path, damaged)


def test_a_full_disk_leaves_nothing(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    table = table_of(fill(closed([], vocabulary=3000)), order=1)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
        with pytest.raises(
            DataError, match=r"the disk is full .*: what was written is removed; free 0.0 MB there"
        ):
            PackedTrie.pack(table, path=tmp_path / "ngrams.bin")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
