"""Parallel text: a sentence and its translation, a word and its pronunciation."""

import itertools
from collections.abc import Iterator
from pathlib import Path

from seqkit.data.readers.bundled import read_bundled_pairs
from seqkit.data.readers.columns import Columns
from seqkit.data.readers.hub import read_hub
from seqkit.data.readers.lines import (
    MAX_CHARS,
    Decoding,
    EncodingErrors,
    ReadStats,
    nonempty,
    read_lines,
)
from seqkit.data.readers.opening import locate
from seqkit.data.readers.tables import read_table
from seqkit.data.records import Pair
from seqkit.errors import DataError

__all__ = ["read_pairs"]


def read_pairs(
    path: str,
    *,
    source_column: str | None = None,
    target_column: str | None = None,
    encoding_errors: EncodingErrors = "strict",
    max_chars: int = MAX_CHARS,
    stats: ReadStats | None = None,
) -> Iterator[Pair]:
    """Yield pairs in the order of their source; a side may be empty.

    Args:
        path: a table (`.tsv .csv .jsonl .parquet`, `hf:NAME`) with columns `source` and `target`;
            a headerless `.tsv` of two columns, or three (the third, an attribution, is left out);
            two files of the same number of lines, `train.en,train.de`; or `bundled:NAME`, which
            may end in `:SPLIT`.
        source_column, target_column: the columns, where they have other names.
        encoding_errors, max_chars, stats: as for `read_labeled`.

    Raises:
        ConfigError: an option out of range, no bundled set of that name, or one of another kind, a
            missing library.
        DataError: what cannot be read, as one line with the path, the line and the remedy.
    """
    decoding = Decoding(encoding_errors=encoding_errors, max_chars=max_chars, stats=stats)
    if "," in path and not Path(path).exists():
        return _read_two(path, decoding)
    columns = Columns(
        roles=("source", "target"), chosen=(source_column, target_column), widths=(2, 3)
    )
    if path.startswith("bundled:"):
        rows = read_bundled_pairs(path, columns, decoding)
    elif path.startswith("hf:"):
        rows = read_hub(path, columns, decoding)
    elif locate(path).is_dir():
        raise DataError(f"{path}: a folder: give a table, or two files as train.en,train.de")
    else:
        rows = read_table(path, columns, decoding)
    return nonempty(path, (Pair(*row, path, line) for line, row in rows))


def _read_two(path: str, decoding: Decoding) -> Iterator[Pair]:
    files = path.split(",")
    if len(files) != 2:
        raise DataError(f"{path}: {len(files)} files, expected two: train.en,train.de")
    for file in files:
        locate(file)
    return _zip(files[0], files[1], decoding)


def _zip(first: str, second: str, decoding: Decoding) -> Iterator[Pair]:
    whole = line = 0
    longer = shorter = ""
    sides = itertools.zip_longest(read_lines(first, decoding), read_lines(second, decoding))
    for line, (left, right) in enumerate(sides, 1):
        if left is None or right is None:  # go on, to count them
            longer, shorter = (second, first) if left is None else (first, second)
            continue
        yield Pair(left[1], right[1], first, line)
        whole = line
    if line > whole:
        raise DataError(
            f"{longer}: {line:,} lines, and {shorter} has {whole:,}: the first is longer by "
            f"{line - whole:,}: give files whose lines belong together"
        )
