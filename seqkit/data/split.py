"""Records -> splits: seeded, stratified, and with what repeats kept together.

Only a 64-bit key and a label number are kept for each record, so a file that does not fit in
memory is split by reading it twice: `split_labeled` decides, `write_splits` writes.

Records of the same content form a group, and a group is never parted. In each stratum (label) the
groups are put in a random order, end to end around a circle of circumference 1; the splits are
arcs of that circle, and a group belongs to the split that its middle lies on. Each end of an arc
is then wrong by at most half a group, so a split holds what was asked to within the records of the
largest group of the stratum.
"""

import logging
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from seqkit.data.content import content_key
from seqkit.data.mixing import mix
from seqkit.data.near import MinHashes, join_groups
from seqkit.data.records import LabeledText
from seqkit.errors import ConfigError, DataError, choices

__all__ = ["FRACTIONS", "assign", "holdout", "kfold", "split_labeled"]

logger = logging.getLogger(__name__)

FRACTIONS: Mapping[str, float] = MappingProxyType({"train": 0.8, "valid": 0.1, "test": 0.1})

_GOLDEN = (5**0.5 - 1) / 2
_MOST = 255  # a split is a number of one byte


def split_labeled(
    records_factory: Callable[[], Iterable[LabeledText]],
    *,
    seed: int,
    fractions: Mapping[str, float] = FRACTIONS,
    stratify: bool = True,
    by_content: bool = True,
    near: bool = False,
    complete: str | None = None,
) -> np.ndarray:
    """Decide which split each record belongs to, reading the records once.

    The decision depends on the seed and on what the texts say, not on their order in the file
    (unless `by_content` is off, which goes by position).

    Args:
        records_factory: begins a new pass over the records; 12 bytes of each are kept while
            reading, about 100 while deciding.
        seed: another seed gives another split.
        fractions: the share of each split, by name; they sum to 1.
        stratify: keep the shares within each label.
        by_content: keep texts of the same `content_key` in one split.
        near: keep near-duplicates together too (see `seqkit.data.near`): 384 bytes more for each
            distinct text, and about a tenth of a millisecond for 200 words.
        complete: the split that is to hold every label: of each label that it lacks, one group is
            moved into it, and the log says so.

    Returns:
        (N,) uint8: for each record, the position of its split in `fractions`.

    Raises:
        ConfigError: fractions that are not shares of a whole; `near` without `by_content`; no
            split is called `complete`.
        DataError: a split would be empty.
    """
    _check_fractions(fractions)
    if near and not by_content:
        raise ConfigError("near=True with by_content=False: near-duplicates include duplicates")
    if complete is not None and complete not in fractions:
        raise ConfigError(choices("complete", complete, fractions))
    groups, labels = _keys(records_factory(), by_content=by_content, near=near)
    if not len(groups):
        raise DataError("no records to split")
    strata = labels if stratify else np.zeros_like(labels)
    splits = assign(groups, strata, tuple(fractions.values()), seed=seed)
    if complete is not None:
        _complete(splits, groups, labels, fractions, name=complete)
    _check_filled(splits, fractions, groups)
    return splits


def holdout(
    records: Sequence[LabeledText],
    *,
    fraction: float,
    seed: int,
    stratify: bool = True,
    by_content: bool = True,
    near: bool = False,
) -> tuple[list[LabeledText], list[LabeledText]]:
    """Hold out a share of the records: (what is kept, what is held out), each in its old order.

    Args and errors are those of `split_labeled`.
    """
    fractions = {"train": 1 - fraction, "held-out": fraction}
    options = {"stratify": stratify, "by_content": by_content, "near": near}
    splits = split_labeled(lambda: records, seed=seed, fractions=fractions, **options)
    kept = [record for record, split in zip(records, splits, strict=True) if split == 0]
    held = [record for record, split in zip(records, splits, strict=True) if split == 1]
    return kept, held


