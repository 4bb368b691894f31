"""Pairs of neighbours in Chinese, Japanese and Korean text, which does not part its words.

A word of two characters is then one term, a longer one some terms in a row, and no dictionary
decides beforehand what a word is (the bigrams of Lucene's CJK analyser). The last character of a
run is a term, too: so each character begins exactly one term, and a word of one character is found
by the terms that begin with it.
"""

import functools
import operator
import re

from seqkit.text import Token, Tokenizer
from seqkit.text.scripts import HAN, HIRAGANA, KATAKANA, basic_marks

__all__ = ["asked_pairs", "is_cjk", "pair_spans", "pair_tokens"]

_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc"
_CJK = re.compile(f"[{HAN}{HIRAGANA}{KATAKANA}{_HANGUL}]")


def is_cjk(text: str) -> bool:
    """Say whether a Han, kana or Hangul character is in the text."""
    return not text.isascii() and _CJK.search(text) is not None


def pair_spans(text: str, tokenizer: Tokenizer) -> list[Token]:
    """Cut runs of Han, kana and Hangul into pairs, and what is between them by the tokeniser.

    The pairs overlap, and so do their spans.

    >>> from seqkit.text import WordTokenizer
    >>> [token.text for token in pair_spans("My 华为手机 茶!", WordTokenizer())]
    ['My', '华为', '为手', '手机', '机', '茶', '!']
    """
    found: list[Token] = []
    at = 0
    for run in _run().finditer(text):
        found += _moved(tokenizer.spans(text[at : run.start()]), at)
        starts = [one.start() for one in _character().finditer(text, *run.span())]
        ends = [*starts[2:], run.end(), run.end()]
        found += [Token(text[i:j], i, j) for i, j in zip(starts, ends, strict=False)]
        at = run.end()
    return found + _moved(tokenizer.spans(text[at:]), at)


def pair_tokens(text: str, tokenizer: Tokenizer) -> list[str]:
    """Return the same tokens without their places, sooner."""
    if _mark().search(text):  # a character may be more than one code point
        return [token.text for token in pair_spans(text, tokenizer)]
    found: list[str] = []
    at = 0
    for run in _run().finditer(text):
        found += tokenizer(text[at : run.start()])
        found += map(operator.add, run[0], run[0][1:])
        found.append(run[0][-1])
        at = run.end()
    return found + tokenizer(text[at:])


def asked_pairs(text: str, tokenizer: Tokenizer) -> list[str | None]:
    """Return the tokens of a query: None for a last character, which need not be last in a text.

    >>> from seqkit.text import WordTokenizer
    >>> asked_pairs("华为手机 茶", WordTokenizer())
    ['华为', '为手', '手机', None, '茶']
    """
    tokens, end = list[str | None](), 0
    for token in pair_spans(text, tokenizer):
        tokens.append(token.text if token.end > end else None)
        end = token.end
    return tokens


def _moved(tokens: list[Token], by: int) -> list[Token]:
    return [Token(token.text, token.start + by, token.end + by) for token in tokens]


@functools.cache
def _mark() -> re.Pattern[str]:
    return re.compile(f"[{basic_marks()}\U000e0100-\U000e01ef]")


@functools.cache
def _character() -> re.Pattern[str]:
    return re.compile(f"{_CJK.pattern}{_mark().pattern}*+")


@functools.cache
def _run() -> re.Pattern[str]:
    return re.compile(f"(?:{_character().pattern})++")
