"""The one analyser of the baselines: lower-cased words and punctuation marks."""

import re

__all__ = ["tokens"]

# Thai, Lao, Burmese, Khmer, Chinese and Japanese put no spaces between words: each character is a
# token, and the n-grams over them do the work of words.
_UNSPACED = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u109d\u1780-\u17d3\u3005-\u3007\u3041-\u309f\u30a1-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Marks written on the letter before them, which `\w` leaves out: accents, Hebrew and Arabic
# vowels, the vowel signs of the scripts of India.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903"
    "\u093a-\u094f\u0962\u0963\u0981-\u0983\u09bc-\u09d7\u0a01-\u0a03\u0a3c-\u0a51\u0a81-\u0a83"
    "\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3c-\u0c56"
    "\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d4d"
)
_LETTERS = rf"[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{_MARKS}])*"

_ASCII = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\s\w]|_")
_UNICODE = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*|[^\s\w]|_|[{_UNSPACED}]")


def tokens(text: str) -> list[str]:
    """Cut a text into lower-cased words, with their inner apostrophes, and single marks.

    >>> tokens("WINNER!! Don't miss snake_case")
    ['winner', '!', '!', "don't", 'miss', 'snake', '_', 'case']
    >>> tokens("東京 naïve")
    ['東', '京', 'naïve']
    """
    text = text.lower()
    return (_ASCII if text.isascii() else _UNICODE).findall(text)
