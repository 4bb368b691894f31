"""Look at the splits of a set before training on it: repeats, leaks, labels, lengths."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from seqkit.data.audit_report import Audit, Leak, Lengths, Repeat, SplitAudit
from seqkit.data.content import content_key
from seqkit.data.near import MinHashes, join_groups
from seqkit.data.records import LabeledText

__all__ = ["audit"]

_EXAMPLES = 5
_SHOWN = 80  # characters of an example's text
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def audit(
    splits: Mapping[str, Iterable[LabeledText]],
    *,
    tokenize: Callable[[str], list[str]] = str.split,
    near: bool = False,
) -> Audit:
    """Audit the splits of a set; nothing is changed or left out.

    Two records repeat each other if they have the same `content_key`; empty records are counted
    on their own and repeat nothing. Each split is read once, in order. About 250 bytes are kept of
    each distinct text, and the vocabulary of the first split.

    Args:
        splits: the records by split, the one that is trained on first.
        tokenize: what to count lengths and unknown tokens in.
        near: count near-duplicates across splits too (see `seqkit.data.near`), which takes 384
            bytes more for each distinct text.

    Returns:
        The audit: `lines()` for the report, `warnings()` for the terminal, `to_dict()`.
    """
    known: set[str] = set()
    hashes = MinHashes() if near else None
    read: list[_Split] = []
    for name, records in splits.items():
        split = _Split(name, earlier=tuple(read), known=known, hashes=hashes)
        for record in records:
            split.add(record, tokenize(record.text))
        read.append(split)
    near_leaks = _near_leaks(read, hashes) if hashes is not None else {}
    return Audit(
        splits=tuple(split.result() for split in read),
        leaks=tuple(
            split.leak(before.name, near_leaks.get((split.name, before.name), 0 if near else None))
            for split in read
            for before in split.earlier
        ),
    )


class _Split:
    """Counts of one split while it is read."""

    def __init__(
        self,
        name: str,
        *,
        earlier: tuple["_Split", ...],
        known: set[str],
        hashes: MinHashes | None,
    ) -> None:
        self.name = name
        self.earlier = earlier
        self.seen: dict[int, tuple[str, str, int]] = {}  # content -> label, source, line
        self.counts: Counter[int] = Counter()  # content -> records, kept for near-duplicates only
        self._known = known
        self._hashes = hashes
        self._labels: Counter[str] = Counter()
        self._lengths = array("q")
        self._empty = self._undecodable = self._duplicates = self._relabelled = self._unknown = 0
        self._leaked = {split.name: 0 for split in earlier}
        self._leaked_relabelled = {split.name: 0 for split in earlier}
        self._examples: dict[str, list[Repeat]] = {split.name: [] for split in earlier}

    def add(self, record: LabeledText, tokens: list[str]) -> None:
        self._labels[record.label] += 1
        self._lengths.append(len(tokens))
        self._undecodable += _REPLACEMENT in record.text
        if self.earlier:
            self._unknown += sum(token not in self._known for token in tokens)
        else:
            self._known.update(tokens)
        if not record.text.strip():
            self._empty += 1
            return
        key = content_key(record.text)
        for split in self.earlier:
            if key in split.seen:
                self._add_leak(record, split.name, split.seen[key])
        if key in self.seen:
            self._duplicates += 1
            self._relabelled += self.seen[key][0] != record.label
        else:
            self.seen[key] = (record.label, record.source, record.line)
            if self._hashes is not None:
                self._hashes.add(record.text)
        if self._hashes is not None:
            self.counts[key] += 1

    def _add_leak(self, record: LabeledText, name: str, earlier: tuple[str, str, int]) -> None:
        label, source, line = earlier
        self._leaked[name] += 1
        self._leaked_relabelled[name] += label != record.label
        if len(self._examples[name]) < _EXAMPLES:
            self._examples[name].append(
                Repeat(
                    text=record.text[:_SHOWN],
                    place=f"{record.source}:{record.line}",
                    label=record.label,
                    earlier_place=f"{source}:{line}",
                    earlier_label=label,
                )
            )

    def result(self) -> SplitAudit:
        tokens = sum(self._lengths)
        ordered = sorted(self._labels.items(), key=lambda item: (-item[1], item[0]))
        return SplitAudit(
            name=self.name,
            records=len(self._lengths),
            labels=dict(ordered),
            empty=self._empty,
            undecodable=self._undecodable,
            duplicates=self._duplicates,
            relabelled=self._relabelled,
            lengths=_lengths(self._lengths),
            unknown=self._unknown / max(tokens, 1) if self.earlier else None,
        )

    def leak(self, against: str, near: int | None) -> Leak:
        records = self._leaked[against]
        return Leak(
            split=self.name,
            against=against,
            records=records,
            relabelled=self._leaked_relabelled[against],
            near=near,
            share=(records + (near or 0)) / max(len(self._lengths), 1),
            examples=tuple(self._examples[against]),
        )


def _lengths(lengths: array) -> Lengths:
    ordered = np.sort(np.array(lengths or [0]))
    median, p90, p99, longest = np.quantile(ordered, (0.5, 0.9, 0.99, 1), method="inverted_cdf")
    return Lengths(
        mean=float(ordered.mean()),
        median=int(median),
        p90=int(p90),
        p99=int(p99),
        longest=int(longest),
    )


def _near_leaks(splits: list[_Split], hashes: MinHashes) -> dict[tuple[str, str], int]:
    """Count the records with a near-duplicate, and no duplicate, in an earlier split."""
    total = sum(len(split.seen) for split in splits)
    groups = join_groups(np.arange(total), hashes.pairs())  # in the order the texts were added
    parts = np.split(groups, np.cumsum([len(split.seen) for split in splits])[:-1])
    found: dict[tuple[str, str], int] = {}
    for split, own in zip(splits, parts, strict=True):
        for before, theirs in zip(split.earlier, parts, strict=False):
            near = np.isin(own, theirs)
            found[split.name, before.name] = sum(
                split.counts[key]
                for key, is_near in zip(split.seen, near, strict=True)
                if is_near and key not in before.seen
            )
    return found
