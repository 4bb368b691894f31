import contextlib
import itertools
import json
import logging
import os
import random
import subprocess
import sys
import threading

import numpy as np
import pytest
from small_segments import Analysed, build, many

from seqkit.data import Document
from seqkit.errors import BundleError, DataError
from seqkit.search import BM25, Dirichlet, SearchIndex, TfIdf, deletions, opening, soundness
from seqkit.search.array_file import open_arrays, write_arrays
from seqkit.search.deletions import Deletions
from seqkit.search.live import LiveSegment, Snapshot
from seqkit.search.phrases import Places, follow, keep_field, places_in
from seqkit.search.ranking import Clause, top_documents
from seqkit.search.segment import Segment

SCORERS = BM25(), TfIdf(), Dirichlet()
ARRAYS = [
    "at", "cf", "column_0_bytes", "column_0_codes", "column_0_offsets", "data", "df",
    "field_lengths", "field_starts", "first_block", "id_bytes", "id_offsets", "id_order", "id_rank",
    "impact_first", "impact_length", "impact_tf", "last_doc", "lengths", "position_at",
    "position_data", "shape", "stored", "stored_at", "stored_first", "term_bytes", "term_offsets",
]  # fmt: skip


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "s.bin"
    often = Analysed("often", (["w0"], ["w1", "w0"] * 1000))
    assert sorted(build(path, [*many(600), often], batch=200)._file.arrays) == ARRAYS
    return path


def place(content, name):
    """Return where an array begins in a file, as its table of contents has it."""
    table = json.loads(content[int.from_bytes(content[16:24], "little") :])
    return table["arrays"][name][2]


def flip(path, to, name, rng, *, times=1):
    """Copy a file with bytes of an array changed."""
    changed = bytearray(path.read_bytes())
    array = open_arrays(path).arrays[name]
    at = place(changed, name)
    for _ in range(times):
        changed[at + rng.randrange(array.nbytes)] ^= rng.choice([1 << rng.randrange(8), 255])
    to.write_bytes(changed)


@pytest.mark.parametrize("large", [False, True])
def test_a_flipped_byte_is_noticed_when_a_segment_is_opened_or_first_used(
    content, tmp_path, monkeypatch, large
):
    monkeypatch.setattr(soundness, "LARGE", 0 if large else 48 << 20)
    rng, unseen = random.Random(0), {"stored", "data", "position_data"} if large else {"stored"}
    for name in ARRAYS:
        flip(content, tmp_path / "s.bin", name, rng)
        if name in unseen:
            assert Segment.open(tmp_path / "s.bin").term("w0") >= 0
            continue
        opened = Segment.open(tmp_path / "s.bin") if large else None  # in no time
        with pytest.raises(DataError, match=rf"s\.bin: '{name}' is damaged"):
            (opened or Segment.open(tmp_path / "s.bin")).term("w0")


def test_numbers_that_cannot_be_are_refused_whatever_the_checksum(content, tmp_path):
    file = open_arrays(content)
    docs, terms = file.meta["docs"], len(file.arrays["df"])
    for name, place, value in [
        ("first_block", 1, 0xFFFFFFF), ("first_block", -1, 1), ("last_doc", 0, docs),
        ("at", 3, 1 << 63), ("at", 2, 5), ("at", 0, 7), ("position_at", 1, 1 << 40),
        ("impact_first", 2, 1 << 31), ("shape", (0, 0), 128), ("shape", (0, 1), 34),
        ("shape", (0, 3), 200), ("df", 0, 1 << 20), ("cf", terms - 1, 1 << 60),
        ("id_order", 5, docs), ("id_rank", 0, 0xFFFFFFFF), ("id_offsets", 1, 1 << 30),
        ("term_offsets", -1, 1), ("column_0_codes", 2, docs + 1), ("column_0_offsets", 4, 1 << 20),
        ("stored_first", -1, docs + 1), ("stored_at", 0, 1),
    ]:  # fmt: skip
        array = file.arrays[name].copy()
        array[place] = value
        write_arrays(tmp_path / "s.bin", {**file.arrays, name: array}, file.meta)
        with pytest.raises(DataError, match=rf"s\.bin: '{name}' points where nothing is"):
            Segment.open(tmp_path / "s.bin")
    for name in ("lengths", "data", "position_data", "df", "field_starts"):
        shorter = {**file.arrays, name: file.arrays[name][:-1]}
        write_arrays(tmp_path / "s.bin", shorter, file.meta)
        with pytest.raises(DataError, match=rf"s\.bin: '{name}' points where nothing is"):
            Segment.open(tmp_path / "s.bin")


