"""The recipe on tiny data: losses that are pinned, and that a re-run repeats to the last digit."""

import json
import sys

import numpy as np
import pytest
from conftest import messages
from tiny import log, losses, result

import seqkit as sk

pytestmark = pytest.mark.usefixtures("no_pictures")

FAMILIES = {
    "bag": "bag --model.bag.dim 4 --model.bag.buckets 50 --epochs 2",
    "cnn": "--model.family cnn --model.cnn.dim 6 --model.cnn.channels 4 --epochs 2",
    "rnn": "--model.family rnn --model.rnn.dim 6 --model.rnn.hidden 5 --epochs 2 --ema 0.5"
    " --model.rnn.pooling max --model.rnn.dropout 0.3 --model.rnn.locked-dropout 0.3"
    " --model.rnn.word-dropout 0.1",
}
PINNED: dict[str, list[float]] = {
    "bag": [0.610828, 0.553244, 0.512371, 0.524618],
    "cnn": [0.573985, 0.430152, 0.247437, 0.296750],
    "rnn": [0.643669, 0.513147, 0.417102, 0.354577],
}
FAST = ["--optim.lr", "0.05", "--batch-size", "8", "--device", "cpu", "--baselines", "majority"]


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


def test_losses_are_pinned_and_repeated(family, seqkit, spam_file, tmp_path):
    folder = tmp_path / "run"
    options = [*FAMILIES[family].split(), *FAST, "--data.train", spam_file]
    assert seqkit("train", "classify", *options, "--out", folder).code == 0
    assert losses(folder) == pytest.approx(PINNED[family], rel=1e-4)

    assert seqkit("train", folder / "config.json").code == 0
    assert result(tmp_path / "run-rerun") == result(folder)


def test_what_a_run_leaves(seqkit, spam_file, tmp_path):
    options = [*FAMILIES["cnn"].split(), *FAST, "--data.train", spam_file, "--out", tmp_path]
    outcome = seqkit("train", "classify", *options, "--check")
    assert outcome.code == 0
    table, use = outcome.out.split("\n\n")
    assert [line.split()[0] for line in table.splitlines()] == ["accuracy", "model", "majority"]
    assert "the best baseline, majority" in use and f"report: {tmp_path}/report.md" in use
    names = {path.name for path in tmp_path.iterdir()}
    assert {"bundle.json", "config.json", "log.jsonl", "metrics.json", "report.md"} < names
    assert not any(name.endswith((".tmp", ".part")) or "checkpoint" in name for name in names)

    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert {"valid", "test", "baselines", "decision", "audit", "seconds"} <= metrics.keys()
    assert metrics["test"]["accuracy"] > metrics["baselines"]["majority"]["accuracy"]
    steps = [row for row in log(tmp_path) if row["event"] == "step"]
    assert all({"loss", "grad_norm", "lr"} <= row.keys() for row in steps) and steps
    saved = json.loads((tmp_path / "bundle.json").read_text())
    assert saved["metrics"]["test"]["accuracy"] == metrics["test"]["accuracy"]
    assert len(saved["provenance"]["data"]["train_sha256"]) == 64


def test_the_check_before_training_changes_nothing(seqkit, spam_file, tmp_path):
    options = [*FAMILIES["rnn"].split(), *FAST, "--data.train", spam_file]
    for name in ("plain", "--check"):
        extra = [name] if name == "--check" else []
        assert seqkit("train", "classify", *options, "--out", tmp_path / name, *extra).code == 0
    assert losses(tmp_path / "plain") == losses(tmp_path / "--check")


def test_micro_batches_give_the_same_losses(seqkit, spam_file, tmp_path):
    dropouts = ("dropout", "locked-dropout", "word-dropout")
    options = [*FAMILIES["rnn"].split(), *FAST, "--data.train", spam_file]
    options += [part for name in dropouts for part in (f"--model.rnn.{name}", "0")]
    for parts in ("1", "4"):
        done = seqkit(
            "train", "classify", *options, "--out", tmp_path / parts, "--accumulate", parts
        )
        assert done.code == 0
    assert losses(tmp_path / "4") == pytest.approx(losses(tmp_path / "1"), rel=1e-4)


