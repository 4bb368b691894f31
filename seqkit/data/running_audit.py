"""Look at the splits of a running text before training on it: sizes, repeats, leaks."""

import dataclasses
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.data.content import content_key
from seqkit.data.running_distinct import DistinctKeys

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
        distinct: different contents (see `content_key`) of the other lines; beyond 131,072 to
            within about 1%.
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

    Two lines repeat each other if they have the same `content_key`. Short lines and empty ones
    repeat by nature, so only lines of `LONG_LINE` characters or more are looked for in the earlier
    splits. The last split is read first, and each other is compared with what is kept of those
    after it, some 30 bytes of each long line: nothing is kept of the first, on which a model is
    trained.

    Args:
        splits: the lines by split, the one that is trained on first. Those with leaks are read
            again for the examples.

    Returns:
        The audit: `lines()` for the report, `warnings()` for the terminal, `to_dict()`.
    """
    read: list[_Split] = []
    for position, (name, lines) in reversed(list(enumerate(splits.items()))):
        split = _Split(name, later=tuple(read), keep=position > 0)
        for line in lines:
            split.add(line)
        split.finish()
        read.insert(0, split)
    return TextAudit(
        splits=tuple(split.result() for split in read),
        leaks=tuple(
            split.leak(earlier.name, splits[split.name])
            for position, split in enumerate(read)
            for earlier in read[:position]
        ),
    )


class _Split:
    """Counts of one split while it is read, and what to look for in the splits before it."""

    def __init__(self, name: str, *, later: tuple["_Split", ...], keep: bool) -> None:
        self.name, self.later, self.keep = name, later, keep
        self._distinct = DistinctKeys()
        self._keys, self._numbers = array("Q"), array("Q")  # of long lines, where they are kept
        self._wanted: npt.NDArray[np.uint64] = np.zeros(0, np.uint64)  # the same keys, sorted
        self._found: dict[str, npt.NDArray[np.bool_]] = {}  # of them, in the split of that name
        self._waiting = array("Q")
        self._lines = self._characters = self._empty = self._undecodable = 0
        self._long = self._longest = 0

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
        self._distinct.add(key)
        if len(text) < LONG_LINE:
            return
        self._long += 1
        if self.keep:
            self._keys.append(key)
            self._numbers.append(self._lines)
        if self.later:
            self._waiting.append(key)
            if len(self._waiting) == _CHUNK:
                self._look_up()

    def finish(self) -> None:
        self._look_up()
        self._wanted = np.unique(np.frombuffer(self._keys, np.uint64))

    def _look_up(self) -> None:
        """Look for the long lines that wait in the later splits."""
        waiting, self._waiting = np.frombuffer(self._waiting, np.uint64), array("Q")
        for split in self.later:
            wanted = split._wanted
            found = split._found.setdefault(self.name, np.zeros(len(wanted), np.bool_))
            if len(wanted):
                at = np.searchsorted(wanted, waiting).clip(max=len(wanted) - 1)
                found[at[wanted[at] == waiting]] = True

    def result(self) -> TextSplitAudit:
        return TextSplitAudit(
            name=self.name,
            lines=self._lines,
            characters=self._characters,
            empty=self._empty,
            distinct=self._distinct.count(),
            long=self._long,
            longest=self._longest,
            undecodable=self._undecodable,
        )

    def leak(self, against: str, lines: Iterable[str]) -> LineLeak:
        """Say what of this split, whose lines these are, was found in an earlier one."""
        keys = np.frombuffer(self._keys, np.uint64)
        leaked = np.flatnonzero(np.isin(keys, self._wanted[self._found[against]]))
        wanted = {self._numbers[at] for at in leaked[:_EXAMPLES].tolist()}
        numbered = enumerate(islice(lines, max(wanted, default=0)), 1)
        return LineLeak(
            split=self.name,
            against=against,
            lines=len(leaked),
            share=len(leaked) / max(self._long, 1),
            examples=tuple((n, line.strip()[:_SHOWN]) for n, line in numbered if n in wanted),
        )


def _leaked(leak: LineLeak, of: int) -> str:
    share = f" ({leak.share:.1%})" if leak.lines else ""
    return (
        f"{leak.lines:,} of {of:,} {leak.split} lines of {LONG_LINE} characters or more{share} "
        f"stand in {leak.against} too"
    )
