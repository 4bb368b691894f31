"""The language-model recipe on tiny text: pinned losses, the run's folder, what its options do."""

import json
import math
from collections import Counter

import numpy as np
import pytest
import torch
from conftest import sentences
from tiny import LM_SENTENCES, LM_STATEFUL, log, losses, result

import seqkit as sk
from seqkit.commands.recipes import configure, load_recipe
from seqkit.models.lm_cache import cached_log_probs, fit_cache
from seqkit.models.recurrent_lm import RecurrentLm
from seqkit.text import Vocab
from seqkit.train.adaptation import CACHE_THETAS, CACHE_WEIGHTS

pytestmark = pytest.mark.usefixtures("no_pictures")

SMALL = "--model.dim 6 --model.hidden 5 6 --batch-size 4 --window 9 --epochs 2 --device cpu"
KINDS = {
    "lstm": f"{SMALL} --optim.lr 0.05 --model.word-dropout 0.1 --model.weight-dropout 0.2",
    "gru": f"{SMALL} --model.cell gru --model.hidden 6 --optim.lr 0.05 --average.ema 0.8",
    "tanh": f"{SMALL} --model.cell tanh --optim.name rmsprop --optim.lr 0.01 --optim.l1 1e-5",
    "minlstm": f"{SMALL} --model.cell minlstm --model.hidden 6 6 6 --optim.lr 0.05",
    "mogrifier": f"{SMALL} --model.cell mogrifier --model.rounds 3 --model.rank 2 --optim.lr 0.05",
    "adaptive": f"{SMALL} --model.output adaptive --model.no-tied --model.cutoffs 8 16"
    " --model.hidden 5 16 --optim.lr 0.05",
    "chars": f"{SMALL} --text.tokenizer char --optim.lr 0.05 --window 30",
    "awd": " ".join(LM_STATEFUL),
    "sentences": " ".join(LM_SENTENCES),
}
PINNED: dict[str, list[float]] = {
    "lstm": [2.849267, 2.660319, 2.636896, 2.473648],
    "gru": [2.616372, 1.987066, 2.049201, 1.615153],
    "tanh": [2.481280, 1.861292, 1.996888, 1.721317],
    "minlstm": [2.896811, 2.816898, 2.814763, 2.778221],
    "mogrifier": [2.772807, 2.295220, 2.368468, 2.071557],
    "chars": [2.986709, 2.844999, 2.760140, 2.612946],
    "awd": [
        *(2.928029, 2.791588, 2.915225, 2.832622, 2.772312),
        *(2.682790, 2.553974, 2.474041, 2.268524, 2.320901),
    ],
    "adaptive": [2.895845, 2.752951, 2.758518, 2.659851],
    "sentences": [2.658124, 1.890558, 2.002975, 1.530295, 1.987006, 1.453716, 2.002036, 1.521555],
}


def train(seqkit, corpus, out, *options):
    outcome = seqkit("train", "lm", "--data.train", corpus, "--out", out, *options)
    assert outcome.code == 0, outcome.err
    return outcome


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def nats(folder):
    return [row["valid_loss"] for row in log(folder) if row["event"] == "epoch"]


@pytest.mark.parametrize("kind", KINDS)
def test_losses_are_pinned(kind, seqkit, corpus, tmp_path):
    train(seqkit, corpus, tmp_path, *KINDS[kind].split())
    assert losses(tmp_path) == pytest.approx(PINNED[kind], rel=1e-4)
    assert metrics(tmp_path)["valid"]["perplexity"] == pytest.approx(math.exp(min(nats(tmp_path))))


@pytest.mark.parametrize("kind", ["awd", "sentences", "mogrifier"])
def test_a_rerun_repeats_it_to_the_last_digit(kind, seqkit, corpus, tmp_path):
    folder = tmp_path / "run"
    train(seqkit, corpus, folder, *KINDS[kind].split())
    assert seqkit("train", folder / "config.json").code == 0
    assert result(tmp_path / "run-rerun") == result(folder)


def test_bf16_gives_about_the_same(seqkit, corpus, tmp_path):
    train(seqkit, corpus, tmp_path, *KINDS["gru"].split(), "--precision", "bf16")
    assert losses(tmp_path) == pytest.approx(PINNED["gru"], rel=0.02)
    assert losses(tmp_path) != pytest.approx(PINNED["gru"], rel=1e-6)


