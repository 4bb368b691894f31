"""Tokenised text in files that gensim's training reads by itself, without Python's lock.

A line is a sentence, its tokens apart by a space. A token that holds white space, or that UTF-8
cannot write, is written as a mark and the digits of its bytes; `escape` and `unescape`.
"""

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqkit.files import refuse_full_disk

__all__ = ["TokenFile", "TokenPart", "escape", "unescape", "write_token_file"]

LONGEST = 10_000
"""Tokens of a line: gensim cuts there, and so do we."""

_MARK = "\ue000"  # a private character: no text has it by chance
_LEAST = 4_000_000  # tokens of a part
_TIMES = (
    50  # a part has so many times the distinct words: what each part costs anew grows with them
)
# what C++ takes for white space, what UTF-8 cannot hold, and the mark itself
_ODD = re.compile(f"[ \t-\r\ud800-\udfff{_MARK}]")


@dataclass(frozen=True)
class TokenPart:
    """A file of a text that is cut in several, so that training can tell how far it is."""

    path: Path
    lines: int
    tokens: int


@dataclass(frozen=True)
class TokenFile:
    """A tokenised text on disk, and what was counted while it was written."""

    parts: Sequence[TokenPart]
    counts: Mapping[str, int]
    """How often each token came."""
    longest: int
    """Tokens of the longest line."""

    @property
    def lines(self) -> int:
        """Lines that have a token; of more than 10,000 tokens, a line is several."""
        return sum(part.lines for part in self.parts)

    @property
    def tokens(self) -> int:
        """Tokens of all lines."""
        return sum(part.tokens for part in self.parts)

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the tokens of each line."""
        for part in self.parts:
            with open(part.path, encoding="utf-8", newline="\n") as handle:
                for line in handle:
                    tokens = line[:-1].split(" ")
                    yield [*map(unescape, tokens)] if _MARK in line else tokens

    def empty(self) -> None:
        """Cut the files to nothing: who reads one comes to its end."""
        for part in self.parts:
            with contextlib.suppress(FileNotFoundError):
                os.truncate(part.path, 0)


def write_token_file(
    sentences: Iterable[Sequence[str]], folder: Path, *, name: str = "tokens", least: int = _LEAST
) -> TokenFile:
    """Write tokenised sentences, and count their tokens; memory holds the distinct ones.

    Args:
        sentences: the tokens of each; those without any are left out.
        folder: for the files, NAME-1.txt and so on, which stay as long as the text is used.
        name: what the files are called.
        least: tokens of a part but the last, at least.

    Raises:
        DataError: the disk is full.
    """
    counts: Counter[str] = Counter()
    parts: list[TokenPart] = []
    longest = 0
    lines = _lines(sentences)
    with refuse_full_disk(folder, "free some space: the tokenised text is as large as the text"):
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            path = folder / f"{name}-{len(parts) + 1}.txt"
            written = tokens = 0
            with open(path, "wb") as handle:
                for line in lines:
                    counts.update(line)
                    handle.write(_written(line))
                    written, tokens, longest = (
                        written + 1,
                        tokens + len(line),
                        max(longest, len(line)),
                    )
                    if tokens >= max(least, _TIMES * len(counts)):
                        break
            if not written:
                path.unlink()
                return TokenFile(parts, counts, longest)
            parts.append(TokenPart(path, written, tokens))


def escape(token: str) -> str:
    r"""Write a token without white space and surrogates.

    >>> escape("word"), escape("a b"), unescape(escape("a b"))
    ('word', '\ue000612062', 'a b')
    """
    if not _ODD.search(token):
        return token
    return _MARK + token.encode("utf-8", "surrogatepass").hex()


def unescape(written: str) -> str:
    """Return the token that `escape` wrote."""
    if not written.startswith(_MARK):
        return written
    return bytes.fromhex(written[1:]).decode("utf-8", "surrogatepass")


def _lines(sentences: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    for sentence in sentences:
        if len(sentence) <= LONGEST:
            if sentence:
                yield sentence
            continue
        for start in range(0, len(sentence), LONGEST):
            yield sentence[start : start + LONGEST]


def _written(tokens: Sequence[str]) -> bytes:
    line = " ".join(tokens)
    # `isprintable` is quick and is False for all that could be odd but the space
    if line.count(" ") >= len(tokens) or not line.isprintable():
        line = " ".join(map(escape, tokens))
    return line.encode() + b"\n"
