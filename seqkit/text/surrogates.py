"""Lone surrogates: half characters that a Python string can hold and UTF-8 cannot."""

import re

__all__ = ["well_formed"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def well_formed(text: str) -> str:
    """Return the text with each lone surrogate as U+FFFD, for libraries that speak UTF-8.

    The length stays, and so do offsets.

    >>> well_formed("a\\ud800b")
    'a\ufffdb'
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
