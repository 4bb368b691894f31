"""Postings in arrays of bits: packed, and read by compiled loops.

The postings of a term are cut into blocks of up to 128 documents. A block takes, one after another
and without a gap to the next block, fields of the widths that `Postings.shape` gives:

    in data           its document deltas: document - the one before - 1 (that before the first is
                      the last of the term's block before, -1 in its first block), then its tf - 1
    in position_data  for each of its documents the positions, ascending: position - the one
                      before - 1 (-1 before the first), in the code of Rice (1979): the low bits
                      are a field, the rest is as many zeros before it, and a one

Fields are little endian in words of 64 bits; two words of nothing end each array, so that a field
is read with its next word without asking.

A large file's bits are not checked when it is opened. Whatever they are, the loops here end, read
nothing outside the arrays, and a block ends with its last document, which is the highest.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.errors import DataError
from seqkit.search.encoding import ANY_TF, BLOCK, IMPACTS, pack_blocks

__all__ = [
    "ANY_TF",
    "BLOCK",
    "Packer",
    "PostingLists",
    "Postings",
    "decode_block",
    "decode_docs",
    "decode_list",
    "decode_positions",
    "fits",
    "limit_tfs",
    "pack_lists",
]

_U0, _U1, _U6, _U8, _U63, _U64 = (np.uint64(number) for number in (0, 1, 6, 8, 63, 64))
_ALL, _BYTE = ~_U0, np.uint64(255)
_ZEROS = np.array([(byte & -byte).bit_length() - 1 for byte in range(256)]).astype(np.uint64)
"""How many zeros stand below the lowest one of a byte."""


class Postings(NamedTuple):
    """The packed postings of T terms in B blocks; a tuple, so that compiled loops take it whole."""

    first_block: npt.NDArray[np.uint32]
    """(T + 1,) the blocks of term t are `first_block[t]` to `first_block[t + 1]`."""
    last_doc: npt.NDArray[np.uint32]
    """(B,) last document of each block."""
    at: npt.NDArray[np.uint64]
    """(B + 1,) first bit of each block in `data`."""
    shape: npt.NDArray[np.uint8]
    """(B, 4) documents - 1; bits of a document delta, of a tf - 1, low bits of a position
    delta."""
    data: npt.NDArray[np.uint64]
    position_at: npt.NDArray[np.uint64]
    """(B + 1,) first bit of each block in `position_data`."""
    position_data: npt.NDArray[np.uint64]
    impact_first: npt.NDArray[np.uint32]
    """(B + 1,) the impacts of each block: for each of its postings there is one among them with its
    tf or more and its document's length or less. At most 8, both numbers ascending."""
    impact_tf: npt.NDArray[np.uint16]
    """(I,) `ANY_TF` also for all that is more."""
    impact_length: npt.NDArray[np.uint16]
    """(I,) 65535 also for all that is more, which bounds a score as well."""


class PostingLists(NamedTuple):
    """Postings of n terms as plain numbers, those of each term somewhere in flat arrays."""

    first: npt.NDArray[np.int64]
    """(n,) where the documents of a term begin."""
    df: npt.NDArray[np.int64]
    """(n,) how many they are."""
    first_position: npt.NDArray[np.int64]
    """(n,) where the positions of a term begin."""
    docs: npt.NDArray[np.uint32]
    """Ascending within a term."""
    tfs: npt.NDArray[np.uint32]
    """1 or more, as many positions follow in `positions`."""
    positions: npt.NDArray[np.uint32]
    """Ascending within a document."""


