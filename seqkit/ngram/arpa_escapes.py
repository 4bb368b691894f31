r"""Words that an ARPA file cannot hold as they are, such as those of models of characters or bytes.

A word that is white space, or the character NUL, is written as its escape: `\x20`, `\u2003`,
`\x00`. No other word is.
"""

import re

__all__ = ["escaped", "unescaped"]

_ESCAPES = re.compile(r"(?:\\x[0-9a-f]{2}|\\u[0-9a-f]{4})+")


def escaped(word: str) -> str:
    r"""Return how a word stands in the file.

    >>> escaped("\0"), escaped("\t\u2003"), escaped("the")
    ('\\x00', '\\x09\\u2003', 'the')
    """
    if not _is_blank(word):
        return word
    return "".join(f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in word)


def unescaped(name: str) -> str:
    r"""Return the word that stands so in the file.

    >>> unescaped(r"\x00"), unescaped(r"\x41")
    ('\x00', '\\x41')
    """
    if not _ESCAPES.fullmatch(name):
        return name
    word = name.encode().decode("unicode_escape")
    return word if _is_blank(word) else name


def _is_blank(word: str) -> bool:
    return word.replace("\0", " ").isspace()