def test_what_a_run_leaves(seqkit, corpus, tmp_path):
    outcome = train(seqkit, corpus, tmp_path, *KINDS["lstm"].split(), "--prompt", "the king")
    table, said, sample = outcome.out.split("\n\n", 2)
    assert [line.split("  ")[0].strip() for line in table.splitlines()] == [
        "",
        "model",
        "5-gram (modified Kneser-Ney)",
        "model + 5-gram",
        "unigram",
    ]
    assert "line ends included" in said and "the best baseline, 5-gram (modified Kneser" in said
    assert " model + 5-gram: " in said
    assert sample.startswith("the king") and f"report: {tmp_path}/report.md" in sample
    names = {path.name for path in tmp_path.iterdir()}
    files = {"bundle.json", "config.json", "log.jsonl", "metrics.json", "report.md", "tensorboard"}
    assert files | {"model.json", "text.json", "vocab.txt", "weights.safetensors"} == names

    figures = metrics(tmp_path)
    assert {"valid", "test", "others", "audit", "seconds"} == figures.keys()
    others = {"5-gram (modified Kneser-Ney)", "model + 5-gram", "unigram"}
    assert figures["others"].keys() == others
    rows = log(tmp_path)
    assert [row["when"] for row in rows if row["event"] == "lags"] == [
        "before training",
        "after training",
    ]
    steps = [row for row in rows if row["event"] == "step"]
    assert all({"loss", "grad_norm", "clipped", "lr"} <= row.keys() for row in steps) and steps
    saved = json.loads((tmp_path / "bundle.json").read_text())
    assert saved["kind"] == "LanguageModel" and saved["metrics"]["test"] == figures["test"]
    assert saved["provenance"]["recipe"] == "lm"
    assert len(saved["provenance"]["data"]["train_sha256"]) == 64
    report = (tmp_path / "report.md").read_text()
    for part in ("unigram", "## The data", "From “the king”:", "gradient clipped", "5 tokens back"):
        assert part in report


@pytest.mark.parametrize("extra", [[], ["--sentences"]])
def test_figures_are_those_of_the_saved_model_and_of_counting(extra, seqkit, corpus, tmp_path):
    """Perplexities against `score` of the bundle; the unigram baseline against a Counter."""
    test = tmp_path / "test.txt"
    test.write_text("\n".join([*sentences(30, seed=5), "an odd line", ""]) + "\n")
    out = tmp_path / "run"
    options = SMALL.replace("--window 9", "").split()
    train(seqkit, corpus, out, "--data.valid", test, "--data.test", test, *options, *extra)
    figures, lm = metrics(out), sk.load(out)
    assert lm.sentences == bool(extra)
    score = lm.score(test.read_text())
    for name in ("perplexity", "bits_per_character", "bits_per_byte", "tokens", "unknown"):
        assert figures["test"][name] == pytest.approx(getattr(score, name), rel=1e-5), name
    assert score.unknown == 5, "two rare words, and three of the odd line"

    counts, test_counts = count(corpus), count(test)
    words = {word for word, times in counts.items() if times > 1}  # --text.min-count 2
    counts["<?>"] = sum(times for word, times in counts.items() if word not in words)
    total = counts.total() - counts["<?>"] + len(words) + 1  # each once more
    log_prob = sum(
        times * math.log((counts[word if word in words else "<?>"] + 1) / total)
        for word, times in test_counts.items()
    )
    assert figures["others"]["unigram"]["log_prob"] == pytest.approx(log_prob, rel=1e-6)
    assert figures["others"]["unigram"]["unknown"] == 5


def test_bits_are_of_the_characters_that_are_predicted(seqkit, corpus, tmp_path):
    """Not of those that small letters or markup stood for in the file."""
    test = tmp_path / "test.txt"
    lines = sentences(30, seed=5)
    test.write_text("".join(f"<p>{line.upper()}</p>&nbsp;\n" for line in lines))
    out = tmp_path / "run"
    options = [*SMALL.split(), "--data.valid", test, "--data.test", test, "--text.html"]
    train(seqkit, corpus, out, *options, "--text.case", "lower", "--text.tokenizer", "char")
    figures, score = metrics(out)["test"], sk.load(out).score(test.read_text())
    assert score.characters == sum(len(f" {line} \xa0\n") for line in lines)
    for name in ("bits_per_character", "bits_per_byte", "tokens"):
        assert figures[name] == pytest.approx(getattr(score, name), rel=1e-5), name
    nats = figures["tokens"] * math.log(figures["perplexity"])
    assert figures["bits_per_character"] == pytest.approx(nats / score.characters / math.log(2))
    report = (out / "report.md").read_text()
    assert "**Before you trust this:** the tokens tell the text without its case and mark" in report


