"""The report of a model from sequences to sequences: Markdown with its picture beside it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqkit.data import Alternatives
from seqkit.errors import DataError
from seqkit.train.evaluation import format_table
from seqkit.train.markdown import inline, without_pictures, write_sections
from seqkit.train.translation_evaluation import (
    TranslationResult,
    compare_translations,
    length_rows,
    translation_rows,
    unspaced_warning,
)

__all__ = ["translation_headline", "write_translation_report"]

_FEW = 100  # test texts
_SAMPLES = 20
_WORST = 20
_TOKENISED = re.compile(r"\s[.,]\s*$")  # ' ?' and ' !' are French


def write_translation_report(
    folder: Path,
    *,
    test: Sequence[TranslationResult],
    records: Sequence[Alternatives],
    lengths: Sequence[int],
    audit_lines: Sequence[str],
    log: Sequence[Mapping[str, Any]],
    valid: Sequence[TranslationResult] = (),
    filtered: Mapping[str, int] | None = None,
    cut: int = 0,
    warnings: Sequence[str] = (),
    notes: Sequence[str] = (),
    facts: Sequence[str] = (),
    seed: int = 0,
) -> None:
    """Write `report.md` and its picture into the folder of a run.

    Args:
        folder: of the run.
        test: the model's result first, then the baselines'; leads the report.
        records: the N test sources with their references.
        lengths: tokens of the test sources, (N,).
        audit_lines: of the audit, as Markdown.
        log: rows of the run's log.
        valid: results on the validation split.
        filtered: training pairs that each filter dropped.
        cut: answers of the model on test that reached their greatest length.
        warnings: what to know before trusting a figure, a sentence each without its full stop.
        notes: facts of the run, a sentence each.
        facts: what else there is to tell of the model, sections of Markdown with their pictures.
        seed: of the comparisons.

    Raises:
        DataError: no result on test, or not one of as many texts as there are records.
    """
    if not test or len(test[0].hypotheses) != len(records):
        answers = len(test[0].hypotheses) if test else "no"
        raise DataError(f"translation report: {answers} answers to {len(records)} test records")
    model = test[0]
    doubts = dict.fromkeys([*warnings, *_doubts(model, records)])
    sections = [
        "# Sequence to sequence: report",
        translation_headline(test, seed=seed),
        *[f"**Before you trust this:** {inline(line)}." for line in doubts],
        *[f"- {note}" for note in notes],
        "## On the test split",
        _table(translation_rows(test, seed=seed)),
        _explained(model),
        *_cut_lines(cut, len(records)),
        *_signatures(model),
        "### By length of the source",
        f"Of {inline(model.name)}, in tokens.",
        format_table(length_rows(model, lengths), markdown=True),
        *_on_valid(valid, log, seed),
        "## The data",
        "\n".join([*audit_lines, *_filter_lines(filtered)]),
        *facts,
        *_pictures(log, folder),
        "## Samples",
        "From the test split, evenly over it.",
        format_table(_sample_rows(model, records), markdown=True),
        "## Worst answers",
        *_worst(model, records),
    ]
    write_sections(folder / "report.md", sections)


def translation_headline(test: Sequence[TranslationResult], *, seed: int = 0) -> str:
    """Say how the model, first of the results, compares with the best baseline."""
    model, *others = test
    count = len(model.hypotheses)
    low, high = model.metrics["intervals"][model.leading]
    if model.kind == "translation":
        said = (
            f"On {count:,} test texts the model has BLEU {model.metrics['bleu']:.2f} (95% interval "
            f"{low:.2f} to {high:.2f}) and chrF {model.metrics['chrf']:.2f}"
        )
    else:
        said = (
            f"The model has {model.metrics['wer']:.2%} of {count:,} test sequences wrong (95% "
            f"interval {low:.2%} to {high:.2%}), and {model.metrics['per']:.2%} of their tokens"
        )
    if count < _FEW:
        said += f" (so few say little: {_FEW} would be a start)"
    if not others:
        return f"{said}. No baseline was run: do not trust a figure without one."
    better = 1 if model.kind == "translation" else -1  # BLEU up, errors down
    best = max(others, key=lambda result: better * result.metrics[result.leading])
    if model.kind == "translation":
        found, scale, unit = f"BLEU {best.metrics['bleu']:.2f}", 1, ""
    else:
        found, scale, unit = f"{best.metrics['wer']:.2%} wrong", 100, " points"
    said += f"; the best baseline, {inline(best.name)}, {found}"
    versus = compare_translations(model, best, seed=seed)
    if versus is None:
        return f"{said}: too few to compare."
    if versus.p >= 0.05:
        verdict = "no difference beyond chance"
    elif better * versus.difference > 0:
        verdict = "the model is better"
    else:
        verdict = "the model is worse, take the baseline"
    gap, least, most = (scale * value for value in versus[:3])
    return (
        f"{said}: {verdict} (difference {gap:+.2f}{unit}, 95% interval {least:+.2f} to "
        f"{most:+.2f}, p = {versus.p:.2g})."
    )


def _doubts(model: TranslationResult, records: Sequence[Alternatives]) -> Iterator[str]:
    ends = [record.references[0] for record in records]
    if sum(bool(_TOKENISED.search(text)) for text in ends) > len(ends) / 2:
        yield (
            "the references look tokenised, with a space before their full stop: BLEU of such text "
            "compares with no published figure, give the text as it is written"
        )
    if model.bleu_tokenizer is not None:
        texts = [text for record in records for text in record.references]
        if warning := unspaced_warning(texts, model.bleu_tokenizer):
            yield warning


def _explained(model: TranslationResult) -> str:
    said = "In brackets: 95% intervals, bootstrapped over the texts. p: paired bootstrap of equal "
    if model.kind == "translation":
        return (
            f"{said}BLEU (Koehn 2004). Where a text has several references, what any of them has "
            "counts."
        )
    return (
        f"{said}shares of wrong sequences (Koehn 2004). Wrong is what equals none of its "
        "references (of words to phones, the word error rate); token errors are the edits to the "
        "nearest reference for each of its tokens (the phone error rate)."
    )


def _cut_lines(cut: int, answers: int) -> Iterator[str]:
    if cut:
        yield (
            f"{cut:,} of {answers:,} answers were cut at their greatest length, before the model "
            "ended them."
        )


def _signatures(model: TranslationResult) -> Iterator[str]:
    names = {"bleu": "BLEU", "chrf": "chrF"}
    for name, signature in model.metrics.get("signatures", {}).items():
        yield f"{names[name]}, sacrebleu: `{signature}`"


def _table(rows: Sequence[Sequence[str]]) -> str:
    return format_table([[inline(cell) for cell in row] for row in rows], markdown=True)


def _on_valid(
    valid: Sequence[TranslationResult], log: Sequence[Mapping[str, Any]], seed: int
) -> Iterator[str]:
    if valid:
        yield "## On the validation split"
        yield _table(translation_rows(valid, seed=seed))
        if any(row["event"] == "epoch" for row in log):
            yield "Here the best epoch was chosen, so these figures flatter the model."


def _filter_lines(filtered: Mapping[str, int] | None) -> Iterator[str]:
    if filtered is not None:
        dropped = [f"{count:,} ({inline(name)})" for name, count in filtered.items() if count]
        yield f"- filters dropped of train: {', '.join(dropped) or 'no pair'}"


def _pictures(log: Sequence[Mapping[str, Any]], folder: Path) -> list[str]:
    """Draw the curves; without matplotlib say what would install it."""
    if not any(row["event"] == "epoch" for row in log):
        return []
    if missing := without_pictures():
        return missing
    from seqkit.train.plots import plot_curves

    plot_curves(log, folder / "curves.png")
    return ["## Training", "![curves](curves.png)"]


def _sample_rows(model: TranslationResult, records: Sequence[Alternatives]) -> list[list[str]]:
    rows = [["source", "reference", "model"]]
    chosen = np.unique(np.linspace(0, len(records) - 1, _SAMPLES).astype(np.int64))
    for at in chosen.tolist():
        references = " / ".join(records[at].references)
        rows.append([inline(records[at].source), inline(references), inline(model.hypotheses[at])])
    return rows


def _worst(model: TranslationResult, records: Sequence[Alternatives]) -> Iterator[str]:
    wrong = int((model.errors.edits > 0).sum())
    if not wrong:
        yield f"None: all {len(records):,} equal one of their references."
        return
    yield (
        f"{wrong:,} of {len(records):,} differ from all of their references; here up to {_WORST} "
        "with the most edits to the nearest."
    )
    yield format_table(_worst_rows(model, records), markdown=True)


def _worst_rows(model: TranslationResult, records: Sequence[Alternatives]) -> list[list[str]]:
    rows = [["edits", "tokens", "source", "nearest reference", "model", "where"]]
    errors = model.errors
    for at in np.argsort(-errors.edits, kind="stable")[:_WORST].tolist():
        if not errors.edits[at]:
            break
        record = records[at]
        rows.append(
            [
                str(errors.edits[at]),
                str(errors.tokens[at]),
                inline(record.source),
                inline(record.references[errors.nearest[at]]),
                inline(model.hypotheses[at]),
                inline(f"{record.origin}:{record.line}"),
            ]
        )
    return rows
