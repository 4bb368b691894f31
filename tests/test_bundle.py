"""The saved-model folder: what is written comes back, and every damage is refused by name."""

import errno
import json
import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqkit
from seqkit import bundle
from seqkit.errors import BundleError

FILES = {"weights.safetensors": os.urandom(1000), "vocab.txt": "é\n".encode(), "empty.txt": b""}


def write(folder, **changes):
    options = {"kind": "TextClassifier", "files": FILES, "provenance": {"seed": 1}, **changes}
    bundle.write(folder, **options)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "model")
    return tmp_path / "model"


def edit(folder, **changes):
    path = folder / "bundle.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def message(folder):
    with pytest.raises(BundleError) as error:
        bundle.read(folder)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_round_trip(folder):
    saved = bundle.read(folder)
    assert saved.files() == FILES
    assert saved.kind == "TextClassifier"
    assert saved.index["provenance"] == {"seed": 1}
    assert {"python", "seqkit", "numpy"} <= saved.index["versions"].keys()
    assert {path.name for path in folder.iterdir()} == {*FILES, "bundle.json"}


def test_other_files_of_the_folder_are_left_alone(folder):
    (folder / "report.md").write_text("mine")
    write(folder, files={"vocab.txt": b"new"})
    assert bundle.read(folder).files() == {"vocab.txt": b"new"}
    assert (folder / "report.md").read_text() == "mine"


def test_the_same_bundle_is_written_in_the_same_bytes(folder, tmp_path):
    write(tmp_path / "again", files=dict(reversed(FILES.items())))
    assert (tmp_path / "again" / "bundle.json").read_bytes() == (
        folder / "bundle.json"
    ).read_bytes()


def test_no_folder(tmp_path):
    assert "no such folder" in message(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["my.kv", "vectors"])
def test_a_file_that_is_no_folder(name, tmp_path):
    (tmp_path / name).write_bytes(b"\x80\x04")
    assert f"{name}: a file, expected the folder of a saved model" in message(tmp_path / name)
    with pytest.raises(BundleError, match=r"\(.vec .bin .txt\) and n-gram models \(.arpa\)"):
        seqkit.load(tmp_path / name)


def test_no_index(tmp_path):
    assert "no bundle.json" in message(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"format": 1'])
def test_index_that_is_not_json(folder, content):
    (folder / "bundle.json").write_bytes(content)
    assert "bundle.json: not readable as JSON" in message(folder)


@pytest.mark.parametrize("content", ["[]", "3", "{}", '{"format": "1"}', '{"name": "web app"}'])
def test_json_of_something_else(folder, content):
    (folder / "bundle.json").write_text(content)
    assert "not the index of a seqkit bundle" in message(folder)


def test_newer_format(folder):
    edit(folder, format=bundle.FORMAT + 1, versions=None)
    assert f"bundle format {bundle.FORMAT + 1}" in message(folder)
    assert "pip install --upgrade seqkit" in message(folder)


@pytest.mark.parametrize("kind", ["Translator9", None, ["TextClassifier"]])
def test_unknown_kind(folder, kind):
    edit(folder, kind=kind)
    assert f"kind {kind!r}" in message(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"files": None},
        {"files": ["vocab.txt"]},
        {"files": {"vocab.txt": 3}},
        {"files": {"vocab.txt": {"bytes": 3}}},
        {"files": {"vocab.txt": {"bytes": "3", "sha256": "0"}}},
        {"versions": None},
        {"metrics": 3},
        {"provenance": []},
    ],
)
def test_damaged_index(folder, changes):
    edit(folder, **changes)
    assert "damaged" in message(folder)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "..", ".", "", "a/b", "a\0b", ".hidden"])
def test_a_name_that_leaves_the_folder(folder, name):
    edit(folder, files={name: {"bytes": 3, "sha256": "0"}})
    assert "list of files is damaged" in message(folder)


def test_missing_file(folder):
    (folder / "vocab.txt").unlink()
    assert "vocab.txt: missing from the bundle" in message(folder)


def test_truncated_file(folder):
    os.truncate(folder / "weights.safetensors", 999)
    assert "weights.safetensors: 999 bytes, expected 1000" in message(folder)


@pytest.mark.parametrize("position", [0, 500, 999])
def test_one_flipped_bit(folder, position):
    content = bytearray(FILES["weights.safetensors"])
    content[position] ^= 1
    (folder / "weights.safetensors").write_bytes(content)
    assert "weights.safetensors: its content does not match" in message(folder)


@given(st.binary(max_size=60))
def test_any_bytes_for_an_index_are_refused_in_one_line(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("any")
    (folder / "bundle.json").write_bytes(content)
    message(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_full_disk_leaves_the_bundle_of_before(folder, monkeypatch, step, at):
    calls, real = [], getattr(os, step)

    def fail(*args):
        calls.append(args)
        if len(calls) == at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*args)

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space"):
        write(folder, files=dict.fromkeys(FILES, b"new"))
    assert bundle.read(folder).files() == FILES
    assert {path.name for path in folder.iterdir()} == {*FILES, "bundle.json"}


def test_a_kill_between_two_renames_never_leaves_a_mixture_that_loads(folder, monkeypatch):
    real = os.replace

    def killed_at_the_index(source, target):
        if os.path.dirname(target) == str(folder) and target.name == "bundle.json":
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", killed_at_the_index)
    with pytest.raises(KeyboardInterrupt):
        write(folder, files={"vocab.txt": b"new words"})
    assert "no bundle.json" in message(folder)


def test_seqkit_load_refuses_the_same(folder):
    (folder / "vocab.txt").unlink()
    with pytest.raises(BundleError, match="missing from the bundle"):
        seqkit.load(folder)


def test_files_that_do_not_fit_together(folder):
    with pytest.raises(BundleError, match=r"classifier\.json"):
        seqkit.load(folder)
