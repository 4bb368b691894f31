"""The Cranfield collection, in SMART's format: abstracts, questions, judgements."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seqkit.data import Document, Query

__all__ = ["CRANFIELD", "Collection", "read_cranfield"]

CRANFIELD = ("cranfield/cran.all.1400.gz", "cranfield/cran.qry", "cranfield/cranqrel")

_RECORD = re.compile(r"^\.I (\d+)\s*$", re.MULTILINE)
_FIELD = re.compile(r"^\.([TABWX])\s*$", re.MULTILINE)
_CODES = range(1, 5)  # of what is relevant, the best first; -1 and 5 are not


@dataclass(frozen=True)
class Collection:
    """Documents, queries and what is relevant."""

    documents: list[Document]
    """Title and abstract; the abstract begins with the title once more."""
    queries: list[Query]
    """Numbered from 1 in their order, as the judgements are."""
    grades: dict[str, dict[str, int]]
    """Query -> document -> gain."""


def read_cranfield(data: Path) -> Collection:
    """Read the collection; the gain of a document is 5 less its code, so 4 for the best."""
    texts, asked, judged = (data / name for name in CRANFIELD)
    documents = [
        Document(id, fields.get("T", ""), fields.get("W", ""), {})
        for id, fields in _records(gzip.decompress(texts.read_bytes()).decode())
    ]
    questions = _records(asked.read_text("utf-8"))
    queries = [Query(str(at), fields["W"]) for at, (_, fields) in enumerate(questions, 1)]
    grades: dict[str, dict[str, int]] = {}
    for line in judged.read_text("utf-8").splitlines():
        query, document, code = line.split()
        gain = 5 - int(code) if int(code) in _CODES else 0
        grades.setdefault(query, {})[document] = gain
    return Collection(documents, queries, grades)


def _records(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield id and fields, lines joined."""
    _, *parts = _RECORD.split(text)
    for id, body in zip(parts[::2], parts[1::2], strict=True):
        _, *fields = _FIELD.split(body)
        yield id, {k: " ".join(v.split()) for k, v in zip(fields[::2], fields[1::2], strict=True)}
