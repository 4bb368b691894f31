"""What the units of a vocabulary, characters, bytes or pieces, can do in a word."""

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import torch

from seqkit.decode.prefixes import PrefixIndex
from seqkit.text import TextPipeline, Vocab

__all__ = ["APOSTROPHES", "Units", "is_letter", "typed_word"]

APOSTROPHES = "'\u2019"
"""What a word may have inside."""

_FIRST = len(Vocab.SPECIALS)
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_SPACE = "\u2581"  # ▁, which SentencePiece writes for a space


def is_letter(char: str) -> bool:
    """Say whether a character is a letter, a mark or a digit."""
    return unicodedata.category(char)[0] in "LMN"


def typed_word(line: str) -> str:
    """Return the word, or the beginning of one, that a line ends with.

    A word is letters, marks and digits, with apostrophes inside.

    >>> typed_word("well-don't"), typed_word("the "), typed_word("('ti")
    ("don't", '', 'ti')
    """
    start = len(line)
    while start and (is_letter(line[start - 1]) or line[start - 1] in APOSTROPHES):
        start -= 1
    return line[start:].lstrip(APOSTROPHES)


class Units:
    """The units of a vocabulary, each as the bytes that it stands for, and masks (V,) of them.

    Attributes:
        content: UTF-8 of each unit; that of the specials is empty.
        begin: bool (V,), may be the first of a word: a letter, or the first byte of one.
        begin_whole: bool (V,), begins with a whole letter.
        begin_spaced: bool (V,), begins with a space and a whole letter, as pieces do.
        space: bool (V,), is a space alone.
        go_on: bool (V,), may follow a whole character of a word.
        complete: bool (V,), may follow a character that is not whole.
        end: bool (V,), ends the word before it, as EOS does.
    """

    def __init__(self, pipeline: TextPipeline) -> None:
        """Look at each unit once."""
        name = pipeline.tokenizer.name
        content = [_content(unit, name) for unit in pipeline.vocab.words]
        kinds = np.array(["special"] * _FIRST + [_kind(unit) for unit in content])
        after = [_kind(unit[1:]) if unit[:1] == b" " else "" for unit in content]
        self.content = [b""] * _FIRST + content
        self.begin = _any_of(kinds, "letter", "lead")
        self.begin_whole = _any_of(kinds, "letter")
        self.begin_spaced = _any_of(np.array([""] * _FIRST + after), "letter")
        self.space = torch.tensor([unit == b" " for unit in self.content])
        self.go_on = _any_of(kinds, "letter", "lead", "apostrophe")
        self.complete = _any_of(kinds, "middle")
        self.end = _any_of(kinds, "other")
        self.end[Vocab.EOS] = True
        self._index = PrefixIndex(content)

    def reaching(self, wanted: bytes) -> torch.Tensor:
        """Return the mask (V,) of the units that begin with these bytes."""
        return self._mask(self._index.beginning_with(wanted))

    def within(self, wanted: bytes) -> torch.Tensor:
        """Return the mask (V,) of the units that these bytes begin with, and go on after."""
        places = [self._index.equal_to(wanted[:size]) for size in range(1, len(wanted))]
        return self._mask(np.concatenate([np.zeros(0, np.int64), *places]))

    def _mask(self, places: npt.NDArray[np.int64]) -> torch.Tensor:
        mask = torch.zeros(len(self.content), dtype=torch.bool)
        mask[torch.from_numpy(places) + _FIRST] = True
        return mask


def _any_of(kinds: npt.NDArray[np.str_], *wanted: str) -> torch.Tensor:
    return torch.from_numpy(np.isin(kinds, wanted))


def _content(unit: str, tokenizer: str) -> bytes:
    if tokenizer == "byte":
        return unit.encode("latin-1")
    if tokenizer == "sentencepiece":
        if byte := _BYTE.fullmatch(unit):
            return bytes([int(byte[1], 16)])
        unit = unit.replace(_SPACE, " ")
    return unit.encode("utf-8", "surrogatepass")


def _kind(content: bytes) -> str:
    """Say what the first character is: a letter, an apostrophe, another one, or a part of one."""
    if not content or content[0] in (0xC0, 0xC1) or content[0] > 0xF4:
        return "never"  # in UTF-8
    if 0x80 <= content[0] < 0xC0:
        return "middle"
    size = 1 + sum(content[0] >= least for least in (0xC2, 0xE0, 0xF0))
    if len(content) < size:
        return "lead"
    char = content[:size].decode("utf-8", "surrogatepass")
    if char in APOSTROPHES:
        return "apostrophe"
    return "letter" if is_letter(char) else "other"
