"""The report of a classifier for a person: Markdown with its pictures beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqkit.data import LabeledText
from seqkit.data.audit_report import Audit
from seqkit.models.classifier import Decision
from seqkit.train.evaluation import Result, compare, format_table, table_rows
from seqkit.train.markdown import inline, without_pictures, write_sections
from seqkit.train.sif_baseline import SIF_LR

__all__ = [
    "WITHOUT_VECTORS",
    "decision_sentence",
    "headline",
    "vectors_sentence",
    "write_report",
]

WITHOUT_VECTORS = "without the vectors"
"""Name of the result of the same network, seed and data on random embeddings."""

_ERRORS = 20
_FEW = 100  # test texts


def write_report(
    folder: Path,
    *,
    valid: Sequence[Result],
    test: Sequence[Result],
    records: Sequence[LabeledText],
    audit: Audit,
    log: Sequence[Mapping[str, Any]],
    decision: Decision | None,
    positive: str | None,
    notes: Sequence[str] = (),
) -> None:
    """Write `report.md` and its pictures into the folder of a run.

    Args:
        folder: of the run.
        valid, test: the model's result first, then the baselines', and that of the model
            `WITHOUT_VECTORS` among them; `test` leads the report.
        records: the test records.
        audit: of the splits.
        log: rows of the run's log.
        decision: the threshold, where one was chosen.
        positive: of two labels the one to be caught.
        notes: facts of the run, a sentence each.
    """
    model = test[0]
    sections = [
        "# Text classifier: report",
        headline(test),
        *filter(None, [vectors_sentence(test)]),
        *[f"**Before you trust this:** {inline(line)}." for line in audit.warnings()],
        *[f"- {note}" for note in notes],
        "## On the test split",
        _comparison(test, positive),
        "In brackets: 95% intervals, bootstrapped over the records of the split, by Wilson where "
        "all or none is right. p: McNemar's exact test of equal accuracy. Baselines decide by "
        "their likeliest label.",
        *([decision_sentence(decision, valid[0], model)] if decision else []),
        "### By label",
        format_table(_label_rows(model.metrics), markdown=True),
        _other_figures(model.metrics),
        "## On the validation split",
        _comparison(valid, positive),
        _held_out_sentence(log, decision, folds=len(valid) < len(test)),
        "## The data",
        "\n".join(audit.lines()),
        *_pictures(folder, test, log, positive),
        "## Worst errors",
        f"Of {np.sum(model.predicted != model.gold)} errors, those that the model was surest of.",
        format_table(_worst(model, records), markdown=True),
    ]
    write_sections(folder / "report.md", sections)


def _held_out_sentence(
    log: Sequence[Mapping[str, Any]], decision: Decision | None, *, folds: bool
) -> str:
    chosen = [
        *(["the best epoch"] if any(row["event"] == "epoch" for row in log) else []),
        *(["the threshold"] if decision else []),
    ]
    sentences = ["On texts that were held out in training."]
    if chosen:
        sentences.append(
            f"Here {' and '.join(chosen)} {'were' if chosen[1:] else 'was'} chosen, so these "
            "figures flatter the model."
        )
    if folds:
        sentences.append("Each network was asked about the fold that it had not seen.")
    return " ".join(sentences)


def _comparison(results: Sequence[Result], positive: str | None) -> str:
    heading, *rows = table_rows(results, positive=positive)
    return format_table([[inline(cell) for cell in heading], *rows], markdown=True)


def decision_sentence(decision: Decision, valid: Result, test: Result) -> str:
    """Say what the threshold was chosen for, what it did on valid, and what it became on test."""
    return (
        f"Threshold: {inline(decision.positive)} from a score of {decision.threshold:.4f}, "
        f"chosen on {decision.target}. There it {_outcome(decision, valid, 'valid')}; on test it "
        f"{_outcome(decision, test, 'test')}."
    )


def _outcome(decision: Decision, result: Result, split: str) -> str:
    """Say what the threshold caught and blocked; a share of no records is no 0%."""
    shares, missing = [], ""
    labels = sorted(result.metrics["labels"], key=lambda label: label != decision.positive)
    for label, name in zip(labels, ("caught", "blocked"), strict=True):
        if result.metrics["per_class"][label]["support"]:
            shares.append(f"{name} {result.metrics[name]:.2%}")
        else:
            missing = f" (no {inline(label)} in {split})"
    return " and ".join(shares) + missing


def headline(test: Sequence[Result]) -> str:
    """Say how the model, first of the results, compares with the best baseline."""
    model, *baselines = [result for result in test if result.name != WITHOUT_VECTORS]
    count = len(model.gold)
    accuracy = f"The model is right on {model.metrics['accuracy']:.2%} of {count} test texts"
    if count < _FEW:
        accuracy += f" (so few say little: {_FEW} would be a start)"
    if not baselines:
        return f"{accuracy}. No baseline was run: do not trust a figure without one."
    best = max(baselines, key=lambda result: result.metrics["accuracy"])
    versus = compare(model, best)
    if versus["p"] >= 0.05:
        verdict = "no difference beyond chance"
    elif versus["accuracy_difference"] > 0:
        verdict = "the model is better"
    else:
        verdict = "the model is worse"
        if best.name != SIF_LR:  # which is a row of the report alone
            verdict += f", take the baseline (--model.family {best.name})"
    return (
        f"{accuracy}; the best baseline, {best.name}, on {best.metrics['accuracy']:.2%}: {verdict} "
        f"(difference {100 * versus['accuracy_difference']:+.2f} points, 95% interval "
        f"{100 * versus['low']:+.2f} to {100 * versus['high']:+.2f}, p = {versus['p']:.2g})."
    )


def vectors_sentence(test: Sequence[Result]) -> str | None:
    """Say what the word vectors did, where the model was trained without them too."""
    bare = next((result for result in test if result.name == WITHOUT_VECTORS), None)
    if bare is None:
        return None
    versus = compare(test[0], bare)
    if versus["p"] >= 0.05:
        verdict = "no difference beyond chance"
    else:
        verdict = "they help" if versus["accuracy_difference"] > 0 else "they do harm"
    return (
        f"Without the word vectors the same network is right on {bare.metrics['accuracy']:.2%}: "
        f"{verdict} (difference {100 * versus['accuracy_difference']:+.2f} points, 95% interval "
        f"{100 * versus['low']:+.2f} to {100 * versus['high']:+.2f}, p = {versus['p']:.2g})."
    )


def _label_rows(figures: Mapping[str, Any]) -> list[list[str]]:
    rows = [["label", "precision", "recall", "F1", "records"]]
    for label, values in figures["per_class"].items():
        shares = [f"{100 * values[name]:.2f}%" for name in ("precision", "recall", "f1")]
        rows.append([inline(label), *shares, str(values["support"])])
    return rows


def _other_figures(figures: Mapping[str, Any]) -> str:
    names = ("balanced_accuracy", "log_loss", "roc_auc", "average_precision", "calibration_error")
    known = [(name, figures[name]) for name in names if figures[name] is not None]
    return "; ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in known) + "."


def _worst(model: Result, records: Sequence[LabeledText]) -> list[list[str]]:
    """List the wrong answers that the model was surest of."""
    wrong = np.flatnonzero(model.predicted != model.gold)
    given = model.probabilities[wrong, model.gold[wrong]]
    rows = [["gold", "predicted", "score of gold", "text", "where"]]
    labels = model.metrics["labels"]
    for index in wrong[np.argsort(given, kind="stable")][:_ERRORS]:
        record = records[index]
        rows.append(
            [
                inline(labels[model.gold[index]]),
                inline(labels[model.predicted[index]]),
                f"{model.probabilities[index, model.gold[index]]:.3f}",
                inline(record.text),
                inline(f"{record.source}:{record.line}"),
            ]
        )
    return rows


def _pictures(
    folder: Path,
    test: Sequence[Result],
    log: Sequence[Mapping[str, Any]],
    positive: str | None,
) -> list[str]:
    """Draw what can be drawn; without matplotlib say what would install it."""
    if missing := without_pictures():
        return missing
    from seqkit.train.plots import plot_calibration, plot_confusion, plot_curves, plot_roc_pr

    model = test[0]
    labels = model.metrics["labels"]
    drawn = []
    if any(row["event"] == "epoch" for row in log):
        plot_curves(log, folder / "curves.png")
        drawn += ["## Training", "![curves](curves.png)"]
    plot_confusion(model.metrics["confusion"], labels, folder / "confusion.png")
    plot_calibration(model.gold, model.probabilities, folder / "calibration.png")
    drawn += ["## Errors", "![confusion](confusion.png)", "![calibration](calibration.png)"]
    if len(labels) == 2 and len(set(model.gold.tolist())) == 2:
        column = labels.index(positive) if positive else 1
        curves = {r.name: (r.gold == column, r.probabilities[:, column]) for r in test}
        plot_roc_pr(curves, folder / "roc_pr.png")
        drawn += [f"Receiver operating and precision-recall curves for {inline(labels[column])}:"]
        drawn += ["![ROC and PR](roc_pr.png)"]
    return drawn
