"""Files appear whole or not at all."""

import errno
import hashlib
import json
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError
from seqkit.files import (
    atomic_write,
    json_bytes,
    lock_file,
    read_json,
    sha256,
    write_bytes,
    write_json,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def full_disk(*args):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@given(VALUES)
def test_json_holds_any_text_lone_surrogates_too(value):
    assert json.loads(json_bytes(value)) == value
    assert json.loads(json_bytes(value, indent=None)) == value


def test_json_is_utf8_with_surrogates_as_escapes():
    assert json_bytes("é\ud800", indent=None) == b'"\xc3\xa9\\ud800"\n'


def test_json_refuses_what_json_does_not_know():
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_bytes(float("nan"))


def test_write_and_read(tmp_path):
    write_json(tmp_path / "new" / "a.json", {"b": [1, None]})
    assert read_json(tmp_path / "new" / "a.json") == {"b": [1, None]}


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    write_bytes(tmp_path / "a", b"old")
    monkeypatch.setattr(os, step, full_disk)
    with pytest.raises(OSError, match="No space"):
        write_bytes(tmp_path / "a", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old"}


def test_an_error_in_the_block_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), atomic_write(tmp_path / "a") as handle:
        handle.write(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_the_hash_is_that_of_the_content(tmp_path):
    content = os.urandom(300_000)
    (tmp_path / "a").write_bytes(content)
    assert sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
def test_a_locked_file_names_who_has_it(tmp_path):
    path = tmp_path / "write.lock"

    def lock():
        return lock_file(path, where="here", holder="another one", remedy="wait")

    with lock():
        with pytest.raises(ConfigError) as error:
            lock()
        assert (
            str(error.value) == f"here: another one is at work there (process {os.getpid()}): wait"
        )
    lock().close()
    path.unlink()
    lock().close()
