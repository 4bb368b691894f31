"""Look at the splits of a running text before training on it: sizes, repeats, leaks."""

import dataclasses
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit.data.content import content_key

__all__ = ["LONG_LINE", "LineLeak", "TextAudit", "TextSplitAudit", "audit_text"]

LONG_LINE = 40
"""Characters from which on a line that occurs twice is no accident, as "Exit." is."""

_EXAMPLES = 5
_SHOWN = 80  # characters of an example
_CHUNK = 4096  # lines looked up together
_WORTH_A_WARNING = 0.02  # news repeats its phrases: 1.5% of the Penn Treebank's valid split
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, kw_only=True)
class TextSplitAudit:
    """One split.

    Attributes:
        lines: how many there are.
        characters: code points, and one for the end of each line.
        empty: lines without a character that is not white space.
        distinct: different contents (see `content_key`) of the other lines.
        long: lines of `LONG_LINE` characters or more.
        longest: characters of the longest line.
        undecodable: lines that hold U+FFFD, which stands for bytes that were not UTF-8.
    """

    name: str
    lines: int
    characters: int
    empty: int
    distinct: int
    long: int
    longest: int
    undecodable: int


@dataclass(frozen=True, kw_only=True)
class LineLeak:
    """How much of one split stands in an earlier one too.

    Attributes:
        split, against: the later split and the earlier one.
        lines: long lines of `split` with the content of a line of `against`.
        share: of all long lines of `split`.
        examples: up to five of them, as (number of the line in `split` from 1, its beginning).
    """

    split: str
    against: str
    lines: int
    share: float
    examples: tuple[tuple[int, str], ...]


@dataclass(frozen=True, kw_only=True)
class TextAudit:
    """What stands in the splits of a running text. Nothing was changed or left out."""

    splits: tuple[TextSplitAudit, ...]
    leaks: tuple[LineLeak, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain JSON values."""
        return dataclasses.asdict(self)

    def lines(self) -> list[str]:
        """Return the audit as Markdown, for the report."""
        return [*self._table(), "", *self._leak_list()]

    def warnings(self) -> list[str]:
        """Return what a person should know before trusting a figure, a line each."""
        found = [
            f"{_leaked(leak, self._long(leak.split))}: figures on {leak.split} flatter the "
            "model; leave them out of one of the two"
            for leak in self.leaks
            if leak.share >= _WORTH_A_WARNING
        ]
        for split in self.splits:
            if split.undecodable:
                found.append(
                    f"{split.undecodable:,} of {split.lines:,} {split.name} lines hold U+FFFD, "
                    "the mark of bytes that were not UTF-8"
                )
        return found

    def _long(self, name: str) -> int:
        return next(split.long for split in self.splits if split.name == name)

    def _table(self) -> Iterator[str]:
        yield (
            "| split | lines | characters | empty | distinct of the rest "
            f"| {LONG_LINE} characters or more | longest | undecodable |"
        )
        yield "|---|---:|---:|---:|---:|---:|---:|---:|"
        for split in self.splits:
            yield (
                f"| {split.name} | {split.lines:,} | {split.characters:,} | {split.empty:,} "
                f"| {split.distinct:,} | {split.long:,} | {split.longest:,} "
                f"| {split.undecodable:,} |"
            )

    def _leak_list(self) -> Iterator[str]:
        for leak in self.leaks:
            yield f"- {_leaked(leak, self._long(leak.split))}."
            for number, text in leak.examples:
                yield f"    - line {number:,} of {leak.split}: {text!r}"


def audit_text(splits: Mapping[str, Iterable[str]]) -> TextAudit:
    """Audit the splits of a running text; nothing is changed or left out.

    Each split is read once, in order, and 8 bytes are kept of each of its lines. Two lines repeat
    each other if they have the same `content_key`. Short lines and empty ones repeat by nature, so
    only lines of `LONG_LINE` characters or more are looked for in the earlier splits.

    Args:
        splits: the lines by split, the one that is trained on first.

    Returns:
        The audit: `lines()` for the report, `warnings()` for the terminal, `to_dict()`.
    """
    read: list[_Split] = []
    for name, lines in splits.items():
        split = _Split(name, earlier=tuple(read))
        for line in lines:
            split.add(line)
        split.finish()
        read.append(split)
    return TextAudit(
        splits=tuple(split.result() for split in read),
        leaks=tuple(split.leak(before.name) for split in read for before in split.earlier),
    )


class _Split:
    """Counts of one split while it is read, and the sorted keys of its lines afterwards."""

    def __init__(self, name: str, *, earlier: tuple["_Split", ...]) -> None:
        self.name = name
        self.earlier = earlier
        self.keys = np.zeros(0, np.uint64)
        self._read = array("Q")
        self._waiting: list[tuple[int, int, str]] = []  # key, number, beginning of long lines
        self._lines = self._characters = self._empty = self._undecodable = 0
        self._long = self._longest = 0
        self._leaked = {split.name: 0 for split in earlier}
        self._examples: dict[str, list[tuple[int, str]]] = {split.name: [] for split in earlier}

    def add(self, line: str) -> None:
        self._lines += 1
        self._characters += len(line) + 1
        self._longest = max(self._longest, len(line))
        self._undecodable += _REPLACEMENT in line
        text = line.strip()
        if not text:
            self._empty += 1
            return
        key = content_key(text)
        self._read.append(key)
        if len(text) < LONG_LINE:
            return
        self._long += 1
        if self.earlier:
            self._waiting.append((key, self._lines, text[:_SHOWN]))
            if len(self._waiting) == _CHUNK:
                self._look_up()

    def finish(self) -> None:
        self._look_up()
        self.keys = np.frombuffer(self._read, dtype=np.uint64)
        self.keys.sort()

    def _look_up(self) -> None:
        """Look for the long lines that wait in the earlier splits."""
        wanted = np.array([key for key, _, _ in self._waiting], dtype=np.uint64)
        for split in self.earlier if len(wanted) else ():
            at = np.searchsorted(split.keys, wanted)
            inside = np.flatnonzero(at < len(split.keys))
            found = inside[split.keys[at[inside]] == wanted[inside]]
            self._leaked[split.name] += len(found)
            examples = self._examples[split.name]
            examples += [self._waiting[i][1:] for i in found[: _EXAMPLES - len(examples)]]
        self._waiting.clear()

    def result(self) -> TextSplitAudit:
        return TextSplitAudit(
            name=self.name,
            lines=self._lines,
            characters=self._characters,
            empty=self._empty,
            distinct=int(np.count_nonzero(self.keys[1:] != self.keys[:-1])) + bool(len(self.keys)),
            long=self._long,
            longest=self._longest,
            undecodable=self._undecodable,
        )

    def leak(self, against: str) -> LineLeak:
        return LineLeak(
            split=self.name,
            against=against,
            lines=self._leaked[against],
            share=self._leaked[against] / max(self._long, 1),
            examples=tuple(self._examples[against]),
        )


def _leaked(leak: LineLeak, of: int) -> str:
    share = f" ({leak.share:.1%})" if leak.lines else ""
    return (
        f"{leak.lines:,} of {of:,} {leak.split} lines of {LONG_LINE} characters or more{share} "
        f"stand in {leak.against} too"
    )
