"""The report of a language model: what its first sentence says is so, and no text breaks it."""

import dataclasses
import re
import sys

import numpy as np
import pytest

from seqkit.errors import DataError
from seqkit.train import language_report
from seqkit.train.language_report import language_headline, write_language_report
from seqkit.train.language_result import LanguageResult, Surprise

NASTY = ["a | b", "`code` *bold* <b>", "[x](y) \\", "\ud800", "w " * 500, "```\nfence", "\x00\t"]
TOKENS = np.full(300, 40)


def result(name="model", *, nats=4.0, seed=0, tokens=TOKENS, split="test", **options):
    """A result at so many nats a token, give or take."""
    noise = np.random.default_rng(seed).normal(0, 0.3, len(tokens))
    sizes = {"characters": int(5 * TOKENS.sum()), "bytes": int(5 * TOKENS.sum()), "unknown": 0}
    return LanguageResult(
        name=name,
        split=split,
        nats_by_line=(nats + noise) * tokens,
        tokens_by_line=tokens,
        **{**sizes, **options},
    )


def write(folder, *rows, **options):
    """Write a report; returns it."""
    defaults = {"log": [], "audit_lines": ["| split |", "|---|"], "warnings": []}
    write_language_report(folder, rows=rows or [result()], **{**defaults, **options})
    return (folder / "report.md").read_text()


def section(report, title):
    """The section under a heading."""
    return report.split(f"## {title}\n\n")[1].split("\n\n## ")[0]


@pytest.fixture
def _plain(monkeypatch):
    monkeypatch.setattr(language_report, "_pictures", lambda *args: [])


@pytest.mark.parametrize(
    ("nats", "seed", "verdict"),
    [
        (4.5, 0, ": the model is better (difference -"),
        (3.5, 0, ": the model is worse, take the baseline (difference +"),
        (4.0, 1, ": no difference beyond chance (difference "),
    ],
)
def test_the_headline_says_what_is_so(nats, seed, verdict):
    model, baseline = result(), result("unigram", nats=nats, seed=seed)
    said = language_headline([model, baseline, result("poor", nats=6.0)])
    assert "On 12,000 test tokens, line ends included, 0 of them unknown, the model has a" in said
    assert f"a perplexity of {model.perplexity:.2f} (95% interval" in said
    assert f"best baseline, unigram, {baseline.perplexity:.2f}" in said and verdict in said
    assert re.search(r", p (< 0\.001|= 0\.\d{3})\)\.$", said)


def test_the_headline_without_a_baseline_or_with_few_tokens():
    said = language_headline([result(tokens=TOKENS[:20])])
    assert said.endswith("No baseline was run: do not trust a figure without one.")
    few = dataclasses.replace(result(tokens=TOKENS[:20]), characters=4000)
    assert "(4,000 characters of test say little: 50,000 would" in language_headline([few])


def test_what_read_the_test_text_is_no_baseline_and_says_so(tmp_path, _plain):
    rows = [result(), result("model + cache", nats=3.0, adapted=True), result("kn", nats=5.0)]
    report = write(tmp_path, *rows)
    headline = report.split("\n\n")[1]
    assert "best baseline, kn" in headline
    assert "model + cache (reads the test text): 19.8" in headline
    table = section(report, "On the test split")
    assert "| model + cache (reads the test text) | 19.8" in table


def test_what_the_model_is_a_part_of_is_no_baseline():
    mixtures = [
        result("model + 5-gram", nats=3.0, mixed=True),
        result("model with cache + 5-gram", nats=2.0, adapted=True, mixed=True),
    ]
    said = language_headline([result(), *mixtures, result("5-gram", nats=5.0)])
    assert "the best baseline, 5-gram, " in said and "the model is better" in said
    assert re.search(r" model \+ 5-gram: \d+\.\d\d \(95% interval [^)]*\)\. model with cache", said)
    assert "+ 5-gram (reads the test text): " in said and said.endswith("only with others that do.")


def test_other_tokens_are_compared_by_character():
    said = language_headline([result(), result("characters", nats=1.0, tokens=5 * TOKENS)])
    assert re.search(r"the best baseline, characters, 1\.\d{3} bits per character\.$", said)


def test_what_makes_the_rows_unlike_is_said_first(tmp_path, _plain):
    report = write(tmp_path, result(), result("kn", unknown=500), warnings=["train has a | leak"])
    assert "**Before you trust this:** train has a \\| leak." in report
    assert "**Before you trust this:** the rows do not know the same words (0 to 500" in report
    alone = write(tmp_path, result(unknown=1200))
    assert "**Before you trust this:** 10.0% of the test tokens are unknown words" in alone


