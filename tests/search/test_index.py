"""An index as an app has it: opened, looked at, damaged."""

import json
import logging
import shutil
import subprocess
import sys
import threading
import zlib
from dataclasses import replace

import pytest
from small_index import CONFIG, check, document, filled

import seqkit
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.search import draft
from seqkit.search.config import SearchConfig
from seqkit.search.index import SearchIndex
from seqkit.search.manifest import read_manifest, write_manifest

FIRST = {id: document(id, "heat transfer in a jet", title="Heat") for id in "abc"}
SECOND = {id: document(id, "the flow over a wing", year="1963") for id in "de"}
ALL = FIRST | SECOND


@pytest.fixture
def folder(tmp_path):
    """An index with two segments and a deletion in the first."""
    index = filled(tmp_path / "index", FIRST.values(), SECOND.values())
    with index.writer() as writer:
        writer.delete(["b"])
    assert len(index.segments) == 2
    return index.folder


@pytest.fixture
def left():
    return {id: one for id, one in ALL.items() if id != "b"}


def test_loaded(folder, left):
    index = seqkit.load(folder)
    assert type(index) is SearchIndex and index.config == CONFIG and index.damaged == ()
    check(index, left)
    assert "b" not in index and "nowhere" not in index
    index.verify()


def test_an_index_of_nothing(tmp_path):
    folder = SearchIndex.create(tmp_path / "new" / "index").folder
    index = seqkit.load(folder)
    assert index.config == SearchConfig() and index.segments == ()
    check(index, {})
    assert not index.refresh()
    with index.writer():
        pass
    assert index.snapshot.generation == 0
    index.verify()


def test_what_is_there_already_is_not_replaced(folder, left):
    with pytest.raises(ConfigError, match="holds an index or another model already: open it"):
        SearchIndex.create(folder)
    check(SearchIndex.open(folder), left)


def test_segments_without_a_bundle_are_not_overwritten(folder):
    (folder / "bundle.json").unlink()
    with pytest.raises(BundleError, match=r"no bundle.json in it"):
        SearchIndex.open(folder)
    with pytest.raises(ConfigError, match="holds an index or another model already"):
        SearchIndex.create(folder)


def test_what_a_killed_creation_left_is_no_obstacle(tmp_path):
    filled(tmp_path)
    (tmp_path / "bundle.json").unlink()
    check(filled(tmp_path, FIRST.values()), FIRST)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"file/index: cannot be made \(Not a directory\)"):
        SearchIndex.create(tmp_path / "file" / "index")


@pytest.mark.parametrize("fields", [(), ("text", "text"), ("",)])
def test_fields_that_are_none(fields):
    with pytest.raises(ConfigError, match="give one or more names, each once"):
        SearchConfig(fields=fields)


def test_an_unknown_document(folder):
    with pytest.raises(DataError, match="no document with the id 'b'"):
        SearchIndex.open(folder).document("b")


def test_a_reader_stays_at_its_commit_until_it_refreshes(folder, left):
    reader, index = SearchIndex.open(folder), SearchIndex.open(folder)
    with index.writer() as writer:
        writer.add([document("f")])
        writer.merge()
        writer.delete(["a", "d"])
    names = {name for part in reader.segments for name in part.entry.files}
    assert not any((folder / name).exists() for name in names)
    check(reader, left)  # its files are gone, and it reads them still
    assert reader.refresh() and not reader.refresh()
    now = {id: one for id, one in left.items() if id not in "ad"} | {"f": document("f")}
    check(reader, now)
    check(index, now)


def test_refreshing_keeps_the_segments_that_have_not_changed(folder):
    reader = SearchIndex.open(folder)
    before = reader.segments
    with SearchIndex.open(folder).writer() as writer:
        writer.delete(["d"])
    assert reader.refresh()
    assert reader.segments[0] is before[0] and reader.segments[1] is not before[1]
    assert reader.segments[1].segment is before[1].segment  # its file is never another


def test_another_index_in_the_folder_is_not_mixed_with_the_one_before(folder):
    """Made anew there, with files of the same names: whoever saw the first sees the second."""
    reader, late = SearchIndex.open(folder), SearchIndex.open(folder)
    shutil.rmtree(folder)
    for documents in (SECOND.values(), FIRST.values(), [document("f", "three terms more")]):
        if not folder.exists():
            other = SearchIndex.create(folder, CONFIG)
        with other.writer() as writer:
            writer.add(documents)
    with other.writer() as writer:
        writer.delete(["a"])
    now = SECOND | {id: FIRST[id] for id in "bc"} | {"f": document("f", "three terms more")}
    while reader.snapshot.generation < other.snapshot.generation:
        assert reader.refresh()
    assert not reader.refresh()
    check(reader, now)
    with late.writer() as writer:
        with pytest.raises(DataError, match="no document with the id 'a'"):
            writer.delete(["a"])
        writer.delete(["f"])
    now.pop("f")
    check(late, now)
    check(SearchIndex.open(folder), now)


