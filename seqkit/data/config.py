"""The data options of a recipe for labelled text, and the splits that they ask for."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from seqkit.data.catalogue import PUBLIC
from seqkit.data.labels import check_labels
from seqkit.data.readers import MAX_CHARS, EncodingErrors, ReadStats, read_labeled
from seqkit.data.records import LabeledText
from seqkit.data.shares import check_shares
from seqkit.data.split import kfold, split_labeled
from seqkit.errors import DataError

__all__ = ["LabeledDataConfig", "LabeledSplits", "cut_folds", "load_labeled"]

logger = logging.getLogger(__name__)

_FEW = 20  # records that say too little of which column is which


@dataclass(frozen=True, kw_only=True)
class LabeledDataConfig:
    """Where labelled text comes from."""

    train: str = "bundled:spam"
    """A file (.tsv .csv .jsonl .parquet .txt, also .gz .xz), a folder, bundled:NAME or hf:NAME."""
    valid: str | None = None
    """For early stopping and the threshold; cut from train where it is missing."""
    test: str | None = None
    """Read once, at the end; cut from train where it is missing."""
    text_column: str | None = None
    """Column of the text, where it is not called text."""
    label_column: str | None = None
    """Column of the label, where it is not called label."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8: refuse them, or replace and count them."""
    max_chars: int = MAX_CHARS
    """Longest record that is read, in characters."""
    valid_share: float = 0.1
    """Share of train that a missing valid split takes."""
    test_share: float = 0.2
    """Share of train that a missing test split takes."""
    by_content: bool = True
    """Keep texts that say the same in one split when cutting."""
    near: bool = False
    """Look for near-duplicates as well as for duplicates."""


@dataclass(frozen=True)
class LabeledSplits:
    """Labelled text in three splits."""

    train: list[LabeledText]
    valid: list[LabeledText]
    test: list[LabeledText]
    labels: tuple[str, ...]
    """The labels of train, sorted."""
    cut: tuple[str, ...]
    """Names of the splits that were cut from train."""
    stats: ReadStats = field(default_factory=ReadStats)
    """What reading them counted."""

    def named(self) -> dict[str, list[LabeledText]]:
        """The splits by name, train first."""
        return {"train": self.train, "valid": self.valid, "test": self.test}

    def fingerprint(self) -> dict[str, Any]:
        """Sizes of the splits, and the sha256 of the training labels and texts in order."""
        digest = hashlib.sha256()
        for record in self.train:
            digest.update(f"{record.label}\t{record.text}\n".encode("utf-8", "surrogatepass"))
        sizes = {name: len(records) for name, records in self.named().items()}
        return {"records": sizes, "train_sha256": digest.hexdigest()}


def load_labeled(config: LabeledDataConfig, *, seed: int) -> LabeledSplits:
    """Read the splits, and cut from train the ones that are missing: seeded and stratified.

    Raises:
        ConfigError: shares that leave nothing to train on.
        DataError: what cannot be read, one class only, columns that look swapped, or a label that
            train never saw.
    """
    stats = ReadStats()
    train = _read(config.train, config, stats)
    _check_columns(train)
    check_labels({record.label for record in train})
    if config.test is None:
        _warn_of_official_test(config.train)
    given = {name: getattr(config, name) for name in ("valid", "test")}
    cut = {n: getattr(config, f"{n}_share") for n, path in given.items() if path is None}
    check_shares(cut)
    splits = {n: _read(path, config, stats) for n, path in given.items() if path is not None}
    if cut:
        fractions = {"train": 1 - sum(cut.values()), **cut}
        whole = train
        part = split_labeled(
            lambda: whole,
            seed=seed,
            fractions=fractions,
            by_content=config.by_content,
            near=config.near and config.by_content,
            complete="train",
        )
        for index, name in enumerate(fractions):
            splits[name] = [whole[i] for i in np.flatnonzero(part == index)]
        train = splits.pop("train")
    labels = {record.label for record in train}
    for name, records in splits.items():
        check_labels(labels, records, name)
    return LabeledSplits(
        train, splits["valid"], splits["test"], tuple(sorted(labels)), tuple(cut), stats
    )


def _read(path: str, config: LabeledDataConfig, stats: ReadStats) -> list[LabeledText]:
    return list(
        read_labeled(
            path,
            text_column=config.text_column,
            label_column=config.label_column,
            encoding_errors=config.encoding_errors,
            max_chars=config.max_chars,
            stats=stats,
        )
    )


def _check_columns(train: Sequence[LabeledText]) -> None:
    """Tell text<TAB>label from label<TAB>text: labels are few, texts are many."""
    labels = len({record.label for record in train})
    texts = len({record.text for record in train})
    if len(train) >= _FEW and 2 * labels > len(train) and texts < labels:
        raise DataError(
            f"train: {labels:,} labels, {texts:,} text{'' if texts == 1 else 's'}: are the columns "
            "swapped? headerless TSV is label<TAB>text"
        )


def _warn_of_official_test(path: str) -> None:
    """Warn where a test split is cut from a set whose authors publish one."""
    source, _, split = path.removeprefix("hf:").partition(":")
    known = PUBLIC.get(source.partition("/")[0])
    if not path.startswith("hf:") or known is None or source.count("/") > 1:
        return
    if split.partition("[")[0] in ("", "train") and known.reported in known.splits:
        logger.warning(
            "%s: test is cut from train, and the set has an official one: for figures to set "
            "beside published ones, --data.test hf:%s:%s",
            path,
            source,
            known.reported,
        )


def cut_folds(
    splits: LabeledSplits, folds: int, *, config: LabeledDataConfig, seed: int
) -> list[LabeledSplits]:
    """Cut train and valid together into folds: each is once the valid split of the others.

    Args:
        splits: what was loaded; the test split stays what it is.
        folds: how many; 1 leaves the splits as they are.
        config: whether to go by content, and by near-duplicates.
        seed: of the cut.

    Raises:
        DataError: a label whose records all fall into one fold.
    """
    if folds == 1:
        return [splits]
    whole = splits.train + splits.valid
    near = config.near and config.by_content
    parts = []
    for kept, held in kfold(whole, folds=folds, seed=seed, by_content=config.by_content, near=near):
        part = replace(splits, train=[whole[i] for i in kept], valid=[whole[i] for i in held])
        missing = set(splits.labels) - {record.label for record in part.train}
        if missing:
            raise DataError(
                f"--folds {folds}: all records of label {min(missing)!r} fall into one fold: "
                "label more of them, or do without folds"
            )
        parts.append(part)
    return parts
