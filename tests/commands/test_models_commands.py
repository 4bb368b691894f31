"""`seqkit predict`, `evaluate`, `compare`, `inspect`, and `seqkit.load` beside them."""

import io
import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from conftest import COMMAND, Outcome

import seqkit as library
from seqkit import cli
from seqkit.data import LabeledDataConfig, load_labeled
from seqkit.errors import BundleError

TEXTS = ["win a free prize", "lunch at home", "", "中文 🎉", "win a free prize", " "]


def answers(out):
    return [json.loads(line) for line in out.splitlines()]


def feed(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))


@pytest.fixture
def expected(saved_bag):
    """What the library says of the texts, one by one."""
    classifier = library.load(saved_bag)
    rows = []
    for text in TEXTS:
        found = classifier.predict(text)
        scores = {label: round(score, 6) for label, score in found.scores.items()}
        row = {"label": found.label, "score": round(found.score, 6), "scores": scores}
        rows.append({**row, "text": text})
    return rows


@pytest.fixture(scope="module")
def baseline(spam_file, tmp_path_factory):
    """A second saved model, without a threshold."""
    folder = tmp_path_factory.mktemp("baseline")
    options = ["--data.train", str(spam_file), "--out", str(folder), "--model.family", "majority"]
    assert cli.main(["train", "classify", *options, "--baselines"]) == 0
    return folder


def test_the_library_loads_what_the_recipe_saved(saved_bag):
    classifier = library.load(saved_bag)
    assert isinstance(classifier, library.TextClassifier)
    assert classifier.labels == ("ham", "spam")
    prediction = classifier.predict("win a free prize")
    assert isinstance(prediction, library.Prediction)
    assert prediction.label == "spam"
    assert prediction.score == prediction.scores["spam"]
    assert sum(prediction.scores.values()) == pytest.approx(1)
    assert classifier.predict_many(TEXTS) == [classifier.predict(text) for text in TEXTS]
    assert classifier.decision.positive == "spam"


def test_the_library_refuses_what_is_no_model(tmp_path):
    with pytest.raises(BundleError, match="no such folder"):
        library.load(tmp_path / "nowhere")
    with pytest.raises(library.SeqkitError, match="no bundle"):
        library.load(tmp_path)


def test_predict_from_arguments(seqkit, saved_bag, expected):
    assert answers(seqkit("predict", saved_bag, *TEXTS).out) == expected


def test_predict_texts_that_look_like_options(seqkit, saved_bag):
    outcome = seqkit("predict", saved_bag, "--", "--free", "-x")
    assert outcome.code == 0 and len(answers(outcome.out)) == 2


def test_predict_from_a_file(seqkit, saved_bag, expected, tmp_path):
    path = tmp_path / "texts.txt"
    path.write_bytes("\n".join(TEXTS).encode() + b"\n")
    assert answers(seqkit("predict", saved_bag, "--file", path).out) == expected


def test_predict_from_a_column(seqkit, saved_bag, expected, tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps({"id": 1, "body": text}) + "\n" for text in TEXTS))
    outcome = seqkit("predict", saved_bag, "--file", path, "--text-column", "body")
    assert answers(outcome.out) == expected


@pytest.mark.parametrize("options", [[], ["--file", "-"], ["--batch", "1"], ["--batch", "4"]])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_predict_from_stdin(seqkit, saved_bag, expected, monkeypatch, options, end):
    feed(monkeypatch, end.join(TEXTS).encode())
    assert answers(seqkit("predict", saved_bag, *options).out) == expected


def test_predict_of_nothing_is_nothing(seqkit, saved_bag, monkeypatch):
    feed(monkeypatch, b"")
    assert seqkit("predict", saved_bag) == Outcome(0, "", "")


