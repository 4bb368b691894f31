"""Read the lines of an ARPA file, and print them, in compiled loops over bytes.

A line is a number, words, and perhaps a second number: log10 of the probability, the n-gram, log10
of its back-off weight. Spaces and tabs part them, as many as there are. What the loops cannot read
they leave to the caller, who says what is wrong with it.

Words are looked up in a hash table: a power of two slots, one uint64 each, 0 where it is empty,
else the upper half of the word's hash and the word's id. The names of the ids lie back to back in
`names`, from `offsets[id]` to `offsets[id + 1]`; an empty name has no slot.
"""

import math

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled

__all__ = ["LARGEST", "print_ngrams", "scan_ngrams", "slots_for"]

LARGEST = 1e38
"""A back-off weight is less, as log10: in nats it is a float32 then."""

_LN10 = math.log(10.0)
_ZERO_PROBABILITY = -99.0  # SRILM's stand-in for log10(0), written and read
_TAB, _NEWLINE, _RETURN, _SPACE, _BACKSLASH = 9, 10, 13, 32, 92
_PLUS, _MINUS, _POINT, _ZERO, _LOWER, _E = 43, 45, 46, 48, 32, 101
_INFINITY = np.frombuffer(b"infinity", np.uint8)
_POWERS = np.array([float(10**power) for power in range(23)])  # those that float64 has exactly
_INTEGERS = np.array([10**power for power in range(19)], np.int64)
_MOST = 10**17  # a mantissa below this takes one more digit
_HASH, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x9E3779B97F4A7C15)
_HALF, _LOW, _NONE = np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(0)


def slots_for(
    names: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """Make the hash table of names: (slots,) uint64, at least twice as many as names."""
    slots = np.zeros(1 << (2 * len(offsets)).bit_length(), np.uint64)
    _fill(names, offsets, slots)
    return slots


@compiled
def _fill(names, offsets, slots):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(slots) - 1)
    for id in range(len(offsets) - 1):
        if offsets[id] == offsets[id + 1]:
            continue
        hashed = _HASH
        for at in range(offsets[id], offsets[id + 1]):
            hashed = (hashed ^ np.uint64(names[at])) * _FACTOR
        hashed ^= hashed >> _HALF
        slot = hashed & mask
        while slots[slot] != _NONE:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = (hashed >> _HALF) << _HALF | np.uint64(id)


@compiled
def scan_ngrams(text, at, order, names, offsets, slots, ids, log_probs, backoffs):  # type: ignore[no-untyped-def]
    """Read lines until the text ends, an array is full, or a line is no n-gram as it should be.

    Args:
        text: whole lines, read-only uint8.
        at: where to begin, the start of a line.
        order: words in a line.
        names, offsets, slots: the known words; with no slots the line is a unigram, and any word.
        ids: (n, order) uint32: gets the ids; (n, 2) for unigrams: where the word begins and ends.
        log_probs: (n,) float32: gets the log-probabilities, in nats; 0 or less, or -inf.
        backoffs: (n,) float32: gets the back-off weights, in nats; 0 where the line has none.

    Returns:
        How many lines were read, and where the first one begins that was not.
    """
    count = 0
    while at < len(text) and count < len(log_probs):
        line = at
        at = _skip(text, at)
        if text[at] in (_BACKSLASH, _NEWLINE, _RETURN):
            return count, line
        log_prob, stop = _number(text, at)
        if stop == at or not _is_blank(text[stop]) or not log_prob <= 0.0:
            return count, line
        for place in range(order):
            at = _skip(text, stop)
            id, stop = _word(text, at, names, offsets, slots)
            if stop == at or id < 0:
                return count, line
            if len(slots) == 0:
                ids[count, 0], ids[count, 1] = at, stop
            else:
                ids[count, place] = id
        at = _skip(text, stop)
        backoff = 0.0
        if text[at] not in (_NEWLINE, _RETURN):
            backoff, stop = _number(text, at)
            if stop == at or not backoff < LARGEST:
                return count, line
            at = _skip(text, stop)
        if text[at] == _RETURN:
            at += 1
        if text[at] != _NEWLINE:
            return count, line
        log_probs[count] = -np.inf if log_prob == _ZERO_PROBABILITY else log_prob * _LN10
        backoffs[count] = -np.inf if backoff == _ZERO_PROBABILITY else backoff * _LN10
        count += 1
        at += 1
    return count, at


@compiled
def _is_blank(byte):  # type: ignore[no-untyped-def]
    return byte in (_SPACE, _TAB)


@compiled
def _skip(text, at):  # type: ignore[no-untyped-def]
    while _is_blank(text[at]):
        at += 1
    return at


