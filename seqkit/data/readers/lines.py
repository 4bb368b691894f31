"""The layer under every reader: bytes on disk -> lines of text, with their numbers.

A line ends at LF or CRLF and nowhere else: U+2028, U+0085, form feeds and lone carriage returns
are characters of the text. A byte-order mark at the start is dropped.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from seqkit.data.readers.opening import DAMAGE, damage, open_bytes
from seqkit.errors import ConfigError, DataError, choices

__all__ = [
    "MAX_CHARS",
    "Decoding",
    "EncodingErrors",
    "ReadStats",
    "nonempty",
    "option",
    "read_lines",
    "too_long",
]

EncodingErrors = Literal["strict", "replace"]
MAX_CHARS = 1_000_000

_Record = TypeVar("_Record")
_BOM = b"\xef\xbb\xbf"


@dataclass
class ReadStats:
    """What a reader counts for its caller while it is read."""

    replaced: int = 0
    """Lines that held bytes that are not UTF-8, read with `encoding_errors="replace"`."""


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How bytes become records: what every reader needs to know.

    Args:
        encoding_errors: "strict" refuses bytes that are not UTF-8; "replace" puts U+FFFD for them
            and counts the line in `stats`.
        max_chars: characters that one record may hold, so that a file without line breaks is
            refused before it fills the memory.
        stats: filled while reading, where given.

    Raises:
        ConfigError: an option that is out of range.
    """

    encoding_errors: EncodingErrors = "strict"
    max_chars: int = MAX_CHARS
    stats: ReadStats | None = None

    def __post_init__(self) -> None:
        if self.encoding_errors not in get_args(EncodingErrors):
            allowed = get_args(EncodingErrors)
            raise ConfigError(choices("encoding_errors", self.encoding_errors, allowed))
        if self.max_chars < 1:
            raise ConfigError(f"max_chars {self.max_chars}: give a number of 1 or more")


def nonempty(path: str, records: Iterator[_Record]) -> Iterator[_Record]:
    """Yield the records, and raise DataError if there were none."""
    empty = True
    for record in records:
        empty = False
        yield record
    if empty:
        raise DataError(f"{path}: no records in it")


def option(name: str) -> str:
    """Write an option of a reader as a person types it: `train` has it in its group data.

    >>> option("max-chars")
    '--max-chars (train: --data.max-chars)'
    """
    return f"--{name} (train: --data.{name})"


def too_long(where: str, max_chars: int) -> DataError:
    """Say that one record is longer than allowed."""
    return DataError(
        f"{where}: a single record of more than {max_chars:,} characters: "
        f"check that the file has line breaks, or allow it with {option('max-chars')}"
    )


def read_lines(path: str, decoding: Decoding) -> Generator[tuple[int, str], None, None]:
    """Yield the lines of a text file, numbered from 1, without their line ends.

    Holds one line at a time, and no more of a line than `decoding.max_chars` allows.

    Raises:
        DataError: a missing, empty or damaged file, bytes that are not UTF-8, a NUL byte, or a
            line that is too long. Byte offsets count from 0 in the decompressed content.
    """
    offset = number = 0
    for number, raw in enumerate(_raw_lines(path, decoding.max_chars), 1):
        if number == 1:
            offset, raw = _skip_mark(path, raw)
        yield number, _decode(raw, f"{path}:{number}", offset, decoding)
        offset += len(raw)
    if number == 0:
        raise DataError(f"{path}: the file is empty")


def _raw_lines(path: str, max_chars: int) -> Iterator[bytes]:
    most = 4 * max_chars + len(_BOM) + len(b"\r\n")  # UTF-8 takes 4 bytes at most
    number = 0
    with open_bytes(path) as handle:
        try:
            while raw := handle.readline(most):
                number += 1
                yield raw
        except DAMAGE as error:
            raise damage(f"{path}:{number + 1}", error) from None


def _skip_mark(path: str, raw: bytes) -> tuple[int, bytes]:
    """Drop a byte-order mark; return where the rest of the first line begins, and the rest."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{path}:1: the file is UTF-16: convert it to UTF-8")
    rest = raw.removeprefix(_BOM)
    return len(raw) - len(rest), rest


def _decode(raw: bytes, where: str, offset: int, decoding: Decoding) -> str:
    """Decode one line that begins at byte `offset` of the content."""
    if b"\0" in raw:
        at = offset + raw.index(b"\0")
        raise DataError(f"{where}: NUL byte at byte {at}: this is not a text file")
    body = raw[: -2 if raw.endswith(b"\r\n") else -1] if raw.endswith(b"\n") else raw
    if len(body) > 4 * decoding.max_chars:  # the line may have been cut inside a character
        raise too_long(where, decoding.max_chars)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        if decoding.encoding_errors == "strict":
            raise DataError(
                f"{where}: invalid UTF-8 at byte {offset + error.start} "
                f"(0x{body[error.start]:02x}): convert the file to UTF-8, or continue with "
                f"{option('encoding-errors replace')}"
            ) from None
        text = body.decode(errors="replace")
        if decoding.stats is not None:
            decoding.stats.replaced += 1
    if len(text) > decoding.max_chars:
        raise too_long(where, decoding.max_chars)
    return text