def count(path):
    """Words and line ends of a text whose tokens stand apart."""
    return Counter(word for line in path.read_text().splitlines() for word in [*line.split(), "\n"])


def test_the_cache_is_chosen_on_valid_and_said_to_read_the_test_text(seqkit, corpus, tmp_path):
    valid, test = tmp_path / "valid.txt", tmp_path / "test.txt"
    for path, seed in ((valid, 1), (test, 2)):
        path.write_text("\n".join(sentences(30, seed=seed)) + "\n")
    options = [*SMALL.split(), "--data.valid", valid, "--data.test", test, "--adapt.cache", "50"]
    outcome = train(seqkit, corpus, tmp_path / "run", *options, "--adapt.dynamic")
    label = "model with cache and dynamic evaluation (reads the test text)"
    assert label in outcome.out
    report = (tmp_path / "run" / "report.md").read_text()
    assert "The cache reads the test text: 50 words" in report
    assert "Dynamic evaluation learns from the test text: rate" in report
    assert metrics(tmp_path / "run")["others"][label]["perplexity"] > 1

    train(seqkit, corpus, tmp_path / "cache", *options)
    lm = sk.load(tmp_path / "cache")
    ids = {
        path: np.array(
            [
                id
                for line in path.read_text().splitlines()
                for id in [*lm.pipeline.encode(line), Vocab.EOS]
            ]
        )
        for path in (valid, test)
    }
    cache = fit_cache(
        lm.network,
        ids[valid],
        first=Vocab.EOS,
        size=50,
        thetas=CACHE_THETAS,
        weights=CACHE_WEIGHTS,
    )
    expected = cached_log_probs(lm.network, ids[test], first=Vocab.EOS, cache=cache)
    got = metrics(tmp_path / "cache")["others"]["model with cache (reads the test text)"]
    assert got["log_prob"] == pytest.approx(expected.sum(), rel=1e-6)


def test_find_lr(seqkit, corpus, tmp_path):
    """It suggests a rate that trains, and leaves nothing but its picture."""
    out = tmp_path / "out"
    outcome = train(seqkit, corpus, out, "--find-lr", *SMALL.split(), "--epochs", "1")
    assert [path.name for path in out.iterdir()] == ["lr_range.png"]
    option, rate, *_ = outcome.out.split()
    assert option == "--optim.lr" and 1e-3 < float(rate) < 1
    train(seqkit, corpus, out, *SMALL.split(), option, rate)
    assert metrics(out)["test"]["perplexity"] < metrics(out)["others"]["unigram"]["perplexity"]
    assert not (out / "lr_range.png").exists()


def test_find_lr_by_lines(seqkit, corpus, tmp_path):
    options = [*LM_SENTENCES, "--optim.name", "sgd", "--find-lr"]
    assert "--optim.lr" in train(seqkit, corpus, tmp_path / "out", *options).out


# fine-tuning


def test_start_from_knows_new_words_and_forgets_none(saved_lm, seqkit, tmp_path):
    text = tmp_path / "text.txt"
    lines = [line.replace("cat", "whale").replace("!", "?") for line in sentences(80, seed=9)]
    text.write_text("\n".join(lines) + "\n")
    before = {path.name: path.read_bytes() for path in saved_lm.iterdir() if path.is_file()}
    options = ["--start-from", saved_lm, "--batch-size", "4", "--window", "9", "--device", "cpu"]
    out = tmp_path / "out"
    train(seqkit, text, out, *options, "--epochs", "3", "--optim.lr", "0.02")
    assert before == {path.name: path.read_bytes() for path in saved_lm.iterdir() if path.is_file()}

    old, new = sk.load(saved_lm), sk.load(out)
    words = old.pipeline.vocab.words
    assert new.pipeline.vocab.words == [*words, *sorted({"whale", "?"}, key=new_count(lines))]
    assert new.network.config == old.network.config
    line = "my whale sees the king ?"
    assert old.score(line).unknown == 2 and new.score(line).unknown == 0
    assert new.score(line).log_prob > old.score(line).log_prob
    first = next(row for row in log(out) if row["event"] == "epoch")
    assert first["train_loss"] < math.log(old.vocabulary) - 0.5, "it has not begun from the model"
    assert "lstm of 10 and 8 units" in (out / "report.md").read_text()


