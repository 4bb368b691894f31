"""The data options of a recipe for parallel text, and the splits that they ask for."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seqkit.data.catalogue import official_split
from seqkit.data.content import content_key
from seqkit.data.exact import exact_key
from seqkit.data.readers import MAX_CHARS, EncodingErrors, ReadStats, read_pairs
from seqkit.data.records import Pair
from seqkit.data.shares import check_shares
from seqkit.data.split import assign
from seqkit.errors import DataError

__all__ = ["PairDataConfig", "PairSplits", "PairStats", "load_pairs", "whole_pairs"]

logger = logging.getLogger(__name__)

_SHOWN = 5  # places of pairs with an empty side


@dataclass(frozen=True, kw_only=True)
class PairDataConfig:
    """Where pairs of a source and its target come from."""

    train: str = "bundled:translation"
    """A table (.tsv .csv .jsonl .parquet, also .gz .xz) with the columns source and target, two
    files as train.en,train.de, bundled:NAME or hf:NAME."""
    valid: str | None = None
    """For early stopping; where it is missing, the official one of a named set, else cut from
    train."""
    test: str | None = None
    """Read once, at the end; where it is missing, as for valid."""
    source_column: str | None = None
    """Column of the source, where it is not called source; translation.en is what an object in the
    column translation has under en."""
    target_column: str | None = None
    """Column of the target, where it is not called target."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8: refuse them, or replace and count them."""
    max_chars: int = MAX_CHARS
    """Longest line or record that is read, in characters."""
    valid_share: float = 0.05
    """Share of train that a missing valid split takes."""
    test_share: float = 0.1
    """Share of train that a missing test split takes."""
    by_content: bool = True
    """Keep sources that say the same in one split when cutting; equal ones always stay together."""


@dataclass
class PairStats(ReadStats):
    """What reading pairs counted: `replaced` as any reader, and what was dropped."""

    half_empty: int = 0
    """Pairs dropped since one side is empty or white space."""
    empty: int = 0
    """Pairs dropped since both sides are."""
    places: list[str] = field(default_factory=list)
    """Where the first of the half empty ones are, and which side it is."""

    def warnings(self) -> list[str]:
        """Return what was dropped that a person would want to know of, in a line."""
        if not self.half_empty:
            return []
        more = self.half_empty - len(self.places)
        dropped = "1 pair is" if self.half_empty == 1 else f"{self.half_empty:,} pairs are"
        further = f" and {more:,} more" if more else ""
        where = ", ".join(self.places)
        return [f"{dropped} dropped, one side of which is empty: {where}{further}"]


@dataclass(frozen=True)
class PairSplits:
    """Pairs in three splits, none with an empty side."""

    train: list[Pair]
    valid: list[Pair]
    test: list[Pair]
    cut: tuple[str, ...]
    """Names of the splits that were cut from train."""
    stats: PairStats = field(default_factory=PairStats)
    """What reading them counted."""

    def named(self) -> dict[str, list[Pair]]:
        """The splits by name, train first."""
        return {"train": self.train, "valid": self.valid, "test": self.test}

    def fingerprint(self) -> dict[str, Any]:
        """Sizes of the splits, and the sha256 of the training sources and targets in order."""
        digest = hashlib.sha256()
        for pair in self.train:
            digest.update(f"{pair.source}\t{pair.target}\n".encode("utf-8", "surrogatepass"))
        sizes = {name: len(pairs) for name, pairs in self.named().items()}
        return {"records": sizes, "train_sha256": digest.hexdigest()}


def load_pairs(config: PairDataConfig, *, seed: int) -> PairSplits:
    """Read the splits, and cut from train the ones that are missing.

    A missing split of a named set is the official one where it has one. Others are cut by source:
    seeded, in any order of the file the same, and all pairs of a source in one split, so that what
    may become of it is all there to measure with. A pair with an empty side is dropped.

    Raises:
        ConfigError: shares that leave nothing to train on.
        DataError: what cannot be read, a split without a whole pair, too few sources to cut.
    """
    given = {
        name: getattr(config, name) or official_split(config.train, name)
        for name in ("valid", "test")
    }
    shares = {n: getattr(config, f"{n}_share") for n, path in given.items() if path is None}
    check_shares(shares)
    stats = PairStats()
    splits = {"train": whole_pairs(config.train, config, stats)}
    for name, path in given.items():
        if path is not None:
            splits[name] = whole_pairs(path, config, stats)
            if getattr(config, name) is None:
                logger.info("%s is the official split: %s", name, path)
    for warning in stats.warnings():  # before cutting, which may fail for what was dropped
        logger.warning("%s", warning)
    if shares:
        splits |= _cut(splits["train"], shares, config, seed=seed)
        logger.info("%s cut from %s, by source", " and ".join(shares), config.train)
    return PairSplits(**splits, cut=tuple(shares), stats=stats)


def whole_pairs(path: str, config: PairDataConfig, stats: PairStats) -> list[Pair]:
    """Read the pairs of a path, without those that lack a side, which `stats` counts.

    Raises:
        ConfigError: what `read_pairs` raises.
        DataError: what cannot be read, or no pair has both sides.
    """
    pairs, empty = [], 0
    for pair in read_pairs(
        path,
        source_column=config.source_column,
        target_column=config.target_column,
        encoding_errors=config.encoding_errors,
        max_chars=config.max_chars,
        stats=stats,
    ):
        lacking = [side for side in ("source", "target") if not getattr(pair, side).strip()]
        if not lacking:
            pairs.append(pair)
            continue
        empty += 1
        stats.empty += len(lacking) == 2
        stats.half_empty += len(lacking) == 1
        if len(lacking) == 1 and len(stats.places) < _SHOWN:
            stats.places.append(f"{pair.origin}:{pair.line} ({lacking[0]})")
    if not pairs:
        raise DataError(f"{path}: none of its {empty:,} pairs has text on both sides")
    return pairs


def _cut(
    pairs: list[Pair], shares: Mapping[str, float], config: PairDataConfig, *, seed: int
) -> dict[str, list[Pair]]:
    """Cut splits from train: each pair goes where its source goes."""
    fractions = {"train": 1 - sum(shares.values()), **shares}
    key = content_key if config.by_content else exact_key
    sources = np.fromiter((key(pair.source) for pair in pairs), np.uint64, len(pairs))
    part = assign(sources, np.zeros(len(pairs), np.int64), tuple(fractions.values()), seed=seed)
    splits = {
        name: [pairs[at] for at in np.flatnonzero(part == number)]
        for number, name in enumerate(fractions)
    }
    for name, found in splits.items():
        if not found:
            raise DataError(
                f"{config.train}: {name}, a share of {fractions[name]:g}, would be empty: "
                f"{len(pairs):,} pairs, {len(np.unique(sources)):,} distinct sources: give more, "
                "other shares, or --data.valid and --data.test"
            )
    return splits
