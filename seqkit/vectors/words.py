"""The words of vectors: rows by word, read from their file only when they are first asked for."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from seqkit.errors import BundleError, ConfigError, DataError

__all__ = ["Words", "word_list", "words_to_bytes"]


class Words:
    """Different words, in the order of their rows."""

    def __init__(self, words: Sequence[str]) -> None:
        """Keep words.

        Raises:
            ConfigError: one str, or one among them that is none.
            DataError: one stands twice.
        """
        self.spelled = word_list(words)
        self._count = len(self.spelled)
        if len(self.rows) < self._count:
            seen: dict[str, int] = {}
            for row, word in enumerate(self.spelled):
                if (first := seen.setdefault(word, row)) < row:
                    raise DataError(
                        f"{word!r} stands twice among the words, in rows {first} and {row}: "
                        "keep one of them"
                    )

    @classmethod
    def open(cls, path: Path, count: int) -> "Words":
        """Map a file of `words_to_bytes`, to be decoded at the first question.

        Args:
            path: the file.
            count: of the words in it.
        """
        words = cls.__new__(cls)
        words._path, words._content = path, np.memmap(path, np.uint8, "r")
        words._count = count
        return words

    @cached_property
    def spelled(self) -> list[str]:
        """All words, in the order of their rows."""
        try:
            text = bytes(self._content).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise self._damaged(f"no UTF-8 at byte {error.start}") from None
        words = text.split("\n")[:-1]
        if "\\" in text:
            words = [_unescape(word) if "\\" in word else word for word in words]
        if len(words) != self._count:
            raise self._damaged(f"{len(words)} words, expected {self._count}")
        return words

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each word."""
        rows = dict(zip(self.spelled, range(self._count), strict=True))
        if len(rows) < self._count and "_content" in vars(self):
            raise self._damaged("a word stands twice")
        return rows

    def __len__(self) -> int:
        return self._count

    def _damaged(self, reason: str) -> BundleError:
        return BundleError(f"{self._path}: damaged ({reason}): copy the folder again, whole")


def word_list(words: Iterable[str]) -> list[str]:
    """Return words as a list, once it is seen that they are words.

    Raises:
        ConfigError: one str, which is not taken for its letters, or what is no str among them.
    """
    if isinstance(words, str):
        raise ConfigError(f"{words!r}: a list of words is expected, not one: write [{words!r}]")
    listed = list(words)
    if not all(issubclass(kind, str) for kind in {*map(type, listed)}):
        odd = next(word for word in listed if not isinstance(word, str))
        raise ConfigError(f"{odd!r:.40}: a word is a str, got {type(odd).__name__}")
    return listed


def words_to_bytes(words: Sequence[str]) -> bytes:
    r"""Write a word a line, in UTF-8, line breaks and backslashes as `\n` and `\\`.

    Lone surrogates, which strict UTF-8 has no room for, are written as they are.
    """
    text = "".join([f"{word}\n" for word in words])
    if "\\" in text or text.count("\n") > len(words):
        escaped = (word.replace("\\", "\\\\").replace("\n", "\\n") for word in words)
        text = "".join([f"{word}\n" for word in escaped])
    return text.encode("utf-8", "surrogatepass")


def _unescape(word: str) -> str:
    return "\\".join(part.replace("\\n", "\n") for part in word.split("\\\\"))
