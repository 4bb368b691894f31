"""A language model whose training was killed or stopped is the one that was never disturbed."""

import signal

import pytest
from conftest import COMMAND
from stopped import KILL_WHILE_WRITING, POSIX, check, start, stop_at, stumbling, wait_for
from tiny import LM_SENTENCES, LM_STATEFUL, log, result

from seqkit import cli
from seqkit.models.language_model import LanguageModel
from seqkit.train.checkpoint import load_state

pytestmark = pytest.mark.usefixtures("no_pictures")


@pytest.fixture(scope="module")
def options(corpus):
    return ["train", "lm", *LM_STATEFUL, "--data.train", str(corpus)]


@pytest.fixture(scope="module")
def whole(options, tmp_path_factory):
    """The folder of the run that is never stopped."""
    folder = tmp_path_factory.mktemp("whole")
    assert cli.main([*options, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def expected(whole):
    return result(whole)


def updates(folder):
    """Updates made at the end of each epoch."""
    return [row["step"] for row in log(folder) if row["event"] == "epoch"]


def resume(seqkit, options, folder):
    outcome = seqkit(*options, "--out", folder, "--resume")
    assert outcome.code == 0, outcome.err


def stop(seqkit, monkeypatch, options, folder, *, step):
    """Press Ctrl-C after an update, whose checkpoint is written."""
    with monkeypatch.context() as patch:
        stop_at(patch, step)
        outcome = seqkit(*options, "--out", folder, "--checkpoint-seconds", "0")
    assert outcome.code == 130
    return load_state(folder / "checkpoint.safetensors")


def test_the_run_has_every_state(whole):
    """Or the tests below would prove little."""
    nats = [row["valid_loss"] for row in log(whole) if row["event"] == "epoch"]
    assert len(nats) == 5 and nats[1] > nats[0], "no trigger of the average, no cut of the rate"
    assert nats[4] < min(nats[:4])
    assert len({b - a for a, b in zip([0, *updates(whole)], updates(whole), strict=False)}) > 1


@POSIX
def test_kill(options, expected, seqkit, tmp_path):
    run = start(COMMAND, options, tmp_path)
    wait_for(run, tmp_path, '"step": 80,')
    run.kill()
    run.communicate()
    assert not (tmp_path / "metrics.json").exists(), "it was not killed in time"
    assert list(tmp_path.glob(".scratch-*")), "the tokens are left, and taken away later"
    resume(seqkit, options, tmp_path)
    check(expected, tmp_path)


@POSIX
@pytest.mark.parametrize("epoch", [0, 2])
def test_kill_while_a_checkpoint_is_written(epoch, options, expected, whole, seqkit, tmp_path):
    """That after an epoch, when the best weights are new."""
    at = updates(whole)[epoch] + epoch + 1
    run = start(stumbling(KILL_WHILE_WRITING, at=at), options, tmp_path)
    run.communicate()
    assert run.returncode == -signal.SIGKILL
    assert list(tmp_path.glob(".checkpoint*.tmp"))
    resume(seqkit, options, tmp_path)
    check(expected, tmp_path)


@POSIX
def test_ctrl_c(options, expected, seqkit, tmp_path):
    run = start(COMMAND, options, tmp_path)
    wait_for(run, tmp_path, '"step": 60,')
    run.send_signal(signal.SIGINT)
    out, err = run.communicate()
    assert run.returncode == 130
    assert "Traceback" not in err and out == ""
    assert err.splitlines()[-1].endswith(
        "seqkit: stopped; --resume goes on from the last checkpoint"
    )
    assert not list(tmp_path.glob(".scratch-*"))
    resume(seqkit, options, tmp_path)
    check(expected, tmp_path)


def test_stopped_again_and_again(options, expected, whole, seqkit, tmp_path, monkeypatch):
    """Before a row of the log, in a window with state, before and after the averaging begins."""
    first, second = updates(whole)[:2]
    state = stop(seqkit, monkeypatch, options, tmp_path, step=19)
    assert all(part.any() for layer in state["parts"]["carried"]["state"] for part in layer)
    again = [*options, "--resume"]
    for step in (21, first, first + 1, second - 1):
        state = stop(seqkit, monkeypatch, again, tmp_path, step=step)
        assert not state["parts"]["triggered"]["triggered"]
    for step in (second + 1, second + 2, second + 40):
        state = stop(seqkit, monkeypatch, again, tmp_path, step=step)
        assert state["parts"]["triggered"]["updates"] == step - second
    resume(seqkit, options, tmp_path)
    check(expected, tmp_path)


def test_lines_and_a_moving_average(corpus, seqkit, tmp_path, monkeypatch):
    options = ["train", "lm", *LM_SENTENCES, "--data.train", corpus]
    assert seqkit(*options, "--out", tmp_path / "whole").code == 0
    ends = updates(tmp_path / "whole")
    assert 2 < len(ends) < 6, "patience has not ended it"
    run = tmp_path / "run"
    stop(seqkit, monkeypatch, options, run, step=ends[0] - 5)
    for step in (ends[0], ends[1] + 3, ends[-1]):
        stop(seqkit, monkeypatch, [*options, "--resume"], run, step=step)
    resume(seqkit, options, run)
    check(result(tmp_path / "whole"), run)


def test_fine_tuning(corpus, saved_lm, seqkit, tmp_path, monkeypatch):
    options = ["train", "lm", "--start-from", saved_lm, "--data.train", corpus, "--window", "8"]
    options += ["--batch-size", "4", "--epochs", "2", "--device", "cpu"]
    assert seqkit(*options, "--out", tmp_path / "whole").code == 0
    stop(seqkit, monkeypatch, options, tmp_path / "run", step=30)
    resume(seqkit, options, tmp_path / "run")
    check(result(tmp_path / "whole"), tmp_path / "run")


def test_a_run_that_had_diverged_is_not_trained_on(options, seqkit, tmp_path, monkeypatch, caplog):
    own = [*options, "--optim.lr", "16", "--seed", "3"]
    assert seqkit(*own, "--out", tmp_path / "whole").code == 0
    assert "the run diverged in epoch 2" in caplog.text

    def press(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(LanguageModel, "save", press)
        assert seqkit(*own, "--out", tmp_path / "run").code == 130
    resume(seqkit, own, tmp_path / "run")
    check(result(tmp_path / "whole"), tmp_path / "run")
    assert "The run diverged in epoch 2" in (tmp_path / "run" / "report.md").read_text()


def test_other_text_is_refused(options, corpus, seqkit, refused, tmp_path, monkeypatch):
    text = tmp_path / "text.txt"
    lines = corpus.read_text().splitlines()
    text.write_text("\n".join(lines))
    own = [*options[:-1], text]
    stop(seqkit, monkeypatch, own, tmp_path / "run", step=10)
    text.write_text("\n".join([lines[1], lines[0], *lines[2:]]))  # the same words
    message = refused(*own, "--out", tmp_path / "run", "--resume")
    assert "--resume: the data" in message
    text.write_text("\n".join(lines))
    message = refused(*own, "--out", tmp_path / "run", "--resume", "--window", "10")
    assert "window 9 -> 10" in message
    resume(seqkit, own, tmp_path / "run")


def test_an_adaptation_that_fails_costs_neither_the_model_nor_the_run(
    corpus, options, expected, refused, seqkit, tmp_path
):
    """What comes after training may be another in the resumed run."""
    wild = ["--adapt.dynamic", "--adapt.dynamic-lr", "1e30"]
    assert "dynamic evaluation" in refused(*options, "--out", tmp_path, *wild)
    assert seqkit("score", tmp_path, corpus).code == 0
    resume(seqkit, options, tmp_path)
    check(expected, tmp_path)
