"""Changes of an index: what is added, replaced, deleted; what is refused, and dropped."""

import errno
import os
import re
import resource
import sys
import threading

import pytest
from small_index import CONFIG, check, document, filled

from seqkit import files
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.search import buffer, draft
from seqkit.search.index import SearchIndex


def numbered(*numbers):
    return {str(n): document(str(n), f"heat of number n{n}", title="a jet") for n in numbers}


def by_id(*documents):
    return {one.id: one for one in documents}


@pytest.fixture
def index(tmp_path):
    return SearchIndex.create(tmp_path / "index", CONFIG)


@pytest.mark.parametrize("waiting", [1, 3, 100])  # documents analysed together
def test_update_and_delete_in_the_batch_that_added(index, monkeypatch, waiting):
    monkeypatch.setattr(buffer, "_DOCUMENTS", waiting)
    documents = numbered(*range(10))
    with index.writer() as writer:
        writer.add(documents.values())
        writer.delete(["1", "8"])
        writer.update([document("2", "first"), document("9", "first"), document("new", "first")])
        writer.update([document("2", "second")])
        writer.update([document("2", "third"), document("8", "again")])
        writer.add([document("1", "back")])
        writer.delete(["new"])
    del documents["8"]
    changed = [document("1", "back"), document("2", "third"), document("9", "first")]
    check(index, documents | by_id(*changed, document("8", "again")))
    index.verify()


def test_an_update_has_each_id_once(index):
    documents = numbered(0, 1)
    with index.writer() as writer:
        writer.add(documents.values())
    twice = [document("1", "one"), document("2", "two"), document("1", "other")]
    message = re.escape(f"{index.folder}: two documents with the id '1' in one update: give the")
    with pytest.raises(DataError, match=message), index.writer() as writer:
        writer.update(twice)
    check(index, documents)
    with index.writer() as writer:  # one after another it is two changes
        for one in twice:
            writer.update([one])
    check(index, documents | by_id(*twice))


def test_update_and_delete_what_was_committed(index):
    documents = numbered(*range(6))
    with index.writer() as writer:
        writer.add(documents.values())
        assert writer.commit()
        writer.update([document("2", "other words")])
        writer.delete(["3"])
        assert writer.commit()
        check(index, numbered(0, 1, 4, 5) | by_id(document("2", "other words")))
        writer.delete(["2", "4"])
        writer.add(numbered(3).values())
        assert writer.commit()
        assert not writer.commit()  # nothing has changed
    check(index, numbered(0, 1, 3, 5))
    with index.writer() as writer:
        writer.delete(numbered(0, 1, 3, 5))
    check(index, {})
    assert index.segments == ()


def test_what_was_deleted_is_gone_when_its_segment_is_all_dead(index):
    with index.writer() as writer:
        writer.add(numbered(0, 1).values())
        writer.delete(["0", "1"])
    check(index, {})
    with index.writer() as writer:
        writer.add(numbered(0, 1).values())
        writer.commit()
        writer.update(numbered(0, 1).values())
    check(index, numbered(0, 1))
    assert len(index.segments) == 1


@pytest.mark.parametrize("end", ["commit", "merge"])
@pytest.mark.parametrize("before", [(), (7,)])
def test_what_left_the_memory_is_deleted_before_the_commit(index, monkeypatch, before, end):
    monkeypatch.setattr(buffer, "_DOCUMENTS", 2)
    monkeypatch.setattr(buffer.Buffer, "size", property(lambda self: len(self._built) << 19))
    with index.writer(memory=1 << 20) as writer:
        writer.add(numbered(*before).values())
        writer.commit()
        writer.add(numbered(0, 1).values())
        writer.delete(["0", "1"])
        getattr(writer, end)()
    check(index, numbered(*before))
    assert len(index.segments) == len(before) == len([*index.folder.glob("seg-*")])