def kfold(
    records: Iterable[LabeledText],
    *,
    folds: int,
    seed: int,
    stratify: bool = True,
    by_content: bool = True,
    near: bool = False,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, for each fold, the positions of its training and of its test records (int64).

    Each record is in the test part of one fold. Args and errors are those of `split_labeled`.
    """
    if not 2 <= folds <= _MOST:
        raise ConfigError(f"folds {folds}: choose a number from 2 to {_MOST}")
    fractions = {f"fold {fold + 1}": 1 / folds for fold in range(folds)}
    options = {"stratify": stratify, "by_content": by_content, "near": near}
    splits = split_labeled(lambda: records, seed=seed, fractions=fractions, **options)
    return (
        (np.flatnonzero(splits != fold), np.flatnonzero(splits == fold)) for fold in range(folds)
    )


def assign(
    groups: np.ndarray, strata: np.ndarray, fractions: Sequence[float], *, seed: int
) -> np.ndarray:
    """Assign groups of records to splits, stratum by stratum.

    Args:
        groups: (N,) uint64, the group of each record.
        strata: (N,) integers from 0, the stratum of each record; a group whose records differ
            belongs to the stratum of most of them, the lower number where two have as many.
        fractions: the shares, which sum to 1. A split of more than half, which is what a model is
            trained on, has a group of each stratum: a label of one record is not left to test.
        seed: of the random order.

    Returns:
        (N,) uint8, the position in `fractions` of each record's split.
    """
    names, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    stratum = _stratum_of_groups(inverse, strata, len(names))  # (G,)
    scatter = mix(names ^ mix(np.array([seed % 2**64], dtype=np.uint64)))
    order = np.lexsort((scatter, stratum))
    ends = np.cumsum(fractions)
    most = int(np.argmax(fractions))
    split = np.empty(len(names), dtype=np.uint8)
    starts = np.flatnonzero(np.diff(stratum[order], prepend=-1))
    for turn, members in enumerate(np.split(order, starts[1:])):
        middles = (np.cumsum(sizes[members]) - sizes[members] / 2) / sizes[members].sum()
        # Each stratum begins elsewhere on the circle, evenly spread: otherwise many small strata
        # would all round the same way, and a split of .1 get nothing of classes of five.
        middles = (middles + turn * _GOLDEN) % 1
        if fractions[most] > 0.5 and most not in np.searchsorted(ends[:-1], middles, side="right"):
            middles = (middles - middles[0] + ends[most] - fractions[most] / 2) % 1
        split[members] = np.searchsorted(ends[:-1], middles, side="right")
    return split[inverse]


def _stratum_of_groups(inverse: np.ndarray, strata: np.ndarray, groups: int) -> np.ndarray:
    width = int(strata.max()) + 1
    cells, counts = np.unique(inverse * width + strata, return_counts=True)
    group, stratum = np.divmod(cells, width)
    order = np.lexsort((-stratum, counts, group))  # the largest of each group comes last
    chosen = np.empty(groups, dtype=np.int64)
    chosen[group[order]] = stratum[order]
    return chosen


def _keys(
    records: Iterable[LabeledText], *, by_content: bool, near: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Read the group (uint64) and the number of the label (int32) of each record."""
    keys, labels = array("Q"), array("i")
    numbers: dict[str, int] = {}
    distinct: dict[int, None] = {}
    hashes = MinHashes()
    for position, record in enumerate(records):
        key = content_key(record.text) if by_content else position
        keys.append(key)
        labels.append(numbers.setdefault(record.label, len(numbers)))
        if near and key not in distinct:
            distinct[key] = None
            hashes.add(record.text)
    groups = np.frombuffer(keys, dtype=np.uint64)
    if near:
        names = np.fromiter(distinct, dtype=np.uint64, count=len(distinct))
        joined = join_groups(names, hashes.pairs())
        order = np.argsort(names)
        groups = joined[order][np.searchsorted(names[order], groups)]
    return groups, _by_name(np.frombuffer(labels, dtype=np.int32), list(numbers))


def _by_name(labels: np.ndarray, names: list[str]) -> np.ndarray:
    """Number the labels by their names, so that the order of the file does not matter."""
    rank = np.empty(len(names), dtype=np.int32)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names), dtype=np.int32)
    return rank[labels]


def _check_fractions(fractions: Mapping[str, float]) -> None:
    given = ", ".join(f"{name}={share:g}" for name, share in fractions.items())
    if not 2 <= len(fractions) <= _MOST:
        raise ConfigError(f"fractions {given or 'none'}: name 2 to {_MOST} splits")
    if not all(0 < share < 1 for share in fractions.values()):
        raise ConfigError(f"fractions {given}: each must lie between 0 and 1")
    if abs(sum(fractions.values()) - 1) > 1e-6:
        raise ConfigError(
            f"fractions {given}: they sum to {sum(fractions.values()):g} and must sum to 1"
        )


def _complete(
    splits: np.ndarray,
    groups: np.ndarray,
    labels: np.ndarray,
    fractions: Mapping[str, float],
    *,
    name: str,
) -> None:
    """Move a group of each label that a split lacks into it, from the largest other split.

    Stratifying does not see to it: a record whose text stands elsewhere under another label goes
    where the other label goes, and a split of half or less may get nothing of a small label.
    """
    whole = list(fractions).index(name)
    lacking = np.setdiff1d(labels, labels[splits == whole])
    before = int((splits == whole).sum())
    for label in lacking:
        inside = np.flatnonzero(labels == label)
        if (splits[inside] == whole).any():  # came with the group of another label
            continue
        sizes = np.bincount(splits, minlength=len(fractions))[splits[inside]]
        chosen = inside[np.lexsort((groups[inside], -sizes))[0]]
        splits[groups == groups[chosen]] = whole
    if len(lacking):
        logger.info(
            "%s lacked %d of the %d labels after the cut: %d records moved into it",
            name,
            len(lacking),
            int(labels.max()) + 1,
            int((splits == whole).sum()) - before,
        )


def _check_filled(splits: np.ndarray, fractions: Mapping[str, float], groups: np.ndarray) -> None:
    counts = np.bincount(splits, minlength=len(fractions))
    for (name, share), count in zip(fractions.items(), counts, strict=True):
        if count == 0:
            raise DataError(
                f"the split {name!r} ({share:g}) would be empty: {len(splits)} records, "
                f"{len(np.unique(groups))} of them distinct: give more records or a larger share"
            )