def test_what_the_tokens_do_not_tell_is_said(tmp_path, _plain):
    assert "without its" not in write(tmp_path)
    everything = ["compatibility forms", "case", "white space", "markup", "links", "numbers"]
    for lost, said in (
        (["case"], "case"),
        (["case", "numbers", "white space"], "case, numbers and white space"),
        (everything, "compatibility forms, case, white space, markup, links and numbers"),
    ):
        assert (
            f"**Before you trust this:** the tokens tell the text without its {said}: its bits per "
            "character and byte compare only with those of models that leave out the same.\n"
        ) in write(tmp_path, lost=lost)


def test_every_split_has_its_table(tmp_path, _plain):
    rows = [result(), result(split="valid"), result("kn", split="valid")]
    report = write(tmp_path, *rows, log=[{"event": "epoch", "epoch": 1, "step": 1}])
    valid = section(report, "On the validation split")
    assert "| kn |" in valid and "so these figures flatter the model." in valid
    assert "| kn |" not in section(report, "On the test split")


def test_no_text_breaks_it(tmp_path, _plain):
    report = write(
        tmp_path,
        samples=[(text, text) for text in NASTY],
        surprises=[Surprise(text, -12.34, 3, text) for text in NASTY],
        lines=iter(NASTY),
        notes=["Trained in 3 seconds."],
    )
    assert "- Trained in 3 seconds." in report
    for block in (block for block in report.split("\n\n") if block.startswith("|")):
        rows = [re.split(r"(?<!\\)(?:\\\\)*\|", row)[1:-1] for row in block.strip().split("\n")]
        assert len({len(cells) for cells in rows}) == 1, rows
    samples = section(report, "Samples")
    assert "````text\n```\nfence```\nfence\n````" in samples
    tokens = section(report, "Most surprising tokens of the test split")
    assert "e^-12.3" in tokens and "\\\\x00" in tokens
    assert len(tokens.splitlines()) == 2 + len(NASTY)


def test_the_lines_that_surprised_most(tmp_path, _plain):
    tokens = np.array([4, 10, 10, 10, 10])
    model = LanguageResult(
        name="model",
        split="test",
        nats_by_line=np.array([40.0, 20.0, 50.0, 30.0, 50.0]),
        tokens_by_line=tokens,
        characters=100,
        bytes=100,
        unknown=0,
    )
    report = write(tmp_path, model, lines=iter(["short", "two", "three", "four", "five"]))
    rows = section(report, "Most surprising lines of the test split").split("\n\n")[1]
    assert [row.split(" | ")[1:] for row in rows.strip().splitlines()[2:]] == [
        ["10", "3", "three |"],
        ["10", "5", "five |"],
        ["10", "4", "four |"],
        ["10", "2", "two |"],
    ]


def test_clipping_and_gradient_by_lag_are_told(tmp_path, _plain):
    log = [{"event": "step", "step": n, "clipped": share} for n, share in ((20, 0.5), (40, 0.0))]
    norms = [[0.0, *[0.5**k for k in range(12)]]]
    report = write(tmp_path, log=log, lags={"before training": norms, "after epoch 3": norms})
    training = section(report, "Training")
    assert "25.0% of the updates had their gradient clipped." in training
    assert "skipped" not in training
    assert "before training" not in training
    assert (
        "- after epoch 3, layer 1: of the gradient at the state one token back there are left "
        "6.25% 5 tokens back, 0.20% 10 tokens back."
    ) in training


def test_updates_that_fp16_skipped_are_told(tmp_path, _plain):
    log = [{"event": "step", "step": 20, "clipped": 0.5, "skipped": 0.1}]
    training = section(write(tmp_path, log=log), "Training")
    assert "10.0% of the updates were skipped, for fp16 overflowed." in training


def test_pictures_stand_beside_it(tmp_path):
    pytest.importorskip("matplotlib", reason="needs the extra plot")
    log = [{"event": "epoch", "epoch": 1, "step": 1, "valid_perplexity": 90.0, "valid_loss": 4.5}]
    report = write(tmp_path, log=log, lags={"after epoch 1": [[1.0, 0.5, 0.2]]})
    named = set(re.findall(r"!\[[^\]]*\]\(([^)]*)\)", report))
    assert named == {"curves.png", "lags.png"} < {path.name for path in tmp_path.iterdir()}


def test_without_matplotlib_it_says_what_would_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert 'pip install "seqkit[plot]"' in write(tmp_path, lags={"now": [[1.0, 0.5]]})
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


def test_without_a_result_on_test_there_is_no_report(tmp_path):
    with pytest.raises(DataError, match="no result on the split 'test'"):
        write(tmp_path, result(split="valid"))
    assert list(tmp_path.iterdir()) == []