@pytest.mark.parametrize("change", ["merge", "delete"])
@pytest.mark.parametrize("name", ["seg-00000001.bin", "seg-00000001.del-00000002.bin"])
def test_damage_is_not_written_into_new_files(index, change, name):
    with index.writer() as writer:
        writer.add(numbered(0, 1, 2).values())
        writer.commit()
        writer.delete(["0"])
    path = index.folder / name
    with open(path, "r+b") as handle:  # what has it open sees it, too
        handle.seek(64)
        byte = handle.read(1)[0]
        handle.seek(64)
        handle.write(bytes([byte ^ 1]))
    there = sorted(index.folder.iterdir())
    damaged = path.read_bytes()
    with pytest.raises(BundleError, match=name), index.writer() as writer:
        writer.merge() if change == "merge" else writer.delete(["1"])
    assert sorted(index.folder.iterdir()) == there and path.read_bytes() == damaged
    with pytest.raises(BundleError, match=f"damaged or missing: {name}: copy"):
        index.verify()


@pytest.mark.parametrize("commit", [False, True])
def test_an_id_that_is_there_already(index, commit):
    with index.writer() as writer:
        writer.add(numbered(0, 1).values())
        if commit:
            writer.commit()
        with pytest.raises(DataError, match=r"with the id '1' is there already: .* update\(\)"):
            writer.add([document("2"), document("1")])
        with pytest.raises(DataError, match="'2' is there already"):
            writer.add([document("2")])
    assert sorted(index) == ["0", "1", "2"]


def test_an_unknown_id(index):
    with index.writer() as writer:
        writer.add(numbered(0, 1).values())
        with pytest.raises(DataError, match=r"no document with the id 'x' to delete: .*missing_ok"):
            writer.delete(["0", "x"])
        with pytest.raises(DataError, match="the id '0' to delete"):
            writer.delete(["0"])
        with pytest.raises(DataError, match="3: an id is a string, such as '3'"):
            writer.delete([3], missing_ok=True)
        writer.delete(["0", "x"], missing_ok=True)
    check(index, numbered(1))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (document(""), "its id is empty"),
        (document("a", 3), "document 'a': text is 3, expected a string"),
        (document("a", year=1963), "document 'a': year is 1963, expected a string"),
        (document("a")._replace(fields={"title": "b"}), "a field 'title' beside its title"),
        (document("a")._replace(fields=None), "document 'a': its fields are None, expected a dict"),
        (document("a")._replace(fields={7: "x"}), "document 'a': 7 names a field, expected a str"),
        (document(5)._replace(fields={"id": "x"}), "document 5: id is 5, expected a str"),
        ("a", "'a': expected seqkit.data.Document"),
    ],
)
def test_no_document(index, wrong, message):
    with index.writer() as writer:
        for change in (writer.add, writer.update):
            with pytest.raises(DataError, match=message):
                change([document("0"), wrong])
            writer.delete(["0"])
    check(index, {})


def test_one_instead_of_several(index):
    with index.writer() as writer:
        with pytest.raises(DataError, match="give several"):
            writer.add(document("ab"))
        with pytest.raises(ConfigError, match=r"give a list of ids: \['ab'\]"):
            writer.delete("ab")


def test_an_exception_leaves_the_last_commit(index):
    with pytest.raises(KeyboardInterrupt), index.writer() as writer:
        writer.add(numbered(0, 1).values())
        writer.commit()
        writer.delete(["0"])
        writer.add(numbered(2).values())
        raise KeyboardInterrupt
    check(index, numbered(0, 1))
    with index.writer() as writer:
        writer.add(numbered(2).values())
    check(index, numbered(0, 1, 2))


def test_documents_leave_the_memory_when_it_is_full(index, monkeypatch):
    monkeypatch.setattr(buffer, "_DOCUMENTS", 50)
    monkeypatch.setattr(draft, "due_for_merging", lambda sizes, live: [])
    text = " ".join(f"w{i}" for i in range(1000))
    documents = by_id(*(document(str(i), f"{text} d{i}") for i in range(600)))
    with index.writer(memory=1 << 20) as writer:
        writer.add(documents.values())
        assert len(list(index.folder.glob("seg-*.bin"))) >= 2
        assert len(index) == 0
        writer.update([document("3", "three")])
    assert len(index.segments) >= 3
    check(index, documents | by_id(document("3", "three")))
    with index.writer() as writer:
        writer.merge()
        assert len(index.segments) == 1 and index.segments[0].live is None
        writer.merge()  # nothing to do
    check(index, documents | by_id(document("3", "three")))


def test_many_commits_make_few_segments(index):
    with index.writer() as writer:
        for n in range(40):
            writer.add(numbered(n).values())
            writer.commit()
            assert len(index.segments) < 8
    check(index, numbered(*range(40)))


