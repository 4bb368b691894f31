"""Texts that are longer than what a model was trained on: cut in parts, and put together again."""

import re
import unicodedata
from collections.abc import Callable, Sequence

from seqkit.text import Tokenizer, scripts

__all__ = ["join_texts", "split_sentences", "split_text"]

_CLOSING = r"[\"'”’»)\]」』）]*"
_SEAMS = (
    re.compile(rf"[.!?…]{_CLOSING}\s+|[。！？]{_CLOSING}\s*|\n\s*"),  # ends of sentences
    re.compile(r"[,;:]\s+|[，、；：]\s*"),
    re.compile(r"\s+"),
)
_WITHOUT_SPACES = re.compile(f"[{scripts.UNSPACED}\u3000-\u303f\uff01-\uff65]")


def split_text(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Cut a text in parts that fit, of about the same length and as few as that gives.

    A text that is too long is cut in two, at the end of a sentence, else at a comma, else at white
    space, else at a character: the place of the best kind that is nearest to the middle. What is
    still too long is cut again.

    >>> split_text("One, two. Three, four.", lambda text: len(text) < 12)
    ['One, two.', 'Three,', 'four.']
    """
    text = text.strip()
    if len(text) < 2 or fits(text):
        return [text]
    at = _seam(text)
    return [*split_text(text[:at], fits), *split_text(text[at:], fits)]


def split_sentences(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Cut a text at ends of sentences alone, each part with as many sentences as fit.

    A sentence that does not fit is a part of its own.

    >>> split_sentences("One, two. Three. Four.", lambda text: len(text) < 8)
    ['One, two.', 'Three.', 'Four.']
    >>> split_sentences("One, two. Three. Four.", lambda text: len(text) < 17)
    ['One, two. Three.', 'Four.']
    """
    text = text.strip()
    parts, start, end = [], 0, 0  # of the part that is being filled
    for after in [*_places(_SEAMS[0], text), len(text)]:
        if start < end and not fits(text[start:after].rstrip()):
            parts.append(text[start:end].rstrip())
            start = end
        end = after
    return [*parts, text[start:]]


def _places(seam: re.Pattern[str], text: str) -> list[int]:
    """Return where a text may be cut, its end left out."""
    return [match.end() for match in seam.finditer(text) if match.end() < len(text)]


def _seam(text: str) -> int:
    """Return where to cut a text that has no white space at its ends."""
    for seam in _SEAMS:
        if places := _places(seam, text):
            return min(places, key=lambda at: abs(2 * at - len(text)))
    at = len(text) // 2
    while at < len(text) - 1 and unicodedata.category(text[at])[0] == "M":
        at += 1  # an accent stays with its letter
    return at


def join_texts(texts: Sequence[str], tokenizer: Tokenizer) -> str:
    """Put parts together as the tokeniser of their language joins tokens.

    Where its tokens hold the spaces themselves, one space goes between two parts, and none between
    characters of a script that has none.

    >>> from seqkit.text import CharTokenizer
    >>> join_texts(["Yes.", "No."], CharTokenizer()), join_texts(["是。", "不。"], CharTokenizer())
    ('Yes. No.', '是。不。')
    """
    texts = [text for text in texts if text]
    if not tokenizer.keeps_space:
        return tokenizer.join(texts)
    joined = ""
    for text in texts:
        unspaced = _WITHOUT_SPACES.match(joined[-1:]) and _WITHOUT_SPACES.match(text)
        joined += text if unspaced or not joined else " " + text
    return joined