def test_the_same_generation_of_another_index(tmp_path):
    reader = filled(tmp_path, FIRST.values())
    shutil.rmtree(tmp_path)
    filled(tmp_path, SECOND.values())
    assert reader.refresh()
    check(reader, SECOND)


def test_another_index_with_other_settings_is_refused(folder, left):
    reader = SearchIndex.open(folder)
    shutil.rmtree(folder)
    SearchIndex.create(folder, SearchConfig(fields=("text",)))
    with pytest.raises(BundleError, match="with other settings, took the place"):
        reader.refresh()
    with pytest.raises(BundleError, match="open it anew"), reader.writer():
        pass
    check(reader, left)
    assert len(SearchIndex.open(folder)) == 0


def test_a_writer_whose_index_is_replaced_changes_nothing_there(folder):
    index = SearchIndex.open(folder)
    with pytest.raises(BundleError, match="took the place of this one"), index.writer() as writer:
        writer.add([document("f")])
        shutil.rmtree(folder)
        filled(folder, SECOND.values())
    check(SearchIndex.open(folder), SECOND)
    SearchIndex.open(folder).verify()


def test_files_that_a_writer_removes_while_they_are_opened(folder, left, monkeypatch):
    """The manifest is read, then a writer merges, then the files are looked for."""
    reader = SearchIndex.open(folder)
    real = seqkit.search.opening.open_segment
    merged = []

    def late(*args, **options):
        if not merged:
            merged.append(True)
            with reader.writer() as writer:
                writer.merge()
        return real(*args, **options)

    monkeypatch.setattr(seqkit.search.opening, "open_segment", late)
    check(SearchIndex.open(folder), left)
    assert merged


def test_opening_many_segments_opens_each_file_once(tmp_path, monkeypatch):
    monkeypatch.setattr(draft, "due_for_merging", lambda sizes, live: [])
    index = filled(tmp_path, *([document(str(n), f"n{n} heat")] for n in range(60)))
    assert len(index.segments) == 60
    code = (
        "import sys, seqkit, seqkit.search.index, collections\n"
        "opened = collections.Counter()\n"
        "def note(event, args):\n"
        f"    if event == 'open' and str(args[0]).startswith({str(tmp_path)!r}):\n"
        "        opened[str(args[0])] += 1\n"
        "sys.addaudithook(note)\n"
        f"assert len(seqkit.load({str(tmp_path)!r})) == 60\n"
        "segments = [count for name, count in opened.items() if 'seg-' in name]\n"
        "assert segments == [1] * 60, opened\n"
        "assert opened.total() < 80, opened\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    check(index, {str(n): document(str(n), f"n{n} heat") for n in range(60)})


def test_opening_compiles_nothing(folder):
    code = (
        f"import sys, seqkit; index = seqkit.load({str(folder)!r}); len(index); index.damaged\n"
        "assert not {'torch', 'spacy', 'sklearn', 'pyarrow'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_searching_in_several_threads_while_a_writer_commits(tmp_path):
    index = filled(tmp_path, ([document(str(n), f"jet n{n} {'wing ' * n}") for n in range(50)]))
    errors = []

    def search():
        try:
            for _ in range(30):
                results = index.search("jet wing", k=99)
                assert results.total == len(results) in (50, 51, 52)
                assert all("jet" in hit.fields["text"] for hit in results)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for id in ("one", "two"):
        with index.writer() as writer:
            writer.add([document(id, "jet")])
            writer.merge()
    for thread in threads:
        thread.join()
    assert errors == []


def test_many_searches_are_those_of_one_by_one(folder):
    index = SearchIndex.open(folder)
    queries = ["heat", "wing flow", "nowhere", "the", "jet", '"heat transfer"', "he*", "+jet"] * 4
    assert index.search_many([]) == []
    for options in ({"k": 2}, {"k": 1, "filter": "heat"}, {"k": 10_000}):
        one_by_one = [index.search(query, **options) for query in queries]
        found = index.search_many(queries, **options)
        assert [one.hits for one in found] == [one.hits for one in one_by_one]
        assert [one.note for one in found] == [one.note for one in one_by_one]
        assert [one.total for one in found] == [one.total for one in one_by_one]


# damage


def damage(path, *, at=None, size=None):
    content = bytearray(path.read_bytes())
    if at is not None:
        content[at] ^= 1
    path.unlink()  # who has it open keeps it as it was
    path.write_bytes(content[:size])


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"size": 100}, "seg-00000002.bin: 100 bytes, expected "),
        ({"at": 0}, "seg-00000002.bin: not a file of a search index"),
        ({"at": -2}, "seg-00000002.bin: its table of contents is damaged"),
    ],
)
def test_a_damaged_segment_is_named_and_the_others_are_read(folder, caplog, how, message):
    damage(folder / "seg-00000002.bin", **how)
    with caplog.at_level(logging.WARNING):
        reader = SearchIndex.open(folder)
    assert message in caplog.text and "can be searched, not changed" in caplog.text
    assert len(reader.damaged) == 1 and message in reader.damaged[0]
    check(reader, {id: FIRST[id] for id in "ac"})
    with pytest.raises(BundleError, match="can only be read: restore the file"), reader.writer():
        pass
    with pytest.raises(BundleError, match=r"damaged or missing: seg-00000002.bin: copy"):
        reader.verify()


