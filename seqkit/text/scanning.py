"""Cut UTF-8 text at white space and look each word up in a hash table, in compiled loops.

The words lie back to back in an array of bytes, word i from `offsets[i]` to `offsets[i + 1]`. The
table has a power of two slots, at least twice as many as words, one uint64 each: 0 where it is
empty, else the upper half of the word's hash and, in the lower half, its id, `Vocab`'s: word i has
the id 4 + i. A hash picks the slot at which to begin; the next ones follow (linear probing). Words
whose half hashes agree are compared byte by byte, so a lookup is exact.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled
from seqkit.text import Vocab

__all__ = [
    "ASCII_SPACE",
    "UNICODE_SPACE",
    "count_words",
    "encode_text",
    "fill_table",
    "find_word",
    "words_with_prefix",
]

# constants of the loops, in the types that they compute with
_EOS, _UNK, _FIRST = Vocab.EOS, Vocab.UNK, len(Vocab.SPECIALS)
_LINE_END = ord("\n")
_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x9E3779B97F4A7C15)
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_EMPTY, _ONE = np.uint64(0), np.uint64(1)


def _kinds(ascii_space: Iterable[int], wide: str) -> npt.NDArray[np.uint8]:
    """Tell what a byte is: 0 of a word, 1 ASCII white space, 2 of a word or of other space."""
    kinds = np.zeros(256, np.uint8)
    kinds[[*ascii_space]] = 1
    kinds[[char.encode()[0] for char in wide]] = 2
    kinds.flags.writeable = False
    return kinds


UNICODE_SPACE = _kinds(
    filter(lambda byte: chr(byte).isspace(), range(128)), "\x85\u1680\u2000\u3000"
)
"""What each byte is in text that is cut as `str.split` cuts it, (256,) uint8."""
ASCII_SPACE = _kinds(b" \t\n\v\f\r", "")
"""The same where only white space of ASCII counts, as for `bytes.split`."""


@compiled
def _wide_space(text, at):  # type: ignore[no-untyped-def]
    """Return how many bytes the white space has that begins at a byte of kind 2; 0 for none.

    The text ends with a byte below 128, so nothing behind it is read.
    """
    first, second = text[at], text[at + 1]
    if first == 0xC2:  # U+0085, U+00A0
        return 2 if second == 0x85 or second == 0xA0 else 0
    if second < 0x80 or text[at + 2] < 0x80:
        return 0
    third = text[at + 2]
    if first == 0xE1:  # U+1680
        found = second == 0x9A and third == 0x80
    elif first == 0xE3:  # U+3000
        found = second == 0x80 and third == 0x80
    elif second == 0x80:  # U+2000 to U+200A, U+2028, U+2029, U+202F
        found = third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF
    else:  # U+205F
        found = second == 0x81 and third == 0x9F
    return 3 if found else 0


@compiled
def _word(text, at, kinds):  # type: ignore[no-untyped-def]
    """Read a word; returns where it stops, its hash, and how many bytes only go on a character.

    It stops where it begins when white space stands there.
    """
    hashed, continuing = _SEED, 0
    while True:
        byte = text[at]
        kind = kinds[byte]
        if kind == 1 or (kind == 2 and _wide_space(text, at) > 0):
            return at, _finished(hashed), continuing
        hashed = (hashed ^ np.uint64(byte)) * _FACTOR
        continuing += byte & 0xC0 == 0x80
        at += 1


@compiled
def _finished(value):  # type: ignore[no-untyped-def]
    """Mix a hash once more: the steps before let no byte reach the bits below it."""
    value = (value ^ (value >> _HALF)) * _FACTOR
    return value ^ (value >> _HALF)


@compiled
def _slot(table, offsets, blob, text, start, stop, hashed):  # type: ignore[no-untyped-def]
    """Return the slot of the word `text[start:stop]`, or the empty one where it belongs."""
    mask = np.uint64(len(table) - 1)
    slot = hashed & mask
    while True:
        entry = table[slot]
        if entry == _EMPTY:
            return slot
        if entry >> _HALF == hashed >> _HALF:
            word = np.int64(entry & _LOW) - _FIRST
            begin = offsets[word]
            length = offsets[word + 1] - begin
            if length == stop - start:
                same = 0
                while same < length and blob[begin + same] == text[start + same]:
                    same += 1
                if same == length:
                    return slot
        slot = (slot + _ONE) & mask


@compiled
def _entry(hashed, id):  # type: ignore[no-untyped-def]
    return (hashed >> _HALF) << _HALF | np.uint64(id)


@compiled
def encode_text(text, table, offsets, blob, kinds, ids, sizes):  # type: ignore[no-untyped-def]
    """Write the ids of the words of a text, EOS for each line end; return how many.

    Args:
        text: bytes that end with a line end, or none.
        table, offsets, blob: the words, read-only; see the module.
        kinds: `UNICODE_SPACE` or `ASCII_SPACE`.
        ids: uint32, long enough: a half of the bytes and the line ends.
        sizes: (2, lines) int64: gets the characters and the bytes of each line, with one space
            between its words and none at its ends, and one for the line end.
    """
    at = count = line = in_line = continuing = size = 0
    while at < len(text):
        kind = kinds[text[at]]
        if kind == 2:
            at += _wide_space(text, at)
        elif kind == 1:
            if text[at] == _LINE_END:
                ids[count] = _EOS
                count += 1
                size += max(in_line, 1)  # spaces between the words, and the line end
                sizes[0, line] = size - continuing
                sizes[1, line] = size
                line += 1
                in_line = continuing = size = 0
            at += 1
            continue
        stop, hashed, more = _word(text, at, kinds)
        if stop == at:  # more space, after a wide one
            continue
        entry = table[_slot(table, offsets, blob, text, at, stop, hashed)]
        ids[count] = _UNK if entry == _EMPTY else entry & _LOW
        count += 1
        in_line += 1
        continuing += more
        size += stop - at
        at = stop
    return count


@compiled
def count_words(text, at, table, offsets, blob, counts, ids, done):  # type: ignore[no-untyped-def]
    """Write ids as `encode_text` does, add the words that are new, and count all.

    Args:
        text: as there.
        at: the byte to begin at.
        table, offsets, blob: the words, with room for more.
        counts: int64, how often each word came; its length says how many words there may be.
        ids: uint32, as there.
        done: int64 (2,): how many words there are, and how many ids were written.

    Returns:
        The byte to go on from when there is more room; the length of the text at its end.
    """
    words, count = done[0], done[1]
    while at < len(text):
        kind = UNICODE_SPACE[text[at]]
        if kind == 2:
            at += _wide_space(text, at)
        elif kind == 1:
            if text[at] == _LINE_END:
                ids[count] = _EOS
                count += 1
            at += 1
            continue
        stop, hashed, _ = _word(text, at, UNICODE_SPACE)
        if stop == at:
            continue
        slot = _slot(table, offsets, blob, text, at, stop, hashed)
        if table[slot] == _EMPTY:
            begin = offsets[words]
            end = begin + stop - at
            if words == len(counts) or end > len(blob):
                break
            for byte in range(stop - at):
                blob[begin + byte] = text[at + byte]
            words += 1
            offsets[words] = end
            table[slot] = _entry(hashed, words - 1 + _FIRST)
        id = np.int64(table[slot] & _LOW)
        counts[id - _FIRST] += 1
        ids[count] = id
        count += 1
        at = stop
    done[0], done[1] = words, count
    return at


@compiled
def _hash(text, start, stop):  # type: ignore[no-untyped-def]
    hashed = _SEED
    for at in range(start, stop):
        hashed = (hashed ^ np.uint64(text[at])) * _FACTOR
    return _finished(hashed)


@compiled
def fill_table(table, offsets, blob, words):  # type: ignore[no-untyped-def]
    """Enter so many words in an empty table; return the first that repeats one, or -1."""
    for word in range(words):
        start, stop = offsets[word], offsets[word + 1]
        hashed = _hash(blob, start, stop)
        slot = _slot(table, offsets, blob, blob, start, stop, hashed)
        if table[slot] != _EMPTY:
            return word
        table[slot] = _entry(hashed, word + _FIRST)
    return -1


@compiled
def find_word(word, table, offsets, blob):  # type: ignore[no-untyped-def]
    """Return the id of a word, UNK where it is not in the table."""
    slot = _slot(table, offsets, blob, word, 0, len(word), _hash(word, 0, len(word)))
    return _UNK if table[slot] == _EMPTY else np.int64(table[slot] & _LOW)


@compiled
def words_with_prefix(prefix, offsets, blob, ids):  # type: ignore[no-untyped-def]
    """Write the ids of the words that begin with some bytes, ascending; return how many."""
    count = 0
    for word in range(len(offsets) - 1):
        start = offsets[word]
        if offsets[word + 1] - start < len(prefix):
            continue
        same = 0
        while same < len(prefix) and blob[start + same] == prefix[same]:
            same += 1
        if same == len(prefix):
            ids[count] = word + _FIRST
            count += 1
    return count
