"""The lines of a file of questions with known answers: analogies, pairs of words with a score."""

import codecs
import gzip
import lzma
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from seqkit.errors import DataError

__all__ = ["question_lines"]

_COMMENTS = ("#", "//")
_MOST = 100_000  # bytes of a line: what has more is no such file


def question_lines(path: str | os.PathLike[str]) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, text) of the lines that are neither empty nor comments (# or //).

    Args:
        path: a file in UTF-8, also `.gz` or `.xz`.

    Raises:
        DataError: no such file, damaged, not UTF-8 (with the line), or not of lines.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: {'a folder, expected a' if path.is_dir() else 'no such'} file")
    opener = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
    try:
        with opener(path, "rb") as stream:
            for number, line in enumerate(iter(lambda: stream.readline(_MOST), b""), start=1):
                if len(line) == _MOST:
                    raise DataError(f"{path}:{number}: a line of more than {_MOST:,} bytes")
                text = _decoded(line, path, number)
                if text and not text.startswith(_COMMENTS):
                    yield number, text
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
        raise DataError(f"{path}: damaged or cut short ({error}): fetch it again") from None


def _decoded(line: bytes, path: Path, number: int) -> str:
    body = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
    try:
        return body.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise DataError(f"{path}:{number}: not UTF-8 at byte {error.start} of the line") from None
