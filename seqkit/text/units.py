"""Tokenisers that need no rules: by white space, by character, by byte."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from seqkit.text.tokenizer import Token

__all__ = ["ByteTokenizer", "CharTokenizer", "WhitespaceTokenizer"]


class WhitespaceTokenizer:
    r"""Split at white space: for text that is tokenised already.

    >>> WhitespaceTokenizer()("the <unk> sat"), WhitespaceTokenizer(ascii=True)("5\u00a0€ net")
    (['the', '<unk>', 'sat'], ['5\xa0€', 'net'])
    """

    name = "whitespace"
    units = None
    keeps_space = False

    def __init__(self, *, ascii: bool = False) -> None:
        """Take all white space of Unicode, or that of ASCII alone, as KenLM and awk do."""
        self.ascii = ascii
        self._not_space = re.compile(r"[^ \t-\r]+" if ascii else r"\S+")

    def __call__(self, text: str) -> list[str]:
        """Return the runs of characters that are not white space."""
        return self._not_space.findall(text) if self.ascii else text.split()

    def spans(self, text: str) -> list[Token]:
        """Return the same tokens with their offsets."""
        return [Token(match[0], *match.span()) for match in self._not_space.finditer(text)]

    def many(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """Yield the tokens of each text."""
        return map(self, texts)

    def join(self, tokens: Sequence[str]) -> str:
        """Put one space between tokens; which white space was there is lost."""
        return " ".join(tokens)

    def options(self) -> dict[str, Any]:
        """Return the option, where it is not the default."""
        return {"ascii": True} if self.ascii else {}

    def to_files(self) -> dict[str, bytes]:
        """Return no files."""
        return {}


class CharTokenizer:
    """One token for each Unicode code point, white space included. Lossless.

    >>> CharTokenizer()("né !")
    ['n', 'é', ' ', '!']
    """

    name = "char"
    units = None
    keeps_space = True

    def __call__(self, text: str) -> list[str]:
        """Return the code points."""
        return list(text)

    def spans(self, text: str) -> list[Token]:
        """Return the same tokens with their offsets."""
        return [Token(char, at, at + 1) for at, char in enumerate(text)]

    def many(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """Yield the tokens of each text."""
        return map(self, texts)

    def join(self, tokens: Sequence[str]) -> str:
        """Return the original text."""
        return "".join(tokens)

    def options(self) -> dict[str, Any]:
        """Return no options."""
        return {}

    def to_files(self) -> dict[str, bytes]:
        """Return no files."""
        return {}


class ByteTokenizer:
    """One token for each byte of the UTF-8 text, 256 in all. Lossless, lone surrogates included.

    A byte is written as the character of the same number, so that ASCII stays readable.

    >>> ByteTokenizer()("né")
    ['n', 'Ã', '©']
    >>> ByteTokenizer().join(['n', 'Ã', '©'])
    'né'
    """

    name = "byte"
    units = tuple(map(chr, range(256)))
    keeps_space = True

    def __call__(self, text: str) -> list[str]:
        """Return the bytes."""
        return list(text.encode("utf-8", "surrogatepass").decode("latin-1"))

    def spans(self, text: str) -> list[Token]:
        """Return the same tokens; each byte of a character covers the whole character."""
        return [Token(byte, at, at + 1) for at, char in enumerate(text) for byte in self(char)]

    def many(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """Yield the tokens of each text."""
        return map(self, texts)

    def join(self, tokens: Sequence[str]) -> str:
        """Return the original text; bytes that are no UTF-8 (a model's) become U+FFFD.

        Raises:
            ValueError: if a token is not one of the 256.
        """
        content = "".join(tokens).encode("latin-1")
        try:
            return content.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return content.decode("utf-8", "replace")

    def options(self) -> dict[str, Any]:
        """Return no options."""
        return {}

    def to_files(self) -> dict[str, bytes]:
        """Return no files."""
        return {}
