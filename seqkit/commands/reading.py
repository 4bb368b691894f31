"""Texts for a command, or their lines: of a file, of a named set, or of stdin."""

import codecs
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seqkit.data import MAX_CHARS, EncodingErrors, read_text, text_lines
from seqkit.errors import ConfigError, DataError

__all__ = ["ReadingOptions", "check_limit", "read_lines", "read_texts", "warn_of_files"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """How what a command is given is read."""

    text_column: str | None = None
    """Column of the text, where it is not called text."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8."""
    max_chars: int = MAX_CHARS
    """Longest record that is read, in characters."""


def check_limit(command: str, options: ReadingOptions) -> None:
    """Refuse a record length that no record can have."""
    if options.max_chars < 1:
        raise ConfigError(f"{command}: --max-chars {options.max_chars}: must be 1 or more")


def warn_of_files(texts: Sequence[str]) -> None:
    """Warn of a text that is the name of a file: it is perhaps meant to be read."""
    for text in texts:
        if len(text) < 200 and os.path.isfile(text):
            logger.warning("%s is a file, taken as a text: --file %s reads it", text, text)


def read_lines(path: str, options: ReadingOptions) -> Iterator[str]:
    """Yield the lines of running text, cut as a recipe cuts what it trains on."""
    for text in read_texts(path, options):
        yield from text_lines(text)  # only a cell of a table has more than one


def read_texts(path: str, options: ReadingOptions) -> Iterator[str]:
    """Yield the texts of a file, each as it is, or the lines of stdin for `-`."""
    if path == "-":
        return _stdin_lines(options.encoding_errors, options.max_chars)
    return read_text(
        path,
        text_column=options.text_column,
        encoding_errors=options.encoding_errors,
        max_chars=options.max_chars,
    )


def _stdin_lines(errors: str, max_chars: int) -> Iterator[str]:
    """Yield the lines of stdin, decoded one by one so that a fault has a line number."""
    most = 4 * max_chars + len(b"\r\n")  # UTF-8 takes 4 bytes at most
    lines = iter(lambda: sys.stdin.buffer.readline(most), b"")
    for number, line in enumerate(lines, start=1):
        body = line.removesuffix(b"\r\n").removesuffix(b"\n")
        if number == 1:
            body = body.removeprefix(codecs.BOM_UTF8)
        cut = len(body) > 4 * max_chars  # perhaps inside a character
        try:
            text = body.decode("utf-8", "replace" if cut else errors)
        except UnicodeDecodeError as error:
            raise DataError(
                f"stdin:{number}: not UTF-8 at byte {error.start} of the line: convert it, or "
                "--encoding-errors replace"
            ) from None
        if len(text) > max_chars or cut:
            raise DataError(
                f"stdin:{number}: a single record of more than {max_chars:,} characters: "
                "check that the input has line breaks, or allow it with --max-chars"
            )
        yield text
