"""An index that takes the place of another."""

import os

import pytest
from small_index import document, filled

from seqkit import bundle
from seqkit.errors import BundleError, ConfigError
from seqkit.search.index import SearchIndex
from seqkit.search.installing import install_index


def test_the_new_one_takes_the_place(tmp_path):
    old = filled(tmp_path / "place", [document("a")], [document("b", "jet")])
    (tmp_path / "place/notes").write_text("mine")
    filled(tmp_path / "built", [document("c", "wing")])
    made = install_index(
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
    assert segments == ["seg-00000001.bin"]
    with made.writer() as writer:
        writer.add([document("d")])
    assert len(SearchIndex.open(tmp_path / "place")) == 2
    with pytest.raises(BundleError):
        SearchIndex.open(tmp_path / "built")


def test_who_has_the_earlier_one_open_sees_the_new_one_alone(tmp_path):
    reader = filled(tmp_path / "place", [document("a", "one two"), document("b", "three")])
    filled(tmp_path / "built", [document("c", "four five"), document("d", "six")])
    install_index(tmp_path / "built", tmp_path / "place")
    assert sorted(reader) == ["a", "b"]
    with SearchIndex.open(tmp_path / "place").writer() as writer:
        writer.add([document("e", "seven")])
    assert reader.refresh() and sorted(reader) == ["c", "d", "e"]
    assert [hit.id for hit in reader.search("four")] == ["c"]
    reader.verify()


def test_a_kill_leaves_nothing_that_opens(tmp_path, monkeypatch):
    filled(tmp_path / "place", [document("a")])
    filled(tmp_path / "built", [document("b")])

    class Killed(BaseException):
        pass

    def kill(*args):
        raise Killed

    monkeypatch.setattr(os, "replace", kill)
    with pytest.raises(Killed):
        install_index(tmp_path / "built", tmp_path / "place")
    monkeypatch.undo()
    with pytest.raises(BundleError, match=r"no bundle\.json in it"):
        SearchIndex.open(tmp_path / "place")
    filled(tmp_path / "again", [document("c")])
    assert [*install_index(tmp_path / "again", tmp_path / "place")] == ["c"]


def test_nobody_writes_there_meanwhile(tmp_path):
    there = filled(tmp_path / "place", [document("a")])
    filled(tmp_path / "built", [document("b")])
    with there.writer(), pytest.raises(ConfigError, match="another writer is at work there"):
        install_index(tmp_path / "built", tmp_path / "place")
    assert [*SearchIndex.open(tmp_path / "place")] == ["a"]
