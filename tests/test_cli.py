"""The command itself: its list, its exit statuses, what it does with errors."""

import errno
import importlib.metadata
import os

import pytest

import seqkit
from seqkit import cli
from seqkit.errors import DataError


@pytest.fixture
def command(monkeypatch, request):
    """Run a command that raises this."""

    def run(error):
        def work(args):
            raise error

        monkeypatch.setitem(cli.COMMANDS, "train", ("", work))
        return request.getfixturevalue("seqkit")("train")

    return run


def test_the_list_names_every_command(seqkit):
    page = seqkit("--help").out
    assert all(f"\n  {name} " in page for name in cli.COMMANDS)
    assert seqkit().out == seqkit("help").out == page


def test_version(seqkit):
    assert seqkit("--version").out == f"seqkit {importlib.metadata.version('seqkit')}\n"


def test_a_mistake_is_one_line_and_2(command):
    outcome = command(DataError("a.tsv:3: wrong"))
    assert (outcome.code, outcome.out, outcome.err) == (2, "", "seqkit: a.tsv:3: wrong\n")


def test_ctrl_c_is_one_line_and_130(command):
    outcome = command(KeyboardInterrupt())
    assert outcome.code == 130
    assert outcome.err == "seqkit: stopped\n"
    stopped = KeyboardInterrupt()
    stopped.add_note("--resume goes on from the last checkpoint")  # a run does, if there is one
    assert command(stopped).err == "seqkit: stopped; --resume goes on from the last checkpoint\n"


def test_a_label_with_line_breaks_is_one_line(command):
    outcome = command(DataError("label 'a\nb\r\nc\u2028d': wrong"))
    assert outcome.err == "seqkit: label 'a b c d': wrong\n"


@pytest.mark.parametrize(
    "name", ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "ENOENT", "EEXIST"]
)
def test_a_path_that_cannot_be_used_is_one_line_and_2(command, name):
    number = getattr(errno, name)
    outcome = command(OSError(number, os.strerror(number), "a/b\nc"))
    assert (outcome.code, outcome.err) == (2, f"seqkit: a/b c: {os.strerror(number)}\n")
    with pytest.raises(OSError, match="without a path"):
        command(OSError(number, "without a path"))


def test_an_out_folder_below_a_file(refused, spam_file, tmp_path):
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "below"
    assert refused("data", "split", spam_file, "--out", out) == f"{out}: Not a directory"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_one_line_and_2(command, number):
    outcome = command(OSError(number, os.strerror(number), "out/x"))
    assert outcome.code == 2
    assert outcome.err.startswith("seqkit: the disk is full (out/x): free some space; ")
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("error", [KeyError("x"), OSError(errno.EIO, "broken"), AssertionError()])
def test_a_fault_of_ours_keeps_its_traceback(command, error):
    with pytest.raises(type(error)):
        command(error)


def test_the_package_has_its_names_and_no_others():
    assert set(seqkit.__all__) <= set(dir(seqkit))
    assert all(getattr(seqkit, name) is not None for name in seqkit.__all__)
    assert seqkit.__version__ == importlib.metadata.version("seqkit")
    with pytest.raises(AttributeError, match="has no attribute 'lod'"):
        _ = seqkit.lod


def test_torch_is_told_to_share_the_machine_unless_the_user_has_said_otherwise(monkeypatch, capsys):
    monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", raising=False)
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    assert cli.main(["--version"]) == 0
    assert os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"] == "64"
    assert os.environ["GOMP_SPINCOUNT"] == "7"
    monkeypatch.delenv("GOMP_SPINCOUNT")
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    assert cli.main(["--version"]) == 0
    assert "GOMP_SPINCOUNT" not in os.environ
