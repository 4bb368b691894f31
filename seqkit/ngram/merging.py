"""Counts of parts of a text made those of the whole; counts with a smaller vocabulary."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.errors import ConfigError, DataError
from seqkit.ngram.levels import NgramCounts
from seqkit.ngram.rows import RowFormat
from seqkit.ngram.runs import RowSorter
from seqkit.ngram.scratch import scratch_folder
from seqkit.ngram.shards import CountShard
from seqkit.text import TextPipeline, Vocab

__all__ = ["limit_vocabulary", "merge_counts"]

_ROWS = 1 << 16  # n-grams whose ids are looked up at a time
_MOST = 2**32 - 1
_SPECIALS = len(Vocab.SPECIALS)
_ALIKE = "merge only what was counted to the same order with the same text options"
_Part = tuple[NgramCounts, npt.NDArray[np.uint32]]  # counts, and the new id of each old one


def merge_counts(shards: Sequence[CountShard], *, memory: int, folder: Path) -> CountShard:
    """Add up the counts of parts of a text: what counting the whole would have given.

    Shards hold all words, each with its count: words that are too rare can only be told when all
    is counted; see `limit_vocabulary`.

    Args:
        shards: counted to the same order, with the same text options.
        memory: bytes that the arrays of the work may take.
        folder: for temporary files; those of the result stay there as long as it is used.

    Raises:
        ConfigError: no shards, or too little memory.
        DataError: shards that differ in what they count or that have unknown words, too many
            n-grams, or a full disk, after which nothing of ours is left.
    """
    if not shards:
        raise ConfigError("no counts to merge: give one folder or more")
    for number, shard in enumerate(shards, 1):
        _check_alike(shard, shards[0], number)
    positions = sum(shard.counts.tokens + shard.counts.lines for shard in shards)
    if positions > _MOST:
        raise DataError(f"{positions} tokens in all: counts hold no more than {_MOST}")
    totals: dict[str, int] = {}
    for shard in shards:
        seen = shard.counts.counts[0][_SPECIALS:].tolist()
        for word, count in zip(shard.pipeline.vocab.words, seen, strict=True):
            totals[word] = totals.get(word, 0) + count
    first = shards[0].pipeline
    vocab = _ranked(totals, first.tokenizer.units or ())
    parts = [(shard.counts, _new_ids(shard.pipeline.vocab, vocab)) for shard in shards]
    counts = _recount(parts, len(vocab), memory=memory, folder=folder)
    return CountShard(counts, TextPipeline(first.normalizer, first.tokenizer, vocab))


def limit_vocabulary(
    shard: CountShard,
    *,
    min_count: int = 1,
    max_vocab: int | None = None,
    memory: int,
    folder: Path,
) -> CountShard:
    """Make rare words unknown: what counting would have given with that vocabulary.

    Args:
        shard: counts of all words.
        min_count: words seen fewer times are unknown.
        max_vocab: keep only so many of the most frequent words.
        memory: bytes that the arrays of the work may take.
        folder: for temporary files; those of the result stay there as long as it is used.

    Raises:
        ConfigError: a limit that is not positive, or on units that a tokeniser knows beforehand.
        DataError: if no word is left, or the disk is full.
    """
    for name, value in (("min_count", min_count), ("max_vocab", max_vocab)):
        if value is not None and value < 1:
            raise ConfigError(f"{name} {value}: must be 1 or more")
    old = shard.pipeline
    if min_count == 1 and max_vocab is None:
        return shard
    if old.tokenizer.units is not None:
        raise ConfigError(
            f"min_count and max_vocab: the {old.tokenizer.name} tokeniser keeps all of its units"
        )
    seen = shard.counts.counts[0][_SPECIALS:].tolist()
    ranked = _ranked(dict(zip(old.vocab.words, seen, strict=True)), ())
    kept = {
        word: count
        for word, count in zip(ranked.words[:max_vocab], ranked.counts or [], strict=False)
        if count >= min_count
    }
    if not kept:
        raise DataError(f"no word is seen {min_count} times in the counted text: lower min_count")
    vocab = Vocab(kept, kept.values())
    parts = [(shard.counts, _new_ids(old.vocab, vocab))]
    counts = _recount(parts, len(vocab), memory=memory, folder=folder)
    return CountShard(counts, TextPipeline(old.normalizer, old.tokenizer, vocab))


def _check_alike(shard: CountShard, first: CountShard, number: int) -> None:
    one, other = _options(first), _options(shard)
    for name in one:
        if one[name] != other[name]:
            raise DataError(
                f"counts {number}: {name} {other[name]!r}, counts 1 have {one[name]!r}: {_ALIKE}"
            )
    if shard.pipeline.tokenizer.to_files() != first.pipeline.tokenizer.to_files():
        raise DataError(f"counts {number}: another trained tokenizer than counts 1: {_ALIKE}")
    unknown = int(shard.counts.counts[0][Vocab.UNK])
    if unknown:
        raise DataError(
            f"counts {number}: {unknown} tokens are unknown words already, of which others may "
            "count: count the parts without --text.min-count and --text.max-vocab, and limit the "
            "vocabulary after merging"
        )


def _options(shard: CountShard) -> dict[str, object]:
    tokenizer = shard.pipeline.tokenizer
    return {
        "order": shard.counts.levels.order,
        **asdict(shard.pipeline.normalizer),
        "tokenizer": tokenizer.name,
        **tokenizer.options(),
    }


def _ranked(totals: dict[str, int], units: Iterable[str]) -> Vocab:
    """Order words as `Vocab.build` does; units that never came go last, in their own order."""
    words = sorted(word for word, count in totals.items() if count)
    words.sort(key=totals.__getitem__, reverse=True)
    words += [unit for unit in units if not totals.get(unit)]
    return Vocab(words, [totals.get(word, 0) for word in words])


def _new_ids(old: Vocab, new: Vocab) -> npt.NDArray[np.uint32]:
    """Return the id in `new` of each id of `old`, UNK for words that are not there."""
    return np.array([*range(_SPECIALS), *new.encode(old.words)], dtype=np.uint32)


def _recount(parts: Iterable[_Part], vocabulary: int, *, memory: int, folder: Path) -> NgramCounts:
    parts = list(parts)
    form = RowFormat(parts[0][0].levels.order, vocabulary)
    with scratch_folder(folder) as scratch:
        sorter = RowSorter(form, scratch, memory=memory, weighted=True)
        for counts, new_ids in parts:
            for rows in _rows(counts, new_ids, form):
                sorter.add_rows(rows)
        return sorter.levels()


def _rows(
    counts: NgramCounts, new_ids: npt.NDArray[np.uint32], form: RowFormat
) -> Iterator[npt.NDArray[np.uint64]]:
    """Yield the padded rows with their counts, uint64 (n, columns + 1), in no order.

    A position whose row is not padded is counted by an n-gram of the highest order, another by the
    n-gram that ends with its EOS.
    """
    levels = counts.levels
    for order in range(1, levels.order + 1):
        size = len(levels.words[order - 1])
        for first in range(0, size, _ROWS):
            nodes = np.arange(first, min(first + _ROWS, size), dtype=np.int64)
            ending = levels.words[order - 1][nodes] == Vocab.EOS
            nodes = nodes[ending | (order == levels.order)]
            rows = np.zeros((len(nodes), form.columns + 1), dtype=np.uint64)
            rows[:, -1] = counts.counts[order - 1][nodes]
            for level in range(order - 1, -1, -1):
                column, shift = form.place(level)
                ids = new_ids[levels.words[level][nodes]].astype(np.uint64)
                rows[:, column] |= ids << np.uint64(shift)
                if level and len(nodes):
                    _to_parents(fixed(levels.starts[level - 1]), nodes)
            yield rows[rows[:, -1] > 0]


@compiled
def _to_parents(starts, nodes):
    """Replace n-grams, given by ascending numbers, by those that they extend."""
    low, high = 0, len(starts) - 1  # the last start that is no more than the first number
    while high - low > 1:
        middle = (low + high) // 2
        if starts[middle] <= nodes[0]:
            low = middle
        else:
            high = middle
    for index in range(len(nodes)):
        while starts[low + 1] <= nodes[index]:
            low += 1
        nodes[index] = low
