"""Compiled loops that pack postings; `seqkit.search.packing` says how their bits lie."""

import numpy as np

from seqkit.compiled import compiled

__all__ = ["ANY_TF", "BLOCK", "IMPACTS", "pack_blocks"]

BLOCK = 128
"""Documents of a block at most."""

ANY_TF = 65535
"""An impact's tf that stands for itself and all above it."""

IMPACTS = 8
"""Impacts of a block at most."""

_LENGTH = 65535  # of an impact at most
_U1, _U63 = np.uint64(1), np.uint64(63)


@compiled
def _width(bits):  # type: ignore[no-untyped-def]
    """Count the bits that numbers take, none below 0, whose bits were joined by or."""
    width = 0
    while bits >> width:
        width += 1
    return width


@compiled
def _low_bits(numbers):  # type: ignore[no-untyped-def]
    """Choose how many low bits of these numbers are fields, so that they take least in all."""
    count, total = len(numbers), 0
    for number in numbers:
        total += number
    best = _width(total // count)  # one more than it mostly is
    least = _rice_size(numbers, best)
    for step in (1, -1):
        while best + step >= 0:
            size = _rice_size(numbers, best + step)
            if size >= least:
                break
            best, least = best + step, size
    return best


@compiled
def _rice_size(numbers, width):  # type: ignore[no-untyped-def]
    size = len(numbers) * (1 + width)
    for number in numbers:
        size += number >> width
    return size


@compiled
def _larger(array):  # type: ignore[no-untyped-def]
    """Copy an array to one with twice the room."""
    larger = np.empty(2 * len(array), array.dtype)
    larger[: len(array)] = array
    return larger


@compiled
def _put(out, bit, value):  # type: ignore[no-untyped-def]
    """Write a number at a bit of words that are zero there and behind it."""
    number, shift = np.uint64(value), np.uint64(bit & 63)
    out[bit >> 6] |= number << shift
    # the second half in two shifts: one by 64 is undefined
    out[(bit >> 6) + 1] |= (number >> _U1) >> (_U63 - shift)


@compiled
def _find_impacts(tfs, lengths, docs, start, stop, best_tf, best_length):  # type: ignore[no-untyped-def]
    """Write the impacts of a block, both numbers ascending; return how many: `IMPACTS` at most."""
    count = 0
    for j in range(start, stop):
        tf, length = np.int64(tfs[j]), np.int64(lengths[docs[j]])
        i = count  # the first that has this tf or more, and with it the smallest length
        while i > 0 and best_tf[i - 1] >= tf:
            i -= 1
        if i < count and best_length[i] <= length:
            continue
        after = i + 1 if i < count and best_tf[i] == tf else i
        while i > 0 and best_length[i - 1] >= length:  # no better in either
            i -= 1
        if after == i:
            for move in range(count, i, -1):
                best_tf[move], best_length[move] = best_tf[move - 1], best_length[move - 1]
        elif after > i + 1:
            for move in range(after, count):
                best_tf[move - after + i + 1] = best_tf[move]
                best_length[move - after + i + 1] = best_length[move]
        count += i + 1 - after
        best_tf[i], best_length[i] = tf, length
    while count > IMPACTS:  # join the two neighbours that differ least, as ratios
        least, at = np.inf, 0
        for i in range(count - 1):
            ratio = best_tf[i + 1] / best_tf[i] * (best_length[i + 1] / max(best_length[i], 1))
            if ratio < least:
                least, at = ratio, i
        best_tf[at] = best_tf[at + 1]
        for i in range(at + 1, count - 1):
            best_tf[i], best_length[i] = best_tf[i + 1], best_length[i + 1]
        count -= 1
    return count


@compiled
def pack_blocks(lists, lengths, out, cf, bits, first_block, first_impact):  # type: ignore[no-untyped-def]
    """Pack lists of postings, each of one document at least; return the number of impacts.

    It is -1, and what was written means nothing, where documents or positions do not ascend, or a
    tf is 0.

    Args:
        lists: `PostingLists`.
        lengths: those of all documents.
        out: `Postings` with room, the two arrays of bits zero behind the first word's bits.
        cf: (n,), written.
        bits: how many were written before, to each of these; moved on.
        first_block, first_impact: how many there were before.
    """
    start, position_start = bits[0] & ~63, bits[1] & ~63
    bit, position_bit = bits[0] & 63, bits[1] & 63
    best_tf, best_length = np.empty(BLOCK + 1, np.int64), np.empty(BLOCK + 1, np.int64)
    docs, tfs, positions = lists.docs, lists.tfs, lists.positions
    steps = np.empty(4 * BLOCK, np.int64)  # the position deltas of a block
    block = impact = 0
    for i in range(len(lists.df)):
        out.first_block[i] = first_block + block
        at, end, place = lists.first[i], lists.first[i] + lists.df[i], lists.first_position[i]
        previous = -1
        while at < end:
            stop = min(at + BLOCK, end)
            gaps, counts, jumps, ending = 0, 0, 0, place  # three of them joined by or
            before = previous
            for j in range(at, stop):
                doc, tf, last = np.int64(docs[j]), np.int64(tfs[j]), -1
                gaps |= doc - before - 1
                counts |= tf - 1
                before = doc
                for k in range(ending, ending + tf):
                    position = np.int64(positions[k])
                    if k - place == len(steps):
                        steps = _larger(steps)
                    steps[k - place] = position - last - 1
                    jumps |= position - last - 1
                    last = position
                ending += tf
            if min(gaps, counts, jumps) < 0:  # one of those that were joined is
                return -1
            width, tf_width = _width(gaps), _width(counts)
            low_width = _low_bits(steps[: ending - place])
            low = (1 << low_width) - 1

            out.at[block], out.position_at[block] = start + bit, position_start + position_bit
            for j in range(at, stop):
                doc = np.int64(docs[j])
                _put(out.data, bit, doc - previous - 1)
                bit += width
                previous = doc
            for j in range(at, stop):
                _put(out.data, bit, np.int64(tfs[j]) - 1)
                bit += tf_width
            for step in steps[: ending - place]:
                position_bit += step >> low_width
                _put(out.position_data, position_bit, 1 | (step & low) << 1)
                position_bit += 1 + low_width
            place = ending

            out.last_doc[block] = previous
            out.shape[block, 0], out.shape[block, 1] = stop - at - 1, width
            out.shape[block, 2], out.shape[block, 3] = tf_width, low_width
            out.impact_first[block] = first_impact + impact
            for j in range(_find_impacts(tfs, lengths, docs, at, stop, best_tf, best_length)):
                out.impact_tf[impact] = min(best_tf[j], ANY_TF)
                out.impact_length[impact] = min(best_length[j], _LENGTH)
                impact += 1
            block += 1
            at = stop
        cf[i] = place - lists.first_position[i]
    bits[0], bits[1] = start + bit, position_start + position_bit
    return impact
