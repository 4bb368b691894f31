"""Bad input to a language model: one line that says where and what, and nothing lost by it."""

import json
import random
import shutil
from math import exp

import pytest
import torch
from stopped import check
from tiny import log, result

from seqkit import batching, bundle
from seqkit.train.checkpoint import load_state
from seqkit.train.window_update import WindowUpdater

pytestmark = pytest.mark.usefixtures("no_pictures")

SMALL = ["--model.dim", "6", "--model.hidden", "6", "--device", "cpu"]
SMALL += ["--batch-size", "4", "--window", "9"]


@pytest.fixture
def refuse(refused, corpus, tmp_path):
    """Train with these options; it must be refused and leave nothing."""

    def run(*options, text=None):
        out = tmp_path / "runs" / "x"
        path = corpus
        if text is not None:
            path = tmp_path / "text.txt"
            path.write_text(text)
        message = refused("train", "lm", "--data.train", path, *SMALL, *options, "--out", out)
        assert not (tmp_path / "runs").exists()
        return message

    return run


def train(seqkit, corpus, out, *options):
    return seqkit("train", "lm", "--data.train", corpus, *SMALL, *options, "--out", out)


# text


def test_a_corpus_shorter_than_a_window(refuse):
    message = refuse("--window", "500")
    assert message.startswith("a corpus of 1,084 tokens makes 4 streams of 271, shorter than a ")
    assert message.endswith("window of 500: give more text, a smaller batch or a shorter window")


def test_a_corpus_of_less_tokens_than_streams(refuse):
    assert "makes 2,000 streams of 0" in refuse("--batch-size", "2000")


@pytest.mark.parametrize("split", ["valid", "test"])
def test_an_empty_split(split, refuse, tmp_path):
    path = tmp_path / "empty.txt"
    path.write_text("\n \n\n")
    message = refuse(f"--data.{split}", path)
    assert f"{path}: {split} holds nothing but empty lines: give a text" in message


def test_too_few_lines_to_cut_a_split_from(refuse):
    message = refuse(text="one line of some words\n")
    assert "text.txt: 1 line, too few to cut valid and test from" in message


def test_a_missing_file(refuse):
    assert "no-such.txt: no such file" in refuse("--data.valid", "no-such.txt")


def test_no_word_that_is_seen_often_enough(refuse):
    message = refuse(text="".join(f"line{number}\n" for number in range(99)))
    assert "no word token is seen 2 times" in message and "lower --text.min-count" in message


def test_a_split_of_one_token(seqkit, corpus, tmp_path):
    """A line of which nothing is left but its end."""
    path = tmp_path / "tag.txt"
    path.write_text("<br>\n")
    options = ["--data.valid", path, "--data.test", path, "--text.html", "--epochs", "1"]
    outcome = train(seqkit, corpus, tmp_path / "out", *options)
    assert outcome.code == 0
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["test"]["tokens"] == 1


# options

VALUES = """
    --window 0 | --window -3 | --batch-size 0 | --epochs 0 | --patience 0 | --seed -1
    --seed 4294967296 | --average.ema 1 | --average.ema -0.1 | --average.asgd -1
    --average.ema 0.9 --average.asgd 3 | --regularise.alpha -1 | --regularise.beta nan
    --optim.lr 0 | --optim.clip 0 | --optim.name adam --optim.momentum 0.5
    --optim.weight-decay -1 | --schedule.warmup 1 | --schedule.floor 2
    --model.dim 0 | --model.hidden | --model.hidden 0 6 | --model.hidden 7
    --model.embedding-range 0 | --model.input-dropout 1.5 | --model.weight-dropout -1
    --model.word-dropout 2 | --model.output adaptive | --model.output adaptive --model.no-tied
    --model.output adaptive --model.no-tied --model.cutoffs 5 3
    --model.output adaptive --model.no-tied --model.cutoffs -5
    --model.cell mogrifier --model.rounds -1 | --model.cell mogrifier --model.rank 0
    --adapt.cache -1 | --adapt.dynamic --adapt.dynamic-lr -1
    --adapt.dynamic --adapt.dynamic-decay 2 | --sentences --adapt.cache 5
    --precision fp16 | --precision fp8 | --cuda-graphs | --cuda-graphs --vary-window
    --find-lr --resume | --data.valid-share 0 | --data.test-share 1 | --data.max-chars 0
    --text.min-count 0 | --text.max-vocab 0 | --text.subwords 9
"""