def test_a_baseline_may_be_the_model(seqkit, spam_file, tmp_path):
    options = ["--model.family", "naive-bayes", "--baselines", "majority", "--out", tmp_path]
    assert seqkit("train", "classify", "--data.train", spam_file, *options).code == 0
    answer = seqkit("predict", tmp_path, "win a free prize")
    assert json.loads(answer.out)["label"] == "spam"


def test_without_scikit_learn_the_other_baselines_run(seqkit, spam_file, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    names = ["naive-bayes", "tfidf-lr", "knn"]
    options = ["--model.family", "majority", "--out", tmp_path, "--data.train", spam_file]
    assert seqkit("train", "classify", *options, "--baselines", *names).code == 0
    assert list(json.loads((tmp_path / "metrics.json").read_text())["baselines"]) == ["naive-bayes"]
    assert "scikit-learn is not installed: tfidf-lr, knn" in (tmp_path / "report.md").read_text()


def test_networks_on_folds_vote_with_baselines(seqkit, spam_file, tmp_path):
    """Held-out figures are of each member on what it has not seen; the mean is what is saved."""
    options = [*FAMILIES["rnn"].split(), *FAST, "--data.train", spam_file, "--out", tmp_path]
    options += ["--folds", "3", "--model.vote", "naive-bayes", "--epochs", "2"]
    assert seqkit("train", "classify", *options).code == 0
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["valid"]["records"] == 240 - metrics["test"]["records"]
    ensemble = sk.load(tmp_path).scorer
    texts = ["win a free prize", "lunch at home"]
    members = [member.probabilities(texts) for member in ensemble.members]
    assert len(members) == 3 and len(ensemble.members[0].members) == 2
    np.testing.assert_allclose(ensemble.probabilities(texts), np.mean(members, 0), atol=1e-12)
    assert {row.get("network", 0) for row in log(tmp_path)} == {0, 1, 2}


def test_a_label_too_rare_for_folds(refused, tmp_path):
    rows = [f"{label}\t{text}" for label, text in messages(60)] + ["rare\tthe only one of its kind"]
    (tmp_path / "d.tsv").write_text("\n".join(rows) + "\n")
    (tmp_path / "t.tsv").write_text("\n".join(rows[:9]) + "\n")
    paths = ["--data.train", tmp_path / "d.tsv", "--data.test", tmp_path / "t.tsv"]
    message = refused("train", "classify", *paths, "--folds", "3", "--out", tmp_path / "out")
    assert "all records of label 'rare' fall into one fold" in message


def test_an_edited_copy_is_run_again_as_itself(seqkit, spam_file, tmp_path):
    copy, out = tmp_path / "mine.py", tmp_path / "run"
    assert seqkit("recipes", "copy", "classify", copy).code == 0
    options = ["--model.family", "majority", "--baselines", "--data.train", spam_file]
    assert seqkit("train", copy, *options, "--out", out).code == 0
    assert json.loads((out / "config.json").read_text())["recipe"] == str(copy)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("--model.cnn.channels 7", "without --model.family cnn (it is rnn)"),
        ("--model.family naive-bayes --text.tokenizer char", "when a baseline is the model"),
        ("--model.family naive-bayes --ema 0.5", "when a baseline is the model"),
        ("--model.family naive-bayes --resume", "when a baseline is the model"),
        ("--model.family bag --model.init xavier", "on a bag"),
        ("--model.vectors-use frozen", "without --model.vectors PATH"),
        ("--no-compare-vectors", "without --model.vectors PATH"),
        ("--max-tokens None --keep head", "without --max-tokens"),
        ("--loss.focal-gamma 1.0", "without --loss.name focal"),
        ("--schedule.every 0.5", "without --schedule.name step"),
        ("--schedule.patience 4", "without --schedule.name plateau"),
        ("--schedule.name constant --schedule.floor 0.1", "without --schedule.name cosine or"),
        ("--data.valid valid.tsv --data.valid-share 0.3", "with --data.valid"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(options, reason, refused, tmp_path):
    message = refused("train", "classify", *options.split(), "--out", tmp_path / "x")
    assert "has no effect" in message and reason in message
