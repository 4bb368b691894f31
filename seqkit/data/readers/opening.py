"""Files on disk -> bytes, decompressed: what exists, what its name says it is, what is damaged."""

import contextlib
import difflib
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from seqkit.errors import DataError

__all__ = ["DAMAGE", "damage", "locate", "open_bytes", "suffixes"]

DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError)
"""What the disk and the decompressors raise while reading."""

_COMPRESSED = (".gz", ".xz")


def suffixes(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Name the format and the compression that a file name states, in lower case.

    >>> suffixes("a/train.TSV.gz"), suffixes("SMSSpamCollection")
    (('.tsv', '.gz'), ('', ''))
    """
    name = Path(path)
    compression = name.suffix.lower()
    if compression not in _COMPRESSED:
        return compression, ""
    return name.with_suffix("").suffix.lower(), compression


def locate(path: str | os.PathLike[str]) -> Path:
    """Return the path if it exists, else raise DataError with the nearest name beside it."""
    found = Path(path)
    if found.exists():
        return found
    missing = found
    while not missing.parent.exists():
        missing = missing.parent
    folder = missing.parent
    beside = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    near = difflib.get_close_matches(missing.name, beside, n=1)
    hint = f" (did you mean '{folder / near[0]}'?)" if near else ""
    kind = "file or folder" if missing == found else f"folder '{missing}'"
    raise DataError(f"{path}: no such {kind}{hint}")


@contextlib.contextmanager
def open_bytes(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file for buffered reading of its content, decompressed as its name states.

    Raises:
        DataError: the file is missing, is a folder, or may not be read.
    """
    compression = suffixes(path)[1]
    with contextlib.ExitStack() as stack:
        try:
            handle: IO[bytes] = stack.enter_context(open(locate(path), "rb"))
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None
        if compression:
            inflate = gzip.open if compression == ".gz" else lzma.open
            inner = stack.enter_context(inflate(handle, "rb"))
            handle = stack.enter_context(io.BufferedReader(inner, 1 << 16))
        yield handle


def damage(where: str, error: Exception) -> DataError:
    """Say what one of `DAMAGE`, raised while reading at `where`, means."""
    if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
        return DataError(f"{where}: {error.strerror or error}")
    return DataError(f"{where}: damaged or truncated compressed file ({error}): fetch it again")