class Packer:
    """Packs lists of postings, some terms at a time, and hands the arrays on in pieces."""

    def __init__(
        self,
        lengths: npt.NDArray[np.uint32],
        append: Callable[[str, npt.NDArray[Any]], object],
    ) -> None:
        """Take the documents' lengths (docs,), and where the pieces go: `append(name, array)`.

        The names are those of `Postings`, and `df` (T,) uint32 and `cf` (T,) uint64.
        """
        self._lengths, self._append = fixed(lengths), append
        self._bits = np.zeros(2, np.int64)  # written to `data`, to `position_data`
        self._carry = np.zeros(2, np.uint64)  # the last word of each, which is not full yet
        self._blocks = self._impacts = 0

    def pack(self, lists: PostingLists) -> npt.NDArray[np.bool_]:
        """Append the next terms, without those that have no document; returns which were (n,).

        Raises:
            DataError: documents of a term, or its positions in one, do not ascend.
        """
        kept = lists.df > 0
        df = lists.df[kept]
        lists = lists._replace(
            first=lists.first[kept], df=df, first_position=lists.first_position[kept]
        )
        terms, blocks = len(df), int((-(-df // BLOCK)).sum())
        postings, positions = int(df.sum()), len(lists.positions)
        room = Postings(
            first_block=np.empty(terms, np.uint32),
            last_doc=np.empty(blocks, np.uint32),
            at=np.empty(blocks, np.uint64),
            shape=np.empty((blocks, 4), np.uint8),
            data=np.zeros(postings + 3, np.uint64),  # 64 bits a posting at most
            position_at=np.empty(blocks, np.uint64),
            position_data=np.zeros(positions + 3, np.uint64),  # 34 bits a position at most
            impact_first=np.empty(blocks, np.uint32),
            impact_tf=np.empty(min(postings, IMPACTS * blocks), np.uint16),
            impact_length=np.empty(min(postings, IMPACTS * blocks), np.uint16),
        )
        cf = np.empty(terms, np.uint64)
        words = self._bits >> 6
        room.data[0], room.position_data[0] = self._carry
        impacts = pack_blocks(
            PostingLists(*map(fixed, lists)), self._lengths, room, cf, self._bits, self._blocks,
            self._impacts,
        )  # fmt: skip
        if impacts < 0:
            raise DataError(
                "search index: documents or positions of a term that do not ascend: build the "
                "index again from its documents"
            )
        full, full_positions = (self._bits >> 6) - words
        self._carry[:] = room.data[full], room.position_data[full_positions]
        self._blocks += blocks
        self._impacts += impacts
        room = room._replace(
            data=room.data[:full],
            position_data=room.position_data[:full_positions],
            impact_tf=room.impact_tf[:impacts],
            impact_length=room.impact_length[:impacts],
        )
        for name, array in room._asdict().items():
            self._append(name, array)
        self._append("df", df.astype(np.uint32))
        self._append("cf", cf)
        return kept

    def finish(self) -> None:
        """Append what closes the arrays: the ends of the last block, and the padding."""
        ends = {"first_block": self._blocks, "impact_first": self._impacts}
        for name, end in ends.items():
            self._append(name, np.array([end], np.uint32))
        for name, kind in (("at", 0), ("position_at", 1)):
            self._append(name, self._bits[kind : kind + 1].astype(np.uint64))
        for name, carry in zip(("data", "position_data"), self._carry, strict=True):
            self._append(name, np.array([carry, 0, 0], np.uint64))


def pack_lists(
    lists: Sequence[Sequence[tuple[int, int]]],
    lengths: Sequence[int],
    *,
    positions: Sequence[Sequence[Sequence[int]]] | None = None,
) -> Postings:
    """Pack the postings of a few terms, (document, tf) in the order of the documents.

    Args:
        lists: one list a term, of one posting at least.
        lengths: those of the documents.
        positions: of each posting of each term; 0, 1, ... if not given.

    >>> pack_lists([[(0, 1), (7, 2)]], [3] * 8).last_doc.tolist()
    [7]
    """
    flat = [posting for postings in lists for posting in postings]
    if positions is None:
        places = [place for _, tf in flat for place in range(tf)]
    else:
        places = [place for term in positions for posting in term for place in posting]
    df = np.array([len(postings) for postings in lists], np.int64)
    counts = np.array([sum(tf for _, tf in postings) for postings in lists], np.int64)
    pieces: dict[str, list[npt.NDArray[Any]]] = {}
    packer = Packer(
        np.asarray(lengths, np.uint32),
        lambda name, array: pieces.setdefault(name, []).append(array),
    )
    packer.pack(
        PostingLists(
            np.cumsum(df) - df,
            df,
            np.cumsum(counts) - counts,
            np.array([doc for doc, _ in flat], np.uint32),
            np.array([tf for _, tf in flat], np.uint32),
            np.array(places, np.uint32),
        )
    )
    packer.finish()
    return Postings(*(fixed(np.concatenate(pieces[name])) for name in Postings._fields))


def fits(at: npt.NDArray[np.uint64], data: npt.NDArray[np.uint64]) -> bool:
    """Tell whether the blocks that begin at these bits end where their data does."""
    return (int(at[-1]) >> 6) + 3 == len(data)


@compiled
def _field(data, bit, mask):  # type: ignore[no-untyped-def]
    """Read a field that begins at `bit`."""
    word, shift = bit >> _U6, bit & _U63
    return ((data[word] >> shift) | ((data[word + _U1] << _U1) << (_U63 - shift))) & mask


@compiled
def decode_docs(kernel, block, previous, docs):  # type: ignore[no-untyped-def]
    """Write the documents of a block; return how many.

    Args:
        kernel: `Postings`.
        block: its number.
        previous: the last document of the term's block before, -1 if it is the term's first.
        docs: written.
    """
    count = np.int64(kernel.shape[block, 0]) + 1
    width = np.uint64(kernel.shape[block, 1])
    mask, bit, doc = (_U1 << width) - _U1, kernel.at[block], np.int64(previous)
    last = np.int64(kernel.last_doc[block])
    for i in range(count):
        doc += np.int64(_field(kernel.data, bit, mask)) + 1
        doc = min(doc, last)  # it is no more, but in damaged data
        docs[i] = doc
        bit += width
    docs[count - 1] = last
    return count


@compiled
def decode_block(kernel, block, previous, docs, tfs):  # type: ignore[no-untyped-def]
    """Write the documents of a block, as `decode_docs` does, and their tf; return how many."""
    count = decode_docs(kernel, block, previous, docs)
    width = np.uint64(kernel.shape[block, 2])
    mask = (_U1 << width) - _U1
    bit = kernel.at[block] + np.uint64(count) * np.uint64(kernel.shape[block, 1])
    for i in range(count):
        tfs[i] = _field(kernel.data, bit, mask) + _U1
        bit += width
    return count


@compiled
def limit_tfs(tfs, count, room):  # type: ignore[no-untyped-def]
    """Lower the first `count` tfs, if they are damaged, to `room` positions in all; return these.

    Of the tfs of all blocks of a term, `Segment.cf` is the sum.
    """
    total = 0
    for i in range(count):
        tf = min(np.int64(tfs[i]), room - total)
        tfs[i] = tf
        total += tf
    return total


@compiled
def decode_positions(kernel, block, tfs, positions):  # type: ignore[no-untyped-def]
    """Write the positions of a block, one document's behind another's; return how many.

    Args:
        kernel: `Postings`.
        block: its number.
        tfs: those of its documents.
        positions: written; they have room for the sum of these.
    """
    width = np.uint64(kernel.shape[block, 3])
    mask, bit, count = (_U1 << width) - _U1, kernel.position_at[block], 0
    end = kernel.position_at[block + 1]
    for i in range(np.int64(kernel.shape[block, 0]) + 1):
        position = -1
        for _ in range(tfs[i]):
            high = _U0
            window = _field(kernel.position_data, bit, _ALL)
            while window == _U0:
                high += _U64
                if bit + high >= end:  # damaged
                    window = _U1
                else:
                    window = _field(kernel.position_data, bit + high, _ALL)
            while window & _BYTE == _U0:
                high += _U8
                window >>= _U8
            high += _ZEROS[window & _BYTE]
            bit = min(bit + high + _U1, end)
            low = _field(kernel.position_data, bit, mask)
            position += np.int64(high << width | low) + 1
            positions[count] = position
            bit += width
            count += 1
    return count


@compiled
def decode_list(kernel, term, docs, tfs, positions):  # type: ignore[no-untyped-def]
    """Write all postings of a term; return how many positions.

    Args:
        kernel: `Postings`.
        term: its number.
        docs, tfs: (df,) uint32, written.
        positions: (cf,) uint32, written; nothing is where it has no room at all.
    """
    count, place, previous = 0, 0, -1
    for block in range(kernel.first_block[term], kernel.first_block[term + 1]):
        more = decode_block(kernel, block, previous, docs[count:], tfs[count:])
        if len(positions) > 0:
            limit_tfs(tfs[count:], more, len(positions) - place)
            place += decode_positions(kernel, block, tfs[count:], positions[place:])
        count += more
        previous = np.int64(kernel.last_doc[block])
    return place
