"""The audit, against a set whose faults were counted by hand."""

import json

import numpy as np
import pytest

from seqkit.data import LabeledText, audit, check_labels, read_labeled
from seqkit.errors import DataError


def records(name: str, pairs) -> list[LabeledText]:
    return [LabeledText(b, a, f"{name}.tsv", line) for line, (a, b) in enumerate(pairs, 1)]


TRAIN = records(
    "train",
    [
        ("ham", "see you at noon"),
        ("ham", "See you at NOON!"),  # repeats 1
        ("spam", "see you, at noon"),  # repeats 1 under another label
        ("spam", "win a prize now"),
        ("ham", ""),
        ("ham", " "),
    ],
)
TEST = records(
    "test",
    [
        ("spam", "Win a prize: now"),  # train 4
        ("ham", "win a prize now"),  # train 4 under another label, test 1 too
        ("ham", "caf\ufffd at noon"),
        ("ham", ""),
    ],
)


def test_counts_by_hand():
    found = audit({"train": TRAIN, "test": TEST})
    train, test = found.splits
    assert (train.records, train.empty, train.duplicates, train.relabelled) == (6, 2, 2, 1)
    assert (test.records, test.empty, test.duplicates, test.relabelled) == (4, 1, 1, 1)
    assert (train.undecodable, test.undecodable) == (0, 1)
    assert train.labels == {"ham": 4, "spam": 2} and list(train.labels) == ["ham", "spam"]
    assert train.unknown is None
    assert test.unknown == pytest.approx(3 / 11)  # Win, prize:, caf?; of 4 + 4 + 3 tokens
    assert (train.lengths.mean, train.lengths.median, train.lengths.longest) == (16 / 6, 4, 4)
    (leak,) = found.leaks
    assert (leak.records, leak.relabelled, leak.near, leak.share) == (2, 1, None, 0.5)
    first = leak.examples[0]
    assert (first.place, first.earlier_place) == ("test.tsv:1", "train.tsv:4")
    assert (first.label, first.earlier_label, first.text) == ("spam", "spam", "Win a prize: now")


def test_warnings_are_one_line_each():
    assert audit({"train": TRAIN, "test": TEST}).warnings() == [
        "2 of 4 test records (50.0%) repeat a train record: figures on test flatter the model; "
        "split by content (seqkit data split) to avoid it",
        "1 of 4 test records (25.0%) repeat a train record under another label: "
        "no model gets both right",
        "1 of 6 train records (16.7%) repeat another of them under another label",
        "2 of 6 train records (33.3%) are empty",
        "1 of 4 test records (25.0%) repeat another of them under another label",
        "1 of 4 test records (25.0%) are empty",
        "1 of 4 test records (25.0%) hold U+FFFD, the mark of bytes that were not UTF-8",
    ]


def test_labels_that_look_alike():
    train = records("a", [("ham", "one"), ("ham ", "two"), ("spam", "three"), ("eggs", "four")])
    test = records("b", [("Ham", "five"), ("spam", "six")])
    assert audit({"train": train, "test": test}).warnings() == [
        "the labels 'Ham' and 'ham' and 'ham ' differ only in case or surrounding blanks: "
        "write them alike if they mean the same"
    ]
    more = records("b", [("SPAM", "five"), ("\nspam", "six"), ("x y", "seven"), ("xy", "eight")])
    found = audit({"train": train, "test": more})
    assert found.warnings() == [
        "the labels '\\nspam' and 'SPAM' and 'spam' differ only in case or surrounding blanks "
        "(and 1 more such): write them alike if they mean the same"
    ]
    assert found.splits[0].labels == {"eggs": 1, "ham": 1, "ham ": 1, "spam": 1}  # as they were


def test_nothing_to_warn_of():
    found = audit({"train": records("a", [("x", "one")]), "test": records("b", [("y", "two")])})
    assert found.warnings() == []
    assert "- 0 of 1 test records repeat a train record." in found.lines()


