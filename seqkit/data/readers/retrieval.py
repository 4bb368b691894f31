"""Search collections: documents, queries, and which documents the judges found relevant."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seqkit.data.catalogue import bundled_path, bundled_set
from seqkit.data.readers.documents import beir_file, document_lines
from seqkit.data.readers.lines import (
    MAX_CHARS,
    Decoding,
    EncodingErrors,
    ReadStats,
    nonempty,
    read_lines,
)
from seqkit.data.readers.opening import locate
from seqkit.data.records import Document, Judgement, Query
from seqkit.errors import ConfigError, DataError

__all__ = ["Retrieval", "read_retrieval"]

_LAYOUTS = (
    "expected a BEIR folder (corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv), "
    "or three files as documents.jsonl,queries.tsv,qrels.txt"
)


@dataclass(frozen=True, kw_only=True)
class Retrieval:
    """A search collection: its queries and judgements in memory, its documents read when asked."""

    documents: Callable[[], Iterator[Document]]
    queries: tuple[Query, ...]
    judgements: tuple[Judgement, ...]


def read_retrieval(
    path: str,
    *,
    split: str = "test",
    encoding_errors: EncodingErrors = "strict",
    max_chars: int = MAX_CHARS,
    stats: ReadStats | None = None,
) -> Retrieval:
    """Read a search collection.

    Args:
        path: a folder in the BEIR layout, or three files `documents,queries,qrels`. Documents and
            queries are JSON lines with `_id` (or `id`), `title` (may be absent) and `text`, or
            TSV as id<TAB>text; judgements are TREC qrels (query, iteration, document, grade) or
            the three columns query, document, grade. Each also `.gz` or `.xz`. Or
            `bundled:NAME`, a collection that travels with seqkit.
        split: which of a BEIR folder's judgements.
        encoding_errors, max_chars, stats: as for `read_labeled`.

    Raises:
        ConfigError: an option out of range.
        DataError: what cannot be read, as one line with the path, the line and the remedy.
    """
    decoding = Decoding(encoding_errors=encoding_errors, max_chars=max_chars, stats=stats)
    if path.startswith("bundled:"):
        name = path.removeprefix("bundled:")
        if bundled_set(name).kind != "retrieval":
            raise ConfigError(f"{path}: no search collection: choose bundled:bible-search")
        files = [str(bundled_path(name, part)) for part in ("train", "queries", "qrels")]
    elif "," in path and not Path(path).exists():
        files = path.split(",")
        if len(files) != 3:
            raise DataError(f"{path}: {len(files)} files, {_LAYOUTS}")
    elif locate(path).is_dir():
        names = ("corpus.jsonl", "queries.jsonl", f"qrels/{split}.tsv")
        files = [_in_folder(Path(path), name) for name in names]
    else:
        raise DataError(f"{path}: a single file, {_LAYOUTS}")
    documents, queries, judgements = files
    locate(documents)
    return Retrieval(
        documents=lambda: nonempty(documents, document_lines(documents, decoding)),
        queries=tuple(
            Query(each.id, each.text)
            for each in nonempty(queries, document_lines(queries, decoding))
        ),
        judgements=tuple(nonempty(judgements, _read_judgements(judgements, decoding))),
    )


def _in_folder(folder: Path, name: str) -> str:
    if (file := beir_file(folder, name)) is None:
        raise DataError(f"{folder}: no {name} in this folder: {_LAYOUTS}")
    return str(file)


def _read_judgements(path: str, decoding: Decoding) -> Iterator[Judgement]:
    for number, line in read_lines(path, decoding):
        columns = line.split()
        if not columns or columns[0] in ("query-id", "query_id"):  # BEIR's header
            continue
        try:
            query, document, grade = columns if len(columns) == 3 else (columns[0], *columns[2:])
            yield Judgement(query, document, int(grade))
        except ValueError:
            raise DataError(
                f"{path}:{number}: {line[:60]!r} is not a judgement: expected query, document, "
                "grade, or TREC's query, iteration, document, grade"
            ) from None
