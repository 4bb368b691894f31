"""Measuring classifiers on the same records, against a table worked by hand."""

import numpy as np
import pytest

from seqkit.data import LabeledText
from seqkit.errors import DataError
from seqkit.models.classifier import Decision, TextClassifier
from seqkit.train.evaluation import compare, format_table, measure, table_rows


class Fixed:
    """Gives each text the probability of spam that it names."""

    labels = ("ham", "spam")

    def probabilities(self, texts):
        spam = np.array([float(text) for text in texts])
        return np.stack([1 - spam, spam], axis=1)

    def to_files(self):
        return {}


class Turned(Fixed):
    """Says the opposite."""

    def probabilities(self, texts):
        return super().probabilities(texts)[:, ::-1]


# a threshold of 0.5 catches 2 of 3 spam and blocks 1 of 5 ham
PAIRS = [("spam", 0.9), ("spam", 0.8), ("spam", 0.3), ("ham", 0.7)]
PAIRS += [("ham", 0.1), ("ham", 0.2), ("ham", 0.2), ("ham", 0.4)]
RECORDS = [LabeledText(str(score), label, "x.tsv", i) for i, (label, score) in enumerate(PAIRS)]


def result(name="model", scorer=None, **options):
    classifier = TextClassifier(scorer or Fixed(), **options)
    return measure(name, classifier, RECORDS, positive="spam")


def test_by_hand():
    figures = result().metrics
    assert figures["accuracy"] == 6 / 8
    assert figures["caught"] == 2 / 3
    assert figures["blocked"] == 1 / 5
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert figures["mcc"] == pytest.approx((2 * 4 - 1 * 1) / np.sqrt(3 * 3 * 5 * 5))
    for low, high in figures["intervals"].values():
        assert -1 <= low <= high <= 1
    low, high = figures["intervals"]["accuracy"]
    assert low < 6 / 8 < high


def test_the_threshold_decides():
    decision = Decision(positive="spam", threshold=0.75, target="x")
    assert result(decision=decision).predicted.tolist() == [1, 1, 0, 0, 0, 0, 0, 0]
    assert result(decision=decision).metrics["blocked"] == 0


def test_the_same_in_chunks():
    class Counting(Fixed):
        sizes: tuple[int, ...] = ()

        def probabilities(self, texts):
            self.sizes = (*self.sizes, len(texts))
            return super().probabilities(texts)

    scorer = Counting()
    got = measure("m", TextClassifier(scorer), RECORDS * 600)
    assert scorer.sizes == (4096, 704)
    assert got.metrics["accuracy"] == 6 / 8


def test_no_records():
    with pytest.raises(DataError, match="no records"):
        measure("m", TextClassifier(Fixed()), [])


def test_a_comparison_is_first_less_second():
    versus = compare(result(), result(scorer=Turned()))
    assert versus["accuracy_difference"] == pytest.approx(6 / 8 - 2 / 8)
    assert versus["low"] <= versus["accuracy_difference"] <= versus["high"]
    # of 8 records on which one is right, 6 fall to the first: 2 * (1 + 8 + 28) / 2^8
    assert versus["p"] == pytest.approx(74 / 256)


def test_the_table_has_a_row_each_and_p_against_the_first():
    heading, first, second = table_rows([result(), result("other", Turned())], positive="spam")
    assert heading == [
        "",
        "accuracy %",
        "MCC",
        "spam caught %",
        "ham blocked %",
        "p (against model)",
    ]
    assert first[0] == "model" and first[-1] == ""
    assert first[1].startswith("75.00 (") and first[2].startswith("0.467 (")
    assert second[0] == "other" and second[1].startswith("25.00 (") and second[-1] == "0.289"


def test_without_a_positive_label_nothing_is_caught():
    rows = table_rows([measure("model", TextClassifier(Fixed()), RECORDS)])
    assert rows[0] == ["", "accuracy %", "macro F1 %", "MCC", "p (against model)"]


def test_tables_for_the_terminal_and_for_markdown():
    rows = [["", "a"], ["long name", "1"], ["x", ""]]
    assert format_table(rows) == "           a\nlong name  1\nx"
    expected = "|  | a |\n|---|---|\n| long name | 1 |\n| x |  |"
    assert format_table(rows, markdown=True) == expected


def test_what_is_not_in_the_split_is_not_caught_at_zero_percent():
    ham = [record for record in RECORDS if record.label == "ham"]
    found = measure("model", TextClassifier(Fixed()), ham, positive="spam")
    heading, row = table_rows([found], positive="spam")
    assert row[heading.index("spam caught %")] == "none there"
    assert row[heading.index("ham blocked %")] != "none there"