def test_a_segment_that_is_mostly_deleted_is_written_anew(index):
    with index.writer() as writer:
        writer.add(numbered(*range(9)).values())
        writer.commit()
        writer.delete(["0", "1", "2", "3"])
        writer.commit()
        assert index.segments[0].segment.docs == 9
        writer.delete(["4"])
    assert index.segments[0].segment.docs == 4 and index.segments[0].live is None
    check(index, numbered(5, 6, 7, 8))


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
def test_a_second_writer(index):
    other = SearchIndex.open(index.folder)
    with index.writer() as writer:
        writer.add(numbered(0).values())
        process = rf"another writer is at work there \(process {os.getpid()}\): wait"
        with pytest.raises(ConfigError, match=process), other.writer():
            pass
        with pytest.raises(ConfigError, match=process), index.writer():
            pass
        with pytest.raises(ConfigError, match=process):
            SearchIndex.create(index.folder)
    with other.writer() as writer:  # which sees what was committed since it was opened
        with pytest.raises(DataError, match="there already"):
            writer.add(numbered(0).values())
        writer.add(numbered(1).values())
    check(other, numbered(0, 1))


def test_a_writer_outside_its_block(index):
    writer = index.writer()
    for call in (lambda: writer.add([]), lambda: writer.delete([]), writer.commit, writer.merge):
        with pytest.raises(ConfigError, match="this writer is not at work: use it in `with"):
            call()
    with writer:
        writer.add(numbered(0).values())
    with pytest.raises(ConfigError, match="not at work"):
        writer.update([])


def test_too_little_memory(index):
    with pytest.raises(ConfigError, match="memory 10: "):
        index.writer(memory=10)


@pytest.mark.parametrize("at", range(5))
def test_a_full_disk_leaves_the_last_commit(index, monkeypatch, at):
    with index.writer() as writer:
        writer.add(numbered(0, 1, 2).values())
    calls = []

    def fsync(handle):
        calls.append(handle)
        if len(calls) > at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", fsync)
        with pytest.raises(DataError, match="the disk is full"), index.writer() as writer:
            writer.delete(["1"])
            writer.add(numbered(3).values())
            with pytest.raises(DataError, match="the disk is full"):
                writer.commit()
            with pytest.raises(ConfigError, match="ends when a commit fails"):
                writer.add([])
            raise DataError("the disk is full")
    index.refresh()
    changed = numbered(0, 2, 3)  # the last fsync comes behind the commit
    check(index, changed if at == 4 else numbered(0, 1, 2))
    with index.writer() as writer:
        writer.add(numbered(7).values())
    check(index, (changed if at == 4 else numbered(0, 1, 2)) | numbered(7))
    assert {path.name for path in index.folder.glob("*seg-*")} == {
        name for part in index.segments for name in part.entry.files
    }


def test_readers_in_threads_while_a_writer_commits_and_merges(index):
    stop, errors = threading.Event(), []

    def read():
        try:
            while not stop.is_set():
                reader = SearchIndex.open(index.folder)
                assert len([*reader.documents()]) == len(reader)
                reader.refresh()
                df = reader.statistics(["heat"]).df[0]
                assert df <= 30
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    with index.writer() as writer:
        for n in range(30):
            writer.add(numbered(n).values())
            writer.delete([str(n - 5)] if n % 3 == 0 and n > 5 else [])
            writer.commit()
        writer.merge()
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []


def test_an_index_without_text(tmp_path):
    config = CONFIG.__class__(store=False, fields=("text",), analysis=CONFIG.analysis)
    index = filled(tmp_path, [document("a", title="Jets", year="1963")], config=config)
    for read in (lambda: index.document("a"), index.documents):
        with pytest.raises(DataError, match="does not store texts: create it with store=True"):
            read()
    assert index.search("year:1963")[0].fields == {"title": "Jets", "year": "1963"}
    assert index.statistics(["jets", "heat"]).df == (0, 1)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measures as Linux does")
def test_a_document_of_50_megabytes(index):
    text = "heat transfer in a jet engine, and the wing. " * (50_000_000 // 45)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with index.writer() as writer:
        writer.add([document("long", text), document("short")])
    assert index.statistics(["jet"]).cf == (text.count("jet"),)
    assert index.document("long").text == text
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 600_000  # KB
