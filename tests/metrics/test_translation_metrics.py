"""BLEU and chrF: sacrebleu is the second source of what is counted here."""

import random
import sys

import numpy as np
import pytest

pytest.importorskip("sacrebleu", reason="needs the extra metrics")

from sacrebleu.metrics import BLEU, CHRF

from seqkit.errors import ConfigError, DataError
from seqkit.metrics import (
    bleu,
    bleu_figure,
    chrf,
    chrf_figure,
    paired_figures,
)

LINE = "the a dog cat, sees hears likes it. birds don't fly 3.5 km today! “Why”? Hund läuft"
WORDS = LINE.split()


def corpus(count, *, wrong=0.3, most=3, seed=0):
    """Hypotheses and their references, one to `most` of each."""
    rng = random.Random(seed)
    hypotheses, references = [], []
    for _ in range(count):
        text = rng.choices(WORDS, k=rng.randint(1, 14))
        others = [
            [word if rng.random() > wrong else rng.choice(WORDS) for word in text]
            for _ in range(rng.randint(1, most))
        ]
        hypotheses.append(" ".join(text))
        references.append([" ".join(other) for other in others])
    return hypotheses, references


@pytest.mark.parametrize("most", [1, 3])
@pytest.mark.parametrize("count", [1, 5, 60])
def test_what_each_text_adds_gives_the_scores_of_sacrebleu(count, most):
    for seed in range(5):
        texts = corpus(count, most=most, seed=seed)
        assert bleu_figure(*texts).value == pytest.approx(bleu(*texts).score, abs=1e-9)
        assert chrf_figure(*texts).value == pytest.approx(chrf(*texts).score, abs=1e-9)


def test_references_of_each_text_become_the_streams_of_sacrebleu():
    hypotheses, references = corpus(40, most=1)
    streams = [[first for (first,) in references]]
    assert bleu(hypotheses, references).score == BLEU().corpus_score(hypotheses, streams).score
    assert chrf(hypotheses, references).score == CHRF().corpus_score(hypotheses, streams).score


def test_another_reference_helps_its_own_text_alone():
    texts = ["the dog sees it today", "a cat likes birds"]
    first = [["the dog sees it now"], ["the cat sees birds"]]
    second = [["the dog sees it now"], ["the cat sees birds", "a cat likes birds"]]
    assert chrf(texts, second).score > chrf(texts, first).score
    assert bleu(texts, second).score > bleu(texts, first).score
    assert "nrefs:var" in bleu(texts, second).signature
    assert "nrefs:1" in bleu(texts, first).signature


def test_the_signature_tells_case_tokeniser_smoothing_and_version():
    signature = bleu(["A cat."], [["A cat."]]).signature
    assert signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert "tok:zh" in bleu(["华为手机发布"], [["华为手机发布"]], tokenize="zh").signature
    assert "nc:6|nw:0|space:no" in chrf(["A cat."], [["A cat."]]).signature


def test_no_smoothing_of_n_grams_that_are_not_there():
    assert bleu(["cat"], [["cat"]]).score == bleu_figure(["cat"], [["cat"]]).value == 0.0
    same = ["one two three four five"]
    assert bleu(same, [same]).score == bleu_figure(same, [same]).value == 100.0


def test_empty_texts_are_texts():
    texts = ["", "a b c d e"], [["a b c d"], ["a b c d e"]]
    assert 0 < bleu(*texts).score < 100
    assert bleu_figure(*texts).value == pytest.approx(bleu(*texts).score)
    assert chrf_figure(*texts).value == pytest.approx(chrf(*texts).score)
    for measured in (bleu([""], [["a"]]), chrf([""], [["a"]])):
        assert measured.score == 0.0


def test_intervals_are_those_of_resampled_corpora():
    hypotheses, references = corpus(120)
    low, high = bleu_figure(hypotheses, references).interval(samples=2000)
    generator, values = np.random.default_rng(9), []
    for _ in range(150):
        rows = generator.integers(0, 120, 120)
        values.append(bleu([hypotheses[i] for i in rows], [references[i] for i in rows]).score)
    assert (low, high) == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=2.0)
    assert low < bleu(hypotheses, references).score < high


def test_the_better_of_two_systems_is_told_from_the_other():
    hypotheses, references = corpus(200)
    worse = [text.replace("the", "one") for text in hypotheses]
    a, b = bleu_figure(hypotheses, references), bleu_figure(worse, references)
    found = paired_figures(a, b)
    assert found.difference == pytest.approx(a.value - b.value)
    assert 0 < found.low < found.difference < found.high and found.p < 0.01


@pytest.mark.parametrize("measure", [bleu, chrf, bleu_figure, chrf_figure])
@pytest.mark.parametrize(
    ("hypotheses", "references", "said"),
    [
        ([], [], "0 hypotheses"),
        (["a"], [["a"], ["b"]], "1 hypotheses, references of 2"),
        (["a", "b"], [["a"], []], "text 1 has no reference"),
        (["a"], ["a"], "one string where texts are expected"),
        ("a", [["a"]], "one string where texts are expected"),
    ],
)
def test_what_cannot_be_measured_is_refused(measure, hypotheses, references, said):
    with pytest.raises(DataError, match=said):
        measure(hypotheses, references)


def test_a_tokeniser_that_is_not_there():
    with pytest.raises(ConfigError, match=r"BLEU tokenizer '13b': choose from .*'13a'"):
        bleu(["a"], [["a"]], tokenize="13b")


def test_without_sacrebleu_the_line_that_installs_it(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "sacrebleu"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    with pytest.raises(ConfigError, match=r'pip install "seqkit\[metrics\]"'):
        bleu(["a"], [["a"]])
