"""A segment: documents and the postings of their terms in one file that is written once."""

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.data import Document
from seqkit.errors import DataError
from seqkit.search.array_file import ArrayFile, open_arrays, write_arrays
from seqkit.search.columns import Column
from seqkit.search.packing import Postings, decode_list
from seqkit.search.soundness import check_segment, is_large
from seqkit.search.stored import StoredText
from seqkit.search.strings import Strings

__all__ = ["Segment", "write_segment"]

_U32 = npt.NDArray[np.uint32]
_NO_POSITIONS = np.empty(0, np.uint32)


class Segment:
    """Reads a segment; terms and documents are numbers, documents in the order of their adding.

    Attributes:
        path: the file.
        fields: the F text fields that are indexed.
        meta: what the file says of itself.
        docs: the number of documents, those included that the index deleted since.
        term_count: the number T of terms.
        total_length: the sum of `lengths`.
        terms: the T terms, sorted by their bytes.
        kernel: their postings, for compiled loops.
        df, cf: (T,) uint32 and uint64: documents with a term, and how often it is in them.
        lengths: (docs,) uint32, terms of a document.
        field_lengths: (docs, F) uint32, terms of a field.
        field_starts: (docs, F) uint32, first position of a field; one position is empty between
            two fields.
        ids: the documents' external ids.
        id_rank: (docs,) uint32, rank of a document's id among these.
        columns: the metadata by name.
    """

    def __init__(self, file: ArrayFile, *, check: bool = True) -> None:
        """Take the file; see `open`."""
        self._file = file
        self.path, self.meta = file.path, file.meta
        self.fields: tuple[str, ...] = tuple(file.meta["fields"])
        self.docs: int = file.meta["docs"]
        self.term_count = len(file.arrays["df"])
        self.total_length: int = file.meta["total_length"]
        if check and not is_large(file):
            self._take_arrays()

    def __getattr__(self, name: str) -> Any:
        """Check the segment when its arrays are first asked for: opening takes milliseconds."""
        if name.startswith("_") or "kernel" in vars(self):
            raise AttributeError(name)
        self.check()
        return getattr(self, name)

    def check(self) -> None:
        """Check the segment, unless that was done; see `check_segment`.

        Raises:
            DataError: it is damaged in what is checked.
        """
        if "kernel" not in vars(self):
            try:
                self._take_arrays()
            except KeyError as error:
                raise _foreign(self.path, error) from None

    def _take_arrays(self) -> None:
        check_segment(self._file)
        arrays = self._file.arrays
        self.terms = Strings(arrays["term_offsets"], arrays["term_bytes"])
        self.df, self.cf = arrays["df"], arrays["cf"]
        self.lengths: _U32 = arrays["lengths"]
        self.field_lengths: _U32 = arrays["field_lengths"]
        self.field_starts: _U32 = arrays["field_starts"]
        self.ids = Strings(arrays["id_offsets"], arrays["id_bytes"], arrays["id_order"])
        self.id_rank: _U32 = arrays["id_rank"]
        # the last one: another thread that finds it finds the others, too
        self.kernel = Postings(*(arrays[name] for name in Postings._fields))

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, check: bool = True) -> "Segment":
        """Map a segment, and check it; a large one when it is first used; see `check_segment`.

        Args:
            path: the file.
            check: False to leave that to the first use, whatever the size.

        Raises:
            DataError: the file is none, cut short, damaged in what is checked, or of a newer
                seqkit.
            FileNotFoundError: there is no such file.
        """
        file = open_arrays(path)
        try:
            return cls(file, check=check)
        except KeyError as error:
            raise _foreign(path, error) from None

    def verify(self) -> None:
        """Read all of it and compare it with its checksums.

        Raises:
            DataError: something has changed.
        """
        self._file.verify()

    def term(self, text: str) -> int:
        """Return the number of a term, -1 if no document has it."""
        return self.terms.find(text)

    def prefix(self, text: str) -> range:
        """Return the numbers of the terms that begin so."""
        return self.terms.with_prefix(text)

    def id(self, doc: int) -> str:
        """Return the external id of a document."""
        return self.ids[doc]

    def doc(self, id: str) -> int:
        """Return the document with an id, the last one if there are several; -1 for none."""
        return self.ids.find(id)

    def postings(self, term: int) -> tuple[_U32, _U32]:
        """Return the documents with a term, ascending, and how often each has it: (df,) both."""
        docs, tfs = np.empty(self.df[term], np.uint32), np.empty(self.df[term], np.uint32)
        decode_list(self.kernel, term, docs, tfs, _NO_POSITIONS)
        return docs, tfs

    def positions(self, term: int) -> tuple[_U32, _U32, _U32]:
        """Return as `postings`, and where the term is: (cf,), ascending within a document."""
        docs, tfs = np.empty(self.df[term], np.uint32), np.empty(self.df[term], np.uint32)
        positions = np.empty(self.cf[term], np.uint32)
        decode_list(self.kernel, term, docs, tfs, positions)
        return docs, tfs, positions

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The metadata by name; a name that no document has is not there."""
        self.check()
        columns = {}
        for number, name in enumerate(self.meta["columns"]):
            codes, offsets, content = (
                self._file.arrays[f"column_{number}_{part}"] for part in _COLUMN
            )
            columns[name] = Column(codes, Strings(offsets, content))
        return columns

    def column(self, name: str) -> Column:
        """Return the metadata of a name; without any value if no document has it."""
        if name in self.columns:
            return self.columns[name]
        return Column(np.zeros(self.docs, np.uint32), Strings.from_list([]))

    @cached_property
    def text(self) -> StoredText | None:
        """The stored text of the fields, None if it was not to be stored."""
        if not self.meta["store"]:
            return None
        arrays = self._file.arrays
        return StoredText(arrays["stored_first"], arrays["stored_at"], arrays["stored"])

    def metadata(self, doc: int) -> dict[str, str]:
        """Return the metadata that a document has, by name."""
        values = ((name, column.value(doc)) for name, column in self.columns.items())
        return {name: value for name, value in values if value is not None}

    def document(self, doc: int) -> Document:
        """Return a document as it was added; without its text fields if they are not stored.

        Raises:
            DataError: its stored text is damaged.
        """
        found = self.metadata(doc)
        if self.text is not None:
            try:
                texts = json.loads(self.text.line(doc))
            except (zlib.error, ValueError, IndexError):
                raise DataError(
                    f"{self.path}: the text of document {doc} is damaged: restore the file, or "
                    "build the index again"
                ) from None
            stored = zip(self.fields, texts, strict=True)
            found |= {name: text for name, text in stored if text is not None}
        title, text = found.pop("title", ""), found.pop("text", "")
        return Document(self.id(doc), title, text, found)


_COLUMN = ("codes", "offsets", "bytes")


def _foreign(path: str | os.PathLike[str], missing: KeyError) -> DataError:
    return DataError(f"{path}: no {missing} in it: not a segment of a search index")


def write_segment(
    path: str | os.PathLike[str],
    *,
    fields: Sequence[str],
    store: bool,
    terms: Strings,
    ids: Strings,
    field_lengths: _U32,
    field_starts: _U32,
    columns: Mapping[str, Column],
    pieces: Mapping[str, Iterator[npt.NDArray[Any]]],
) -> Segment:
    """Write a segment, and open it.

    Args:
        path: the file.
        fields, store: as configured.
        terms: sorted.
        ids: those of the documents, in their order, sorted by `ids.order`.
        field_lengths, field_starts: (docs, F) as in `Segment`.
        columns: metadata by name.
        pieces: the arrays of `Postings`, and df, cf; those of `StoredText` if it is stored.

    Raises:
        DataError: if the disk is full.
    """
    lengths = field_lengths.sum(axis=1, dtype=np.uint32)
    rank = np.empty(len(ids), np.uint32)
    rank[ids.order] = np.arange(len(ids), dtype=np.uint32)
    arrays: dict[str, Any] = {
        **pieces,
        "term_offsets": terms.offsets,
        "term_bytes": terms.blob,
        "lengths": lengths,
        "field_lengths": field_lengths,
        "field_starts": field_starts,
        "id_offsets": ids.offsets,
        "id_bytes": ids.blob,
        "id_order": ids.order,
        "id_rank": rank,
    }
    for number, name in enumerate(sorted(columns)):
        column = columns[name]
        parts = column.codes, column.values.offsets, column.values.blob
        arrays |= {f"column_{number}_{part}": a for part, a in zip(_COLUMN, parts, strict=True)}
    meta = {
        "fields": [*fields],
        "docs": len(ids),
        "total_length": int(lengths.sum(dtype=np.int64)),
        "columns": sorted(columns),
        "store": store,
    }
    write_arrays(path, arrays, meta)
    return Segment.open(path)
