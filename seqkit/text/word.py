r"""Cut text into words, numbers, links, emoticons, emoji and punctuation, in any script.

One compiled expression does it; which of four depends on whether the text is ASCII and whether it
may hold a link, and changes the speed, never the result. Every character that is not white space
(or a zero-width space or byte order mark) is in exactly one token, so nothing is lost but spaces.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from seqkit.text import scripts
from seqkit.text.links import EMAIL, URL, may_hold_link
from seqkit.text.tokenizer import Token

__all__ = ["WordTokenizer", "join_words"]


class WordTokenizer:
    """Cut text into words and what stands between them.

    - A word is letters, digits and their marks, with apostrophes inside: `don't`, `O'Neill`.
      Hyphens part words: `well`, `-`, `known`.
    - A number keeps its points and commas: `1,000.50`, `3.5mm`.
    - One token each: URL, e-mail address, `@name`, `#tag`, placeholder such as `<unk>`, emoticon
      such as `:-)`, emoji with all its parts (skin tone, family, flag, keycap).
    - Chinese characters and hiragana stand alone; katakana stays in runs, which are mostly loan
      words. Thai, Lao, Khmer, Myanmar and their kin become grapheme clusters: a letter with its
      vowel signs, tones and stacked consonants.
    - Any other punctuation or symbol stands alone.

    Letters above code point 0xffff (Gothic, styled mathematical letters) are words of their own.
    Classes follow the Unicode tables of the running Python.

    >>> WordTokenizer()("Don't pay $1,000.50 :-) see http://x.org/a_(b)! 東京タワー👩🏽‍🚀")
    ["Don't", 'pay', '$', '1,000.50', ':-)', 'see', 'http://x.org/a_(b)', '!', '東', '京', \
'タワー', '👩🏽‍🚀']
    """

    name = "word"
    units = None
    keeps_space = False

    def __call__(self, text: str) -> list[str]:
        """Return the tokens of one text."""
        return _pattern(text.isascii(), may_hold_link(text)).findall(text)

    def spans(self, text: str) -> list[Token]:
        """Return the same tokens with their offsets."""
        matches = _pattern(text.isascii(), may_hold_link(text)).finditer(text)
        return [Token(match[0], *match.span()) for match in matches]

    def many(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """Yield the tokens of each text."""
        return map(self, texts)

    def join(self, tokens: Sequence[str]) -> str:
        """Return a readable text: see `join_words`."""
        return join_words(tokens)

    def options(self) -> dict[str, Any]:
        """Return no options."""
        return {}

    def to_files(self) -> dict[str, bytes]:
        """Return no files."""
        return {}


def join_words(tokens: Sequence[str]) -> str:
    """Put spaces where a reader expects them: a guess, for what the text had is lost.

    >>> join_words(["Well", ",", "東", "京", "(", "Tokyo", ")", "!"])
    'Well, 東京 (Tokyo)!'
    """
    return _no_space().sub("", " ".join(tokens))


@functools.cache
def _no_space() -> re.Pattern[str]:
    closing, opening = r"[.,!?;:)\]}%…、。，！？；：）」』】》]", r"[(\[{（「『【《]"
    unspaced = f"[{scripts.UNSPACED}{scripts.basic_marks()}]"
    return re.compile(
        rf" (?={closing}(?: |$))|(?<= {opening}) |(?<=^{opening}) |(?<={unspaced}) (?={unspaced})"
    )


@functools.cache
def _pattern(ascii_only: bool, links: bool) -> re.Pattern[str]:
    if ascii_only:
        letter = char = "A-Za-z0-9"
    else:
        letter = scripts.basic_letters()
        char = letter + scripts.basic_marks()
    # Possessive (`++`, `?+`) throughout: nothing is tried twice, so a long line costs linear time.
    # An apostrophe joins letters, a point or comma joins digits.
    word = rf"[{letter}][{char}]*+(?:['’.,](?:(?<=['’])|(?<=\d.)(?=\d))[{letter}][{char}]*+)*+"
    after_symbol = [  # a look-behind here is quicker than one more alternative at every position
        r"(?<=[:;=])['^-]?(?:[][()|*]|[DdPpOo/\\](?![\w/]))",  # :-) ;p =/
        r"(?<=<)(?:/?3(?!\w)|[A-Za-z]++>)",  # <3 </3 <unk>
        rf"(?<=[@#])_*+(?!\d)[{letter}][{char}_]*+",  # @name #tag
        r"(?<=\^)_*\^|(?<=-)_+-",  # ^_^ -_-
    ]
    kinds = [URL, EMAIL] if links else []
    if ascii_only:
        kinds += [word, rf"[^\s\w](?:{'|'.join(after_symbol)})?+|_"]
    else:
        kinds += [r"[0-9#*]\ufe0f?\u20e3", word, *_other_scripts(), _symbol(after_symbol), "_"]
    return re.compile("|".join(kinds))


def _other_scripts() -> list[str]:
    marks = scripts.basic_marks()
    clustered = f"[{scripts.CLUSTERED}]"
    # Khmer coeng, Myanmar and Tai Tham stackers put the next consonant below; Thai and Lao vowel
    # AM is a letter to Unicode but belongs to the letter before.
    stacked = rf"[\u17d2\u1039\u1a60](?={clustered})\w|[\u0e33\u0eb3{marks}]"
    higher = scripts.higher_marks()
    return [
        f"[{scripts.HAN}{scripts.HIRAGANA}][{marks}\U000e0100-\U000e01ef]*+",
        f"[{scripts.KATAKANA}][{scripts.KATAKANA}{marks}]*+",
        rf"(?={clustered})\w(?:{stacked})*+",
        # the cheap look-ahead spares other characters the search through the ranges
        rf"(?:(?=[\U00010000-\U0001ffff])\w(?:(?=[\U00010000-\U0001ffff])[{higher}]|[{marks}])*+)++",
    ]


def _symbol(after_symbol: list[str]) -> str:
    modified = f"[{scripts.basic_marks()}{scripts.MODIFIERS}]"
    joined = rf"\u200d[^\s\w]{modified}*+"
    flag = r"(?<=[\U0001f1e6-\U0001f1ff])[\U0001f1e6-\U0001f1ff]"
    emoji = rf"(?:{joined}|{modified})++"
    return rf"[^\s\w\u200b\ufeff](?:{'|'.join([*after_symbol, flag, emoji])})?+"
