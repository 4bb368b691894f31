"""Checks on the labels of a training set and of what is measured on it."""

from collections.abc import Collection, Iterable

from seqkit.data.records import LabeledText
from seqkit.errors import DataError, choices

__all__ = ["check_labels"]

_LISTED = 30


def check_labels(
    train_labels: Collection[str], other: Iterable[LabeledText] = (), where: str = "test"
) -> None:
    """Check that train has two labels or more, and that another split has no label beside them.

    Args:
        train_labels: the labels of the training records; repeats do not matter.
        other: the records of another split, read up to the first fault.
        where: what to call that split.

    Raises:
        DataError: one class only, or a label that train never saw, with its place.
    """
    known = set(train_labels)
    if len(known) < 2:
        has = f"every record has the label {next(iter(known))!r}" if known else "it has no records"
        raise DataError(f"train: {has}: a classifier needs at least two labels")
    for record in other:
        if record.label not in known:
            fault = f"label {record.label!r} is none of its {len(known):,} labels"
            if len(known) <= _LISTED:
                fault = choices("label", record.label, known)
            raise DataError(
                f"{record.source}:{record.line}: {where} has a label that train never saw: {fault}"
            )
