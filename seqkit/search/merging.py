"""Join segments to one, without their deleted documents."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.search.columns import merge_columns
from seqkit.search.inverting import batches
from seqkit.search.packing import (
    BLOCK,
    Packer,
    PostingLists,
    decode_block,
    decode_positions,
    limit_tfs,
)
from seqkit.search.segment import Segment, write_segment
from seqkit.search.spool import Spool
from seqkit.search.stored import TextPacker
from seqkit.search.strings import Strings, merge_strings

__all__ = ["merge_segments"]


def merge_segments(
    sources: Sequence[tuple[Segment, npt.NDArray[np.uint8] | None]],
    path: str | os.PathLike[str],
) -> Segment:
    """Write one segment of the live documents, in order; it equals one that is built from these.

    The postings pass through memory a few terms at a time.

    Args:
        sources: one or more segments of the same fields, each with 1 for its live documents and 0
            for the others (docs,), or None if all live.
        path: the file.

    Raises:
        DataError: if the disk is full.
    """
    segments = [segment for segment, _ in sources]
    lives = [
        np.ones(segment.docs, np.bool_) if live is None else live.astype(np.bool_)
        for segment, live in sources
    ]
    first = segments[0]
    field_lengths = np.concatenate(
        [segment.field_lengths[live] for segment, live in zip(segments, lives, strict=True)]
    )
    field_starts = np.concatenate(
        [segment.field_starts[live] for segment, live in zip(segments, lives, strict=True)]
    )
    store = bool(first.meta["store"])
    with Spool(Path(path).parent) as spool:
        terms, slots = merge_strings([segment.terms for segment in segments])
        packer = Packer(field_lengths.sum(axis=1, dtype=np.uint32), spool.append)
        kept = [packer.pack(lists) for lists in _lists(segments, lives, slots, len(terms))]
        packer.finish()
        if store:
            text = TextPacker(spool.append)
            for segment, live in zip(segments, lives, strict=True):
                assert segment.text is not None
                text.add_all(segment.text, live)
            text.finish()
        return write_segment(
            path,
            fields=first.fields,
            store=store,
            terms=terms.take(np.flatnonzero(np.concatenate(kept))),
            ids=_merge_ids(segments, lives),
            field_lengths=field_lengths,
            field_starts=field_starts,
            columns=merge_columns(
                [(segment.columns, live) for segment, live in zip(segments, lives, strict=True)]
            ),
            pieces=spool.arrays(),
        )


def _merge_ids(segments: Sequence[Segment], lives: Sequence[npt.NDArray[np.bool_]]) -> Strings:
    """Join the ids of the live documents, without sorting them anew."""
    orders = [s.ids.order[live[s.ids.order]] for s, live in zip(segments, lives, strict=True)]
    joined, ranks = merge_strings(
        [segment.ids.take(order) for segment, order in zip(segments, orders, strict=True)]
    )
    by_doc = []
    for live, order, rank in zip(lives, orders, ranks, strict=True):
        table = np.empty(len(live), np.uint32)
        table[order] = rank
        by_doc.append(table[live])
    rank = np.concatenate(by_doc)
    ids = joined.take(rank)
    return Strings(ids.offsets, ids.blob, np.argsort(rank, kind="stable").astype(np.uint32))


def _lists(
    segments: Sequence[Segment],
    lives: Sequence[npt.NDArray[np.bool_]],
    slots: Sequence[npt.NDArray[np.uint32]],
    terms: int,
) -> Iterator[PostingLists]:
    """Yield the postings of the live documents, some terms at a time, renumbered.

    Args:
        segments, lives: as in `merge_segments`, (docs,) each.
        slots: (T,) each: the numbers of its terms among all.
        terms: how many these are.
    """
    df, cf = np.zeros(terms, np.int64), np.zeros(terms, np.int64)  # with the deleted documents
    for segment, slot in zip(segments, slots, strict=True):
        df[slot] += segment.df
        cf[slot] += segment.cf.astype(np.int64)
    numbers, count = [], 0
    for live in lives:
        number = np.where(live, np.cumsum(live) - 1 + count, -1)
        numbers.append(fixed(number.astype(np.int64)))
        count += int(live.sum())
    for part in batches(cf):
        lists = PostingLists(
            first=np.cumsum(df[part]) - df[part],
            df=np.zeros(part.stop - part.start, np.int64),
            first_position=np.cumsum(cf[part]) - cf[part],
            docs=np.empty(int(df[part].sum()), np.uint32),
            tfs=np.empty(int(df[part].sum()), np.uint32),
            positions=np.empty(int(cf[part].sum()), np.uint32),
        )
        ends = lists.first_position.copy()
        for segment, number, slot in zip(segments, numbers, slots, strict=True):
            low, high = np.searchsorted(slot, [part.start, part.stop]).tolist()
            targets = fixed(slot[low:high] - np.uint32(part.start))
            _append(segment.kernel, low, targets, number, lists, ends)
        yield lists


@compiled
def _append(kernel, low, targets, numbers, lists, ends):  # type: ignore[no-untyped-def]
    """Append the live postings of some terms of a segment to the lists.

    Args:
        kernel: its `Postings`.
        low: the first of the terms.
        targets: (n,) which list each of them goes to.
        numbers: (docs,) the new number of each document, -1 for a deleted one.
        lists: `PostingLists` with room, changed.
        ends: (lists,) where the positions of each list end so far, changed.
    """
    docs, tfs = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    positions = np.empty(BLOCK, np.uint32)
    for i in range(len(targets)):
        target, previous = targets[i], -1
        at, end = lists.first[target] + lists.df[target], ends[target]
        for block in range(kernel.first_block[low + i], kernel.first_block[low + i + 1]):
            count = decode_block(kernel, block, previous, docs, tfs)
            total = limit_tfs(tfs, count, len(lists.positions) - end)
            if total > len(positions):
                positions = np.empty(2 * total, np.uint32)
            decode_positions(kernel, block, tfs, positions)
            place = 0
            for j in range(count):
                doc, tf = numbers[docs[j]], np.int64(tfs[j])
                if doc >= 0:
                    lists.docs[at], lists.tfs[at] = doc, tfs[j]
                    at += 1
                    for k in range(tf):
                        lists.positions[end + k] = positions[place + k]
                    end += tf
                place += tf
            previous = np.int64(kernel.last_doc[block])
        lists.df[target] = at - lists.first[target]
        ends[target] = end
