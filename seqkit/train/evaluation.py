"""Measure classifiers on the same records, and set them side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit import metrics
from seqkit.data import LabeledText
from seqkit.errors import DataError
from seqkit.models.classifier import TextClassifier
from seqkit.train.markdown import p_value

__all__ = ["Result", "compare", "format_table", "measure", "table_rows"]


@dataclass(frozen=True)
class Result:
    """What one classifier did on one split."""

    name: str
    gold: npt.NDArray[np.int64]
    """(N,) indices of labels."""
    probabilities: npt.NDArray[np.float64]
    """(N, C)."""
    predicted: npt.NDArray[np.int64]
    """(N,), after the decision threshold where there is one."""
    metrics: Mapping[str, Any]
    """Of `seqkit.metrics.classification_report`, with `intervals` {name: [low, high]}."""


def measure(
    name: str,
    classifier: TextClassifier,
    records: Sequence[LabeledText],
    *,
    positive: str | None = None,
    seed: int = 0,
    probabilities: npt.NDArray[np.float64] | None = None,
) -> Result:
    """Classify records and measure the answers, with 95% bootstrap intervals.

    Args:
        name: what to call the classifier.
        classifier: asked in chunks of bounded size.
        records: whose labels the classifier knows.
        positive: of two labels the one to be caught.
        seed: of the bootstrap.
        probabilities: (N, C), where the records were scored already.

    Raises:
        DataError: no records.
    """
    if not records:
        raise DataError(f"{name}: no records to measure it on")
    gold = np.array([classifier.labels.index(record.label) for record in records])
    if probabilities is None:
        probabilities = np.concatenate(
            [
                classifier.probabilities([record.text for record in records[start : start + 4096]])
                for start in range(0, len(records), 4096)
            ]
        )
    predicted = classifier.decide(probabilities)
    figures = metrics.classification_report(
        gold, probabilities, labels=classifier.labels, predicted=predicted, positive=positive
    )
    spread = metrics.intervals_for(
        gold, predicted, labels=classifier.labels, positive=positive, seed=seed
    )
    figures["intervals"] = {key: list(bounds) for key, bounds in spread.items()}
    return Result(name, gold, probabilities, predicted, figures)


def compare(first: Result, second: Result, *, seed: int = 0) -> dict[str, float]:
    """Compare two classifiers on the same records.

    Returns:
        The difference of their accuracies with its 95% paired bootstrap interval, and the p-value
        of McNemar's exact test that they are equal.
    """
    paired = metrics.paired_bootstrap(first.gold, first.predicted, second.predicted, seed=seed)
    return {
        "accuracy_difference": paired.difference,
        "low": paired.low,
        "high": paired.high,
        "p": metrics.mcnemar(first.gold, first.predicted, second.predicted),
    }


def table_rows(results: Sequence[Result], *, positive: str | None = None) -> list[list[str]]:
    """Lay out results as a table: a heading, then each figure with its interval.

    The last column is the p-value of a paired comparison of accuracy with the first result.

    Args:
        results: of the same records, measured with `positive`.
        positive: of two labels the one to be caught; None shows macro F1 instead.
    """
    columns = {"accuracy": "accuracy %", "macro_f1": "macro F1 %", "mcc": "MCC"}
    if positive is not None:
        (other,) = set(results[0].metrics["labels"]) - {positive}
        del columns["macro_f1"]
        columns |= {"caught": f"{positive} caught %", "blocked": f"{other} blocked %"}
    rows = [["", *columns.values(), f"p (against {results[0].name})"]]
    for result in results:
        cells = [_cell(result, name, positive) for name in columns]
        versus = "" if result is results[0] else p_value(compare(results[0], result)["p"])
        rows.append([result.name, *cells, versus])
    return rows


def _cell(result: Result, name: str, positive: str | None) -> str:
    figures = result.metrics
    if name in ("caught", "blocked"):
        wanted = result.gold == figures["labels"].index(positive)
        if not (wanted if name == "caught" else ~wanted).any():
            return "none there"
    low, high = figures["intervals"][name]
    if name == "mcc":
        return f"{figures[name]:.3f} ({low:.3f} to {high:.3f})"
    return f"{100 * figures[name]:.2f} ({100 * low:.2f} to {100 * high:.2f})"


def format_table(rows: Sequence[Sequence[str]], *, markdown: bool = False) -> str:
    """Render rows, the first of them the heading, for the terminal or as Markdown."""
    if markdown:
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
