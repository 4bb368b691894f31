"""The whole report on a classifier's predictions, ready for JSON."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from seqkit.errors import ConfigError, DataError, choices
from seqkit.metrics.arrays import aligned, class_ids, distributions
from seqkit.metrics.counts import AVERAGES
from seqkit.metrics.curves import average_precision, roc_auc
from seqkit.metrics.decisions import (
    accuracy,
    balanced_accuracy,
    blocked,
    caught,
    confusion,
    mcc,
    per_class,
    precision_recall_f1,
)
from seqkit.metrics.probabilities import calibration_error, log_loss

__all__ = ["classification_report", "positive_index"]


def positive_index(labels: Sequence[str], positive: str | None) -> int | None:
    """Return the index of `positive` in `labels`, None for None; ConfigError if it is not there."""
    if positive is None:
        return None
    if positive not in labels:
        raise ConfigError(choices("positive", positive, labels))
    return list(labels).index(positive)


def classification_report(
    gold: Sequence[int],
    probabilities: ArrayLike,
    *,
    labels: Sequence[str],
    predicted: Sequence[int] | None = None,
    positive: str | None = None,
) -> dict[str, Any]:
    """Measure predictions in every way that a classifier's report shows.

    Args:
        gold: class indices, (N,).
        probabilities: (N, C), rows that sum to 1.
        labels: the C labels, in the order of the indices.
        predicted: class indices, (N,), where they are not the most probable classes (a threshold
            of its own, say); log_loss, roc_auc, average_precision and calibration_error look at the
            probabilities alone.
        positive: the label whose detection is the point; adds `caught` and `blocked`.

    Returns:
        Numbers, strings, lists and dicts only: `records`, `accuracy`, `balanced_accuracy`,
        `{macro,micro,weighted}_{precision,recall,f1}`, `mcc`, `log_loss` (nats), `roc_auc` and
        `average_precision` (of `positive`, or the second label, where there are two labels; the
        mean of each class against the rest where there are more; None where gold leaves them
        undefined), `calibration_error`, `labels`, `per_class` {label: precision, recall, f1,
        support}, `confusion` (a row for each gold label); with `positive`, `caught` (its recall)
        and `blocked` (share of the other classes predicted as it).

    Raises:
        ConfigError: fewer than two labels, a label twice, or `positive` not among them.
        DataError: shapes that do not fit, or rows that are no distribution.
    """
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise ConfigError(f"labels: {len(labels)} given, expected 2 or more, all different")
    index = positive_index(labels, positive)
    ids, table = distributions(gold, probabilities)
    if table.shape[1] != len(labels):
        raise DataError(
            f"probabilities: {table.shape[1]} columns, but there are {len(labels)} labels"
        )
    given = table.argmax(axis=1) if predicted is None else predicted
    calls = class_ids(given, name="predicted", classes=len(labels))
    aligned(ids, calls, name="predicted")

    report: dict[str, Any] = {
        "records": len(ids),
        "accuracy": accuracy(ids, calls),
        "balanced_accuracy": balanced_accuracy(ids, calls),
    }
    for average in AVERAGES:
        values = precision_recall_f1(ids, calls, average=average)
        for name, value in zip(("precision", "recall", "f1"), values, strict=True):
            report[f"{average}_{name}"] = value
    report["mcc"] = mcc(ids, calls)
    report["log_loss"] = log_loss(ids, table)
    if len(labels) == 2:
        one = 1 if index is None else index
        ranking = ids == one, table[:, one]
    else:
        ranking = ids, table
    report["roc_auc"] = roc_auc(*ranking)
    report["average_precision"] = average_precision(*ranking)
    report["calibration_error"] = calibration_error(ids, table)
    if index is not None:
        report["caught"] = caught(ids, calls, positive=index)
        report["blocked"] = blocked(ids, calls, positive=index)
    report["labels"] = list(labels)
    columns = per_class(ids, calls, classes=len(labels))
    report["per_class"] = {
        label: {"precision": p, "recall": r, "f1": f, "support": n}
        for label, p, r, f, n in zip(labels, *(c.tolist() for c in columns), strict=True)
    }
    report["confusion"] = confusion(ids, calls, classes=len(labels)).tolist()
    return report
