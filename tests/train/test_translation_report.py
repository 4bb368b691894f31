"""The report of a translator: its first sentence is true, and no text breaks its tables."""

import re

import pytest

from seqkit.data import Alternatives
from seqkit.errors import DataError
from seqkit.train import translation_report
from seqkit.train.translation_evaluation import measure_translations, unspaced_warning
from seqkit.train.translation_report import translation_headline, write_translation_report

NASTY = ["a | b", "two\nlines", "`code` *bold* <b>", "[x](y) \\", "\ud800", "w " * 500]
SOURCES = [f"source {i}" for i in range(120)]
TARGETS = [f"this is the target number {i}" for i in range(120)]


def results(rights, kind, references):
    """The model and the baselines, right on so many of the first texts."""
    return [
        measure_translations(
            f"baseline {n}" if n else "model",
            [texts[0] if i < right else "wrong" for i, texts in enumerate(references)],
            references,
            kind=kind,
        )
        for n, right in enumerate(rights)
    ]


def write(folder, rights=(90, 30), *, kind="sequence", sources=SOURCES, targets=TARGETS, **options):
    references = [[text] for text in targets]
    rows = results(rights, kind, references)
    records = [
        Alternatives(source, (target,), "t.tsv", i)
        for i, (source, target) in enumerate(zip(sources, targets, strict=True), 1)
    ]
    defaults = {"audit_lines": ["- train: 7 pairs"], "log": [], "valid": rows}
    lengths = [len(source.split()) for source in sources]
    write_translation_report(
        folder, test=rows, records=records, lengths=lengths, **{**defaults, **options}
    )
    return (folder / "report.md").read_text()


def tables(report):
    blocks = [block.strip() for block in report.split("\n\n") if block.startswith("|")]
    return [[re.split(r"(?<!\\)\|", row)[1:-1] for row in b.split("\n")] for b in blocks]


@pytest.mark.parametrize(
    ("rights", "verdict"),
    [
        ((90, 30, 60), "baseline 2, 50.00% wrong: the model is better (difference -25.00 points"),
        ((30, 90), "baseline 1, 25.00% wrong: the model is worse, take the baseline (difference +"),
        ((60, 59), "no difference beyond chance (difference -0.83 points"),
        ((60,), "No baseline was run: do not trust a figure without one."),
    ],
)
def test_the_headline_of_sequences_says_what_is_so(rights, verdict):
    said = translation_headline(results(rights, "sequence", [[text] for text in TARGETS]))
    assert verdict in said
    assert f"The model has {1 - rights[0] / 120:.2%} of 120 test sequences wrong (95%" in said


@pytest.mark.parametrize(
    ("rights", "verdict"),
    [((90, 30), "the model is better (difference +"), ((30, 90), "the model is worse, take")],
)
def test_the_headline_of_translations_says_what_is_so(rights, verdict):
    pytest.importorskip("sacrebleu", reason="needs the extra metrics")
    rows = results(rights, "translation", [[text] for text in TARGETS])
    said = translation_headline(rows)
    assert verdict in said
    assert f"On 120 test texts the model has BLEU {rows[0].metrics['bleu']:.2f} (95%" in said


@pytest.mark.parametrize("kind", ["sequence", "translation"])
def test_fewer_than_ten_texts_give_no_verdict(kind):
    if kind == "translation":
        pytest.importorskip("sacrebleu", reason="needs the extra metrics")
    said = translation_headline(results((9, 0), kind, [[text] for text in TARGETS[:9]]))
    assert said.endswith(": too few to compare.") and "p =" not in said and "better" not in said
    assert "p = " in translation_headline(results((10, 0), kind, [[t] for t in TARGETS[:10]]))


def test_few_texts_say_little():
    said = translation_headline(results((1, 0), "sequence", [["a b"], ["c d"]]))
    assert "so few say little: 100 would be a start" in said


def test_everything_is_told(tmp_path):
    pytest.importorskip("sacrebleu", reason="needs the extra metrics")
    report = write(
        tmp_path,
        kind="translation",
        filtered={"source too long": 1234, "ratio": 0},
        warnings=["3 test sources stand in train"],
        notes=["Trained in 3 seconds."],
        facts=["## Costs"],
        log=[{"event": "step", "step": 1}],
    )
    assert "**Before you trust this:** 3 test sources stand in train." in report
    assert "- Trained in 3 seconds." in report
    assert "- train: 7 pairs\n- filters dropped of train: 1,234 (source too long)\n" in report
    assert "BLEU, sacrebleu: `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:" in report
    assert "chrF, sacrebleu: `nrefs:1|case:mixed|eff:yes|nc:6" in report
    assert "## Costs" in report and "30 of 120 differ from all of their references" in report