def test_a_missing_segment(folder, caplog):
    (folder / "seg-00000002.bin").unlink()
    reader = SearchIndex.open(folder)
    assert "seg-00000002.bin: missing from the index" in caplog.text
    check(reader, {id: FIRST[id] for id in "ac"})


def test_a_segment_that_is_restored(folder, left):
    path = folder / "seg-00000002.bin"
    path.rename(folder / "away")
    reader = SearchIndex.open(folder)
    assert reader.damaged
    (folder / "away").rename(path)
    with reader.writer() as writer:
        writer.add([document("b")])
    check(reader, left | {"b": document("b")})


def test_verify_while_a_writer_merges(folder, monkeypatch):
    index, real = SearchIndex.open(folder), seqkit.search.index.file_entry

    def late(path):
        monkeypatch.setattr(seqkit.search.index, "file_entry", real)
        with index.writer() as writer:
            writer.merge()
        return real(path)

    monkeypatch.setattr(seqkit.search.index, "file_entry", late)
    index.verify()


def test_damaged_deletions_take_their_segment_along(folder, caplog):
    damage(folder / "seg-00000001.del-00000003.bin", at=0)
    check(SearchIndex.open(folder), SECOND)
    assert "seg-00000001.del-00000003.bin: not a file of a search index" in caplog.text


def test_all_segments_damaged(folder):
    for path in folder.glob("seg-0000000?.bin"):
        damage(path, at=0)
    with pytest.raises(BundleError, match=r"no segment of the index can be used .*seg-00000001"):
        SearchIndex.open(folder)


def test_one_flipped_bit_in_the_content_is_found_by_verify(folder):
    damage(folder / "seg-00000001.bin", at=100)
    with pytest.raises(BundleError, match=r"damaged or missing: seg-00000001.bin: copy"):
        SearchIndex.open(folder).verify()


def test_a_missing_manifest(folder):
    (folder / "manifest.json").unlink()
    with pytest.raises(BundleError, match=r"manifest\.json: missing from the"):
        seqkit.load(folder)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"search.json": '{"colour": "red"}'}, "unknown option 'colour'"), ({}, "'search.json'")],
)
def test_settings_of_another_seqkit(folder, settings, message):
    write_manifest(folder, replace(read_manifest(folder), settings=settings))
    with pytest.raises(BundleError, match=rf"its settings cannot be read \(.*{message}.*upgrade"):
        SearchIndex.open(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"format": 1, "crc32": 0}'])
def test_damaged_manifest(folder, content):
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(BundleError, match=r"manifest.json: damaged \(.*: copy the folder again"):
        SearchIndex.open(folder)


def test_a_changed_number_in_the_manifest(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"live": 2', '"live": 3', 1))
    with pytest.raises(BundleError, match="its checksum differs"):
        SearchIndex.open(folder)


def test_newer_format(folder):
    path = folder / "manifest.json"
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps({"format": 2, "parts": content["segments"]}))
    with pytest.raises(BundleError, match=r"index format 2, written by a newer seqkit.*upgrade"):
        SearchIndex.open(folder)


def test_newer_format_of_a_segment(folder, caplog):
    path = folder / "seg-00000001.bin"
    content = bytearray(path.read_bytes())
    content[8] = 9
    path.write_bytes(content)
    assert "format 9 is newer" in SearchIndex.open(folder).damaged[0]


def test_checksums_are_those_of_zlib(folder):
    content = json.loads((folder / "manifest.json").read_bytes())
    for part in content["segments"]:
        for name, entry in part["files"].items():
            data = (folder / name).read_bytes()
            assert entry == {"bytes": len(data), "crc32": zlib.crc32(data)}
