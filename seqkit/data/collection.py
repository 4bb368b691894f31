"""The data options of a recipe that indexes documents, and the collection that they ask for."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seqkit.data.readers import MAX_CHARS, EncodingErrors, ReadStats, read_documents
from seqkit.data.readers.documents import beir_file
from seqkit.data.readers.retrieval import read_retrieval
from seqkit.data.records import Document, Judgement, Query
from seqkit.errors import ConfigError, DataError

__all__ = ["Collection", "CollectionConfig", "load_collection"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class CollectionConfig:
    """Where documents come from, and how well finding them is measured."""

    train: str = "bundled:bible-search"
    """The documents: .jsonl, .csv, .tsv (id, text), a folder of .txt files or one in the BEIR
    layout, bundled:NAME."""
    queries: str | None = None
    """Queries to measure with: .jsonl, or .tsv (id, text); those of a BEIR folder are found."""
    qrels: str | None = None
    """What is relevant to them: TREC qrels, or query, document, grade."""
    split: str = "test"
    """Which judgements of a BEIR folder."""
    id_column: str | None = None
    """Column of the id, where it is called neither _id nor id; without any, lines are numbered."""
    title_column: str | None = None
    """Column of the title, where it is not called title."""
    text_column: str | None = None
    """Column of the text, where it is not called text."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8: refuse them, or replace and count them."""
    max_chars: int = MAX_CHARS
    """Longest record that is read, in characters."""


@dataclass(frozen=True, kw_only=True)
class Collection:
    """Documents, read from their source each time they are asked for, and judged queries."""

    documents: Callable[[], Iterator[Document]]
    queries: tuple[Query, ...] = ()
    """None where there is nothing to measure with."""
    judgements: tuple[Judgement, ...] = ()
    stats: ReadStats = field(default_factory=ReadStats)
    """What the first reading of the documents counted."""


def load_collection(config: CollectionConfig, *, fields: Sequence[str]) -> Collection:
    """Find the documents, and read the queries and judgements where there are some.

    Args:
        config: the options.
        fields: of the documents that are indexed.

    Raises:
        ConfigError: queries without judgements or the reverse, or an option out of range.
        DataError: what cannot be read.
    """
    if (config.queries is None) != (config.qrels is None):
        name, other = ("queries", "qrels") if config.queries else ("qrels", "queries")
        raise ConfigError(f"--data.{name} without --data.{other}: give both, or none")
    stats = ReadStats()
    first = [stats]

    def documents() -> Iterator[Document]:
        return read_documents(
            config.train,
            fields=fields,
            id_column=config.id_column,
            title_column=config.title_column,
            text_column=config.text_column,
            number=True,
            encoding_errors=config.encoding_errors,
            max_chars=config.max_chars,
            stats=first.pop() if first else None,
        )

    source = _judged(config)
    if source is None:
        return Collection(documents=documents, stats=stats)
    found = read_retrieval(
        source,
        split=config.split,
        encoding_errors=config.encoding_errors,
        max_chars=config.max_chars,
    )
    return Collection(
        documents=documents, queries=found.queries, judgements=found.judgements, stats=stats
    )


def _judged(config: CollectionConfig) -> str | None:
    """Name what `read_retrieval` finds queries and judgements in, None where there are none.

    Raises:
        DataError: a split was asked for that is not there.
    """
    if config.queries is not None:
        # the documents are read by themselves: what stands in their place here is not
        return f"{config.queries},{config.queries},{config.qrels}"
    if config.train.startswith("bundled:"):
        return config.train
    folder = Path(config.train)
    if not folder.is_dir() or beir_file(folder, "corpus.jsonl") is None:
        return None
    missing = [
        name
        for name in ("queries.jsonl", f"qrels/{config.split}.tsv")
        if beir_file(folder, name) is None
    ]
    if missing and config.split != CollectionConfig.split:
        raise DataError(f"{folder}: --data.split {config.split}: no {' and no '.join(missing)}")
    if missing:
        logger.warning("%s: no %s in it: nothing is measured", folder, " and no ".join(missing))
        return None
    return config.train
