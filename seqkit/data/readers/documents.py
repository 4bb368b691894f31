"""Documents of a search collection: records with an id, and what else their file says of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqkit.data.catalogue import bundled_path, bundled_set
from seqkit.data.readers.columns import Columns, cell
from seqkit.data.readers.folder import read_whole
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
from seqkit.data.readers.tables import parse_json, read_header, read_table
from seqkit.data.records import Document
from seqkit.errors import ConfigError, DataError, choices

__all__ = ["beir_file", "document_lines", "read_documents"]

_FILES = (".csv", ".jsonl", ".tsv", ".txt", "")
_IDS = ("_id", "id")
_NESTED = "metadata"  # the object in which BEIR has what else it says of a document
_NUMBERED = "only a new index gives numbers to records without ids"


@dataclass(frozen=True, kw_only=True)
class _Naming:
    """Where a record has its id, title and text."""

    id: str | None = None
    title: str | None = None
    text: str | None = None
    number: bool = False
    """Records without an id are called by the number of their line."""
    needs_text: bool = True
    optional: bool = True
    """There are options to name the columns with."""

    def missing(self, key: str, role: str, record: Mapping[str, object], where: str) -> DataError:
        """Say that a record has no such key."""
        remedy = f"; name it with {option(f'{role}-column')}" if self.optional else ""
        if remedy and role == "id":
            remedy += f", or add it: {_NUMBERED}"
        return DataError(f"{where}: no key {key!r}: it has {', '.join(record)}{remedy}")


def read_documents(
    path: str,
    *,
    fields: Sequence[str] = ("title", "text"),
    id_column: str | None = None,
    title_column: str | None = None,
    text_column: str | None = None,
    number: bool = False,
    encoding_errors: EncodingErrors = "strict",
    max_chars: int = MAX_CHARS,
    stats: ReadStats | None = None,
) -> Iterator[Document]:
    """Yield documents in the order of their source, holding one at a time.

    Args:
        path: one of

            - a file: `.jsonl`, an object a line; `.csv` with a header; `.tsv` with a header, or
              without one as id<TAB>text or id<TAB>title<TAB>text; `.txt`, a line each. Each also
              `.gz` or `.xz`. What a record has beside id, title and text becomes its `fields`,
              and so does what is in an object called `metadata`; null is left out, and a list or
              another object is one value, its JSON.
            - a folder in the BEIR layout: its `corpus.jsonl`.
            - a folder of `.txt` files, also in sub-folders, such as `aclImdb`: the id is the path
              in it, the field `folder` what it lies in.
            - `bundled:NAME`, a search collection that travels with seqkit.
        fields: what is to be indexed: a record need not have a text if that is not among them.
        id_column: where the id is, if it is called neither `_id` nor `id`.
        title_column, text_column: likewise, for `title`, which may be absent, and `text`.
        number: call records without any of these by the number of their line.
        encoding_errors, max_chars, stats: as for `read_labeled`.

    Raises:
        ConfigError: an option out of range, or an unknown bundled set.
        DataError: what cannot be read, as one line with the path, the line and the remedy.
    """
    decoding = Decoding(encoding_errors=encoding_errors, max_chars=max_chars, stats=stats)
    naming = _Naming(
        id=id_column,
        title=title_column,
        text=text_column,
        number=number,
        needs_text="text" in fields,
    )
    return nonempty(path, _dispatch(path, naming, decoding))


def document_lines(path: str, decoding: Decoding) -> Iterator[Document]:
    """Yield the documents, or the queries, of one file, which must have ids."""
    return _read_file(path, _Naming(optional=False), decoding)


def beir_file(folder: Path, name: str) -> Path | None:
    """Find a file of a BEIR folder, compressed or not; None if it is not there."""
    files = (folder / name, folder / f"{name}.gz", folder / f"{name}.xz")
    return next((file for file in files if file.exists()), None)


def _dispatch(path: str, naming: _Naming, decoding: Decoding) -> Iterator[Document]:
    if path.startswith("bundled:"):
        name = path.removeprefix("bundled:")
        if bundled_set(name).kind != "retrieval":
            raise ConfigError(f"{path}: no search collection: choose bundled:bible-search")
        return _read_file(str(bundled_path(name)), naming, decoding)
    if path.startswith("hf:"):
        raise ConfigError(f"{path}: documents are not read from the hub: save them as .jsonl")
    if not locate(path).is_dir():
        return _read_file(path, naming, decoding)
    if (corpus := beir_file(Path(path), "corpus.jsonl")) is not None:
        return _read_file(str(corpus), naming, decoding)
    return _read_folder(Path(path), naming, decoding)


def _read_file(path: str, naming: _Naming, decoding: Decoding) -> Iterator[Document]:
    locate(path)
    extension = suffixes(path)[0]
    if extension not in _FILES:
        allowed = filter(None, _FILES)
        raise DataError(f"{path}: {choices('extension', extension, allowed)}, each also .gz or .xz")
    if extension == ".jsonl":
        return _read_jsonl(path, naming, decoding)
    if extension == ".txt" and len(read_header(path, decoding)) == 1:
        return _read_plain(path, naming, decoding)
    return _read_table(path, naming, decoding)


def _read_jsonl(path: str, naming: _Naming, decoding: Decoding) -> Iterator[Document]:
    for number, line in read_lines(path, decoding):
        if line.strip():
            where = f"{path}:{number}"
            yield _document(parse_json(line, where), naming, where, str(number))


def _read_plain(path: str, naming: _Naming, decoding: Decoding) -> Iterator[Document]:
    if not naming.number:
        raise DataError(
            f"{path}:1: no tab, so no id: expected id<TAB>text, or a .jsonl file; {_NUMBERED}"
        )
    for number, line in read_lines(path, decoding):
        if line.strip():
            yield Document(str(number), "", line, {})


def _read_table(path: str, naming: _Naming, decoding: Decoding) -> Iterator[Document]:
    first = read_header(path, decoding)
    chosen = (naming.id, naming.title, naming.text)
    known = Columns(roles=(*_IDS, "title", "text"), chosen=chosen, widths=(2,))
    if suffixes(path)[0] != ".csv" and not known.header_in(first):
        names = ("id", "title", "text") if len(first) == 3 else ("id", "text")
        columns = Columns(roles=names, chosen=(None,) * len(names), widths=(len(names),))
    else:
        if len({*first}) < len(first):
            raise DataError(f"{path}:1: two columns of one name: {', '.join(first)}")
        names = tuple(first)
        columns = Columns(roles=names, chosen=names, widths=(len(names),))
    kept = {*_IDS, naming.id, "text", naming.text}  # also where the cell is empty
    for line, values in read_table(path, columns, decoding):
        cells = zip(names, values, strict=True)
        record = {name: value for name, value in cells if value or name in kept}
        yield _document(record, naming, f"{path}:{line}", str(line))


def _read_folder(folder: Path, naming: _Naming, decoding: Decoding) -> Iterator[Document]:
    if any((naming.id, naming.title, naming.text)):
        raise ConfigError(f"{folder}: a folder of texts has no columns to be chosen")
    files = [file for file in sorted(folder.rglob("*.txt")) if not _lists_sources(file)]
    if not files:
        raise DataError(
            f"{folder}: a folder of no known layout: expected .txt files, or corpus.jsonl (BEIR)"
        )
    for file in files:
        where = file.relative_to(folder)
        inside = where.parent.as_posix()
        fields = {} if inside == "." else {"folder": inside}
        yield Document(where.with_suffix("").as_posix(), "", read_whole(file, decoding), fields)


def _lists_sources(file: Path) -> bool:
    """Tell whether it is `urls_pos.txt` of aclImdb: addresses of the texts in the folder `pos`."""
    return file.stem.startswith("urls_") and (file.parent / file.stem[5:]).is_dir()


def _document(record: Mapping[str, object], naming: _Naming, where: str, number: str) -> Document:
    key = naming.id or next((name for name in _IDS if name in record), None)
    if key is None and not naming.number:
        raise naming.missing("id", "id", record, where)
    title, text = naming.title or "title", naming.text or "text"
    wanted = [(key, "id")] if key else []
    wanted += [(text, "text")] if naming.needs_text or naming.text else []
    for name, role in wanted:
        if name not in record:
            raise naming.missing(name, role, record, where)
    known = {name: value for name, value in record.items() if name not in (key, title, text)}
    nested = known.get(_NESTED)
    if isinstance(nested, dict):
        del known[_NESTED]
        for name in nested:
            if name in known or name in (key, "title", "text"):
                raise DataError(f"{where}: {name!r} is in {_NESTED} and beside it: rename one")
        known |= nested
    fields = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in known.items()
        if value is not None
    }
    return Document(
        number if key is None else cell(record[key], key, where),
        cell(record.get(title), title, where),
        cell(record.get(text), text, where),
        fields,
    )
