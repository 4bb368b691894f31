"""Parquet files -> rows, a batch at a time, through pyarrow (extra `data`)."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from seqkit.data.readers.columns import Columns, cell, inner, named_columns
from seqkit.data.readers.lines import Decoding, too_long
from seqkit.data.readers.opening import DAMAGE, damage, open_bytes, suffixes
from seqkit.errors import DataError, require

__all__ = ["read_parquet", "schema_columns"]

_BATCH = 256  # rows held as Python objects at a time


def read_parquet(
    path: str, columns: Columns, decoding: Decoding
) -> Iterator[tuple[int, list[str]]]:
    """Yield the row number, from 1, and the wanted columns of each row.

    Raises:
        ConfigError: pyarrow is not installed.
        DataError: the file is damaged, has no such column, or a cell that is not text.
    """
    parquet = require("pyarrow.parquet", extra="data", purpose=f"reading {path}")
    with _seekable(path) as handle:
        try:
            table = parquet.ParquetFile(handle)
            named = schema_columns(table.schema_arrow)
            header = list(named)
            names = [header[at] for at in columns.find(header, path)]
            picked = [(name, named[name]) for name in names]
            number = 0
            for batch in table.iter_batches(batch_size=_BATCH, columns=names):
                at = {keys[0]: batch.schema.names.index(keys[0]) for _, keys in picked}
                lists = {name: batch.column(column).to_pylist() for name, column in at.items()}
                for row in range(batch.num_rows):
                    number += 1
                    where = f"{path}:{number}"
                    values = [
                        cell(inner(lists[keys[0]][row], keys, where), name, where)
                        for name, keys in picked
                    ]
                    if sum(map(len, values)) > decoding.max_chars:
                        raise too_long(where, decoding.max_chars)
                    yield number, values
        except DataError:
            raise
        except (ValueError, OSError) as error:  # pyarrow's own errors are among these
            reason = str(error).splitlines()[0]
            raise DataError(f"{path}: damaged or foreign parquet file ({reason})") from None


def schema_columns(schema: Any) -> dict[str, tuple[str, ...]]:
    """Return the columns of an Arrow schema as `named_columns` does, those in structs too."""
    return named_columns({field.name: _fields(field.type) for field in schema})


def _fields(kind: Any) -> object:
    """Return the fields of a struct by name; None for any other type."""
    import pyarrow

    if not pyarrow.types.is_struct(kind):
        return None
    return {kind.field(at).name: _fields(kind.field(at).type) for at in range(kind.num_fields)}


@contextlib.contextmanager
def _seekable(path: str) -> Iterator[IO[bytes]]:
    """Open a file that can be read in any order: a compressed one is unpacked to disk first."""
    with open_bytes(path) as handle:
        if not suffixes(path)[1]:
            yield handle
            return
        with tempfile.TemporaryFile() as unpacked:
            try:
                shutil.copyfileobj(handle, unpacked)
            except DAMAGE as error:
                raise damage(path, error) from None
            unpacked.seek(0)
            yield unpacked
