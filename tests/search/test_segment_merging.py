import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_segments import Analysed, build, check, collections, many, same

from seqkit.data import Document
from seqkit.search import inverting
from seqkit.search.merging import merge_segments
from seqkit.search.segment_builder import SegmentBuilder


@settings(max_examples=60)
@given(data=st.data(), documents=collections(max_size=12))
def test_a_merge_equals_a_fresh_build(tmp_path_factory, data, documents):
    folder = tmp_path_factory.mktemp("merge")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(documents)), max_size=3)))
    sources, left = [], []
    for number, (start, stop) in enumerate(zip([0, *cuts], [*cuts, len(documents)], strict=True)):
        part = documents[start:stop]
        live = data.draw(st.lists(st.booleans(), min_size=len(part), max_size=len(part)))
        mask = None if all(live) else np.array(live, np.uint8)
        sources.append((build(folder / f"{number}.bin", part), mask))
        left += [one for one, lives in zip(part, live, strict=True) if lives]
    merged = merge_segments(sources, folder / "merged.bin")
    check(merged, left)
    build(folder / "fresh.bin", left)
    same(folder / "merged.bin", folder / "fresh.bin")


@pytest.mark.parametrize("batch", [40, 1 << 20])
@pytest.mark.parametrize("deleted", [0.0, 0.3, 1.0])
def test_larger_segments(tmp_path, monkeypatch, deleted, batch):
    monkeypatch.setattr(inverting, "_BATCH", batch)
    rng = np.random.default_rng(0)
    sources, left = [], []
    for number, count in enumerate([700, 1, 0, 300]):
        part = many(count, seed=number)
        live = (rng.random(count) >= deleted).astype(np.uint8)
        sources.append((build(tmp_path / f"{number}.bin", part, batch=100), live))
        left += [one for one, lives in zip(part, live, strict=True) if lives]
    check(merge_segments(sources, tmp_path / "merged.bin"), left)
    build(tmp_path / "fresh.bin", left, batch=100)
    same(tmp_path / "merged.bin", tmp_path / "fresh.bin")


def test_stored_text_is_cut_as_in_a_fresh_build(tmp_path):
    rng = np.random.default_rng(1)
    # some blocks of 16 KB; one document that is larger than a block
    documents = [
        Document(f"{i}", "", rng.bytes(int(rng.integers(50_000 if i == 30 else 3000))).hex(), {})
        for i in range(60)
    ]

    def stored(name, part):
        builder = SegmentBuilder(["text"], store=True)
        shape = np.zeros((len(part), 1), np.int64)
        builder.add([one.id for one in part], np.empty(0, np.int32), shape, part)
        return builder.write(tmp_path / name, [])

    first, second = stored("a.bin", documents[:45]), stored("b.bin", documents[45:])
    for gone in ([], [20], [0, 44]):
        live = np.ones(45, np.uint8)
        live[gone] = 0
        left = [one for i, one in enumerate(documents) if i not in gone]
        merged = merge_segments([(first, live), (second, None)], tmp_path / "m.bin")
        assert [merged.document(doc) for doc in range(merged.docs)] == left
        stored("fresh.bin", left)
        same(tmp_path / "m.bin", tmp_path / "fresh.bin")


def test_a_document_that_was_replaced_keeps_its_id(tmp_path):
    old = build(tmp_path / "a.bin", [Analysed("x", ([], ["a"])), Analysed("y", ([], ["b"]))])
    new = build(tmp_path / "b.bin", [Analysed("x", ([], ["c"]))])
    live = np.array([0, 1], np.uint8)
    merged = merge_segments([(old, live), (new, None)], tmp_path / "m.bin")
    assert [merged.id(doc) for doc in range(merged.docs)] == ["y", "x"]
    assert merged.doc("x") == 1 and list(merged.terms) == ["b", "c"]