@pytest.mark.parametrize(
    "options", [s.strip() for s in VALUES.replace("\n", "|").split("|") if s.strip()]
)
def test_values_out_of_range(options, refuse, monkeypatch):
    text = ("--data.", "--text.", "--model.output adaptive --model.no-tied")
    if not options.startswith(text):  # these need the text
        monkeypatch.setattr("seqkit.data.load_text", None)
    refuse(*options.split())


def test_a_window_of_0(refuse):
    assert refuse("--window", "0") == "--window 0: must be 1 or more"


def test_the_folder_that_is_started_from_is_not_written_over(refused, corpus, saved_lm):
    options = ["--data.train", corpus, "--start-from", saved_lm]
    message = refused("train", "lm", *options, "--out", saved_lm)
    assert f"--out {saved_lm}: is the folder of --start-from" in message
    assert (saved_lm / "bundle.json").exists()


def test_a_folder_of_other_files(refused, corpus, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    message = refused("train", "lm", "--data.train", corpus, *SMALL, "--out", tmp_path)
    assert "holds files that no run of seqkit made (thesis.tex)" in message
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_tokens_that_are_damaged_while_it_trains(refused, corpus, tmp_path, monkeypatch):
    write = batching.write_shards

    def damaged(folder, *args, **options):
        tokens = write(folder, *args, **options)
        with open(folder / "tokens-00000.bin", "r+b") as handle:
            handle.truncate(10)
        return tokens

    monkeypatch.setattr(batching, "write_shards", damaged)
    message = refused("train", "lm", "--data.train", corpus, *SMALL, "--out", tmp_path / "out")
    assert "tokens-00000.bin: shorter than it was when opened" in message
    assert not (tmp_path / "out").exists()


# a saved model


def test_a_prompt_of_unknown_words_only(saved_lm, seqkit, caplog):
    outcome = seqkit("generate", saved_lm, "zyx wvu", "--max-tokens", "5")
    assert outcome.code == 0 and outcome.out.strip()
    assert "prompt: 2 of 2 tokens are unknown to the model" in caplog.text
    assert "'zyx', 'wvu'" in caplog.text


def another_vocabulary(saved, folder, change, *, honest):
    """Copy a bundle with another vocabulary; an honest one says so in its index."""
    files = bundle.read(saved).files()
    changed = files | {"vocab.txt": change(files["vocab.txt"])}
    bundle.write(folder, kind="LanguageModel", files=changed if honest else files)
    (folder / "vocab.txt").write_bytes(changed["vocab.txt"])


@pytest.mark.parametrize("honest", [True, False])
@pytest.mark.parametrize(
    "change",
    [lambda words: words + b"more\n", lambda words: words[: words[:-1].rindex(b"\n") + 1]],
    ids=["longer", "shorter"],
)
def test_a_vocabulary_of_another_model(change, honest, saved_lm, refused, corpus, tmp_path):
    folder, out = tmp_path / "copy", tmp_path / "out"
    another_vocabulary(saved_lm, folder, change, honest=honest)
    for args in (
        ("score", folder, corpus),
        ("train", "lm", "--data.train", corpus, "--start-from", folder, "--out", out),
    ):
        message = refused(*args)
        assert message.startswith(str(folder))
        assert ("do not fit together" if honest else "vocab.txt") in message
    assert not out.exists()


# training that goes wrong


def spoil(monkeypatch, *, update):
    """Let a weight overflow before an update."""
    real, count = WindowUpdater.update, 0

    def spoilt(self, *args):
        nonlocal count
        count += 1
        if count == update:
            self.network.output.bias.data[3] = torch.inf
        return real(self, *args)

    monkeypatch.setattr(WindowUpdater, "update", spoilt)


def test_a_loss_that_is_not_finite(seqkit, corpus, tmp_path, monkeypatch):
    """It stops, says where and why, and what the checkpoint holds leads to the whole result."""
    options = ["--epochs", "2", "--checkpoint-seconds", "0", "--optim.clip", "None"]
    assert train(seqkit, corpus, tmp_path / "whole", *options).code == 0
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        spoil(patch, update=41)
        outcome = train(seqkit, corpus, out, *options)
    assert outcome.code == 2 and outcome.err.count("\n") == 1
    assert outcome.err.startswith("seqkit: update 41: the training loss is nan")
    assert "after a mean of 2." in outcome.err
    for cause in ("is too high (--optim.lr, or try --find-lr)", "not clipped (--optim.clip)"):
        assert cause in outcome.err
    assert outcome.err.endswith("another --optim.lr, --optim.clip or --precision allowed\n")
    state = load_state(out / "checkpoint.safetensors")
    assert state["progress"]["step"] == 40
    assert all(part.isfinite().all() for part in state["parts"]["network"].values())
    assert not (out / "bundle.json").exists()
    other = tmp_path / "other"
    shutil.copytree(out, other)
    lower = train(seqkit, corpus, other, *options, "--resume", "--optim.lr", "0.01")
    assert lower.code == 0 and (other / "bundle.json").exists()
    assert not (other / "failure.json").exists()
    assert train(seqkit, corpus, out, *options, "--resume").code == 0
    check(result(tmp_path / "whole"), out)


HIGH = ["--optim.name", "sgd", "--schedule.name", "constant", "--schedule.warmup", "0"]


def test_a_run_that_diverges_from_the_start(seqkit, corpus, tmp_path):
    outcome = train(seqkit, corpus, tmp_path, *HIGH, "--optim.lr", "1000")
    assert outcome.code == 2
    line = outcome.err.splitlines()[-1]
    assert line.startswith("seqkit: the run diverged in epoch 1: a valid perplexity of ")
    assert "worse than the 21 of a model that knows nothing" in line
    assert line.endswith("lower --optim.lr or --optim.clip, or try --find-lr")
    assert not (tmp_path / "bundle.json").exists()


def test_a_diverged_run_does_not_go_on_to_the_end_of_its_epoch(seqkit, corpus, tmp_path):
    options = [*HIGH, "--optim.lr", "1000", "--window", "1", "--patience", "None"]
    outcome = train(seqkit, corpus, tmp_path, *options)
    assert outcome.code == 2
    assert "seqkit: the run diverged in epoch 1: a valid perplexity of " in outcome.err
    rows = log(tmp_path)
    assert [row["step"] for row in rows if row["event"] == "step"] == [20, 40, 60, 80, 100]
    assert [row["step"] for row in rows if row["event"] == "epoch"] == [100]  # of 271


def test_a_run_that_diverges_later_keeps_what_was_good(seqkit, corpus, tmp_path, caplog):
    """A rate that rises until it is too high."""
    options = [*HIGH[:-1], "0.9", "--optim.lr", "300", "--epochs", "30"]
    assert train(seqkit, corpus, tmp_path, *options).code == 0
    rows = [row for row in log(tmp_path) if row["event"] == "epoch"]
    assert 1 < len(rows) < 30
    assert f"the run diverged in epoch {len(rows)}" in caplog.text
    assert f"**The run diverged in epoch {len(rows)}: " in (tmp_path / "report.md").read_text()
    best = min(row["valid_perplexity"] for row in rows)
    figures = json.loads((tmp_path / "metrics.json").read_text())
    assert figures["valid"]["perplexity"] == pytest.approx(best) and best < 21


def test_a_text_learnt_by_heart_is_no_divergence(seqkit, tmp_path, caplog):
    """Its valid perplexity is as bad; patience is there for that."""
    paths = []
    for name, seed in (("train", 0), ("valid", 1)):
        rng = random.Random(seed)
        lines = [" ".join(rng.choices("abcdefghijkl", k=6)) for _ in range(40)]
        paths.append(tmp_path / f"{name}.txt")
        paths[-1].write_text("\n".join(lines) + "\n")
    options = ["--data.valid", paths[1], "--data.test", paths[1], "--epochs", "30"]
    options += ["--model.dim", "32", "--model.hidden", "64", "32", "--optim.lr", "0.02"]
    for name in ("input", "hidden", "output"):
        options += [f"--model.{name}-dropout", "0"]
    outcome = train(seqkit, paths[0], tmp_path / "out", *options, "--patience", "None")
    rows = [row for row in log(tmp_path / "out") if row["event"] == "epoch"]
    assert outcome.code == 0 and len(rows) == 30 and "diverged" not in caplog.text
    assert rows[-1]["valid_perplexity"] > 2 * 15 > 10 > exp(rows[-1]["train_loss"])
