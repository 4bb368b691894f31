import numpy as np
import pytest
from hypothesis import given, settings
from small_segments import FIELDS, Analysed, build, check, collections, many, same

from seqkit.data import Document
from seqkit.errors import ConfigError, DataError
from seqkit.search import inverting
from seqkit.search.array_file import write_arrays
from seqkit.search.inverting import batches
from seqkit.search.segment import Segment
from seqkit.search.segment_builder import SegmentBuilder


@settings(max_examples=60)
@given(documents=collections())
def test_a_segment_is_the_inverted_documents(tmp_path_factory, documents):
    path = tmp_path_factory.mktemp("segment") / "s.bin"
    check(build(path, documents), documents)
    again = Segment.open(path)
    check(again, documents)
    again.verify()


@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 700])
def test_sizes_around_that_of_a_block(tmp_path, count):
    documents = many(count)
    check(build(tmp_path / "s.bin", documents, batch=50), documents)


def test_the_same_documents_make_the_same_file(tmp_path, monkeypatch):
    documents = many(200)
    build(tmp_path / "a.bin", documents, batch=7)
    monkeypatch.setattr(inverting, "_BATCH", 30)  # few terms at a time
    build(tmp_path / "b.bin", documents, batch=200)
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes()
    same(tmp_path / "a.bin", tmp_path / "b.bin")


def test_documents_without_any_term(tmp_path):
    empty = [Analysed(f"e{i}", ([], [])) for i in range(5)]
    dropped = [Analysed("d", ([None], [None, None]))]
    check(build(tmp_path / "a.bin", [*empty, *dropped]), [*empty, *dropped])
    one = [*empty, Analysed("x", ([], ["a"])), *dropped]
    check(build(tmp_path / "b.bin", one), one)


def test_a_term_very_often_in_one_document(tmp_path):
    documents = [Analysed("x", (["a"], ["a"] * 100_000)), Analysed("y", ([], ["b", "a"]))]
    check(build(tmp_path / "s.bin", documents), documents)


def test_text_can_be_left_out(tmp_path):
    documents = many(20)
    segment = build(tmp_path / "s.bin", documents, store=False)
    check(segment, documents)
    assert segment.text is None
    assert segment.document(7) == Document(documents[7].id, "", "", {"n": "7"})


def test_prefixes_are_ranges_of_terms(tmp_path):
    segment = build(tmp_path / "s.bin", [Analysed("x", (["car", "care"], ["cat", "dog", "é"]))])
    assert [segment.terms[t] for t in segment.prefix("car")] == ["car", "care"]
    assert segment.prefix("") == range(5)
    assert segment.prefix("e") == range(4, 4)


def test_of_two_equal_ids_the_last_is_found(tmp_path):
    documents = [Analysed(id, ([], [id])) for id in ("b", "a", "b", "a", "c")]
    segment = build(tmp_path / "s.bin", documents)
    assert [segment.doc(id) for id in "abc"] == [3, 2, 4]
    assert segment.id_rank.tolist() == [2, 0, 3, 1, 4]


def test_a_field_named_as_the_text_is_refused():
    builder = SegmentBuilder(FIELDS, store=True)
    wrong = Document("x", "t", "", {"title": "u"})
    with pytest.raises(DataError, match="document 'x': a field 'title' beside its title"):
        builder.add(["x"], np.array([0], np.int32), np.array([[1, 0]]), [wrong])


def test_more_positions_than_fit_are_refused(monkeypatch):
    monkeypatch.setattr(inverting, "_LIMIT", 100)
    builder = SegmentBuilder(["text"], store=False)
    with pytest.raises(ConfigError, match="101 positions to keep in memory, at most 100"):
        builder.add(["x"], np.zeros(101, np.int32), np.array([[101]]), [Document("x", "", "", {})])


def test_size_follows_what_is_held():
    builder = SegmentBuilder(["text"], store=True)
    assert builder.size == 0
    for number in range(3):
        before = builder.size
        document = Document(str(number), "", "a " * 50_000, {})
        builder.add([document.id], np.zeros(50_000, np.int32), np.array([[50_000]]), [document])
        assert 200_000 < builder.size - before < 210_000


def test_a_damaged_segment_is_named(tmp_path):
    path = tmp_path / "s.bin"
    segment = build(path, many(50))
    content = path.read_bytes()
    at = content.index(np.asarray(segment.field_starts).tobytes())
    path.write_bytes(content[:at] + b"\1" + content[at + 1 :])
    with pytest.raises(DataError, match=r"s\.bin: 'field_starts' is damaged"):
        Segment.open(path).verify()
    path.write_bytes(content[:-1])
    with pytest.raises(DataError, match=r"s\.bin: .* bytes, expected"):
        Segment.open(path)


def test_another_file_of_arrays_is_no_segment(tmp_path):
    write_arrays(tmp_path / "a.bin", {"live": np.ones(3, np.uint8)}, {})
    with pytest.raises(DataError, match="not a segment of a search index"):
        Segment.open(tmp_path / "a.bin")


def test_batches_hold_every_term_once(monkeypatch):
    monkeypatch.setattr(inverting, "_BATCH", 10)
    assert list(batches([4, 4, 4, 30, 1, 9, 1])) == [
        slice(0, 2), slice(2, 3), slice(3, 4), slice(4, 6), slice(6, 7)
    ]  # fmt: skip
    assert list(batches([])) == [slice(0, 0)]
