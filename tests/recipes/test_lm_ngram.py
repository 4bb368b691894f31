"""The n-gram row beside a language model: its figures, the mixture's, and what happens without."""

import json
import sys

import numpy as np
import pytest
from conftest import sentences

import seqkit as sk
from seqkit.commands.recipes import load_recipe
from seqkit.metrics import fit_weights, mix
from seqkit.models.lm_cache import Cache
from seqkit.models.lm_dynamic import adapted_log_probs
from seqkit.ngram import PackedTrie, SmoothingConfig, count_ngrams, estimate
from seqkit.text import Vocab

pytestmark = pytest.mark.usefixtures("no_pictures")

SMALL = "--model.dim 6 --model.hidden 5 6 --batch-size 4 --window 9 --epochs 2 --device cpu"
NGRAM, MIXED = "5-gram (modified Kneser-Ney)", "model + 5-gram"


@pytest.fixture
def text(tmp_path):
    """Paths of the three splits, with words that train does not have."""
    paths = {}
    for seed, (name, count) in enumerate({"train": 160, "valid": 40, "test": 40}.items()):
        paths[name] = tmp_path / f"{name}.txt"
        paths[name].write_text("\n".join([*sentences(count, seed=seed), "", "odd"]) + "\n")
    return paths


@pytest.fixture
def run(seqkit, text, tmp_path):
    def run(*options):
        given = [part for name in text for part in (f"--data.{name}", text[name])]
        outcome = seqkit("train", "lm", *given, "--out", tmp_path / "out", *SMALL.split(), *options)
        assert outcome.code == 0, outcome.err
        return tmp_path / "out"

    return run


def others(folder):
    return json.loads((folder / "metrics.json").read_text())["others"]


def ids_of(model, path):
    lines = path.read_text().splitlines()
    return [[*row, Vocab.EOS] for row in model.pipeline.encode_many(lines)]


def by_counting(model, text, split, order):
    """Log-probabilities of a model that the n-gram part makes of the same ids."""
    train = np.concatenate(ids_of(model, text["train"])).astype(np.uint32)
    counts = count_ngrams(
        [train],
        order=order,
        vocabulary=model.vocabulary,
        memory=1 << 26,
        folder=text["train"].parent,
    )
    trie = PackedTrie.pack(estimate(counts, SmoothingConfig()).table)
    lines = ids_of(model, text[split])
    return np.concatenate([trie.score(np.array(line, np.uint32))[0] for line in lines])


@pytest.mark.parametrize("extra", [[], ["--sentences"]])
def test_the_row_and_the_mixture_are_those_of_the_parts(extra, run, text):
    options = [] if not extra else [*extra, "--window", "35"]
    folder = run(*options, "--ngram.order", "3")
    lm = sk.load(folder)
    counted = {split: by_counting(lm, text, split, 3) for split in ("valid", "test")}
    found = others(folder)
    row = found["3-gram (modified Kneser-Ney)"]
    assert row["log_prob"] == pytest.approx(counted["test"].sum(), rel=1e-5)
    said = {
        split: np.concatenate(lm.line_log_probs(text[split].read_text().splitlines()))
        for split in ("valid", "test")
    }
    weights = fit_weights([said["valid"], counted["valid"]])
    mixed = mix([said["test"], counted["test"]], weights)
    assert found["model + 3-gram"]["log_prob"] == pytest.approx(mixed.sum(), rel=1e-5)
    report = (folder / "report.md").read_text()
    assert f"model + 3-gram mixes {weights[0]:.3f} of the one with {weights[1]:.3f}" in report
    valid = report.split("## On the validation split")[1].split("## ")[0]
    assert "| model + 3-gram |" in valid and "| 3-gram (modified Kneser-Ney) |" in valid
    assert found["model + 3-gram"]["tokens"] == row["tokens"] == len(mixed)


def test_an_adapted_model_is_mixed_too_and_says_what_it_reads(run, text):
    folder = run("--adapt.cache", "30")
    label = "model with cache + 5-gram (reads the test text)"
    found = others(folder)
    assert {NGRAM, MIXED, label, "unigram"} < found.keys()
    report = (folder / "report.md").read_text()
    lm = sk.load(folder)
    size, theta, weight = settings(report)
    said = {
        split: adapted_log_probs(
            lm.network,
            np.concatenate(ids_of(lm, text[split])),
            first=Vocab.EOS,
            cache=Cache(size=size, theta=theta, weight=weight),
        )
        for split in ("valid", "test")
    }
    counted = {split: by_counting(lm, text, split, 5) for split in ("valid", "test")}
    weights = fit_weights([said["valid"], counted["valid"]])
    expected = mix([said["test"], counted["test"]], weights).sum()
    assert found[label]["log_prob"] == pytest.approx(expected, rel=1e-5)
    valid = report.split("## On the validation split")[1].split("## ")[0]
    assert "cache" not in valid


def settings(report):
    """Positions, theta and weight of the cache, as the report states them."""
    words = report.split("The cache reads the test text: ")[1].replace(",", "").split()
    return int(words[0]), float(words[3]), float(words[6])


def test_order_0_leaves_it_out(run):
    folder = run("--ngram.order", "0")
    assert (
        others(folder).keys() == {"unigram"} and "-gram " not in (folder / "report.md").read_text()
    )


def test_without_numba_the_report_says_what_installs_it(run, monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "numba", None)
    folder = run("--adapt.cache", "30")
    assert others(folder).keys() == {"model with cache (reads the test text)", "unigram"}
    line = "the 5-gram row of the report needs numba, which is not installed: pip install"
    assert f'- No n-grams: {line} "seqkit[ngram]".' in (folder / "report.md").read_text()
    assert line in caplog.text


def test_orders_that_cannot_be(refused, corpus, tmp_path):
    for order in ("9", "-1"):
        message = refused(
            "train", "lm", "--data.train", corpus, "--out", tmp_path / "x", "--ngram.order", order
        )
        assert f"--ngram.order {order}: choose from 1 to 8, or 0 for no n-grams" in message
    assert not (tmp_path / "x").exists()


def test_the_row_is_on_by_default_in_every_preset():
    assert {preset.ngram.order for preset in load_recipe("lm").PRESETS.values()} == {5}
