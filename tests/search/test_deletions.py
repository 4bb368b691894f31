"""Statistics of a segment without some documents, against one that never had them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_index import document, filled

from seqkit.data import Document
from seqkit.errors import BundleError, DataError
from seqkit.search import SearchIndex, deletions, soundness
from seqkit.search.array_file import open_arrays
from seqkit.search.deletions import Deletions
from seqkit.search.segment import Segment
from seqkit.search.segment_builder import SegmentBuilder

_HEADER = 32  # bytes of a file before its arrays


def segment(path, texts):
    """`texts`: the terms of each document, as numbers."""
    builder = SegmentBuilder(["text"], store=False)
    ids = [str(number) for number in range(len(texts))]
    flat = np.array([term for text in texts for term in text], np.int32)
    tokens = np.array([[len(text)] for text in texts], np.int64).reshape(-1, 1)
    builder.add(ids, flat, tokens, [Document(id, "", "", {}) for id in ids])
    return builder.write(path, [f"t{number}" for number in range(9)])


TEXTS = st.lists(st.lists(st.integers(0, 8), max_size=6), min_size=1, max_size=300)


@given(TEXTS, st.randoms(use_true_random=False), st.integers(1, 3))
def test_statistics_are_those_of_the_rest(tmp_path_factory, texts, rng, rounds):
    path = tmp_path_factory.mktemp("segment") / "a.bin"
    whole, live, deletions = segment(path, texts), [*range(len(texts))], None
    for _ in range(rounds):
        dead = sorted(rng.sample(live, rng.randint(0, len(live))))
        live = [doc for doc in live if doc not in {*dead}]
        deletions = Deletions.of(whole, deletions, np.array(dead, np.int64))
        deletions.write(path.with_name("b.bin"))
        deletions = Deletions.open(path.with_name("b.bin"), whole)
    rest = [texts[doc] for doc in live]
    assert np.flatnonzero(deletions.live).tolist() == live
    assert deletions.documents == len(rest)
    assert deletions.total_length == sum(map(len, rest))
    for number in range(9):
        if (term := whole.term(f"t{number}")) >= 0:
            assert deletions.df[term] == sum(number in text for text in rest)
            assert deletions.cf[term] == sum(text.count(number) for text in rest)


def test_blocks_with_nothing_deleted_are_passed_over(tmp_path):
    """Terms of several blocks: the deleted documents stand at their edges."""
    whole = segment(tmp_path / "a.bin", [[0, n % 9] for n in range(1000)])
    dead = [0, 127, 128, 255, 256, 999]
    deletions = Deletions.of(whole, None, np.array(dead))
    assert deletions.df[whole.term("t0")] == 994
    at = whole.term("t1")
    assert deletions.df[at] == sum(n % 9 == 1 for n in range(1000) if n not in dead)


@pytest.mark.parametrize("name", ["live", "df", "cf"])
def test_damage_is_noticed_when_they_are_opened_or_first_used(tmp_path, monkeypatch, name):
    path, whole = tmp_path / "del.bin", segment(tmp_path / "a.bin", [[1], [1, 2]])
    Deletions.of(whole, None, np.array([0])).write(path)
    flip(path, name)
    with pytest.raises(DataError, match=rf"del\.bin: '{name}' is damaged \(crc32 differs\)"):
        Deletions.open(path, whole)
    monkeypatch.setattr(deletions, "_LARGE", 0)
    opened = Deletions.open(path, whole)
    assert opened.documents == 1
    for _ in range(2):
        with pytest.raises(DataError, match=rf"del\.bin: '{name}' is damaged"):
            opened.df.sum()


def test_opening_reads_no_large_segment(tmp_path, monkeypatch):
    path, whole = tmp_path / "a.bin", segment(tmp_path / "a.bin", [[1], [1, 2]])
    Deletions.of(whole, None, np.array([0])).write(tmp_path / "del.bin")
    monkeypatch.setattr(soundness, "LARGE", 0)
    flip(path, "df")
    whole = Segment.open(path)
    assert Deletions.open(tmp_path / "del.bin", whole).df.tolist() == [1, 1]
    with pytest.raises(DataError, match="'df' is damaged"):
        whole.term("t1")


def flip(path, name):
    """Change a byte of an array in a file."""
    content, array = bytearray(path.read_bytes()), open_arrays(path).arrays[name]
    content[content.index(array.tobytes(), _HEADER)] ^= 1
    path.write_bytes(content)


def test_a_segment_whose_deletions_are_damaged_is_left_out(tmp_path, caplog):
    documents = [document(id) for id in "abcd"]
    index = filled(tmp_path / "i", documents[:2], documents[2:])
    with index.writer() as writer:
        writer.delete(["a"])
    (path,) = index.folder.glob("seg-00000001.del-*.bin")
    flip(path, "live")
    found = SearchIndex.open(index.folder)
    assert f"{path.name}: 'live' is damaged (crc32 differs)" in caplog.text
    assert "the rest of the index can be searched, not changed" in caplog.text
    assert {hit.id for hit in found.search("heat")} == {"c", "d"}
    with pytest.raises(BundleError, match=f"{path.name}: 'live' is damaged"), found.writer():
        pass


def test_those_of_another_segment(tmp_path):
    one, other = (segment(tmp_path / f"{n}.bin", [[1]] * n) for n in (2, 3))
    Deletions.of(one, None, np.array([0])).write(tmp_path / "del.bin")
    with pytest.raises(DataError, match=r"del.bin: the deletions of another segment"):
        Deletions.open(tmp_path / "del.bin", other)
    with pytest.raises(DataError, match=r"2.bin: no 'live' in it"):
        Deletions.open(tmp_path / "2.bin", one)
