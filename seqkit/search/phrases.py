"""Where terms stand in documents: phrases, and terms of one field.

Postings are plain arrays here: documents ascending and tfs (n,) uint32, and the positions of each
document one after another, ascending, (sum of tfs,) uint32.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled
from seqkit.search.packing import BLOCK, decode_block, decode_positions, limit_tfs
from seqkit.search.segment import Segment

__all__ = ["Places", "follow", "keep_field", "places_in"]

_Numbers = npt.NDArray[np.uint32]


class Places(NamedTuple):
    """Documents, and where in each of them something stands."""

    docs: _Numbers
    """(n,) ascending."""
    tfs: _Numbers
    """(n,) how often it stands in each."""
    positions: _Numbers
    """(sum of tfs,) ascending within a document."""


def places_in(segment: Segment, term: int, docs: _Numbers) -> Places:
    """Look up a term in some documents (ascending), reading only the blocks that may have one."""
    room = min(len(docs), int(segment.df[term]))
    found, tfs = np.empty(room, np.uint32), np.empty(room, np.uint32)
    positions = np.empty(segment.cf[term], np.uint32)
    count, places = _places_in(segment.kernel, term, docs, found, tfs, positions)
    return Places(found[:count], tfs[:count], positions[:places])


def follow(first: Places, then: Places, distance: int) -> Places:
    """Keep the places of `first` at whose position plus `distance` one of `then` stands."""
    room = min(len(first.docs), len(then.docs))
    docs, tfs = np.empty(room, np.uint32), np.empty(room, np.uint32)
    positions = np.empty(min(len(first.positions), len(then.positions)), np.uint32)
    count, places = _follow(*first, *then, distance, docs, tfs, positions)
    return Places(docs[:count], tfs[:count], positions[:places])


def keep_field(
    places: Places,
    extent: tuple[int, int],
    field_starts: npt.NDArray[np.uint32],
    field: int | None,
) -> tuple[_Numbers, _Numbers]:
    """Count what lies in one field from its first to its last term.

    Args:
        places: of one term of a phrase.
        extent: how far from it the first and the last term of the phrase stand.
        field_starts: (docs, F) the first position of each field.
        field: its number; None for any one of them.

    Returns:
        Documents and tfs (n,) uint32.
    """
    docs, tfs = np.empty(len(places.docs), np.uint32), np.empty(len(places.docs), np.uint32)
    number = -1 if field is None else field
    count = _keep_field(*places, *extent, field_starts, number, docs, tfs)
    return docs[:count], tfs[:count]


@compiled
def _places_in(kernel, term, wanted, out_docs, out_tfs, out):  # type: ignore[no-untyped-def]
    """Write what `places_in` finds; return how many documents and how many places."""
    docs, tfs = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    count, written, j, previous = 0, 0, 0, -1
    for block in range(kernel.first_block[term], kernel.first_block[term + 1]):
        last = np.int64(kernel.last_doc[block])
        if j < len(wanted) and wanted[j] <= last:
            size = decode_block(kernel, block, previous, docs, tfs)
            places = limit_tfs(tfs, size, len(out) - written)
            positions, place = np.empty(places, np.uint32), 0
            decode_positions(kernel, block, tfs, positions)
            for i in range(size):
                tf = np.int64(tfs[i])
                while j < len(wanted) and wanted[j] < docs[i]:
                    j += 1
                if j < len(wanted) and wanted[j] == docs[i]:
                    out_docs[count], out_tfs[count] = docs[i], tf
                    out[written : written + tf] = positions[place : place + tf]
                    count += 1
                    written += tf
                    j += 1
                place += tf
            while j < len(wanted) and wanted[j] <= last:
                j += 1
        previous = last
    return count, written


@compiled
def _follow(  # type: ignore[no-untyped-def]
    docs, tfs, positions, then_docs, then_tfs, then_positions, distance, out_docs, out_tfs, out
):
    """Write what `follow` keeps; return how many documents and how many places."""
    count = written = j = place = then_place = 0
    for i in range(len(docs)):
        end = place + np.int64(tfs[i])
        while j < len(then_docs) and then_docs[j] < docs[i]:
            then_place += np.int64(then_tfs[j])
            j += 1
        if j == len(then_docs):
            break
        if then_docs[j] == docs[i]:
            at, then_end, before = then_place, then_place + np.int64(then_tfs[j]), written
            for k in range(place, end):
                wanted = np.int64(positions[k]) + distance
                while at < then_end and then_positions[at] < wanted:
                    at += 1
                if at == then_end:
                    break
                if then_positions[at] == wanted:
                    out[written] = positions[k]
                    written += 1
                    at += 1
            if written > before:
                out_docs[count], out_tfs[count] = docs[i], written - before
                count += 1
            then_place = then_end
            j += 1
        place = end
    return count, written


@compiled
def _keep_field(docs, tfs, positions, low, high, field_starts, field, out_docs, out_tfs):  # type: ignore[no-untyped-def]
    """Write what `keep_field` keeps; return how many documents."""
    count, place, fields = 0, 0, field_starts.shape[1]
    for i in range(len(docs)):
        starts, kept = field_starts[docs[i]], 0
        for k in range(place, place + np.int64(tfs[i])):
            first, last = np.int64(positions[k]) + low, np.int64(positions[k]) + high
            at = 0  # the field of the first
            while at + 1 < fields and np.int64(starts[at + 1]) <= first:
                at += 1
            inside = at + 1 == fields or last < np.int64(starts[at + 1])
            kept += inside and (field < 0 or at == field)
        place += np.int64(tfs[i])
        if kept > 0:
            out_docs[count], out_tfs[count] = docs[i], kept
            count += 1
    return count
