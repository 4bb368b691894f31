"""The report against the figures it is made of, and its shape for JSON."""

import numpy as np
import pytest

from seqkit.errors import ConfigError, DataError
from seqkit.files import json_bytes
from seqkit.metrics import classification_report

reference = pytest.importorskip("sklearn.metrics")
GOLD = [0, 0, 0, 0, 1, 1]
TABLE = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.4, 0.6], [0.3, 0.7], [0.55, 0.45]])
LABELS = ["ham", "spam"]


def test_a_binary_report_by_hand():
    report = classification_report(GOLD, TABLE, labels=LABELS, positive="spam")
    assert report["records"] == 6
    assert report["confusion"] == [[3, 1], [1, 1]]
    assert report["accuracy"] == pytest.approx(4 / 6)
    assert report["caught"] == 0.5 and report["blocked"] == 0.25
    assert report["roc_auc"] == 7 / 8  # of the 8 pairs only (.6, .45) is in the wrong order
    assert report["average_precision"] == pytest.approx(1 / 2 * 1 + 1 / 2 * 2 / 3)
    assert report["per_class"]["ham"] == {
        "precision": 0.75,
        "recall": 0.75,
        "f1": 0.75,
        "support": 4,
    }


def test_the_positive_label_may_come_first():
    swapped = classification_report(
        [1 - label for label in GOLD], TABLE[:, ::-1], labels=["spam", "ham"], positive="spam"
    )
    report = classification_report(GOLD, TABLE, labels=LABELS, positive="spam")
    for name in ("caught", "blocked", "average_precision", "roc_auc", "mcc", "macro_f1"):
        assert swapped[name] == pytest.approx(report[name])


def test_predictions_of_their_own_change_the_decisions_alone():
    plain = classification_report(GOLD, TABLE, labels=LABELS, positive="spam")
    strict = classification_report(
        GOLD, TABLE, labels=LABELS, positive="spam", predicted=TABLE[:, 1] >= 0.65
    )
    assert strict["blocked"] == 0.0 and strict["caught"] == 0.5
    for name in ("log_loss", "roc_auc", "average_precision", "calibration_error"):
        assert strict[name] == plain[name]


def test_several_classes_agree_with_scikit_learn():
    generator = np.random.default_rng(0)
    gold = generator.integers(0, 4, 200)
    table = generator.dirichlet([0.6] * 4, size=200) * 0.7 + 0.3 * np.eye(4)[gold]
    report = classification_report(gold, table, labels=list("abcd"))
    calls = table.argmax(axis=1)
    assert report["mcc"] == pytest.approx(reference.matthews_corrcoef(gold, calls))
    assert report["macro_f1"] == pytest.approx(reference.f1_score(gold, calls, average="macro"))
    auc = reference.roc_auc_score(gold, table, multi_class="ovr")
    assert report["roc_auc"] == pytest.approx(auc)
    assert "caught" not in report and "blocked" not in report


@pytest.mark.parametrize("gold", [GOLD, [0] * 6, [1] * 6])
def test_a_report_is_json_whatever_gold_holds(gold):
    report = classification_report(gold, TABLE, labels=LABELS, positive="spam")
    assert json_bytes(report)  # refuses NaN, infinity and numpy's own numbers
    assert (report["roc_auc"] is None) == (len(set(gold)) == 1)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"labels": ["ham"]}, ConfigError, "2 or more"),
        ({"labels": ["ham", "ham"]}, ConfigError, "all different"),
        ({"labels": ["a", "b", "c"]}, DataError, "2 columns, but there are 3 labels"),
        ({"labels": LABELS, "positive": "spm"}, ConfigError, "did you mean 'spam'"),
        ({"labels": LABELS, "predicted": [0, 1]}, DataError, "predicted: 2 records"),
        ({"labels": LABELS, "predicted": [2] * 6}, DataError, "class index 2, expected 0 to 1"),
    ],
)
def test_what_does_not_fit_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        classification_report(GOLD, TABLE, **options)
