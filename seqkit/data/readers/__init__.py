"""Readers: a path -> records, one at a time, with the line of everything that is wrong."""

from seqkit.data.readers.documents import read_documents
from seqkit.data.readers.labeled import read_labeled
from seqkit.data.readers.lines import MAX_CHARS, EncodingErrors, ReadStats
from seqkit.data.readers.pairs import holds_pairs, read_pairs
from seqkit.data.readers.retrieval import Retrieval, read_retrieval
from seqkit.data.readers.tagged import read_tagged
from seqkit.data.readers.text import read_text

__all__ = [
    "MAX_CHARS",
    "EncodingErrors",
    "ReadStats",
    "Retrieval",
    "holds_pairs",
    "read_documents",
    "read_labeled",
    "read_pairs",
    "read_retrieval",
    "read_tagged",
    "read_text",
]
