"""Splits -> files: the second pass over records that `split_labeled` has assigned."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from seqkit.data.records import LabeledText
from seqkit.errors import ConfigError, DataError, choices
from seqkit.files import atomic_write, json_bytes

__all__ = ["SplitFormat", "write_splits"]

SplitFormat = Literal["jsonl", "tsv"]


def write_splits(
    records_factory: Callable[[], Iterable[LabeledText]],
    splits: np.ndarray,
    *,
    names: Sequence[str],
    out: Path,
    format: SplitFormat = "jsonl",
) -> dict[str, Path]:
    """Stream each record into the file of its split: all files appear, or none.

    Args:
        records_factory: begins a new pass over the records, the same as for `split_labeled`.
        splits: (N,) uint8 from `split_labeled`.
        names: of the splits in the order of their numbers; the files are `out/NAME.jsonl`.
        out: the folder, made if need be; files of these names in it are replaced.
        format: "jsonl" holds any text; "tsv", with a header, cannot hold tabs and line breaks.

    Returns:
        The file of each split by its name.

    Raises:
        ConfigError: an unknown format.
        DataError: the records changed since they were assigned; a text that TSV cannot hold.
    """
    if format not in get_args(SplitFormat):
        raise ConfigError(choices("format", format, get_args(SplitFormat)))
    paths = {name: Path(out) / f"{name}.{format}" for name in names}
    render = _tsv_line if format == "tsv" else _json_line
    count = 0
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(atomic_write(path)) for path in paths.values()]
        if format == "tsv":
            for file in files:
                file.write(b"label\ttext\n")
        for count, record in enumerate(records_factory(), 1):
            if count > len(splits):
                break
            files[splits[count - 1]].write(render(record))
        if count != len(splits):
            more = "more" if count > len(splits) else f"{count}"
            raise DataError(
                f"{out}: the first pass read {len(splits)} records, the second {more}: "
                "the data changed in between, run it again"
            )
    return paths


def _json_line(record: LabeledText) -> bytes:
    return json_bytes({"label": record.label, "text": record.text}, indent=None)


def _tsv_line(record: LabeledText) -> bytes:
    try:
        line = f"{record.label}\t{record.text}\n".encode()
    except UnicodeEncodeError:
        line = b""
    if line.count(b"\t") != 1 or line.count(b"\n") != 1 or b"\r" in line or b"\0" in line:
        raise DataError(
            f"{record.source}:{record.line}: TSV cannot hold this text (a tab, a line break, NUL "
            "or half a surrogate pair): write jsonl"
        )
    return line
