"""A run that is killed, stopped, or out of disk goes on to the result of one that never was."""

import signal

import pytest
from conftest import COMMAND
from stopped import (
    KILL_WHILE_WRITING,
    NO_SPACE,
    POSIX,
    check,
    start,
    stop_at,
    stumbling,
    wait_for,
)
from tiny import STATEFUL, log, result

from seqkit import cli

pytestmark = pytest.mark.usefixtures("no_pictures")


@pytest.fixture(scope="module")
def options(spam_file):
    return ["train", "classify", *STATEFUL, "--data.train", str(spam_file)]


@pytest.fixture(scope="module")
def expected(options, tmp_path_factory):
    """What the run leaves that is never stopped."""
    folder = tmp_path_factory.mktemp("whole")
    assert cli.main([*options, "--out", str(folder)]) == 0
    return result(folder)


def resume(seqkit, options, folder):
    assert seqkit(*options, "--out", folder, "--resume").code == 0


@POSIX
def test_kill_in_the_middle_of_an_epoch(options, expected, seqkit, tmp_path):
    run = start(COMMAND, options, tmp_path)
    wait_for(run, tmp_path, '"step": 60,')
    run.kill()
    run.communicate()
    assert not (tmp_path / "metrics.json").exists(), "it was not killed in time"
    resume(seqkit, options, tmp_path)
    check(expected, tmp_path)


@POSIX
@pytest.mark.parametrize("at", [2, 43])  # 43: of the first epoch's end
def test_kill_while_a_checkpoint_is_written(at, options, expected, seqkit, tmp_path):
    run = start(stumbling(KILL_WHILE_WRITING, at=at), options, tmp_path)
    run.communicate()
    assert run.returncode == -signal.SIGKILL
    assert list(tmp_path.glob(".checkpoint*.tmp"))
    resume(seqkit, options, tmp_path)
    check(expected, tmp_path)


@POSIX
def test_full_disk(options, expected, seqkit, tmp_path):
    run = start(stumbling(NO_SPACE, at=30), options, tmp_path)
    _, err = run.communicate()
    assert run.returncode == 2
    assert "Traceback" not in err
    assert "the disk is full" in err.splitlines()[-1]
    assert "goes on from its last checkpoint with --resume" in err.splitlines()[-1]
    resume(seqkit, options, tmp_path)
    check(expected, tmp_path)


@POSIX
def test_ctrl_c(options, expected, seqkit, tmp_path):
    run = start(COMMAND, options, tmp_path)
    wait_for(run, tmp_path, '"step": 20,')
    run.send_signal(signal.SIGINT)
    out, err = run.communicate()
    assert run.returncode == 130
    assert "Traceback" not in err and out == ""
    assert err.splitlines()[-1].endswith(
        "seqkit: stopped; --resume goes on from the last checkpoint"
    )
    resume(seqkit, options, tmp_path)
    check(expected, tmp_path)


@pytest.mark.parametrize("folds", ["1", "2"])
def test_stopped_after_each_epoch(folds, options, seqkit, tmp_path, monkeypatch):
    own = [*options, "--folds", folds]
    assert seqkit(*own, "--out", tmp_path / "whole").code == 0
    stop_at(monkeypatch, 1)
    stops, code = 0, seqkit(*own, "--out", tmp_path / "run").code
    while code == 130:
        stops += 1
        code = seqkit(*own, "--out", tmp_path / "run", "--resume").code
    epochs = [row for row in log(tmp_path / "whole") if row["event"] == "epoch"]
    assert (code, stops) == (0, len(epochs))
    check(result(tmp_path / "whole"), tmp_path / "run")


def test_stopped_twice_before_the_next_row(options, expected, seqkit, tmp_path, monkeypatch):
    often = ["--out", tmp_path, "--checkpoint-seconds", "0"]
    for step in (25, 26, 39):
        with monkeypatch.context() as patch:
            stop_at(patch, step)
            more = ["--resume"] if step > 25 else []
            assert seqkit(*options, *often, *more).code == 130
    resume(seqkit, options, tmp_path)
    check(expected, tmp_path)


def test_resume_with_other_settings(options, seqkit, refused, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        stop_at(patch, 42)
        assert seqkit(*options, "--out", tmp_path).code == 130
    message = refused(*options, "--out", tmp_path, "--resume", "--optim.lr", "0.25")
    assert "optim.lr 0.5 -> 0.25" in message
    assert (tmp_path / "checkpoint.safetensors").exists()


def test_resume_with_other_data(options, seqkit, refused, tmp_path, monkeypatch, spam_file):
    data = tmp_path / "data.tsv"
    data.write_bytes(spam_file.read_bytes())
    own = [*options[:-1], str(data)]
    with monkeypatch.context() as patch:
        stop_at(patch, 42)
        assert seqkit(*own, "--out", tmp_path / "run").code == 130
    data.write_bytes(spam_file.read_bytes().replace(b"ham\t", b"x\t").replace(b"spam\t", b"y\t"))
    resumed = seqkit(*own, "--out", tmp_path / "run", "--resume")
    assert resumed.code == 0, "other names for the same labels"
    lines = spam_file.read_text().splitlines()
    with monkeypatch.context() as patch:
        stop_at(patch, 42)
        assert seqkit(*own, "--out", tmp_path / "run").code == 130
    data.write_text("\n".join([*lines[:-1], "spam\tsomething else"]) + "\n")
    message = refused(*own, "--out", tmp_path / "run", "--resume")
    assert "--resume: the data" in message


def test_resume_without_a_checkpoint(options, seqkit, refused, tmp_path):
    assert "holds no checkpoint" in refused(*options, "--out", tmp_path / "new", "--resume")
    assert not (tmp_path / "new").exists()


def test_a_baseline_that_fails_costs_neither_the_model_nor_the_run(
    options, seqkit, tmp_path, monkeypatch
):
    """The model is saved before the baselines, which may differ when the run is resumed."""
    out = tmp_path / "out"

    def fail(*args: object, **settings: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("seqkit.baselines.fit", fail)
        with pytest.raises(MemoryError):
            seqkit(*options, "--out", out)
    assert seqkit("predict", out, "win cash").code == 0
    done = seqkit(*options, "--resume", "--baselines", "--out", out)
    assert done.code == 0, done.err
    assert (out / "metrics.json").exists() and not (out / "checkpoint.safetensors").exists()
