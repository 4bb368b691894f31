"""Labelled text, from wherever a path names it."""

import contextlib
from collections.abc import Iterator

from seqkit.data.readers.bundled import read_bundled
from seqkit.data.readers.columns import Columns
from seqkit.data.readers.folder import read_folder
from seqkit.data.readers.hub import read_hub
from seqkit.data.readers.lines import (
    MAX_CHARS,
    Decoding,
    EncodingErrors,
    ReadStats,
    nonempty,
    read_lines,
)
from seqkit.data.readers.opening import locate, suffixes
from seqkit.data.readers.tables import TABLES, read_table
from seqkit.data.records import LabeledText
from seqkit.errors import DataError

__all__ = ["read_labeled"]

_FASTTEXT = "__label__"


def read_labeled(
    path: str,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    encoding_errors: EncodingErrors = "strict",
    max_chars: int = MAX_CHARS,
    stats: ReadStats | None = None,
) -> Iterator[LabeledText]:
    """Yield labelled texts in the order of their source, holding one at a time.

    Args:
        path: one of

            - a file: `.tsv` with a header, or without one as label<TAB>text; `.csv` with a header;
              `.jsonl`, an object a line; `.parquet`; `.txt` or no extension, label<TAB>text; of any
              other extension (`.train`, `.valid`) or these two, `__label__x text` (fastText), which
              the first line tells. Each also `.gz` or `.xz`.
            - a folder with a sub-folder of `.txt` files for each label, such as `aclImdb/train`.
            - `bundled:NAME`, a set that travels with seqkit (see `seqkit.data.BUNDLED`).
            - `hf:NAME`, `hf:NAME:SPLIT` or `hf:NAME/CONFIG:SPLIT`, a set of the `datasets` hub.
        text_column: the column of the text, where it is not called `text`.
        label_column: the column of the label, where it is not called `label`.
        encoding_errors: "strict" refuses bytes that are not UTF-8, "replace" reads U+FFFD for them.
        max_chars: characters that one record may hold.
        stats: filled while reading, where given.

    A text may be empty; a label may not. Lines without any character are skipped.

    Raises:
        ConfigError: an option out of range, an unknown bundled set, a missing library.
        DataError: what cannot be read, as one line with the path, the line and the remedy.
    """
    decoding = Decoding(encoding_errors=encoding_errors, max_chars=max_chars, stats=stats)
    columns = Columns(roles=("label", "text"), chosen=(label_column, text_column), widths=(2,))
    return nonempty(path, _labelled(_dispatch(path, columns, decoding)))


def _dispatch(path: str, columns: Columns, decoding: Decoding) -> Iterator[LabeledText]:
    if path.startswith("bundled:"):
        return read_bundled(path, decoding)
    if path.startswith("hf:"):
        rows = read_hub(path, columns, decoding)
    elif locate(path).is_dir():
        return read_folder(path, decoding)
    elif _is_fasttext(path, decoding):
        return _read_fasttext(path, decoding)
    else:
        rows = read_table(path, columns, decoding)
    return (LabeledText(text, label, path, line) for line, (label, text) in rows)


def _labelled(records: Iterator[LabeledText]) -> Iterator[LabeledText]:
    for record in records:
        if not record.label.strip():
            raise DataError(
                f"{record.source}:{record.line}: empty label: label the record or remove it"
            )
        yield record


def _is_fasttext(path: str, decoding: Decoding) -> bool:
    """Tell fastText's format by the first line: its files are called `.txt`, `.train`, anything."""
    if suffixes(path)[0] in TABLES:
        return False
    quiet = Decoding(encoding_errors=decoding.encoding_errors, max_chars=decoding.max_chars)
    lines = read_lines(path, quiet)  # read again later, counted then
    try:
        with contextlib.closing(lines):
            return next((line for _, line in lines if line), "").startswith(_FASTTEXT)
    except DataError:
        return False  # `read_table` says what is wrong: with the name first, then with the content


def _read_fasttext(path: str, decoding: Decoding) -> Iterator[LabeledText]:
    for number, line in read_lines(path, decoding):
        if not line:
            continue
        label, text = [*line.split(maxsplit=1), "", ""][:2]
        if not label.startswith(_FASTTEXT) or text.startswith(_FASTTEXT):
            found = "no" if not label.startswith(_FASTTEXT) else "more than one"
            raise DataError(f"{path}:{number}: {found} label, expected one (__label__x text)")
        yield LabeledText(text, label.removeprefix(_FASTTEXT), path, number)
