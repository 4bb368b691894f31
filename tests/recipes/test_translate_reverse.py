"""The preset reverse, trained by the command with its own options and data: no string is wrong."""

import json

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_pictures")]


def test_all_is_right_with_another_seed(seqkit, tmp_path):
    """Seed 3, on one thread: one seed that works by luck would not do."""
    out = tmp_path / "run"
    outcome = seqkit("train", "translate", "reverse", "--seed", 3, "--device", "cpu", "--out", out)
    assert outcome.code == 0, outcome.err
    test = json.loads((out / "metrics.json").read_text())["test"]
    assert (test["texts"], test["wer"]) == (500, 0.0)
    assert seqkit("translate", out, "bookkeeper").out == "repeekkoob\n"
