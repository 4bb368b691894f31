"""What every tokeniser is: text in, tokens out, with offsets, and a way back."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

__all__ = ["Token", "Tokenizer"]


class Token(NamedTuple):
    """A token and the characters `text[start:end]` that it covers."""

    text: str
    start: int
    end: int


class Tokenizer(Protocol):
    """Cut text into tokens. All tokenisers take any string: empty, long, with lone surrogates.

    `make_tokenizer(t.name, options=t.options(), files=t.to_files())` makes an equal one.
    """

    name: str
    units: Sequence[str] | None
    """All tokens that it can make, where they are few and known; None where texts decide."""
    keeps_space: bool
    """Whether the tokens tell which white space stood where; words leave it out."""

    def __call__(self, text: str) -> list[str]:
        """Return the tokens of one text."""
        ...

    def spans(self, text: str) -> list[Token]:
        """Return the same tokens with the characters that each covers."""
        ...

    def many(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """Yield the tokens of each text, in order, reading no further ahead than it must."""
        ...

    def join(self, tokens: Sequence[str]) -> str:
        """Return the text of the tokens: the original if nothing was lost, else a readable one."""
        ...

    def options(self) -> dict[str, Any]:
        """Return the options that make this tokeniser, as JSON values."""
        ...

    def to_files(self) -> dict[str, bytes]:
        """Return what is needed beside name and options, as file name -> content."""
        ...
