"""Sets of the `datasets` hub -> rows: `hf:NAME`, `hf:NAME:SPLIT`, `hf:NAME/CONFIG:SPLIT`.

NAME is one of the catalogue (`imdb`, which also brings its columns), or a name of the hub
(`owner/name`). The split is `train` where none is given. What was fetched once is kept by
`datasets` on disk, so a second run needs no network.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from seqkit.data.catalogue import PUBLIC
from seqkit.data.readers.columns import Columns, cell, inner
from seqkit.data.readers.lines import Decoding, too_long
from seqkit.data.readers.parquet import schema_columns
from seqkit.errors import ConfigError, DataError, require

__all__ = ["HubSet", "parse_hub", "read_hub"]

_PREFIX = "hf:"


@dataclass(frozen=True, kw_only=True)
class HubSet:
    """What a `hf:` path names; `columns` maps a role to the column that the catalogue knows."""

    hub: str
    config: str | None
    split: str
    revision: str | None
    columns: dict[str, str]


def parse_hub(path: str) -> HubSet:
    """Read a `hf:` path.

    >>> parse_hub("hf:imdb:test").hub, parse_hub("hf:nyu-mll/glue/cola").config
    ('stanfordnlp/imdb', 'cola')

    Raises:
        ConfigError: the path is not of the form above.
    """
    body, _, split = path.removeprefix(_PREFIX).partition(":")
    parts = body.split("/")
    if not all(parts) or len(parts) > 3:
        raise ConfigError(f"{path}: expected hf:NAME, hf:NAME:SPLIT or hf:NAME/CONFIG:SPLIT")
    known = PUBLIC.get(parts[0])
    if known is not None and len(parts) <= 2:
        return HubSet(
            hub=known.hub,
            config=parts[1] if len(parts) == 2 else known.config,
            split=split or "train",
            revision=known.revision,
            columns={
                "text": known.text_column,
                "label": known.label_column,
                "source": known.source_column,
                "target": known.target_column,
            },
        )
    hub, config = "/".join(parts[:2]), parts[2] if len(parts) == 3 else None
    return HubSet(hub=hub, config=config, split=split or "train", revision=None, columns={})


def read_hub(path: str, columns: Columns, decoding: Decoding) -> Iterator[tuple[int, list[str]]]:
    """Yield the row number, from 1, and the wanted columns of each row; classes by their names.

    Raises:
        ConfigError: `datasets` is not installed.
        DataError: the set cannot be had (no network and no copy, no such name or split), or has
            no such column.
    """
    source = parse_hub(path)
    datasets = require("datasets", extra="data", purpose=f"reading {path}")
    try:
        table = datasets.load_dataset(
            source.hub, source.config, split=source.split, revision=source.revision
        )
    except ConnectionError as error:
        raise DataError(
            f"{path}: no network and no copy on this machine ({_first_line(error)}): "
            "connect once, or give a file"
        ) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError(f"{path}: the hub does not give it ({_first_line(error)})") from None
    wanted = [
        name or source.columns.get(role)
        for role, name in zip(columns.roles, columns.chosen, strict=True)
    ]
    columns = Columns(roles=columns.roles, chosen=tuple(wanted), widths=columns.widths)
    named = schema_columns(table.features.arrow_schema)
    header = list(named)
    picked = {header[at]: named[header[at]] for at in columns.find(header, path)}
    return _rows(path, table, picked, decoding)


def _rows(
    path: str, table: Any, picked: dict[str, tuple[str, ...]], decoding: Decoding
) -> Iterator[tuple[int, list[str]]]:
    naming = {
        name: _class_names(table.features[name] if len(keys) == 1 else None)
        for name, keys in picked.items()
    }
    for number, record in enumerate(table, 1):
        where = f"{path}:{number}"
        values = [
            cell(naming[name](inner(record[keys[0]], keys, where)), name, where)
            for name, keys in picked.items()
        ]
        if sum(map(len, values)) > decoding.max_chars:
            raise too_long(where, decoding.max_chars)
        yield number, values


def _class_names(feature: Any) -> Callable[[Any], Any]:
    """Return what turns a stored value into what it means: a class number into its name.

    A hidden label, which the hub writes as -1, becomes the empty label.
    """
    names = getattr(feature, "names", None)
    if names is None:
        return lambda value: value
    return lambda value: names[value] if value is not None and value >= 0 else None


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
