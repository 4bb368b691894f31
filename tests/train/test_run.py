"""The folder of a run: what stands in it when, and what a resumed run leaves."""

import json
import logging
import os
import sys
from dataclasses import dataclass, replace

import pytest
import torch

from seqkit import files
from seqkit.errors import ConfigError, DataError
from seqkit.train.run import Run


@dataclass(frozen=True, kw_only=True)
class Config:
    size: int = 3
    out: str | None = None
    resume: bool = False
    device: str = "cpu"
    checkpoint_seconds: float = 60.0


CONFIG = Config()
RESUMED = replace(CONFIG, resume=True)


def begin(folder, config=CONFIG):
    return Run(folder, config=config, recipe="test")


def rows(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def stop(folder, *, steps=(1, 2), later=()):
    """Leave a stopped run: rows and a checkpoint, then rows that the checkpoint does not know."""
    with begin(folder) as run:
        for step in steps:
            run.log("step", step=step, loss=1 / step)
        run.keep_best({"w": torch.tensor(1.0)}, step=steps[-1])
        run.checkpoint({"at": steps[-1]}, step=steps[-1], best_step=steps[-1])
        for step in later:
            run.log("step", step=step, loss=1 / step)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs" / "one"


def test_a_finished_run(folder):
    with begin(folder) as run:
        run.log("step", step=1, loss=0.5, note="text")
        run.log("step", step=2, loss=float("nan"))
        assert run.rows() == rows(folder)
        run.checkpoint({}, step=2, best_step=-1)
        run.finish({"seconds": 1.0})
    assert rows(folder) == [
        {"event": "step", "step": 1, "loss": 0.5, "note": "text"},
        {"event": "step", "step": 2, "loss": None},
    ]
    saved = json.loads((folder / "config.json").read_text())
    assert saved["recipe"] == "test" and saved["config"]["size"] == 3
    assert json.loads((folder / "metrics.json").read_text()) == {"seconds": 1.0}
    assert not list(folder.glob("*.safetensors"))
    assert list((folder / "tensorboard").iterdir())


def test_a_run_that_fails_before_its_first_row_leaves_nothing(folder, tmp_path):
    with pytest.raises(DataError), begin(folder) as run:
        assert run.rows() == []
        raise DataError("no such file")
    assert list(tmp_path.iterdir()) == []


def test_such_a_run_leaves_an_earlier_one_as_it_was(folder):
    stop(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(DataError), begin(folder):
        raise DataError("no such file")
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_run_over_a_stopped_one_says_so_and_begins_anew(folder, caplog):
    stop(folder)
    with caplog.at_level(logging.WARNING), begin(folder) as run:
        run.log("step", step=1, loss=9.0)
    assert "now begun anew (--resume would continue it)" in caplog.text
    assert [row["loss"] for row in rows(folder)] == [9.0]
    assert not list(folder.glob("*.safetensors"))


def test_a_resumed_run_forgets_the_rows_behind_its_checkpoint(folder):
    stop(folder, steps=(1, 2), later=(3, 4))
    with begin(folder, RESUMED) as run:
        assert run.state["at"] == 2
        assert run.best(2) == {"w": torch.tensor(1.0)}
        run.log("step", step=3, loss=7.0)
    assert [row["loss"] for row in rows(folder)] == [1.0, 0.5, 7.0]


def test_a_run_that_is_stopped_twice_before_its_next_row(folder):
    stop(folder, steps=(1, 2), later=(3, 4))
    with begin(folder, RESUMED) as run:
        run.checkpoint({"at": 2}, step=2, best_step=2)
    with begin(folder, RESUMED) as run:
        run.log("step", step=3, loss=7.0)
    assert [row["loss"] for row in rows(folder)] == [1.0, 0.5, 7.0]


def test_a_resumed_run_counts_the_seconds_of_both(folder, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with begin(folder) as run:
        now[0] += 50
        run.checkpoint({}, step=1, best_step=-1)
        assert not run.due(1.0)
    now[0] += 1000
    with begin(folder, RESUMED) as run:
        now[0] += 7
        assert run.seconds == 57
        assert run.due(7.0) and not run.due(8.0)


def test_only_the_best_weights_of_the_checkpoint_stay(folder):
    with begin(folder) as run:
        run.keep_best({"w": torch.tensor(1.0)}, step=1)
        run.checkpoint({}, step=1, best_step=1)
        run.keep_best({"w": torch.tensor(2.0)}, step=2)
        assert run.best(1) == {"w": torch.tensor(1.0)}, "a kill now still finds it"
        run.checkpoint({}, step=2, best_step=2)
        assert run.best(2) == {"w": torch.tensor(2.0)}
    assert len(list(folder.glob("best-*"))) == 1


def test_what_a_killed_run_left_half_written_is_swept_away(folder):
    stop(folder)
    (folder / ".checkpoint.safetensors.1.2.tmp").write_bytes(b"half")
    (folder / ".bundle-x.tmp").mkdir()
    (folder / ".bundle-x.tmp" / "weights").write_bytes(b"half")
    with begin(folder, RESUMED) as run:
        run.log("step", step=3, loss=1.0)
    assert not list(folder.glob(".*"))


def test_resume_without_a_checkpoint(folder, tmp_path):
    with pytest.raises(ConfigError, match="holds no checkpoint"):
        begin(folder, RESUMED)
    assert list(tmp_path.iterdir()) == []


def test_resume_with_other_settings_names_them(folder):
    stop(folder)
    with pytest.raises(ConfigError, match="size 3 -> 4"):
        begin(folder, replace(RESUMED, size=4))


def test_resume_may_change_what_has_no_bearing_on_the_result(folder):
    stop(folder)
    changed = replace(RESUMED, out=str(folder), device="cuda", checkpoint_seconds=1.0)
    begin(folder, changed).close()


@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_resume_with_a_damaged_configuration(folder, content):
    stop(folder)
    path = folder / "config.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=r"config\.json is missing or damaged"):
        begin(folder, RESUMED)


def test_resume_with_a_damaged_checkpoint(folder):
    stop(folder)
    os.truncate(folder / "checkpoint.safetensors", 20)
    with pytest.raises(DataError, match="not a readable checkpoint"):
        begin(folder, RESUMED)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match=r"cannot be written .* choose another folder"):
            begin(folder)


def test_without_tensorboard_the_rest_is_written(folder, monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with caplog.at_level(logging.INFO), begin(folder) as run:
        run.log("step", step=1, loss=1.0)
    assert 'pip install "seqkit[plot]"' in caplog.text
    assert rows(folder) and not (folder / "tensorboard").exists()


@pytest.mark.parametrize(
    "files",
    [
        {"best-model.safetensors": "mine"},
        {"tensorboard/notes.txt": "mine"},
        {"config.json": "[1]"},
        {"config.json": '{"recipe": "soup"}', ".a.1.2.tmp": ""},
        {"config.json": "{", "report.md": "mine"},
    ],
)
def test_a_folder_of_other_files_is_refused_and_stays(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    name = next(iter(files)).split("/")[0]
    with pytest.raises(ConfigError, match=rf"holds files that no run of seqkit made \({name}\)"):
        begin(folder)
    found = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.*")}
    assert found == files


def test_an_empty_folder_or_what_a_killed_run_left_is_taken(folder):
    folder.mkdir(parents=True)
    begin(folder).close()
    for name in (".lock", ".probe-7", ".config.json.1.2.tmp"):
        (folder / name).write_text("")
    with begin(folder) as run:
        run.log("step", step=1, loss=1.0)
    assert {path.name for path in folder.iterdir()} == {"config.json", "log.jsonl", "tensorboard"}


def test_a_new_run_clears_its_own_names_and_no_others(folder):
    stop(folder)
    own = ["best-mine.safetensors", "best-1-x.safetensors", ".mine.tmp", "tensorboard/mine"]
    for name in own:
        (folder / name).write_text("mine")
    with begin(folder) as run:
        run.log("step", step=1, loss=1.0)
        run.checkpoint({}, step=1, best_step=1)
        run.finish({})
    assert all((folder / name).read_text() == "mine" for name in own)
    assert len(list((folder / "tensorboard").glob("events*"))) == 1


def finish(folder):
    """Leave a finished run, with what the recipe and its report write."""
    with begin(folder) as run:
        run.log("step", step=1, loss=1.0)
        for name in ("bundle.json", "report.md", "curves.png", "weights.safetensors"):
            (folder / name).write_text("{}")
        run.finish({})


def test_a_stopped_run_does_not_stand_beside_the_model_of_an_earlier_one(folder, caplog):
    finish(folder)
    with pytest.raises(DataError), begin(folder):
        raise DataError("before the first row")
    assert (folder / "bundle.json").exists() and not caplog.text
    with pytest.raises(KeyboardInterrupt), begin(folder) as run:
        run.log("step", step=1, loss=1.0)
        assert "holds a finished run, which this one replaces" in caplog.text
        raise KeyboardInterrupt
    left = {path.name for path in folder.iterdir()}
    assert left == {"config.json", "log.jsonl", "tensorboard", "weights.safetensors"}


def test_what_is_used_until_its_successor_is_whole_may_stay(folder):
    finish(folder)
    with Run(folder, config=CONFIG, recipe="test", keep_bundle=True) as run:
        run.log("step", step=1, loss=1.0)
    left = {path.name for path in folder.iterdir()}
    kept = {"bundle.json", "weights.safetensors"}
    assert left == kept | {"config.json", "log.jsonl", "tensorboard"}


def test_a_run_without_rows_keeps_the_result_that_it_wrote(folder):
    with begin(folder) as run:  # a baseline is the model: nothing is logged
        (folder / "bundle.json").parent.mkdir(exist_ok=True)
        (folder / "bundle.json").write_text("{}")
        run.finish({"seconds": 1.0})
    names = {path.name for path in folder.iterdir()}
    assert names == {"bundle.json", "config.json", "log.jsonl", "metrics.json"}


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
@pytest.mark.parametrize("config", [CONFIG, RESUMED])
def test_two_runs_at_once_in_one_folder(folder, config):
    with begin(folder) as first:
        with pytest.raises(ConfigError, match="another run is at work there"):
            begin(folder, config)
        first.log("step", step=1, loss=1.0)
        first.checkpoint({}, step=1, best_step=1)
        with pytest.raises(ConfigError, match="another run is at work there"):
            begin(folder, config)
    begin(folder, config).close()
    assert not (folder / ".lock").exists()


def test_where_there_are_no_locks_it_goes_without(folder, monkeypatch):
    monkeypatch.setattr(files, "fcntl", None)
    with begin(folder) as run:
        run.log("step", step=1, loss=1.0)
        assert not (folder / ".lock").exists()


def test_ctrl_c_tells_of_resuming_where_there_is_a_checkpoint(folder):
    stop(folder)
    with pytest.raises(KeyboardInterrupt) as early, begin(folder):
        raise KeyboardInterrupt  # the checkpoint may be of another configuration
    assert not hasattr(early.value, "__notes__")
    with pytest.raises(KeyboardInterrupt) as resumed, begin(folder, RESUMED):
        raise KeyboardInterrupt
    assert resumed.value.__notes__ == ["--resume goes on from the last checkpoint"]
    with pytest.raises(KeyboardInterrupt) as late, begin(folder) as run:
        run.log("step", step=1, loss=1.0)
        raise KeyboardInterrupt
    assert not hasattr(late.value, "__notes__")


def test_a_recipe_without_resume(tmp_path):
    @dataclass(frozen=True)
    class Short:
        out: str | None = None

    with Run(tmp_path, config=Short(), recipe="test") as run:
        run.finish({})
    saved = json.loads((tmp_path / "config.json").read_text())
    assert saved == {"recipe": "test", "config": {"out": None}}
