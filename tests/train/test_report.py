"""The report: what its first sentence says is true, and no text breaks its tables."""

import re
import sys

import numpy as np
import pytest

from seqkit.data import LabeledText, audit
from seqkit.models.classifier import Decision, TextClassifier
from seqkit.train.evaluation import measure
from seqkit.train.report import decision_sentence, write_report

TEXTS = [f"text {i}" for i in range(60)]
NASTY = ["a | b", "two\nlines\r\nthree", "`code` *bold* <b>", "[x](y) \\", "\ud800", "w " * 500]


class Fixed:
    """Right on the first `right` texts, wrong on the others."""

    def __init__(self, right, labels=("ham", "spam"), texts=TEXTS):
        self.labels, self.right, self.place = labels, right, {t: i for i, t in enumerate(texts)}

    def probabilities(self, texts):
        scores = np.full((len(texts), 2), 0.25)
        for row, text in enumerate(texts):
            gold = self.place[text] % 2
            right = self.place[text] < self.right
            scores[row, gold if right else 1 - gold] = 0.75
        return scores

    def to_files(self):
        return {}


def write(folder, *, model=60, baselines=(), labels=("ham", "spam"), texts=TEXTS, **options):
    """Write a report on models that are right so often; returns it."""
    records = [LabeledText(t, labels[i % 2], "t.tsv", i + 1) for i, t in enumerate(texts)]
    decision = options.get("decision")
    results = [
        measure(
            f"baseline {n}" if n else "model",
            TextClassifier(Fixed(right, labels, texts), decision=None if n else decision),
            records,
            positive=options.get("positive"),
        )
        for n, right in enumerate([model, *baselines])
    ]
    found = audit({"train": records, "valid": records, "test": records})
    write_report(
        folder,
        **{"decision": None, "positive": None, "log": [], **options},
        valid=results,
        test=results,
        records=records,
        audit=found,
    )
    return (folder / "report.md").read_text()


def headline(report):
    return report.split("\n\n")[1]


def tables(report):
    """The rows of each Markdown table as lists of cells."""
    blocks = [block.strip() for block in report.split("\n\n") if block.startswith("|")]
    return [[re.split(r"(?<!\\)\|", row)[1:-1] for row in b.split("\n")] for b in blocks]


@pytest.fixture(autouse=True)
def _quick(no_pictures):
    pass


@pytest.mark.parametrize(
    ("model", "baselines", "verdict"),
    [
        (60, (30, 45), "baseline 2, on 75.00%: the model is better (difference +25.00"),
        (30, (60, 45), "worse, take the baseline (--model.family baseline 1) (difference -50.00"),
        (45, (44,), "no difference beyond chance (difference +1.67 points"),
        (45, (45,), "no difference beyond chance (difference +0.00 points"),
        (45, (), "No baseline was run: do not trust a figure without one."),
    ],
)
def test_the_headline_says_what_is_so(tmp_path, model, baselines, verdict):
    report = write(tmp_path, model=model, baselines=baselines)
    assert verdict in headline(report)
    assert f"right on {model / 60:.2%} of 60 test texts" in headline(report)


def test_every_table_is_whole_whatever_stands_in_the_texts(tmp_path):
    labels = ("h|am\n", "`s*pam`")
    report = write(tmp_path, model=0, labels=labels, texts=NASTY, positive=labels[0])
    assert len(tables(report)) >= 4
    for rows in tables(report):
        assert len({len(cells) for cells in rows}) == 1, rows
    worst = tables(report)[-1]
    assert len(worst) == 2 + len(NASTY)
    assert any("a \\| b" in row[3] for row in worst)
    assert max(len(row[3]) for row in worst) < 250


def test_the_worst_errors_are_those_that_the_model_was_surest_of(tmp_path):
    report = write(tmp_path, model=58)
    worst = tables(report)[-1][2:]
    assert [row[3].strip() for row in worst] == ["text 58", "text 59"]
    assert worst[0][0].strip() == "ham" and worst[0][1].strip() == "spam"
    assert worst[0][4].strip() == "t.tsv:59"


def test_leaks_and_notes_are_told(tmp_path):
    report = write(tmp_path, notes=["Trained in 3 seconds."])
    assert "60 of 60 test records (100.0%) repeat a train record" in report
    assert "- Trained in 3 seconds." in report


def test_the_threshold_and_what_became_of_it(tmp_path):
    decision = Decision(positive="spam", threshold=0.5, target="valid to block at most 1.00%")
    report = write(tmp_path, model=40, decision=decision, positive="spam")
    sentence = (
        "Threshold: spam from a score of 0.5000, chosen on valid to block at most 1.00%. There it "
        "caught 66.67% and blocked 33.33%; on test it caught 66.67% and blocked 33.33%."
    )
    assert sentence in report


@pytest.mark.parametrize(
    ("only", "said"),
    [(0, "blocked 33.33% (no s\\_pam in test)."), (1, "caught 66.67% (no ham in test).")],
)
def test_a_threshold_where_a_label_is_missing(only, said):
    labels = ("ham", "s_pam")
    decision = Decision(positive="s_pam", threshold=0.5, target="valid")
    model = TextClassifier(Fixed(40, labels), decision=decision)
    records = [LabeledText(t, labels[i % 2], "t.tsv", i + 1) for i, t in enumerate(TEXTS)]
    valid, test = (
        measure("model", model, part, positive="s_pam")
        for part in (records, [record for record in records if record.label == labels[only]])
    )
    sentence = decision_sentence(decision, valid, test)
    assert "There it caught 66.67% and blocked 33.33%; on test it " + said in sentence


def test_pictures_stand_beside_it(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib", reason="needs the extra plot")
    monkeypatch.undo()  # with pictures
    log = [{"event": "epoch", "epoch": 1, "step": 1, "train_loss": 1.0, "valid_loss": 1.0}]
    report = write(tmp_path, model=40, baselines=(30,), log=log, positive="spam")
    named = set(re.findall(r"!\[[^\]]*\]\(([^)]*)\)", report))
    assert named == {"curves.png", "confusion.png", "calibration.png", "roc_pr.png"}
    assert named <= {path.name for path in tmp_path.iterdir()}


def test_without_matplotlib_it_says_what_would_install_it(tmp_path, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert 'pip install "seqkit[plot]"' in write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]
