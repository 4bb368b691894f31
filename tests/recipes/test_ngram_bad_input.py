"""Bad input to an n-gram model: one line that says where and what, and nothing left behind."""

import json
import math
import sys

import pytest

import seqkit as sk
from seqkit.train import ngram_report

pytest.importorskip("numba", reason="needs the extra ngram")
pytestmark = pytest.mark.usefixtures("no_pictures")


@pytest.fixture(autouse=True)
def no_pictures_of_ngrams(monkeypatch):
    monkeypatch.setattr(ngram_report, "_pictures", lambda *args: [])


@pytest.fixture
def refuse(refused, corpus, tmp_path):
    """Train with these options; it must be refused and leave nothing."""

    def run(*options, text=None):
        out = tmp_path / "runs" / "x"
        path = corpus
        if text is not None:
            path = tmp_path / "text.txt"
            path.write_text(text)
        message = refused("train", "ngram", "--data.train", path, *options, "--out", out)
        assert not (tmp_path / "runs").exists()
        return message

    return run


def train(seqkit, text, out, *options):
    outcome = seqkit("train", "ngram", "--data.train", text, "--out", out, *options)
    assert outcome.code == 0, outcome.err
    return outcome


# text


@pytest.mark.parametrize("text", ["", "\n \n\n"])
def test_an_empty_corpus(text, refuse, corpus):
    message = refuse("--data.valid", corpus, "--data.test", corpus, text=text)
    assert "text.txt: " in message


@pytest.mark.parametrize("split", ["valid", "test"])
def test_an_empty_split(split, refuse, tmp_path):
    path = tmp_path / "empty.txt"
    path.write_text("\n \n\n")
    message = refuse(f"--data.{split}", path)
    assert f"{path}: {split} holds nothing but empty lines: give a text" in message


@pytest.mark.parametrize("method", ["modified-kneser-ney", "witten-bell", "add-k"])
def test_one_sentence(method, seqkit, tmp_path):
    path = tmp_path / "one.txt"
    path.write_text("the cat sees the dog\n")
    options = ["--data.valid", path, "--data.test", path, "--order", "3"]
    outcome = train(
        seqkit, path, tmp_path / "run", *options, "--smoothing.method", method, "--by-order"
    )
    found = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert 1 < found["test"]["perplexity"] < 8
    assert found["test"]["perplexity_low"] is None, "one line has no interval"
    if method == "modified-kneser-ney":
        stand_in = "0.5 1 1.5 stand in for them"
        assert stand_in in outcome.out
        assert stand_in in (tmp_path / "run" / "report.md").read_text()
    score = sk.load(tmp_path / "run").score("the cat sees the dog")
    assert score.perplexity == pytest.approx(found["test"]["perplexity"], rel=1e-5)


