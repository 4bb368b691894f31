"""Cut a query in the query language into its smallest pieces."""

import math
import re
from typing import NoReturn

from seqkit.errors import ConfigError

__all__ = ["Scanner", "plain"]

_WORD = re.compile(r"(?:\\.|[^\s()\\])+", re.DOTALL)
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class Scanner:
    """Read a text from left to right; `at` is the next character."""

    def __init__(self, text: str) -> None:
        """Begin at the first character."""
        self.text, self.at = text, 0

    def fault(self, at: int, what: str) -> NoReturn:
        """Raise ConfigError that names a column, in one line whatever the query holds."""
        raise ConfigError(f"query, column {at + 1}: {' '.join(what.split())}")

    def more(self) -> bool:
        """Skip white space; tell whether a clause follows, neither `)` nor the end."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text) and self.text[self.at] != ")"

    def peek(self) -> str:
        """Return what comes before the next space or parenthesis."""
        found = _WORD.match(self.text, self.at)
        return found[0] if found else ""

    def quoted(self) -> str:
        """Read a phrase in quotation marks."""
        found = _QUOTED.match(self.text, self.at)
        if not found:
            self.fault(
                self.at, "'\"' is not closed: write '\"' behind the phrase, or \\\" for itself"
            )
        self.at = found.end()
        if re.match(r"~\d", self.text[self.at : self.at + 2]):
            self.fault(self.at, "'~' behind a phrase is not supported: leave it out")
        return plain(found[1])

    def units(self) -> list[str]:
        """Read up to a space or parenthesis: single characters, or a backslash and one."""
        found = _WORD.match(self.text, self.at)
        if not found:
            if self.text[self.at] == "\\":
                self.fault(self.at, "nothing behind '\\': write \\\\ for itself")
            return []
        self.at = found.end()
        return re.findall(r"\\.|.", found[0], re.DOTALL)

    def boost(self, number: str, at: int) -> float:
        """Check what stands behind `^`, which is at `at`."""
        if not _NUMBER.fullmatch(number):
            self.fault(at, f"'^{number}': a boost is a number such as ^2.5; write \\^ for itself")
        value = float(number)
        if not (value > 0 and math.isfinite(value)):
            self.fault(at, f"'^{number}': a boost must be above 0, finite")
        return value


def plain(text: str) -> str:
    """Take the backslashes off that make a character stand for itself."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
