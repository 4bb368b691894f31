"""The words of ASCII text by a compiled loop: those of `WordTokenizer`, and some ten times faster.

Only words, numbers and tags are looked for: what `WordTokenizer` finds besides (punctuation,
emoticons, placeholders such as `<unk>`) is no term of an index, and is stepped over as it would
cut it. Text that may hold a link is left to it.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled
from seqkit.text import Vocab
from seqkit.text.word_counter import WordCounter

__all__ = ["AsciiWords"]

_BETWEEN = 0xFF  # stands between two texts: no byte of ASCII

# what a byte is: a sum of these
_LETTER, _DIGIT, _UNDERSCORE, _EYES, _NOSE, _MOUTH = 1, 2, 4, 8, 16, 32
_IN_WORD = _LETTER | _DIGIT
_IN_TAG = _IN_WORD | _UNDERSCORE


def _kinds() -> npt.NDArray[np.uint8]:
    kinds = np.zeros(256, np.uint8)
    kinds[[byte for byte in range(128) if chr(byte).isalpha()]] = _LETTER
    for characters, kind in (
        ("0123456789", _DIGIT),
        ("_", _UNDERSCORE),
        (":;=", _EYES),
        ("'^-", _NOSE),
        ("DdPpOo", _MOUTH),
    ):
        kinds[list(characters.encode())] |= kind
    return kinds


_KINDS = _kinds()
_SPACE, _LINE_END = ord(" "), ord("\n")
_APOSTROPHE, _POINT, _COMMA = ord("'"), ord("."), ord(",")
_HASH, _LESS, _MORE, _SLASH, _THREE = ord("#"), ord("<"), ord(">"), ord("/"), ord("3")


class AsciiWords:
    """Number words in the order in which they first come, from 0 on.

    >>> words = AsciiWords()
    >>> words.read(["don't :D <b>stop", "", "stop 1,000.50"])
    (array([0, 1, 1, 2]), array([2, 0, 2]))
    >>> words.since(1)
    ['stop', '1,000.50']
    """

    def __init__(self) -> None:
        """Begin without words."""
        self._counter = WordCounter()

    def read(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Cut ASCII texts that hold no link.

        Returns:
            The numbers of the words of all texts, (sum of lengths,) int64, and how many each text
            has, (texts,) int64.
        """
        content = chr(_BETWEEN).join([*texts, ""]).encode("latin-1")
        lines = np.empty(len(content) + len(texts), np.uint8)
        size = _write_words(content + b"\0\0\0\0", len(content), lines)
        ids = self._counter.read(lines[:size].tobytes())
        ends = np.flatnonzero(ids == Vocab.EOS)
        lengths = np.diff(ends, prepend=-1) - 1
        return ids[ids != Vocab.EOS].astype(np.int64) - len(Vocab.SPECIALS), lengths

    def since(self, number: int) -> list[str]:
        """Return the words from this number on."""
        return self._counter.words(number)


@compiled
def _write_words(text, size, lines):  # type: ignore[no-untyped-def]
    """Write the words of each text on a line, with spaces between; return how many bytes.

    Args:
        text: ASCII, each text followed by 0xff, and four bytes of no meaning after the last.
        size: bytes without those four.
        lines: uint8, as many and one more for each text.
    """
    at = out = 0
    while at < size:
        byte = text[at]
        if _KINDS[byte] & _IN_WORD:
            stop = _word_end(text, at)
        elif byte == _BETWEEN:
            lines[out] = _LINE_END
            out += 1
            at += 1
            continue
        elif byte == _HASH:  # of a tag, the word behind the sign
            at += 1
            while _KINDS[text[at]] & _UNDERSCORE:
                at += 1
            if not _KINDS[text[at]] & _LETTER:
                continue
            stop = at
            while _KINDS[text[stop]] & _IN_TAG:
                stop += 1
        else:
            at = _symbol_end(text, at)
            continue
        while at < stop:
            lines[out] = text[at]
            out += 1
            at += 1
        lines[out] = _SPACE
        out += 1
    return out


@compiled
def _word_end(text, at):  # type: ignore[no-untyped-def]
    """Return where the word that begins here ends: apostrophes join letters, points digits."""
    while True:
        while _KINDS[text[at]] & _IN_WORD:
            at += 1
        byte, after = text[at], _KINDS[text[at + 1]]
        if byte == _APOSTROPHE:
            joined = after & _IN_WORD
        elif byte in (_POINT, _COMMA):
            joined = _KINDS[text[at - 1]] & after & _DIGIT
        else:
            return at
        if not joined:
            return at
        at += 1


@compiled
def _symbol_end(text, at):  # type: ignore[no-untyped-def]
    """Return where the symbol that stands here ends, with the letters of an emoticon or a tag."""
    byte = text[at]
    after = at + 1
    if _KINDS[byte] & _EYES:  # :D ;-p
        if _KINDS[text[after]] & _NOSE:
            after += 1
        behind = text[after + 1]
        if _KINDS[text[after]] & _MOUTH and not _KINDS[behind] & _IN_TAG and behind != _SLASH:
            return after + 1
    elif byte == _LESS:
        heart = after + 1 if text[after] == _SLASH else after
        if text[heart] == _THREE and not _KINDS[text[heart + 1]] & _IN_TAG:  # <3 </3
            return heart + 1
        while _KINDS[text[after]] & _LETTER:
            after += 1
        if after > at + 1 and text[after] == _MORE:  # <unk>
            return after + 1
    return at + 1
