"""Make spellings that mean the same be the same, each kind by a switch of its own."""

import html
import re
import unicodedata
from dataclasses import dataclass, fields
from typing import Literal

from seqkit.errors import ConfigError, choices
from seqkit.text.links import LINK, may_hold_link

__all__ = ["Normalizer"]

_CHOICES = {"unicode": ("none", "nfc", "nfkc"), "case": ("keep", "lower", "fold")}
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<[!?][A-Za-z][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,8}|#[xX][0-9A-Fa-f]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, kw_only=True)
class Normalizer:
    """Rewrite a text before it is cut into tokens.

    The steps run in the order html, unicode and case, urls, numbers, whitespace. Applying a
    normaliser twice changes nothing more, except with `html`, which takes off one layer of markup
    at a time (`&amp;lt;` becomes `&lt;`).

    Raises:
        ConfigError: if a switch has a value that it does not know.

    >>> Normalizer(case="lower", urls=True, numbers=True)("See WWW.Example.org, only $1,000.50!")
    'see <url>, only $0!'
    """

    unicode: Literal["none", "nfc", "nfkc"] = "nfc"
    """nfc: one code for one character; nfkc: also ligatures, full-width letters, superscripts."""
    case: Literal["keep", "lower", "fold"] = "keep"
    """lower: small letters; fold: Unicode case folding, in which ß is ss."""
    whitespace: bool = False
    """Runs of white space to one space, none at the ends."""
    html: bool = False
    """Tags and comments to a space, then entities to the characters that they stand for."""
    urls: bool = False
    """URLs and e-mail addresses to the word `<url>`."""
    numbers: bool = False
    """A run of digits, with the points and commas inside it, to `0`: `1,000.50`, `2024`, `x86`."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _CHOICES:
                if value not in _CHOICES[field.name]:
                    raise ConfigError(choices(field.name, value, _CHOICES[field.name]))
            elif not isinstance(value, bool):
                raise ConfigError(f"{field.name} {value!r}: give True or False")

    def __call__(self, text: str) -> str:
        """Return the normalised text."""
        if self.html:
            text = _without_markup(text)
        if self.unicode != "none" and not text.isascii():
            text = self._unicode_and_case(text)
        elif self.case == "lower":
            text = text.lower()
        elif self.case == "fold":
            text = text.casefold()
        if self.urls and may_hold_link(text):
            text = LINK.sub("<url>", text)
        if self.numbers:
            text = _NUMBER.sub("0", text)
        if self.whitespace:
            text = " ".join(text.split())
        return text

    def lost(self) -> list[str]:
        """Name what the normalised text does not tell of the text; NFC loses nothing."""
        parts = {
            "compatibility forms": self.unicode == "nfkc",
            "case": self.case != "keep",
            "white space": self.whitespace,
            "markup": self.html,
            "links": self.urls,
            "numbers": self.numbers,
        }
        return [name for name, lost in parts.items() if lost]

    def _unicode_and_case(self, text: str) -> str:
        form: Literal["NFC", "NFKC"] = "NFC" if self.unicode == "nfc" else "NFKC"
        text = unicodedata.normalize(form, text)  # returns at once what is normal already
        if self.case == "keep":
            return text
        text = text.lower() if self.case == "lower" else text.casefold()
        return unicodedata.normalize(form, text)  # small letters may compose where capitals did not


def _without_markup(text: str) -> str:
    # Comments are sought only up to the last "-->": openings without an end would be quadratic.
    commented, close, rest = text.rpartition("-->")
    if close:
        text = _COMMENT.sub(" ", commented + close) + rest
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        # html.unescape alone raises on a reference of more than 4,300 digits
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text
