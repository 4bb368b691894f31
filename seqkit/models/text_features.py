"""What a unit of a language model may be tracking: features of a text, a number for each token."""

import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from seqkit.text.tokenizer import Token

__all__ = ["FEATURES", "text_features"]

FEATURES = (
    "inside double quotes",
    "inside parentheses",
    "position in the line",
    "indentation",
    "capital letter",
    "digit",
    "white space",
    "punctuation",
    "sentence start",
)
"""The rows of `text_features`."""

_TAB = 4  # columns of indentation
_OPENING, _CLOSING = "“„«", "”»"
_BRACKETS = "([{"
_SENTENCE_ENDS = ".!?…。！？"


def text_features(
    lines: Sequence[str], spans: Sequence[Sequence[Token]], *, line_ends: bool
) -> npt.NDArray[np.float32]:
    r"""Compute each of `FEATURES` for each token, as it stands when the token has been read.

    A double quote opens where it follows white space or a bracket and does not precede white
    space, closes where it follows anything else, and between two white spaces does what is due;
    `` and '' of the Penn Treebank count as well. An empty line closes quotes and parentheses, so
    that one that was forgotten does no harm to the rest.

    Args:
        lines: the normalised lines.
        spans: the tokens of each line, with the characters that they cover.
        line_ends: whether a token for the line break follows each line.

    Returns:
        (F, N) float32, F in the order of `FEATURES`, N the tokens of all lines.
    """
    reader = _Reader()
    rows = []
    for line, tokens in zip(lines, spans, strict=True):
        rows += reader.line(line, tokens, line_ends)
    return np.array(rows, np.float32).reshape(-1, len(FEATURES)).T


class _Reader:
    """Reads lines one after the other and remembers what is open."""

    def __init__(self) -> None:
        self.quoted, self.depth, self.at_start = False, 0, True

    def line(self, line: str, tokens: Sequence[Token], line_end: bool) -> Iterator[list[float]]:
        if not line.strip():
            self.quoted, self.depth, self.at_start = False, 0, True
        body = len(line) - len(line.lstrip())
        read = 0
        for token in tokens:
            starts = self.at_start and any(map(str.isalnum, line[read : token.end]))
            for at in range(read, token.end):
                self._character(line, at)
            read = max(read, token.end)
            covered = line[token.start : token.end]
            indent = line[: min(body, read)].expandtabs(_TAB)
            yield [
                self.quoted,
                self.depth > 0,
                token.end,
                len(indent),
                any(map(str.isupper, covered)),
                any(map(str.isdigit, covered)),
                covered.isspace(),
                bool(covered) and all(map(_is_punctuation, covered)),
                starts,
            ]
        for at in range(read, len(line)):
            self._character(line, at)
        if line_end:
            yield [self.quoted, self.depth > 0, 0, 0, False, False, True, False, False]

    def _character(self, line: str, at: int) -> None:
        char = line[at]
        self._quote(line, at, char)
        if char in _BRACKETS:
            self.depth += 1
        elif char in ")]}":
            self.depth = max(self.depth - 1, 0)
        if char in _SENTENCE_ENDS and not line[at + 1 : at + 2].isalnum():
            self.at_start = True
        elif char.isalnum():
            self.at_start = False

    def _quote(self, line: str, at: int, char: str) -> None:
        double = line[at - 1 : at + 1] if at else char
        if char in _OPENING or double == "``":
            self.quoted = True
        elif char in _CLOSING or double == "''":
            self.quoted = False
        elif char == '"':
            after_gap = at == 0 or line[at - 1].isspace() or line[at - 1] in _BRACKETS
            before_gap = at + 1 == len(line) or line[at + 1].isspace()
            self.quoted = not self.quoted if after_gap and before_gap else after_gap


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"