def test_an_order_longer_than_every_sentence(seqkit, tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("a b\na\nb a\na b\n")
    options = ["--data.valid", path, "--data.test", path, "--order", "8", "--by-order"]
    outcome = train(seqkit, path, tmp_path / "run", *options)
    found = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert found["ngrams"]["5"] == found["ngrams"]["8"] == 0 < found["ngrams"]["4"]
    assert "No line is long enough for 5-grams: the model is one of order 4." in outcome.out
    assert math.isfinite(found["test"]["perplexity"])


def test_a_split_of_unknown_words_only(seqkit, corpus, tmp_path):
    path = tmp_path / "odd.txt"
    path.write_text("qux\n")
    train(seqkit, corpus, tmp_path / "run", "--data.valid", path, "--data.test", path)
    found = json.loads((tmp_path / "run" / "metrics.json").read_text())["test"]
    assert (found["tokens"], found["unknown"]) == (2, 1)
    assert found["perplexity"] > found["perplexity_known"] > 1


# options

VALUES = """
    --order 0 | --order 9 | --smoothing.method kneser | --quantize 3
    --smoothing.k 0 --smoothing.method add-k | --smoothing.k 2
    --smoothing.alpha 0.3 | --smoothing.fallback 1 2 3 --smoothing.method mle
    --smoothing.prune 1 | --smoothing.prune 0 2 1
    --smoothing.prune 0 0 1 --order 2 | --memory much | --memory 1M | --memory -4G
    --memory 512MM | --seed -1 | --tmp no-such-folder | --count-only --text.min-count 2
    --device cuda | --device tpu
    --count-only --text.max-vocab 9 | --count-only --by-order | --count-only --quantize 8
    --count-only --data.test x | --merge no-such-folder | --merge no-such-folder --data.test x
    --text.min-count 0 | --text.subwords 9
"""
OPTIONS = [s.strip() for s in VALUES.replace("\n", "|").split("|") if s.strip()]


@pytest.mark.parametrize("options", OPTIONS)
def test_values_out_of_range(options, refuse, monkeypatch):
    if not options.startswith("--text."):  # these need the text
        monkeypatch.setattr("seqkit.data.load_text", None)
    refuse(*options.split())


def test_a_prompt_of_two_lines(refuse):
    assert refuse("--prompt", "a\nb") == (
        "--prompt of several lines: each line is a sentence of its own"
    )


def test_messages(refuse):
    assert refuse("--memory", "1M") == "--memory 1M: 16M is the least to count in"
    assert refuse("--memory", "lots") == "--memory lots: give a size as in 64M or 2G"
    assert refuse("--device", "cuda") == (
        "--device cuda: n-grams are counted and looked up on the CPU: leave the option out"
    )
    assert refuse("--order", "9") == "--order 9: choose from 1 to 8"
    assert refuse("--smoothing.k", "2") == (
        "--smoothing.k has no effect without --smoothing.method add-k"
    )


def test_without_numba(refuse, monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    assert refuse() == (
        'recipe ngram needs numba, which is not installed: pip install "seqkit[ngram]"'
    )


# merging


@pytest.fixture
def counts(seqkit, corpus, tmp_path):
    folder = tmp_path / "counts-run"
    train(seqkit, corpus, folder, "--count-only", "--order", "2")
    return folder


def test_merging_takes_no_training_text(counts, refuse, corpus):
    message = refuse("--merge", counts, "--data.test", corpus)
    assert message == "--data.train has no effect with --merge, whose counts stand for it"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("", "--merge: counts hold no text that a test split could be cut from: give --data.test"),
        ("--data.test TEXT --text.tokenizer char", "--text.tokenizer has no effect with --merge"),
        ("--data.test TEXT --data.cut-chars 9", "--data.cut-chars has no effect with --merge"),
        ("--data.test TEXT --order 3", "holds counts of order 2: give that or less"),
        ("--data.test TEXT --order 2 --out COUNTS", "holds counts of --merge: choose ano"),
    ],
)
def test_merges_that_cannot_be(options, message, counts, seqkit, corpus, tmp_path):
    words = options.replace("TEXT", str(corpus)).replace("COUNTS", str(counts)).split()
    outcome = seqkit("train", "ngram", "--merge", counts, "--out", tmp_path / "x", *words)
    assert outcome.code == 2 and message in outcome.err.splitlines()[-1]
    assert not (tmp_path / "x").exists() and (counts / "counts" / "counts.json").exists()


def test_merges_of_what_does_not_fit(counts, seqkit, corpus, tmp_path):
    other = tmp_path / "other"
    train(seqkit, corpus, other, "--count-only", "--order", "2", "--text.case", "lower")
    options = ["--data.test", corpus, "--order", "2", "--out", tmp_path / "x"]
    outcome = seqkit("train", "ngram", "--merge", counts, other, *options)
    assert outcome.code == 2 and "case" in outcome.err.splitlines()[-1]
    (other / "counts" / "2-words.uint32").write_bytes(b"cut")
    outcome = seqkit("train", "ngram", "--merge", other, *options)
    assert outcome.code == 2 and "2-words.uint32" in outcome.err.splitlines()[-1]
    assert not (tmp_path / "x").exists()