def use(segment: Segment) -> None:
    """Do with a segment what a search and a writer do."""
    Deletions.of(segment, None, np.array([0, 3], np.uint32))
    snapshot = Snapshot(1, [LiveSegment(segment)])
    docs = np.arange(segment.docs, dtype=np.uint32)
    lists = []
    for term in range(min(len(segment.terms), 8)):
        docs_of, tfs = segment.postings(term)
        assert len(docs_of) == len(tfs) and (docs_of < segment.docs).all()
        lists.append(Places(*segment.positions(term)))
        assert lists[-1].tfs.sum(dtype=np.int64) <= len(lists[-1].positions)
        some = places_in(segment, term, docs[::3])
        assert some.tfs.sum(dtype=np.int64) == len(some.positions)
    for one, two in itertools.permutations(lists, 2):
        keep_field(follow(one, two, 1), (0, 1), segment.field_starts, 0)
    for scorer, exhaustive, k in itertools.product(SCORERS, (False, True), (1, 9)):
        clauses = [Clause(term) for term in ("w0", "w1", "w2", "w9")]
        for _, _, doc in top_documents(
            snapshot, clauses, k=k, scorer=scorer, exhaustive=exhaustive
        ):
            assert 0 <= doc < segment.docs
            segment.doc("0.5"), segment.prefix("w"), segment.column("n").between("3", "9")
            segment.id(doc), segment.document(doc)


def damage(path, folder, seed: int) -> None:
    """Use segments with changed bytes, those that open."""
    rng = random.Random(seed)
    for name in ARRAYS * 4 + ["data", "position_data"] * 60:
        flip(path, folder / "s.bin", name, rng, times=rng.choice([1, 1, 30]))
        with contextlib.suppress(DataError, UnicodeDecodeError):
            use(Segment.open(folder / "s.bin"))


def test_no_damage_that_is_not_noticed_ends_the_process(content, tmp_path):
    code = (
        f"import sys, pathlib; sys.path.insert(0, {os.path.dirname(__file__)!r})\n"
        "import test_soundness as test\n"
        "from seqkit.search.array_file import ArrayFile\n"
        "ArrayFile.verify = lambda self, names=None: None  # no checksum tells\n"
        f"test.damage(pathlib.Path({os.fspath(content)!r}), "
        f"pathlib.Path({os.fspath(tmp_path)!r}), 0)\n"
        "print('done')"
    )
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr[-3000:]


def test_a_damaged_segment_does_not_keep_the_others_from_being_searched(tmp_path, caplog):
    index = SearchIndex.create(tmp_path / "i")
    for number in range(2):
        with index.writer() as writer:
            writer.add(Document(f"{number}-{i}", "jet", "w " * i, {}) for i in range(1, 4))
    path = tmp_path / "i" / "seg-00000001.bin"
    flip(path, path, "position_data", random.Random(0))
    found = SearchIndex.open(tmp_path / "i")
    assert "seg-00000001.bin: 'position_data' is damaged (crc32 differs)" in caplog.text
    assert {hit.id for hit in found.search("jet")} == {"1-1", "1-2", "1-3"}


def test_of_many_small_segments_the_later_ones_are_checked_when_first_used(
    tmp_path, caplog, monkeypatch
):
    """Opening takes the time of one: what is read then is bounded in sum."""
    index = SearchIndex.create(tmp_path / "i")
    for number in range(2):
        with index.writer() as writer:
            writer.add(Document(f"{number}-{i}", "jet", "w " * i, {}) for i in range(1, 4))
    path = tmp_path / "i" / "seg-00000002.bin"
    flip(path, path, "position_data", random.Random(0))
    monkeypatch.setattr(opening, "LARGE", (tmp_path / "i" / "seg-00000001.bin").stat().st_size)
    found = SearchIndex.open(tmp_path / "i")
    assert not found.damaged and not caplog.text
    assert {hit.id for hit in found.search("jet")} == {"0-1", "0-2", "0-3"}
    assert "seg-00000002.bin: 'position_data' is damaged (crc32 differs)" in caplog.text


@pytest.fixture
def large(tmp_path, monkeypatch):
    """An index of three segments, one with deletions, that are checked when they are first used."""
    monkeypatch.setattr(soundness, "LARGE", 0)
    monkeypatch.setattr(deletions, "_LARGE", 0)
    index = SearchIndex.create(tmp_path / "i")
    for n in range(3):
        with index.writer() as writer:
            texts = [Document(f"{n}-{i}", "jet", "w " * i, {"n": f"{n}"}) for i in range(1, 4)]
            writer.add(texts)
    with index.writer() as writer:
        writer.delete(["1-1"])
    assert len(index.segments) == 3
    return index.folder