@compiled
def _word(text, at, names, offsets, slots):  # type: ignore[no-untyped-def]
    """Return the id of a word, -1 if it is unknown (0 if no word is known), and where it stops."""
    hashed, stop = _HASH, at
    while True:
        byte = text[stop]
        if byte <= _SPACE and byte in (_SPACE, _TAB, _NEWLINE, _RETURN):
            break
        hashed = (hashed ^ np.uint64(byte)) * _FACTOR
        stop += 1
    if len(slots) == 0:
        return 0, stop
    hashed ^= hashed >> _HALF
    mask = np.uint64(len(slots) - 1)
    slot = hashed & mask
    while slots[slot] != _NONE:
        if slots[slot] >> _HALF == hashed >> _HALF:
            id = np.int64(slots[slot] & _LOW)
            begin, length = offsets[id], stop - at
            if offsets[id + 1] - begin == length:
                same = 0
                while same < length and names[begin + same] == text[at + same]:
                    same += 1
                if same == length:
                    return id, stop
        slot = (slot + np.uint64(1)) & mask
    return -1, stop


@compiled
def _number(text, at):  # type: ignore[no-untyped-def]
    """Read a decimal number or an infinity; returns it and where it stops.

    It stops where it began if there is none. Exact to float64's last place.
    """
    begin = at
    sign = -1.0 if text[at] == _MINUS else 1.0
    if text[at] == _MINUS or text[at] == _PLUS:
        at += 1
    mantissa, scale, digits, point = 0, 0, 0, 0
    while True:
        digit = np.int64(text[at]) - _ZERO
        if 0 <= digit <= 9:
            digits += 1
            if mantissa < _MOST:
                mantissa = mantissa * 10 + digit
                scale -= point
            else:
                scale += 1 - point
        elif text[at] == _POINT and point == 0:
            point = 1
        else:
            break
        at += 1
    if digits == 0:
        letters = 0
        while letters < len(_INFINITY) and text[at + letters] | _LOWER == _INFINITY[letters]:
            letters += 1
        return (sign * np.inf, at + letters) if letters == 3 or letters == 8 else (0.0, begin)
    if text[at] | _LOWER == _E:
        exponent, stop = _exponent(text, at + 1)
        if stop > at + 1:
            scale, at = scale + exponent, stop
    if mantissa == 0:
        return 0.0, at
    if -len(_POWERS) < scale <= 0:
        return sign * (mantissa / _POWERS[-scale]), at
    return sign * (mantissa * 10.0 ** np.float64(scale)), at


@compiled
def _exponent(text, at):  # type: ignore[no-untyped-def]
    """Read what follows the letter e; it stops where it began if there is no digit."""
    begin = at
    negative = text[at] == _MINUS
    if negative or text[at] == _PLUS:
        at += 1
    first, exponent = at, 0
    while _ZERO <= text[at] <= _ZERO + 9:
        exponent = min(exponent * 10 + np.int64(text[at]) - _ZERO, 9999)
        at += 1
    return (-exponent if negative else exponent), (begin if at == first else at)


@compiled
def print_ngrams(ids, log_probs, backoffs, names, offsets, out):  # type: ignore[no-untyped-def]
    """Print lines of n-grams; returns their bytes.

    A number has as many digits as it takes, from seven to nine, to be read as the same float32. A
    back-off weight of 0 is left out.

    Args:
        ids: (n, order) uint32.
        log_probs: (n,) float32, in nats.
        backoffs: (n,) float32, in nats.
        names, offsets: the words; see the module.
        out: uint8, long enough: the words and 24 bytes a number.
    """
    at = 0
    for i in range(len(ids)):
        at = _print(log_probs[i], out, at)
        for place in range(ids.shape[1]):
            out[at] = _SPACE if place else _TAB
            at += 1
            for byte in range(offsets[ids[i, place]], offsets[ids[i, place] + 1]):
                out[at] = names[byte]
                at += 1
        if backoffs[i] != 0.0:
            out[at] = _TAB
            at = _print(backoffs[i], out, at + 1)
        out[at] = _NEWLINE
        at += 1
    return at


@compiled
def _print(nats, out, at):  # type: ignore[no-untyped-def]
    """Print log10 of what has this natural logarithm; returns where it ends."""
    size = abs(np.float64(nats)) / _LN10
    if size == np.inf:
        size = -_ZERO_PROBABILITY
    decimals = 6
    while decimals < len(_INTEGERS) - 3 and size * _POWERS[decimals] < 1e6:
        decimals += 1
    while decimals > 0 and size * _POWERS[decimals] >= 1e7:
        decimals -= 1
    units = np.int64(size * _POWERS[decimals] + 0.5)
    for _ in range(2):
        if np.float32(units / _POWERS[decimals] * _LN10) == abs(nats) or size == 99.0:
            break
        decimals += 1
        units = np.int64(size * _POWERS[decimals] + 0.5)
    while decimals > 0 and units % 10 == 0:
        units //= 10
        decimals -= 1
    if nats < 0.0 and units > 0:
        out[at] = _MINUS
        at += 1
    whole = units // _INTEGERS[decimals]
    length = 1
    while length < len(_INTEGERS) and whole >= _INTEGERS[length]:
        length += 1
    _digits(whole, length, out, at)
    at += length
    if decimals:
        out[at] = _POINT
        at += 1
        _digits(units - whole * _INTEGERS[decimals], decimals, out, at)
        at += decimals
    return at


@compiled
def _digits(number, count, out, at):  # type: ignore[no-untyped-def]
    """Print the lowest so many digits of a number."""
    for place in range(at + count - 1, at - 1, -1):
        out[place] = _ZERO + number % 10
        number //= 10
