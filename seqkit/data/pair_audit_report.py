"""What an audit of parallel text found: as numbers, as lines for the report, as warnings."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["PairAudit", "PairLeak", "PairSplitAudit", "SideAudit"]


@dataclass(frozen=True, kw_only=True)
class SideAudit:
    """The sources of a split, or its targets.

    Attributes:
        distinct: different ones, to the letter.
        words: what white space parts.
        characters: code points.
        longest: characters of the longest one.
    """

    distinct: int
    words: int
    characters: int
    longest: int


@dataclass(frozen=True, kw_only=True)
class PairSplitAudit:
    """One split; `pairs` = distinct sources + `alternatives` + `repeats`.

    Attributes:
        pairs: how many there are.
        source, target: its two sides.
        repeats: pairs that equal an earlier one.
        alternatives: other pairs whose source stands in an earlier one, with another target.
        undecodable: pairs that hold U+FFFD, which stands for bytes that were not UTF-8.
    """

    name: str
    pairs: int
    source: SideAudit
    target: SideAudit
    repeats: int
    alternatives: int
    undecodable: int


@dataclass(frozen=True, kw_only=True)
class PairLeak:
    """How much of one split stands in an earlier one too, in pairs of `split`.

    Attributes:
        split, against: the later split and the earlier one.
        pairs: those with the content (see `content_key`) of a pair of `against` on both sides.
        sources: those whose source has the content of a source of `against`.
        exact: those whose source equals one of `against` to the letter.
        targets: those whose target has the content of a target of `against`.
        share: `sources` of all pairs of `split`.
        examples: up to five of the `sources`, as (place, beginning of the source).
    """

    split: str
    against: str
    pairs: int
    sources: int
    exact: int
    targets: int
    share: float
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PairAudit:
    """What stands in the splits of parallel text. Nothing was changed or left out."""

    splits: tuple[PairSplitAudit, ...]
    leaks: tuple[PairLeak, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain JSON values."""
        return dataclasses.asdict(self)

    def lines(self) -> list[str]:
        """Return the audit as Markdown, for the report."""
        return [*self._table(), "", *self._leak_list()]

    def warnings(self) -> list[str]:
        """Return what a person should know before trusting a figure, a line each."""
        found = [
            f"{_leaked(leak, self._pairs(leak.split))}: figures on {leak.split} flatter the "
            "model; leave them out of one of the two"
            for leak in self.leaks
            if leak.sources
        ]
        for split in self.splits:
            if split.undecodable:
                found.append(
                    f"{split.undecodable:,} of {split.pairs:,} {split.name} pairs hold U+FFFD, "
                    "the mark of bytes that were not UTF-8"
                )
        return found

    def _pairs(self, name: str) -> int:
        return next(split.pairs for split in self.splits if split.name == name)

    def _table(self) -> Iterator[str]:
        yield (
            "| split | pairs | distinct sources | distinct targets | further targets of a source "
            "| repeated pairs | words (by white space): source / target "
            "| longest, in characters: source / target | undecodable |"
        )
        yield "|---|" + "---:|" * 8
        for split in self.splits:
            source, target = split.source, split.target
            yield (
                f"| {split.name} | {split.pairs:,} | {source.distinct:,} | {target.distinct:,} "
                f"| {split.alternatives:,} | {split.repeats:,} "
                f"| {source.words:,} / {target.words:,} "
                f"| {source.longest:,} / {target.longest:,} | {split.undecodable:,} |"
            )

    def _leak_list(self) -> Iterator[str]:
        for leak in self.leaks:
            of = self._pairs(leak.split)
            yield (
                f"- {_leaked(leak, of)}; {leak.targets:,} have a target that does"
                f"{_percent(leak.targets, of)}."
            )
            for place, source in leak.examples:
                yield f"    - {place}: {source!r}"


def _leaked(leak: PairLeak, of: int) -> str:
    detail = f", {leak.exact:,} to the letter, {leak.pairs:,} with the same target"
    return (
        f"{leak.sources:,} of {of:,} {leak.split} pairs{_percent(leak.sources, of)} have a source "
        f"that stands in {leak.against} too{detail if leak.sources else ''}"
    )


def _percent(count: int, of: int) -> str:
    return f" ({count / of:.1%})" if count else ""
