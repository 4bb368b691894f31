"""`seqkit recipes` and `seqkit train`: list, copy, run the copy, help."""

import json
import subprocess
import sys

import pytest

from seqkit import cli
from seqkit.commands.recipes import configure, load_recipe
from seqkit.config import to_dict

PRESETS = list(load_recipe("classify").PRESETS)


def test_list(seqkit):
    assert f"classify: {', '.join(PRESETS)}" in seqkit("recipes").out.splitlines()
    assert json.loads(seqkit("recipes", "--json").out)["classify"] == PRESETS


def test_a_copy_runs_like_the_original(seqkit, spam_file, tmp_path, monkeypatch, no_pictures):
    monkeypatch.chdir(tmp_path)
    outcome = seqkit("recipes", "copy", "classify", "mine.py")
    assert outcome.out.startswith("mine.py: edit it, then run: seqkit train mine.py")
    options = ["--data.train", spam_file, "--model.family", "majority", "--baselines"]
    assert seqkit("train", "mine.py", *options).code == 0
    assert (tmp_path / "runs" / "mine-default" / "bundle.json").exists()
    text = (tmp_path / "mine.py").read_text()
    edited = text.replace("def main(", "def main(cfg):\n    print(7)\n\n\ndef _main(")
    (tmp_path / "mine.py").write_text(edited)
    assert seqkit("train", "mine.py", "spam").out == "7\n"


def test_a_recipe_is_a_script_too(tmp_path):
    command = [sys.executable, load_recipe("classify").__file__, "spam", "--epocs", "3"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "seqkit: unknown option --epocs: did you mean --epochs?\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["classify"], "usage"),
        (["clasify", "a.py"], "did you mean 'classify'?"),
        (["classify", "a.txt"], "name the copy .py"),
        (["classify", "there.py"], "exists already"),
        (["classify", "none/a.py"], "no such folder"),
    ],
)
def test_copies_that_cannot_be(args, message, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.py").write_text("mine")
    assert message in refused("recipes", "copy", *args)
    assert (tmp_path / "there.py").read_text() == "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that nobody can write to")
def test_a_copy_to_where_nothing_can_be_written(refused):
    assert refused("recipes", "copy", "classify", "/proc/x.py").startswith("/proc/x.py: ")


@pytest.mark.parametrize(
    "args", [["--help"], ["recipes", "-h"], ["train"], ["train", "-h"], ["data"], []]
)
def test_short_help(args, seqkit):
    outcome = seqkit(*args)
    assert outcome.code == 0
    assert outcome.out.startswith("usage: seqkit") and outcome.err == ""


@pytest.mark.parametrize(
    "args",
    [
        ["train", "classify"],
        ["train", "classify", "spam"],
        ["predict"],
        ["evaluate"],
        ["compare"],
        ["inspect"],
        ["data", "audit"],
        ["data", "split"],
    ],
)
def test_help_lists_the_options_and_exits_with_0(args, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([*args, "--help"])
    assert stop.value.code == 0
    page = capsys.readouterr().out
    assert "usage: seqkit " + args[0] in page
    if args[0] == "train":
        assert "--model.rnn.hidden" in page and "--data.train" in page


@pytest.mark.parametrize("preset", ["default", *PRESETS])
def test_a_preset_is_the_start_of_the_options(preset):
    recipe, config = configure(["classify", preset, "--epochs", "77"])
    start = recipe.PRESETS.get(preset, recipe.Config())
    out = f"runs/classify-{preset}"
    assert to_dict(config) == {**to_dict(start), "epochs": 77, "out": out}


@pytest.mark.parametrize("preset", ["classify imdb", "lm ptb-awd", "lm chars"])
def test_other_training_data_do_not_keep_the_test_data_of_a_preset(preset):
    args = [*preset.split(), "--data.train", "mine.txt"]
    data = configure(args)[1].data
    assert (data.train, data.valid, data.test) == ("mine.txt", None, None)
    data = configure([*args, "--data.test=ours.txt"])[1].data
    assert (data.valid, data.test) == (None, "ours.txt")
    assert configure(preset.split())[1].data == load_recipe(args[0]).PRESETS[args[1]].data


def test_a_configuration_file_is_the_start_of_the_options(tmp_path):
    _, config = configure(["classify", "spam", "--epochs", "7", "--out", "x"])
    saved = {"recipe": "classify", "config": to_dict(config)}
    (tmp_path / "config.json").write_text(json.dumps(saved))
    _, again = configure([str(tmp_path / "config.json"), "--check"])
    assert to_dict(again) == {**to_dict(config), "check": True, "out": f"{tmp_path}-rerun"}


def test_a_stopped_run_is_resumed_by_its_configuration_file(tmp_path):
    _, config = configure(["classify", "spam", "--epochs", "7", "--out", "x"])
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"recipe": "classify", "config": to_dict(config)}))
    _, again = configure([str(path), "--resume"])
    assert again.resume and again.out == str(tmp_path)
    assert configure([str(path), "--resume", "--out", "y"])[1].out == "y"


def test_a_file_in_the_place_of_a_preset(refused, spam_file):
    assert f"to train on it, --data.train {spam_file}" in refused("train", "classify", spam_file)
