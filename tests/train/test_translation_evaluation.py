"""Measuring answers: the figures are those of `seqkit.metrics`, the tables say them."""

import random
import re

import numpy as np
import pytest

from seqkit import metrics
from seqkit.errors import ConfigError, DataError
from seqkit.train.translation_evaluation import (
    compare_translations,
    length_rows,
    measure_translations,
    translation_rows,
    unspaced_warning,
)

PHONES = ["P R OW", "K AE T", "D AO G", "T R EY S"]


def phones(answers, name="model", references=PHONES):
    return measure_translations(name, answers, [[text] for text in references], kind="sequence")


def test_sequences_by_hand():
    figures = phones(["P R OW", "K AE T", "D AO", "T R AY Z"]).metrics
    assert (figures["wer"], figures["exact"], figures["texts"]) == (0.5, 0.5, 4)
    assert figures["per"] == pytest.approx(3 / 13)
    low, high = figures["intervals"]["wer"]
    assert 0 <= low < 0.5 < high <= 1
    assert figures["intervals"]["exact"] == [1 - high, 1 - low]
    assert "bleu" not in figures


def test_letters_are_tokens_where_that_is_asked():
    answers, references = ["cba", "xy"], [["cba"], ["yx"]]
    found = measure_translations("m", answers, references, kind="sequence", tokenize=list)
    assert found.metrics["per"] == pytest.approx(2 / 5)


def test_a_comparison_says_who_has_fewer_errors():
    references = [f"a{i} b{i}" for i in range(200)]
    worse = [text if i % 2 else "x" for i, text in enumerate(references)]
    better = [text if i % 10 else "x" for i, text in enumerate(references)]
    first, second = phones(better, references=references), phones(worse, "w", references)
    found = compare_translations(first, second)
    assert found.difference == pytest.approx(0.1 - 0.5) and found.p < 0.01
    rows = translation_rows([first, second])
    assert rows[0] == ["", "sequences wrong %", "token errors %", "p (against model)"]
    assert rows[1][0] == "model" and rows[1][1].startswith("10.00 (") and rows[1][-1] == ""
    assert rows[2][1].startswith("50.00 (") and rows[2][-1] == "0.002"


@pytest.mark.parametrize("count", [9, 10])
def test_fewer_than_ten_texts_are_not_compared(count):
    references = [f"a{i}" for i in range(count)]
    first, second = phones(references, "m", references), phones(["x"] * count, "w", references)
    found = compare_translations(first, second)
    assert (found is None) == (count < 10)
    row = translation_rows([first, second])[2]
    assert (row[-1] == "too few to compare") == (count < 10)
    assert row[-1] != "" and translation_rows([first, second])[1][-1] == ""


CHINESE = ["你看见安娜。", "我们知道面包。", "一只狗找到房子。"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (CHINESE, True),
        (["ฉันเห็นสุนัขตัวใหญ่", "พวกเขาไปที่ตลาด"], True),
        (["私はアンナを見る。", "この犬は OK ですね、とても大きい。"], True),
        ([*CHINESE, "Anna said so.", "Two more."], False),
        (["你 看见 安娜 。", "我们 知道 面包 。"], False),  # cut in words already
        (["나는 안나를 봅니다", "우리는 압니다"], False),
        (["Entrez.", "Je vois."], False),
        (["", " "], False),
        ([], False),
    ],
)
def test_scripts_without_spaces_are_told(texts, expected):
    for tokenizer in ("13a", "intl", "none"):
        for many in (texts, random.Random(1).choices(texts, k=20_000) if texts else []):
            found = unspaced_warning(many, tokenizer)
            assert (found is not None) == expected
            assert found is None or (f"the tokeniser {tokenizer} counts" in found)
    assert unspaced_warning(texts, "zh") is unspaced_warning(texts, "char") is None


def test_groups_of_length_hold_every_text_once():
    references = [" ".join("a" * (1 + i % 12)) for i in range(120)]
    answers = [text if len(text) < 9 else "b" for text in references]
    lengths = [len(text.split()) for text in references]
    rows = length_rows(phones(answers, references=references), lengths)
    assert rows[0] == ["length of the source", "texts", "sequences wrong %", "token errors %"]
    assert [row[0] for row in rows[1:]] == ["1 to 3", "4 to 5", "6 to 8", "9 to 10", "11 to 12"]
    assert sum(int(row[1]) for row in rows[1:]) == 120
    for row in rows[1:]:
        low, *_, high = map(int, row[0].split(" to "))
        wrong = [len(text) >= 9 for text in references if low <= len(text.split()) <= high]
        assert row[1:3] == [str(len(wrong)), f"{100 * np.mean(wrong):.2f}"]
    one = length_rows(phones(PHONES), [3, 3, 3, 3])
    assert one[1:] == [["3", "4", "0.00", "0.00"]]
    with pytest.raises(DataError, match="lengths of 3 sources, expected those of 4 texts"):
        length_rows(phones(PHONES), [1, 2, 3])


def test_translations_carry_the_figures_of_sacrebleu_and_its_signatures():
    pytest.importorskip("sacrebleu", reason="needs the extra metrics")
    answers = ["the cat sits on the mat", "a dog runs in the park", "he said no ."]
    references = [
        ["the cat sat on the mat", "the cat sits on a mat"],
        ["a dog runs in the park"],
        ["he said nothing ."],
    ]
    found = measure_translations("model", answers, references, kind="translation")
    bleu, chrf = metrics.bleu(answers, references), metrics.chrf(answers, references)
    assert (found.metrics["bleu"], found.metrics["chrf"]) == (bleu.score, chrf.score)
    assert found.metrics["signatures"] == {"bleu": bleu.signature, "chrf": chrf.signature}
    assert found.metrics["exact"] == 1 / 3
    assert found.metrics["token_error"] == pytest.approx(2 / 16)
    for name, (low, high) in found.metrics["intervals"].items():
        assert low <= found.metrics[name] <= high
    copied = measure_translations("copy", ["x y"] * 3, references, kind="translation")
    rows = translation_rows([found, copied])
    assert rows[0] == ["", "BLEU", "chrF", "exact %", "p (against model)"]
    assert rows[1][1].startswith(f"{bleu.score:.2f} (")
    assert rows[2][1] == "0.00 (0.00 to 0.00)"
    lengths = length_rows(found, [1, 5, 5])
    assert [row[0] for row in lengths] == ["length of the source", "1", "5"]
    assert lengths[1][2] == f"{metrics.bleu(answers[:1], references[:1]).score:.2f}"
    with pytest.raises(DataError, match=re.escape("model was measured as sequence and copy as")):
        compare_translations(phones(answers, references=answers), copied)


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(ConfigError, match="kind of answers 'words': choose from sequence, trans"):
        measure_translations("m", ["a"], [["a"]], kind="words")
    with pytest.raises(DataError, match="0 hypotheses"):
        phones([], references=[])
    with pytest.raises(DataError, match="4 sentences and 1"):
        compare_translations(phones(PHONES), phones(["a"], references=["a"]))
