"""Write the bits of a packed trie; `seqkit.ngram.frame` says where they go."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.ngram.frame import Frame
from seqkit.ngram.levels import NgramTable

__all__ = ["pieces"]

_PIECE = 64 << 12  # records packed at a time; 64 of them always fill whole words
_U0, _U64 = np.uint64(0), np.uint64(64)


def pieces(table: NgramTable, frame: Frame) -> Iterator[npt.NDArray[np.uint64]]:
    """Yield the array of a packed trie in pieces, each some megabytes."""
    yield frame.header
    yield _unigrams(table)
    for k, level in enumerate(frame.levels, 1):
        closed = bool(level.start_bits)
        for first in range(0, level.records, _PIECE):
            records = min(_PIECE, level.records - first)
            part = slice(first, first + records)
            out = np.empty(-(-records * level.size // 64), np.uint64)
            _pack(
                out,
                records,
                _plain(table.levels.words[k][part], np.uint32),
                _plain(table.log_probs[k][part], np.float32),
                _plain(table.backoffs[k][part] if closed else (), np.float32),
                _plain(table.levels.starts[k][part] if closed else (), np.uint32),
                np.array(level.widths, np.uint64),
                np.array(level.log_prob.numbers, np.float64),
                np.array(level.backoff.numbers, np.float64),
                level.log_prob.is_book,
            )
            yield out
    yield frame.padding


def _unigrams(table: NgramTable) -> npt.NDArray[np.uint64]:
    size = table.levels.sizes[0]
    pairs = np.zeros((size + 1, 2), np.float32)
    pairs[:size, 0] = table.log_probs[0]
    out = np.zeros((size + 1, 2), np.uint64)
    if table.levels.order > 1:
        pairs[:size, 1] = table.backoffs[0]
        out[:, 1] = table.levels.starts[0]
    out[:, 0] = pairs.view(np.uint64)[:, 0]
    return out.reshape(-1)


def _plain(values: Any, dtype: Any) -> npt.NDArray[Any]:
    return fixed(np.ascontiguousarray(values, dtype))


@compiled
def _code(value, numbers, is_book):  # type: ignore[no-untyped-def]
    """Return the code of a value; see `Coding`."""
    if is_book:
        low, high = 0, len(numbers) - 1
        while low < high:  # the last number that is nearer than the one before it
            middle = (low + high + 1) >> 1
            if 2.0 * value > numbers[middle - 1] + numbers[middle]:
                low = middle
            else:
                high = middle - 1
        return np.uint64(low)
    if value == -np.inf:
        return np.uint64(0)
    if value == 0.0:
        return np.uint64(1)
    if numbers[1] == 0.0:
        return np.uint64(2)
    return np.uint64(2 + np.int64((value - numbers[0]) / numbers[1] + 0.5))


@compiled
def _push(out, at, filled, value, width):  # type: ignore[no-untyped-def]
    """Append `width` bits to the words of `out`; returns the word and the bit that come next."""
    if not width:  # `at` may stand behind the last word
        return at, filled
    out[at] |= value << filled
    filled += width
    if filled >= _U64:
        at += 1
        filled -= _U64
        if at < len(out):
            out[at] = value >> (width - filled) if filled > _U0 else _U0
    return at, filled


@compiled
def _pack(  # type: ignore[no-untyped-def]
    out, records, words, log_probs, backoffs, starts, widths, prob_numbers, back_numbers, is_book
):
    """Fill `out` with records; the one behind the last n-gram has nothing but a start."""
    at, filled = 0, _U0
    out[0] = _U0
    for i in range(records):
        word = prob = backoff = start = _U0
        if i < len(words):
            word = np.uint64(words[i])
            prob = _code(np.float64(log_probs[i]), prob_numbers, is_book)
        if i < len(backoffs):
            backoff = _code(np.float64(backoffs[i]), back_numbers, is_book)
        if i < len(starts):
            start = np.uint64(starts[i])
        at, filled = _push(out, at, filled, word, widths[0])
        at, filled = _push(out, at, filled, prob, widths[1])
        at, filled = _push(out, at, filled, backoff, widths[2])
        at, filled = _push(out, at, filled, start, widths[3])
