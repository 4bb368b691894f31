"""The data options of a recipe for documents that are texts alone, and these texts in a stream."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from seqkit.data.catalogue import BUNDLED
from seqkit.data.readers import (
    MAX_CHARS,
    EncodingErrors,
    ReadStats,
    read_documents,
    read_text,
)
from seqkit.data.shares import check_shares
from seqkit.errors import ConfigError

__all__ = ["DocumentConfig", "document_texts", "lines_a_document"]

_JOINED = 20  # verses or paragraphs of a bundled text that make a document


@dataclass(frozen=True, kw_only=True)
class DocumentConfig:
    """Where documents come from."""

    train: str = "bundled:bible-search"
    """A file (its lines; of .tsv .csv .jsonl .parquet the column text), a folder of .txt files or
    one in the BEIR layout (a document each), bundled:NAME or hf:NAME."""
    test: str | None = None
    """Measured on, at the end; where it is missing, the official one of a named set, else some
    documents of train."""
    join: int | None = None
    """So many lines or records that follow each other are one document; None is 1, and 20 of a
    bundled text, whose lines are verses or paragraphs."""
    text_column: str | None = None
    """Column of the text, where it is not called text."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8: refuse them, or replace and count them."""
    max_chars: int = MAX_CHARS
    """Longest record that is read, in characters."""
    test_share: float = 0.1
    """Share of the documents that a missing test split takes."""

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ConfigError: a value out of range.
        """
        if self.join is not None and self.join < 1:
            raise ConfigError(f"data.join {self.join}: must be 1 or more")
        check_shares({"test": self.test_share})


def document_texts(
    config: DocumentConfig, path: str, *, stats: ReadStats | None = None
) -> Iterator[str]:
    """Yield the documents of a source, lines joined as the options say, without empty ones.

    Args:
        config: the options.
        path: `config.train` or another source.
        stats: filled while reading, where given.
    """
    options = {
        "text_column": config.text_column,
        "encoding_errors": config.encoding_errors,
        "max_chars": config.max_chars,
        "stats": stats,
    }
    if Path(path).is_dir():
        found = read_documents(path, number=True, **options)
        texts = ("\n".join(filter(None, (each.title, each.text))) for each in found)
    else:
        texts = read_text(path, **options)
    full = (text for text in texts if text.strip())
    size = lines_a_document(config)
    return full if size == 1 else iter(lambda: "\n".join(islice(full, size)), "")


def lines_a_document(config: DocumentConfig) -> int:
    """Return how many lines or records make a document."""
    if config.join is not None:
        return config.join
    name, _, rest = config.train.partition(":")
    bundled = BUNDLED.get(rest.partition(":")[0]) if name == "bundled" else None
    return _JOINED if bundled and bundled.kind in ("retrieval", "text") else 1
