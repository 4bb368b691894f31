"""Tables on disk -> rows of the wanted columns: TSV, CSV, JSON lines, Parquet."""

import contextlib
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from seqkit.data.readers.columns import Columns, cell, inner, named_columns
from seqkit.data.readers.lines import Decoding, read_lines, too_long
from seqkit.data.readers.opening import locate, suffixes
from seqkit.data.readers.parquet import read_parquet
from seqkit.errors import DataError, choices

__all__ = ["TABLES", "Row", "parse_json", "read_header", "read_table"]

TABLES = (".csv", ".jsonl", ".parquet", ".tsv")


class Row(NamedTuple):
    """The wanted columns of one record, and the line (or row) it begins on, from 1."""

    line: int
    values: Sequence[str]


def read_table(path: str, columns: Columns, decoding: Decoding) -> Iterator[Row]:
    """Yield the rows of a table, read as its extension says; empty lines are skipped.

    A file of no extension, or `.txt`, is taken as TSV.

    Raises:
        DataError: an unknown extension, a column that is not there, a row of the wrong width, a
            line that is not JSON, and what `read_lines` raises.
    """
    locate(path)
    extension = suffixes(path)[0]
    if extension in (".tsv", ".txt", ""):
        return _read_tsv(path, columns, decoding)
    if extension == ".csv":
        return _read_csv(path, columns, decoding)
    if extension == ".jsonl":
        return _read_jsonl(path, columns, decoding)
    if extension == ".parquet":
        return (Row(*row) for row in read_parquet(path, columns, decoding))
    allowed = (*TABLES, ".txt")
    raise DataError(f"{path}: {choices('extension', extension, allowed)}, each also .gz or .xz")


def read_header(path: str, decoding: Decoding) -> list[str]:
    """Return the fields of the first row of a CSV or TSV, without counting it as read.

    Raises:
        DataError: what `read_lines` raises, or a first row that is not CSV.
    """
    quiet = replace(decoding, stats=None)
    with contextlib.closing(read_lines(path, quiet)) as numbered:
        lines = (line for _, line in numbered if line)
        if suffixes(path)[0] != ".csv":
            return next(lines, "").split("\t")
        try:
            return next(csv.reader((line + "\n" for line in lines), strict=True), [])
        except csv.Error as error:
            raise DataError(f"{path}:1: not CSV ({error})") from None


def _read_tsv(path: str, columns: Columns, decoding: Decoding) -> Iterator[Row]:
    """Split plainly on tabs: a quote is a character of the text."""
    header: Sequence[str] | None = None
    picked = list(range(len(columns.roles)))
    for number, line in read_lines(path, decoding):
        if not line:
            continue
        fields = line.split("\t")
        if header is None and columns.header_in(fields):
            header, picked = fields, columns.find(fields, f"{path}:{number}")
            continue
        if header is None:
            width = len(fields) if len(fields) in columns.widths else columns.widths[0]
            header = [*columns.roles, *["..."] * (width - len(columns.roles))]
        if len(fields) != len(header):
            fault = f"{_count(len(fields), 'tab-separated field')}, expected {len(header)}"
            raise DataError(f"{path}:{number}: {fault} ({'<TAB>'.join(header)})")
        yield Row(number, [fields[at] for at in picked])


def _read_csv(path: str, columns: Columns, decoding: Decoding) -> Iterator[Row]:
    """Read quoted fields, which may hold commas and line breaks; the first row is the header."""
    # The limit belongs to the whole process, so it is only ever raised; `feed` bounds a record.
    csv.field_size_limit(max(csv.field_size_limit(), decoding.max_chars))
    begin = size = 0

    def feed() -> Iterator[str]:
        nonlocal begin, size
        for number, line in read_lines(path, decoding):
            begin = number if size == 0 else begin
            size += len(line) + 1
            if size > decoding.max_chars + 1:
                raise too_long(f"{path}:{begin}", decoding.max_chars)
            yield line + "\n"

    rows = csv.reader(feed(), strict=True)
    header: list[str] = []
    picked: list[int] = []
    while True:
        try:
            fields = next(rows, None)
        except csv.Error as error:
            raise DataError(f"{path}:{begin}: not CSV ({error})") from None
        if fields is None:
            return
        size = 0
        if not fields:
            continue
        if not header:
            header, picked = fields, columns.find(fields, f"{path}:{begin}")
            continue
        if len(fields) != len(header):
            fault = f"{_count(len(fields), 'field')}, expected {len(header)}"
            raise DataError(f"{path}:{begin}: {fault} ({','.join(header)})")
        yield Row(begin, [fields[at] for at in picked])


def _read_jsonl(path: str, columns: Columns, decoding: Decoding) -> Iterator[Row]:
    picked: list[tuple[str, tuple[str, ...]]] = []
    for number, line in read_lines(path, decoding):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        record = parse_json(line, where)
        if not picked or not all(keys[0] in record for _, keys in picked):
            named = list(named_columns(record).items())
            picked = [named[at] for at in columns.find([name for name, _ in named], where)]
        yield Row(
            number, [cell(inner(record[key[0]], key, where), name, where) for name, key in picked]
        )


def parse_json(line: str, where: str) -> dict[str, object]:
    """Parse one line of a JSON-lines file.

    Raises:
        DataError: the line is not JSON, or not an object.
    """
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not JSON ({error.msg} at column {error.colno})") from None
    except (ValueError, RecursionError) as error:  # an integer too long, or nested too deep
        raise DataError(f"{where}: not JSON that can be read ({error})") from None
    if not isinstance(record, dict):
        raise DataError(f"{where}: a JSON {type(record).__name__}, expected an object")
    return record


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
