"""Parquet files -> rows, a batch at a time, through pyarrow (extra `data`)."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO

from seqkit.data.readers.columns import Columns, cell
from seqkit.data.readers.lines import Decoding, too_long
from seqkit.data.readers.opening import DAMAGE, damage, open_bytes, suffixes
from seqkit.errors import DataError, require

__all__ = ["read_parquet"]

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
            header = table.schema_arrow.names
            names = [header[at] for at in columns.find(header, path)]
            number = 0
            for batch in table.iter_batches(batch_size=_BATCH, columns=names):
                lists = [batch.column(batch.schema.names.index(name)) for name in names]
                for row in zip(*(column.to_pylist() for column in lists), strict=True):
                    number += 1
                    where = f"{path}:{number}"
                    values = [cell(v, name, where) for v, name in zip(row, names, strict=True)]
                    if sum(map(len, values)) > decoding.max_chars:
                        raise too_long(where, decoding.max_chars)
                    yield number, values
        except DataError:
            raise
        except (ValueError, OSError) as error:  # pyarrow's own errors are among these
            reason = str(error).splitlines()[0]
            raise DataError(f"{path}: damaged or foreign parquet file ({reason})") from None


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