LEFT = {"0-1", "0-2", "0-3", "2-1", "2-2", "2-3"}
USES = {
    "search": lambda index: {hit.id for hit in index.search("jet")},
    "words": lambda index: {hit.id for hit in index.search_many(['"jet"', "n:[0 TO 2]"])[1]},
    "prefix": lambda index: {hit.id for hit in index.search("je*", filter="n:[0 TO 2]")},
    "ids": set,
    "documents": lambda index: {one.id for one in index.documents()},
    "asked for": lambda index: {
        id for n in range(3) for i in range(4) if (id := f"{n}-{i}") in index
    },
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", ["df", "last_doc", "lengths", "column_0_codes", "live", "cf"])
def test_a_large_segment_that_is_damaged_is_left_out_when_that_is_found(large, caplog, name, use):
    (gone,) = large.glob("seg-00000002.del-*.bin")
    path = gone if name in ("live", "cf") else large / "seg-00000002.bin"
    flip(path, path, name, random.Random(0))
    index = SearchIndex.open(large)
    assert index.damaged == () and len(index) == 8 and not caplog.text
    for _ in range(2):
        assert USES[use](index) == LEFT
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert f"{path.name}: '{name}' is damaged (crc32 differs)" in caplog.text
    assert "the rest of the index can be searched, not changed" in caplog.text
    assert len(index.damaged) == 1 and f"{path.name}: '{name}'" in index.damaged[0]
    assert len(index) == 6 and index.statistics(["jet"]).df == (6,)
    assert index.explain("jet", "2-1").documents == 6
    assert not index.refresh() and index.search("jet").total == 6
    with pytest.raises(BundleError, match="can only be read: restore the file"), index.writer():
        pass


def test_a_writer_finds_the_damage_of_a_large_segment_before_it_begins(large):
    path = large / "seg-00000003.bin"
    flip(path, path, "id_order", random.Random(0))
    with pytest.raises(BundleError, match=r"'id_order' is damaged .* can only be read"):
        SearchIndex.open(large).writer().__enter__()


def test_threads_that_find_it_together_are_told_once(large, caplog):
    path = large / "seg-00000001.bin"
    flip(path, path, "df", random.Random(0))
    index, found = SearchIndex.open(large), []
    work = [
        threading.Thread(target=lambda: found.append(index.search("jet").total)) for _ in range(4)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert found == [5] * 4 and len(caplog.records) == 1


def test_where_all_large_segments_are_damaged(large):
    for path in large.glob("seg-0000000?.bin"):
        flip(path, path, "df", random.Random(0))
    index = SearchIndex.open(large)
    for _ in range(2):
        with pytest.raises(BundleError, match=r"no segment of the index can be used .*'df'"):
            index.search("jet")


def test_documents_whose_text_is_damaged_are_left_out(tmp_path, caplog):
    index = SearchIndex.create(tmp_path / "i")
    texts = [Document(id, id, f"{id} " * 9000, {}) for id in "abc"]  # each in a block of its own
    with index.writer() as writer:
        writer.add(texts)
    path = tmp_path / "i/seg-00000001.bin"
    content = bytearray(path.read_bytes())
    content[place(content, "stored") + 9] ^= 255
    path.unlink()
    path.write_bytes(content)
    found = SearchIndex.open(tmp_path / "i")
    assert [*found.documents()] == texts[1:] and found.damaged == ()
    assert "the text of document 0 is damaged" in caplog.text
    assert caplog.text.count("left out, damaged so: 1") == len(caplog.records) == 1
    (hit,) = found.search("a")
    assert hit.metadata == {}
    with pytest.raises(DataError, match="the text of document 0 is damaged"):
        found.document("a")
    again = SearchIndex.create(tmp_path / "again", found.config)
    with again.writer() as writer:
        writer.add(found.documents())
    assert sorted(again) == ["b", "c"]


def test_a_large_file_without_all_arrays(content, tmp_path, monkeypatch):
    file = open_arrays(content)
    rest = {name: array for name, array in file.arrays.items() if name != "id_rank"}
    write_arrays(tmp_path / "s.bin", rest, file.meta)
    monkeypatch.setattr(soundness, "LARGE", 0)
    opened = Segment.open(tmp_path / "s.bin")
    with pytest.raises(DataError, match=r"s\.bin: no 'id_rank' in it: not a segment"):
        opened.term("w0")