def test_filters_that_dropped_nothing(tmp_path):
    assert "- filters dropped of train: no pair" in write(tmp_path, filtered={"ratio": 0})
    assert "filters" not in write(tmp_path)


def test_every_table_is_whole_whatever_stands_in_the_texts(tmp_path):
    report = write(tmp_path, (0, 3), sources=NASTY, targets=NASTY)
    assert len(tables(report)) == 5
    for rows in tables(report):
        assert len({len(cells) for cells in rows}) == 1, rows
    samples, worst = tables(report)[-2:]
    assert len(samples) == len(worst) == 2 + len(NASTY)
    assert max(len(row[1]) for row in samples) < 250


def test_the_worst_are_those_with_the_most_edits(tmp_path):
    targets = ["a b", "a b c d", "a b c"]
    worst = tables(write(tmp_path, (0, 1), sources=["x", "y", "z"], targets=targets))[-1][2:]
    assert [[cell.strip() for cell in row] for row in worst] == [
        ["4", "4", "y", "a b c d", "wrong", "t.tsv:2"],
        ["3", "3", "z", "a b c", "wrong", "t.tsv:3"],
        ["2", "2", "x", "a b", "wrong", "t.tsv:1"],
    ]


def test_nothing_wrong_is_said(tmp_path):
    report = write(tmp_path, (120, 30))
    assert "## Worst answers\n\nNone: all 120 equal one of their references.\n" in report
    assert "edits to the nearest." not in report.split("## Worst answers")[1]
    assert "None: all" not in write(tmp_path, (119, 30))


def test_answers_that_were_cut_are_told(tmp_path):
    said = "120 answers were cut at their greatest length, before the model ended them."
    assert f"3 of {said}" in write(tmp_path, cut=3)
    assert said not in write(tmp_path)


def test_samples_are_spread_over_the_split(tmp_path):
    samples = tables(write(tmp_path))[-2][2:]
    assert len(samples) == 20
    assert samples[0][0].strip() == "source 0" and samples[-1][0].strip() == "source 119"


def test_tokenised_references_are_told(tmp_path):
    tokenised = [f"{text} ." for text in TARGETS]
    assert "the references look tokenised" in write(tmp_path, targets=tokenised)
    french = [f"{text} ?" for text in TARGETS]
    assert "look tokenised" not in write(tmp_path, targets=french)


def test_sentences_without_spaces_are_told_once(tmp_path):
    pytest.importorskip("sacrebleu", reason="needs the extra metrics")
    chinese = [f"他们的第{i}个句子。" for i in range(120)]
    said = "BLEU with the tokeniser 13a counts whole sentences as words"
    warning = unspaced_warning(chinese, "13a")
    for warnings in ((), (warning,)):
        report = write(tmp_path, kind="translation", targets=chinese, warnings=warnings)
        assert report.count(said) == 1
    assert said not in write(tmp_path, kind="sequence", targets=chinese)
    assert said not in write(tmp_path, kind="translation")


def test_the_picture_stands_beside_it(tmp_path):
    pytest.importorskip("matplotlib", reason="needs the extra plot")
    log = [{"event": "epoch", "epoch": 1, "step": 1, "valid_loss": 1.0, "valid_bleu": 2.0}]
    report = write(tmp_path, log=log)
    assert "![curves](curves.png)" in report and (tmp_path / "curves.png").stat().st_size
    assert "Here the best epoch was chosen" in report


def test_without_matplotlib_the_line_that_installs_it(tmp_path, monkeypatch):
    monkeypatch.setattr(translation_report, "without_pictures", lambda: ["No pictures: x."])
    log = [{"event": "epoch", "epoch": 1, "step": 1, "valid_loss": 1.0}]
    assert "No pictures: x." in write(tmp_path, log=log)


def test_results_must_be_of_the_records(tmp_path):
    options = {"records": [], "lengths": [], "audit_lines": [], "log": []}
    with pytest.raises(DataError, match="no answers to 0 test records"):
        write_translation_report(tmp_path, test=[], **options)
    rows = results((1,), "sequence", [["a"]])
    with pytest.raises(DataError, match="1 answers to 0 test records"):
        write_translation_report(tmp_path, test=rows, **options)