def test_lines_are_markdown():
    lines = audit({"train": TRAIN, "test": TEST}).lines()
    assert "| train | 6 | 2 | 2 | 0 | 4 / 4 / 4 | - |" in lines
    assert "| test | 4 | 1 | 1 | 1 | 3 / 4 / 4 | 27.3% |" in lines
    assert "| ham | 4 (66.7%) | 3 (75.0%) |" in lines
    assert "    - test.tsv:1 repeats train.tsv:4 (spam): 'Win a prize: now'" in lines
    assert all("\n" not in line for line in lines)


def test_many_labels_are_cut_short():
    data = records("a", [(f"label {n}|", "x") for n in range(40)])
    lines = audit({"train": data}).lines()
    assert "| label 0\\| | 1 (2.5%) |" in lines
    assert "10 labels more." in lines


def test_to_dict_is_json():
    found = audit({"train": TRAIN, "test": TEST}, near=True).to_dict()
    assert json.loads(json.dumps(found))["leaks"][0]["records"] == 2


def test_near_leaks_are_counted_beside_the_exact_ones():
    words = [f"w{number}" for number in range(40)]
    train = records("train", [("a", " ".join(words)), ("b", "another text altogether it is")])
    near = " ".join([*words[:-1], "changed"])
    test = records("test", [("a", " ".join(words)), ("a", near), ("a", near), ("b", "new")])
    (leak,) = audit({"train": train, "test": test}, near=True).leaks
    assert (leak.records, leak.near, leak.share) == (1, 2, 0.75)
    only = audit({"train": train, "test": test[1:3]}, near=True).warnings()
    assert only == [
        "2 of 2 test records (100.0%) nearly repeat a train record: figures on test flatter the "
        "model; split by content (seqkit data split) to avoid it"
    ]


def test_every_pair_of_splits_is_compared():
    one = records("a", [("x", "same")])
    found = audit({"train": one, "valid": one, "test": one})
    assert [(leak.split, leak.against, leak.records) for leak in found.leaks] == [
        ("valid", "train", 1),
        ("test", "train", 1),
        ("test", "valid", 1),
    ]


def test_the_published_count_of_repeats():
    found = audit({"all": read_labeled("bundled:spam")})
    texts = [record.text for record in read_labeled("bundled:spam")]
    assert len(texts) - len(set(texts)) == 414  # byte by byte; the audit also folds case and marks
    assert found.splits[0].duplicates >= 414


def test_length_quantiles_are_numpys():
    data = records("a", [("x", "w " * length) for length in range(1, 201)])
    lengths = audit({"train": data}).splits[0].lengths
    assert lengths.p90 == np.percentile(range(1, 201), 90, method="inverted_cdf")
    assert (lengths.median, lengths.p99, lengths.longest) == (100, 198, 200)


def test_tokenizer_of_the_caller_and_an_empty_split():
    found = audit({"train": records("a", [("x", "ab")]), "test": []}, tokenize=list)
    assert found.splits[0].lengths.longest == 2
    assert found.splits[1].records == 0 and found.leaks[0].share == 0.0


def test_label_that_train_never_saw():
    with pytest.raises(DataError) as caught:
        check_labels(["ham", "spam", "ham"], records("test", [("ham", "a"), ("spma", "b")]))
    assert str(caught.value) == (
        "test.tsv:2: test has a label that train never saw: label 'spma': choose from ham, spam "
        "(did you mean 'spam'?)"
    )
    check_labels(["ham", "spam"], records("test", [("ham", "a")]))
    with pytest.raises(DataError, match=r"label 'x' is none of its 1,000 labels$"):
        check_labels([str(number) for number in range(1_000)], records("test", [("x", "a")]))


def test_one_class_only():
    with pytest.raises(DataError) as caught:
        check_labels(["ham", "ham"])
    assert str(caught.value) == (
        "train: every record has the label 'ham': a classifier needs at least two labels"
    )
    with pytest.raises(DataError, match=r"^train: it has no records: a classifier needs"):
        check_labels([])


def test_a_label_of_a_single_record_is_told() -> None:
    records = [LabeledText(f"text {i}", "ab"[i % 2], "f", i) for i in range(120)]
    slip = LabeledText("one more", "bb", "f", 121)
    assert audit({"train": records}).warnings() == []
    (line,) = audit({"train": [*records, slip]}).warnings()
    assert line.startswith("train: label 'bb' has fewer than 5 records")
