"""Texts without labels, one at a time: the lines of a file, or a column of a table."""

from collections.abc import Iterator
from pathlib import Path

from seqkit.data.readers.bundled import read_bundled_text
from seqkit.data.readers.columns import Columns
from seqkit.data.readers.hub import read_hub
from seqkit.data.readers.lines import MAX_CHARS, Decoding, EncodingErrors, ReadStats, read_lines
from seqkit.data.readers.opening import locate, suffixes
from seqkit.data.readers.tables import TABLES, read_table
from seqkit.errors import DataError

__all__ = ["read_text"]


def read_text(
    path: str,
    *,
    text_column: str | None = None,
    encoding_errors: EncodingErrors = "strict",
    max_chars: int = MAX_CHARS,
    stats: ReadStats | None = None,
) -> Iterator[str]:
    """Yield the lines of a text as they are, empty ones too: they may part paragraphs.

    A record of a table is one text, which may hold line breaks (see `seqkit.data.text_lines`).

    Args:
        path: a file (`.tsv .csv .jsonl .parquet`: the column `text`; any other: its lines), a
            folder of `.txt` files (one after the other, by name), `bundled:NAME`, which
            may end in `:SPLIT`, or `hf:NAME`.
        text_column: the column of the text in a table, where it is not called `text`.
        encoding_errors, max_chars, stats: as for `read_labeled`; a record is a line here.

    Raises:
        ConfigError: an option out of range, an unknown bundled set, a missing library.
        DataError: what cannot be read, as one line with the path, the line and the remedy.
    """
    decoding = Decoding(encoding_errors=encoding_errors, max_chars=max_chars, stats=stats)
    columns = Columns(roles=("text",), chosen=(text_column,), widths=(1,))
    if path.startswith("bundled:"):
        return read_bundled_text(path, decoding)
    if path.startswith("hf:"):
        return (text for _, (text,) in read_hub(path, columns, decoding))
    if locate(path).is_dir():
        return _read_folder(path, decoding)
    if suffixes(path)[0] in TABLES:
        return (text for _, (text,) in read_table(path, columns, decoding))
    return (line for _, line in read_lines(path, decoding))


def _read_folder(path: str, decoding: Decoding) -> Iterator[str]:
    files = sorted(Path(path).glob("*.txt"))
    if not files:
        raise DataError(f"{path}: a folder of no known layout: expected .txt files, or give a file")
    return (line for file in files for _, line in read_lines(str(file), decoding))