def test_predict_answers_each_line_while_stdin_is_open(saved_bag):
    with subprocess.Popen(
        [*COMMAND, "predict", str(saved_bag), "--batch", "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        for text in ("win a prize", "", "lunch"):
            run.stdin.write(text + "\n")
            run.stdin.flush()
            assert json.loads(run.stdout.readline())["label"] in ("ham", "spam")
        run.stdin.close()
        assert run.stdout.read() == ""
    assert run.returncode == 0


def test_predict_stops_when_nobody_reads(saved_bag, tmp_path):
    (tmp_path / "many.txt").write_text("win a prize\n" * 20_000)
    with subprocess.Popen(
        [*COMMAND, "predict", str(saved_bag), "--file", str(tmp_path / "many.txt")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as run:
        run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 0


def test_predict_refuses_bytes_that_are_not_utf8(seqkit, saved_bag, monkeypatch):
    feed(monkeypatch, b"one\ntw\xff\nthree\n")
    outcome = seqkit("predict", saved_bag, "--batch", "1")
    assert outcome.code == 2 and len(answers(outcome.out)) == 1
    assert "stdin:2: not UTF-8 at byte 2" in outcome.err
    feed(monkeypatch, b"one\ntw\xff\nthree\n")
    outcome = seqkit("predict", saved_bag, "--encoding-errors", "replace")
    assert outcome.code == 0 and len(answers(outcome.out)) == 3


def test_predict_refuses_a_text_that_is_too_long(seqkit, refused, saved_bag, monkeypatch, tmp_path):
    sentence = (
        "a single record of more than 4 characters: check that the {} has line breaks, or allow it "
        "with --max-chars"
    )
    limit = ["--max-chars", "4", "--batch", "1"]
    for long in (b"lunch", b"x" * 100, "\U0001f389\U0001f389\u4e2d\u6587!".encode()):
        feed(monkeypatch, "\U0001f389\u4e2d\u6587!\r\n".encode() + long + b"\nlast\n")
        outcome = seqkit("predict", saved_bag, *limit)
        assert outcome.code == 2 and len(answers(outcome.out)) == 1
        assert outcome.err == f"seqkit: stdin:2: {sentence.format('input')}\n"
    feed(monkeypatch, b"lunch\n")
    assert seqkit("predict", saved_bag, "--max-chars", "5").code == 0
    path = tmp_path / "texts.txt"
    path.write_text("lunch\n")
    message = refused("predict", saved_bag, "--file", path, *limit)
    assert message == f"{path}:1: {sentence.format('file')} (train: --data.max-chars)"
    assert seqkit("predict", saved_bag, "--file", path, "--max-chars", "5").code == 0


def test_evaluate_and_compare_name_options_that_they_have(seqkit, refused, saved_bag, tmp_path):
    path = tmp_path / "d.tsv"
    path.write_text("ham\tlunch at home\nspam\twin\n")
    for command in (["evaluate", saved_bag], ["compare", saved_bag, saved_bag]):
        message = refused(*command, "--data", path, "--max-chars", "10")
        assert message == (
            f"{path}:1: a single record of more than 10 characters: check that the file has line "
            "breaks, or allow it with --max-chars (train: --data.max-chars)"
        )
    assert seqkit("evaluate", saved_bag, "--data", path, "--max-chars", "20").code == 0


def test_predict_options_that_cannot_be(refused, saved_bag, tmp_path):
    assert "texts or --file" in refused("predict", saved_bag, "a", "--file", "b")
    assert "--batch 0" in refused("predict", saved_bag, "a", "--batch", "0")
    assert "--max-chars 0" in refused("predict", saved_bag, "a", "--max-chars", "0")
    assert "no such file" in refused("predict", saved_bag, "--file", tmp_path / "none.txt")


def damaged(saved, folder, how):
    shutil.copytree(saved, folder)
    weights, index = folder / "weights.safetensors", folder / "bundle.json"
    if how == "truncated":
        os.truncate(weights, 100)
    elif how == "flipped":
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(content)
    elif how == "missing":
        weights.unlink()
    elif how == "index":
        index.write_text(index.read_text()[:-20])
    else:
        changes = {"kind": {"kind": "Oracle"}, "newer": {"format": 99}}[how]
        index.write_text(json.dumps({**json.loads(index.read_text()), **changes}))


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("truncated", "weights.safetensors: 100 bytes, expected"),
        ("flipped", "weights.safetensors: its content does not match"),
        ("missing", "weights.safetensors: missing"),
        ("index", "bundle.json: not readable as JSON"),
        ("kind", "a bundle of kind 'Oracle'"),
        ("newer", "bundle format 99"),
    ],
)
def test_a_damaged_model_is_refused_by_every_command(how, message, refused, saved_bag, tmp_path):
    folder = tmp_path / "model"
    damaged(saved_bag, folder, how)
    assert message in refused("predict", folder, "text")
    assert message in refused("inspect", folder)
    assert message in refused("evaluate", folder, "--data", "x.tsv")


def test_evaluate(seqkit, saved_bag, spam_file):
    outcome = seqkit("evaluate", saved_bag, "--data", spam_file)
    heading, row = outcome.out.splitlines()
    assert all(name in heading for name in ("accuracy %", "MCC", "spam caught %", "ham blocked %"))
    figures = json.loads(seqkit("evaluate", saved_bag, "--data", spam_file, "--json").out)
    assert figures["records"] == 240
    assert f"{100 * figures['accuracy']:.2f} (" in row


def test_evaluate_finds_the_figures_of_the_run_again(seqkit, saved_bag, spam_file, tmp_path):
    metrics = json.loads((saved_bag / "metrics.json").read_text())
    splits = load_labeled(LabeledDataConfig(train=str(spam_file)), seed=1)
    rows = [json.dumps({"text": r.text, "label": r.label}) for r in splits.test]
    (tmp_path / "test.jsonl").write_text("\n".join(rows))
    outcome = seqkit("evaluate", saved_bag, "--data", tmp_path / "test.jsonl", "--json")
    assert json.loads(outcome.out)["confusion"] == metrics["test"]["confusion"]


def test_evaluate_refuses_an_unknown_label(refused, saved_bag, tmp_path):
    (tmp_path / "d.tsv").write_text("ham\ta\neggs\tb\n")
    message = refused("evaluate", saved_bag, "--data", tmp_path / "d.tsv")
    assert "d.tsv:2" in message and "'eggs'" in message


def test_compare(seqkit, saved_bag, baseline, spam_file):
    outcome = seqkit("compare", baseline, saved_bag, "--data", spam_file)
    assert [line.split()[0] for line in outcome.out.splitlines()[1:]] == [
        str(baseline),
        str(saved_bag),
    ]
    found = json.loads(seqkit("compare", saved_bag, baseline, "--data", spam_file, "--json").out)
    one, other = found[str(saved_bag)]["accuracy"], found[str(baseline)]["accuracy"]
    assert found["comparison"]["accuracy_difference"] == pytest.approx(one - other)
    assert found["comparison"]["p"] < 0.05


def test_compare_refuses_models_of_other_labels(seqkit, refused, saved_bag, tmp_path):
    path = tmp_path / "d.tsv"
    path.write_text("".join(f"{'yes' if i % 2 else 'no'}\ttext {i}\n" for i in range(40)))
    options = ["--model.family", "majority", "--baselines", "--out", tmp_path / "other"]
    assert seqkit("train", "classify", "--data.train", path, *options).code == 0
    message = refused("compare", saved_bag, tmp_path / "other", "--data", path)
    assert "only models of the same labels compare" in message


def test_inspect(seqkit, saved_bag):
    page = seqkit("inspect", saved_bag).out
    assert page.startswith("TextClassifier, bundle format 1")
    assert "weights.safetensors" in page and "test: accuracy 0." in page
    index = json.loads(seqkit("inspect", saved_bag, "--json").out)
    assert index == json.loads((saved_bag / "bundle.json").read_text())


def test_inspect_a_model_that_an_app_saved(seqkit, saved_bag, tmp_path):
    library.load(saved_bag).save(tmp_path, metrics={"accuracy": 0.5})
    assert "accuracy: 0.5000" in seqkit("inspect", tmp_path).out


def test_a_byte_order_mark_on_stdin_is_no_text(seqkit, saved_bag, monkeypatch):
    feed(monkeypatch, b"\xef\xbb\xbfwin cash\n")
    assert answers(seqkit("predict", saved_bag).out)[0]["text"] == "win cash"
