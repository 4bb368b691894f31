"""Classes of characters that the word tokeniser needs and Python's `re` does not have.

Each is the inside of a `[...]`. Letters and marks come from Python's own Unicode tables; finding
them takes some milliseconds, once, when the first text that is not ASCII comes. A class of the
basic plane (code points below 0x10000) is one table look-up in `re`, others are searched range by
range: so the two are kept apart.
"""

import functools
import re
import unicodedata

__all__ = [
    "CLUSTERED",
    "HAN",
    "HIRAGANA",
    "KATAKANA",
    "MODIFIERS",
    "UNSPACED",
    "basic_letters",
    "basic_marks",
    "higher_marks",
]

HAN = (
    "\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U000323af"
)
HIRAGANA = "\u3041-\u3096\u309d-\u309f"
KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # with the half-width forms
CLUSTERED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u1950-\u19df\u1a20-\u1aaf\uaa80-\uaadf"  # Tai Le, New Tai Lue, Tai Tham, Tai Viet
)
"""South-East Asian scripts, which are written without spaces between words."""
UNSPACED = HAN + HIRAGANA + KATAKANA + CLUSTERED
MODIFIERS = "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef"
"""Emoji skin tones, the tags in the flags of England, Scotland and Wales, variation selectors."""


@functools.cache
def basic_letters() -> str:
    """Return letters of the scripts that put spaces between words, and the digits of all scripts.

    Code points below 0x10000 only.
    """
    return _ranges(re.findall(rf"[^\W_{UNSPACED}]|\d", _chars(0, 0x10000)))


@functools.cache
def basic_marks() -> str:
    """Return Unicode's marks (M: accents, vowel signs, ...) below 0x10000, and what joins letters.

    The joiners are the soft hyphen and the zero-width joiner and non-joiner.
    """
    return _ranges(_marks(_chars(0, 0x10000))) + "\u00ad\u200c\u200d"


@functools.cache
def higher_marks() -> str:
    """Return Unicode's marks of the second plane (0x10000 to 0x1ffff)."""
    return _ranges(_marks(_chars(0x10000, 0x20000)))


def _chars(start: int, end: int) -> str:
    return "".join(map(chr, range(start, end)))


def _marks(chars: str) -> list[str]:
    # a mark is never in \w or \s, and asking for few categories is what keeps this quick
    return [char for char in re.findall(r"[^\w\s]", chars) if unicodedata.category(char)[0] == "M"]


def _ranges(chars: list[str]) -> str:
    """Write sorted characters as the inside of a `[...]`, neighbours as one range."""
    after = [chr(ord(char) + 1) for char in chars]
    starts, ends = sorted(set(chars) - set(after)), sorted(set(after) - set(chars))
    return "".join(f"{start}-{chr(ord(end) - 1)}" for start, end in zip(starts, ends, strict=True))
