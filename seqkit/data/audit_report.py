"""What an audit found: as numbers, as lines for the report, as warnings for the terminal."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Audit", "Leak", "Lengths", "Repeat", "SplitAudit"]

_MOST_LABELS = 30
_FEW = 5


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """A record that repeats an earlier one: where each stands, and how each is labelled."""

    text: str
    place: str
    label: str
    earlier_place: str
    earlier_label: str


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """Tokens a record: the mean, and the lengths that half, 90%, 99% and all stay within."""

    mean: float
    median: int
    p90: int
    p99: int
    longest: int


@dataclass(frozen=True, kw_only=True)
class SplitAudit:
    """One split.

    Attributes:
        records: how many there are.
        labels: how many of each, the most frequent first.
        empty: records without a character that is not white space.
        undecodable: records that hold U+FFFD, which stands for bytes that were not UTF-8.
        duplicates: records with the content of an earlier one of the split; empty ones not counted.
        relabelled: those of the duplicates whose label is another.
        lengths: in tokens.
        unknown: the share of tokens that the first split does not hold; None for the first split.
    """

    name: str
    records: int
    labels: dict[str, int]
    empty: int
    undecodable: int
    duplicates: int
    relabelled: int
    lengths: Lengths
    unknown: float | None


@dataclass(frozen=True, kw_only=True)
class Leak:
    """How much of one split stands in an earlier one too.

    Attributes:
        split, against: the later split and the earlier one.
        records: records of `split` with the content of a record of `against`.
        relabelled: those of them whose label is another.
        near: further records that are near-duplicates; None where that was not looked for.
        share: `records` and `near` together, of all records of `split`.
        examples: up to five of the `records`.
    """

    split: str
    against: str
    records: int
    relabelled: int
    near: int | None
    share: float
    examples: tuple[Repeat, ...]


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What stands in the splits of a set. Nothing was changed or left out."""

    splits: tuple[SplitAudit, ...]
    leaks: tuple[Leak, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain JSON values."""
        return dataclasses.asdict(self)

    def lines(self) -> list[str]:
        """Return the audit as Markdown, for the report."""
        return [*self._split_table(), "", *self._label_table(), "", *self._leak_list()]

    def warnings(self) -> list[str]:
        """Return what a person should know before trusting a figure, a line each."""
        found = []
        for leak in self.leaks:
            of = self._size(leak.split)
            if leak.records or leak.near:
                found.append(
                    f"{_leaked(leak, of)}: figures on {leak.split} flatter the model; "
                    "split by content (seqkit data split) to avoid it"
                )
            if leak.relabelled:
                found.append(
                    f"{_records(leak.relabelled, of, leak.split)} repeat a {leak.against} "
                    "record under another label: no model gets both right"
                )
        first = self.splits[0]
        rare = [label for label, count in first.labels.items() if count < _FEW]
        if rare and first.records >= 20 * _FEW:  # of a handful everything is few
            found.append(
                f"{first.name}: label {rare[-1]!r}{_more(rare)} has fewer than {_FEW} "
                "records, too few to learn or to measure: a slip of the pen?"
            )
        for split in self.splits:
            faults = {
                "repeat another of them under another label": split.relabelled,
                "are empty": split.empty,
                "hold U+FFFD, the mark of bytes that were not UTF-8": split.undecodable,
            }
            for fault, count in faults.items():
                if count:
                    found.append(f"{_records(count, split.records, split.name)} {fault}")
        return [*found, *self._alike_labels()]

    def _alike_labels(self) -> Iterator[str]:
        forms: dict[str, set[str]] = {}
        for label in {label for split in self.splits for label in split.labels}:
            forms.setdefault(label.strip().casefold(), set()).add(label)
        alike = sorted(sorted(each) for each in forms.values() if len(each) > 1)
        if alike:
            named = " and ".join(repr(label) for label in alike[0])
            more = f" (and {len(alike) - 1:,} more such)" if len(alike) > 1 else ""
            yield (
                f"the labels {named} differ only in case or surrounding blanks{more}: "
                "write them alike if they mean the same"
            )

    def _size(self, name: str) -> int:
        return next(split.records for split in self.splits if split.name == name)

    def _split_table(self) -> Iterator[str]:
        yield (
            "| split | records | repeats within | empty | undecodable "
            "| tokens: median / 90% / longest | unknown tokens |"
        )
        yield "|---|---:|---:|---:|---:|---:|---:|"
        for split in self.splits:
            lengths = split.lengths
            unknown = "-" if split.unknown is None else f"{split.unknown:.1%}"
            yield (
                f"| {split.name} | {split.records:,} | {split.duplicates:,} | {split.empty:,} "
                f"| {split.undecodable:,} | {lengths.median:,} / {lengths.p90:,} / "
                f"{lengths.longest:,} | {unknown} |"
            )

    def _label_table(self) -> Iterator[str]:
        labels = list(dict.fromkeys(label for split in self.splits for label in split.labels))
        yield f"| label | {' | '.join(split.name for split in self.splits)} |"
        yield "|---|" + "---:|" * len(self.splits)
        for label in labels[:_MOST_LABELS]:
            counts = (
                f"{split.labels.get(label, 0):,} "
                f"({split.labels.get(label, 0) / max(split.records, 1):.1%})"
                for split in self.splits
            )
            yield f"| {_in_table(label)} | {' | '.join(counts)} |"
        if len(labels) > _MOST_LABELS:
            yield ""
            yield f"{len(labels) - _MOST_LABELS:,} labels more."

    def _leak_list(self) -> Iterator[str]:
        for leak in self.leaks:
            yield f"- {_leaked(leak, self._size(leak.split))}."
            for each in leak.examples:
                labels = {each.label, each.earlier_label}
                named = " and ".join(sorted(labels))
                yield (
                    f"    - {each.place} repeats {each.earlier_place} ({_in_table(named)}): "
                    f"{each.text!r}"
                )


def _more(rare: list[str]) -> str:
    return f" and {len(rare) - 1} more, each," if len(rare) > 1 else ""


def _records(count: int, of: int, split: str) -> str:
    share = f" ({count / of:.1%})" if count else ""
    return f"{count:,} of {of:,} {split} records{share}"


def _leaked(leak: Leak, of: int) -> str:
    if leak.near and not leak.records:
        return f"{_records(leak.near, of, leak.split)} nearly repeat a {leak.against} record"
    text = f"{_records(leak.records, of, leak.split)} repeat a {leak.against} record"
    return f"{text}, {leak.near:,} more nearly do" if leak.near else text


def _in_table(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
