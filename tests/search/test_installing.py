"""An index that takes the place of another."""

import os
import shutil

import pytest
from small_index import document, filled

from seqkit import bundle
from seqkit.errors import BundleError, ConfigError
from seqkit.search.config import SearchConfig
from seqkit.search.index import SearchIndex
from seqkit.search.installing import Place


def install(source, folder, **options):
    with Place(folder) as place:
        return place.install(source, **options)


def test_the_new_one_takes_the_place(tmp_path):
    old = filled(tmp_path / "place", [document("a")], [document("b", "jet")])
    (tmp_path / "place/notes").write_text("mine")
    filled(tmp_path / "built", [document("c", "wing")])
    made = install(
        tmp_path / "built",
        tmp_path / "place",
        provenance={"by": "me"},
        metrics={"test": {"x": 1.0}},
    )
    assert sorted(made) == sorted(SearchIndex.open(tmp_path / "place")) == ["c"]
    assert sorted(old) == ["a", "b"] and old.document("b").text == "jet"
    index = bundle.read(tmp_path / "place").index
    assert index["provenance"] == {"by": "me"} and index["metrics"] == {"test": {"x": 1.0}}
    assert (tmp_path / "place/notes").read_text() == "mine"
    segments = [path.name for path in (tmp_path / "place").glob("seg-*")]
    assert segments == ["seg-00000003.bin"]  # a name is given once
    with made.writer() as writer:
        writer.add([document("d")])
    assert len(SearchIndex.open(tmp_path / "place")) == 2
    with pytest.raises(BundleError):
        SearchIndex.open(tmp_path / "built")


def test_in_an_empty_folder_with_deletions(tmp_path):
    with filled(tmp_path / "built", [document("a"), document("b")]).writer() as writer:
        writer.delete(["a"])
    (tmp_path / "place").mkdir()
    made = install(tmp_path / "built", tmp_path / "place")
    assert [*made] == ["b"]
    made.verify()
    with pytest.raises(ConfigError, match="holds an index or another model already"):
        SearchIndex.create(tmp_path / "place")


def test_who_has_the_earlier_one_open_sees_the_new_one_alone(tmp_path):
    reader = filled(tmp_path / "place", [document("a", "one two"), document("b", "three")])
    filled(tmp_path / "built", [document("c", "four five"), document("d", "six")])
    install(tmp_path / "built", tmp_path / "place")
    assert sorted(reader) == ["a", "b"]
    with SearchIndex.open(tmp_path / "place").writer() as writer:
        writer.add([document("e", "seven")])
    assert reader.refresh() and sorted(reader) == ["c", "d", "e"]
    assert [hit.id for hit in reader.search("four")] == ["c"]
    reader.verify()


class Killed(BaseException):
    """Ends the work where a process would die."""


def die_at(monkeypatch, step):
    """Let this many changes of files happen, and none after them."""
    count = 0

    def counted(call):
        def wrapped(*args, **options):
            nonlocal count
            count += 1
            if count > step:
                raise Killed
            return call(*args, **options)

        return wrapped

    for name in ("replace", "rename", "unlink", "fsync", "mkdir", "rmdir"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))


def test_a_kill_at_any_step_leaves_the_one_or_the_other(tmp_path, monkeypatch):
    """Old and new have other settings: the words of a query tell which of them are in use."""
    old = filled(tmp_path / "old", [document("a", "the jet")], [document("b", "jet")])
    with old.writer() as writer:
        writer.delete(["b"])
    settings = SearchConfig(fields=("text",))  # no stop words
    new = [document("c", "the wing")], [document("d", "wing")]
    filled(tmp_path / "new", *new, config=settings)
    seen = []
    for step in range(100):
        place, built = tmp_path / f"{step}", tmp_path / f"{step}/.built"
        shutil.copytree(old.folder, place)
        shutil.copytree(tmp_path / "new", built)
        reader, killed = SearchIndex.open(place), False
        with monkeypatch.context() as patched:
            die_at(patched, step)
            try:
                install(built, place)
            except Killed:
                killed = True
        index = SearchIndex.open(place)
        index.verify()
        found = sorted(index), [hit.id for hit in index.search("the jet wing")]
        assert found in [(["a"], ["a"]), (["c", "d"], ["c", "d"])]
        seen.append(found[0])
        assert (index.config == settings) == ("c" in found[0])
        assert bool(index.search("the").note) == ("a" in found[0])
        assert [hit.id for hit in reader.search("the jet")] == ["a"]
        with index.writer() as writer:  # it removes what the kill left
            writer.add([document("e")])
        there = {path.name for path in place.glob("*seg-*")}
        assert there == {name for part in index.segments for name in part.entry.files}
        if not killed:
            break
    assert seen == sorted(seen) and step > 6  # once new, it stays new
    assert seen[0] == ["a"] and seen[-2:] == [["c", "d"]] * 2


def test_nobody_writes_there_meanwhile(tmp_path):
    there = filled(tmp_path / "place", [document("a")])
    busy = pytest.raises(ConfigError, match="another writer is at work there")
    with there.writer(), busy, Place(there.folder):
        pass
    with Place(there.folder), busy, there.writer():
        pass
    assert [*SearchIndex.open(there.folder)] == ["a"]


def test_where_no_index_came_to_be_nothing_is_left(tmp_path):
    with Place(tmp_path), pytest.raises(BundleError, match=r"no bundle\.json in it"):
        Place(tmp_path).install(tmp_path)
    assert not [*tmp_path.iterdir()]
    index = filled(tmp_path / "index", [document("a")])
    with Place(index.folder):
        pass
    assert (index.folder / "write.lock").exists()