def new_count(lines):
    counts = Counter(" ".join(lines).split())
    return lambda word: (-counts[word], word)


def test_start_from_without_new_words_begins_with_the_model_itself(
    saved_lm, corpus, seqkit, tmp_path
):
    options = ["--start-from", saved_lm, "--batch-size", "4", "--window", "9", "--device", "cpu"]
    train(seqkit, corpus, tmp_path, *options, "--epochs", "1", "--optim.lr", "1e-12")
    text = corpus.read_text()
    assert sk.load(tmp_path).score(text).log_prob == pytest.approx(
        sk.load(saved_lm).score(text).log_prob, rel=1e-6
    )
    found = metrics(tmp_path)  # nothing was learnt: the row of the model it began with is the same
    before = found["others"]["before fine-tuning"]["log_prob"]
    assert before == pytest.approx(found["test"]["log_prob"], rel=1e-6)


def test_what_the_log_knows_is_told():
    told_by = load_recipe("lm").told_by
    rows = [{"event": "epoch", "valid_loss": nats} for nats in (3.0, 2.0, 1.9)]
    began = {"event": "averaging", "epoch": 2}
    assert list(told_by([*rows[:2], began])) == [
        "Averaging of the weights began after epoch 2 (NT-ASGD).",
        "The last epoch still took the valid perplexity from 20.086 to 7.3891: more --epochs would "
        "help.",
    ]
    assert list(told_by(rows[:1])) == list(told_by([*rows, {**rows[2], "valid_loss": 1.89}])) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--start-from LM --model.cell gru", "--model.cell has no effect with --start-from"),
        ("--start-from LM --model.output-dropout 0.1", "--model.output-dropout has no effect"),
        ("--start-from LM --text.html", "--text.html has no effect with --start-from"),
        ("--start-from LM --text.subwords 100", "--text.subwords has no effect with --start-from"),
        ("--start-from LM --sentences", "was trained without --sentences: do the same"),
        ("--start-from BAG", "a TextClassifier, expected a LanguageModel"),
        ("--start-from nowhere", "nowhere"),
        ("--model.rounds 3", "without --model.cell mogrifier"),
        ("--model.cell minlstm --model.weight-dropout 0.1", "which has no recurrent matrix"),
        ("--model.cutoffs 5", "without --model.output adaptive"),
        ("--sentences --window 50", "with --sentences, which takes whole lines"),
        ("--adapt.dynamic-lr 0.2", "without --adapt.dynamic"),
        ("--schedule.every 0.5", "without --schedule.name step"),
        ("--data.valid X --data.valid-share 0.3", "with --data.valid"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(
    options, message, saved_lm, saved_bag, corpus, refused, tmp_path
):
    names = {"LM": str(saved_lm), "BAG": str(saved_bag), "X": str(corpus)}
    given = [names.get(part, part) for part in options.split()]
    out = tmp_path / "out"
    assert message in refused("train", "lm", "--data.train", corpus, *given, "--out", out)
    assert not out.exists()


# presets and copies


def test_presets_build():
    recipe = load_recipe("lm")
    wanted = {"chars", "words", "ptb-small", "ptb-medium", "ptb-awd", "ptb-mogrifier"}
    assert set(recipe.PRESETS) == wanted
    weights = {}
    for name, preset in recipe.PRESETS.items():
        assert configure(["lm", name])[1].out == f"runs/lm-{name}"
        recipe.check_options(preset)
        with torch.device("meta"):
            network = RecurrentLm(preset.model, vocabulary=10_003)
        weights[name] = sum(p.numel() for p in network.parameters())
    assert 23e6 < weights["ptb-awd"] < 25e6, "24 million in the paper"


def test_a_copy_is_run_as_itself(seqkit, corpus, tmp_path):
    copy, out = tmp_path / "mine.py", tmp_path / "run"
    assert seqkit("recipes", "copy", "lm", copy).code == 0
    options = ["--data.train", corpus, *SMALL.split(), "--epochs", "1"]
    assert seqkit("train", copy, *options, "--out", out).code == 0
    assert json.loads((out / "config.json").read_text())["recipe"] == str(copy)
