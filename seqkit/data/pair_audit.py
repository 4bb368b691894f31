"""Look at the splits of parallel text before training on it: sizes, repeats, leaks."""

from array import array
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from seqkit.data.content import content_key
from seqkit.data.exact import exact_key
from seqkit.data.mixing import mix
from seqkit.data.pair_audit_report import PairAudit, PairLeak, PairSplitAudit, SideAudit
from seqkit.data.records import Pair

__all__ = ["audit_pairs"]

_EXAMPLES = 5
_SHOWN = 80  # characters of an example
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_Keys = npt.NDArray[np.uint64]


def audit_pairs(splits: Mapping[str, Sequence[Pair]]) -> PairAudit:
    """Audit the splits of parallel text; nothing is changed or left out.

    Within a split, texts are the same if they are equal to the letter. A text leaks into a later
    split if that holds one of the same `content_key`: but for case, spacing and punctuation.

    Args:
        splits: the pairs by split, the one that is trained on first. 32 bytes are kept of each.

    Returns:
        The audit: `lines()` for the report, `warnings()` for the terminal, `to_dict()`.
    """
    read: list[_Split] = []
    leaks = []
    for name, pairs in splits.items():
        split = _Split(name, pairs)
        leaks += [split.leak(earlier) for earlier in read]
        read.append(split)
    return PairAudit(splits=tuple(split.result() for split in read), leaks=tuple(leaks))


class _Split:
    """The keys and counts of one split."""

    def __init__(self, name: str, pairs: Sequence[Pair]) -> None:
        self.name, self.pairs = name, pairs
        self.source, self.target = _Side(), _Side()
        self._undecodable = 0
        for pair in pairs:
            self.source.add(pair.source)
            self.target.add(pair.target)
            self._undecodable += _REPLACEMENT in pair.source or _REPLACEMENT in pair.target

    def result(self) -> PairSplitAudit:
        distinct = len(np.unique(_both(self.source.exact, self.target.exact)))
        source, target = self.source.result(), self.target.result()
        return PairSplitAudit(
            name=self.name,
            pairs=len(self.pairs),
            source=source,
            target=target,
            repeats=len(self.pairs) - distinct,
            alternatives=distinct - source.distinct,
            undecodable=self._undecodable,
        )

    def leak(self, earlier: "_Split") -> PairLeak:
        sources = np.isin(self.source.content, earlier.source.content)
        pairs = np.isin(
            _both(self.source.content, self.target.content),
            _both(earlier.source.content, earlier.target.content),
        )
        examples = [self.pairs[at] for at in np.flatnonzero(sources)[:_EXAMPLES].tolist()]
        return PairLeak(
            split=self.name,
            against=earlier.name,
            pairs=int(pairs.sum()),
            sources=int(sources.sum()),
            exact=int(np.isin(self.source.exact, earlier.source.exact).sum()),
            targets=int(np.isin(self.target.content, earlier.target.content).sum()),
            share=int(sources.sum()) / max(len(self.pairs), 1),
            examples=tuple((f"{x.origin}:{x.line}", x.source[:_SHOWN]) for x in examples),
        )


class _Side:
    """One side of the pairs of a split."""

    def __init__(self) -> None:
        self._exact, self._content = array("Q"), array("Q")
        self._words = self._characters = self._longest = 0

    def add(self, text: str) -> None:
        self._exact.append(exact_key(text))
        self._content.append(content_key(text))
        self._words += len(text.split())
        self._characters += len(text)
        self._longest = max(self._longest, len(text))

    @property
    def exact(self) -> _Keys:
        return np.frombuffer(self._exact, np.uint64)

    @property
    def content(self) -> _Keys:
        return np.frombuffer(self._content, np.uint64)

    def result(self) -> SideAudit:
        return SideAudit(
            distinct=len(np.unique(self.exact)),
            words=self._words,
            characters=self._characters,
            longest=self._longest,
        )


def _both(source: _Keys, target: _Keys) -> _Keys:
    """Return the keys of pairs: other ones where the sides change places."""
    return mix(source ^ mix(target))
