"""Parallel text: a sentence and its translation, a word and its pronunciation."""

import itertools
from collections.abc import Iterator
from pathlib import Path

from seqkit.data.catalogue import BUNDLED, PUBLIC
from seqkit.data.readers.bundled import read_bundled_pairs
from seqkit.data.readers.columns import Columns
from seqkit.data.readers.headerless import tell_columns
from seqkit.data.readers.hub import read_hub
from seqkit.data.readers.lines import (
    MAX_CHARS,
    Decoding,
    EncodingErrors,
    ReadStats,
    nonempty,
    option,
    read_lines,
)
from seqkit.data.readers.opening import locate, suffixes
from seqkit.data.readers.tables import read_header, read_table
from seqkit.data.records import Pair
from seqkit.errors import ConfigError, DataError

__all__ = ["holds_pairs", "read_pairs"]

_TSV = (".tsv", ".txt", "")


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
        source_column, target_column: the columns, where they have other names. Of an object in a
            column, as `{"translation": {"en": ...}}`, `translation.en`; not of a `.tsv` or `.csv`.
        encoding_errors, max_chars, stats: as for `read_labeled`.

    Raises:
        ConfigError: an option out of range, columns of two files, no bundled set of that name, or
            one of another kind, a missing library.
        DataError: what cannot be read, as one line with the path, the line and the remedy.
    """
    decoding = Decoding(encoding_errors=encoding_errors, max_chars=max_chars, stats=stats)
    if _are_files(path):
        files = _two(path)
        if source_column or target_column:
            name = "source-column" if source_column else "target-column"
            raise ConfigError(
                f"{path}: two files have no columns for {option(name)}: to exchange the sides give "
                f"{files[1]},{files[0]}"
            )
        return _zip(*files, decoding)
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
        if suffixes(path)[0] in _TSV:
            tell_columns(path, columns, decoding)
        rows = read_table(path, columns, decoding)
    return nonempty(path, (Pair(*row, path, line) for line, row in rows))


def holds_pairs(path: str) -> bool:
    """Tell whether a path names pairs rather than labelled texts, as far as that can be seen.

    Two files are pairs, a set of that kind, and a table whose columns source and target are found
    by name while text and label are not. A `.tsv` without a header may be either, and is not.
    """
    if path.startswith("bundled:"):
        known = BUNDLED.get(path.removeprefix("bundled:").partition(":")[0])
        return known is not None and known.kind == "parallel"
    if path.startswith("hf:"):
        public = PUBLIC.get(path.removeprefix("hf:").partition(":")[0].partition("/")[0])
        return public is not None and public.kind == "parallel"
    if _are_files(path):
        return path.count(",") == 1
    if not Path(path).is_file() or _has_columns(path, ("label", "text")):
        return False
    return _has_columns(path, ("source", "target"))


def _has_columns(path: str, names: tuple[str, str]) -> bool:
    """Tell whether a table, which is read up to its first record, has columns of these names."""
    columns = Columns(roles=names, chosen=(None, None), widths=(2,))
    decoding = Decoding(encoding_errors="replace")
    try:
        if suffixes(path)[0] in _TSV and not columns.header_in(read_header(path, decoding)):
            return False
        return next(read_table(path, columns, decoding), None) is not None
    except DataError:  # what is wrong with it is said when it is read
        return False


def _are_files(path: str) -> bool:
    """Tell whether a path names several files, with commas between."""
    return "," in path and not Path(path).exists()


def _two(path: str) -> tuple[str, str]:
    files = path.split(",")
    if len(files) != 2:
        raise DataError(f"{path}: {len(files)} files, expected two: train.en,train.de")
    for file in files:
        locate(file)
    return files[0], files[1]


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
