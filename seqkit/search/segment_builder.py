"""Build a segment from analysed documents."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.data import Document
from seqkit.errors import DataError
from seqkit.search.columns import ColumnBuilder
from seqkit.search.inverting import Inverter
from seqkit.search.packing import Packer
from seqkit.search.segment import Segment, write_segment
from seqkit.search.spool import Spool
from seqkit.search.stored import TextPacker, field_text, text_line
from seqkit.search.strings import Strings

__all__ = ["SegmentBuilder"]

_RECORD = {"title", "text"}  # what each document has
_EACH = 100  # bytes of an id or a value in Python, about


class SegmentBuilder:
    """Collects analysed documents in memory, and writes them as one segment.

    >>> import pathlib, tempfile
    >>> builder = SegmentBuilder(["text"], store=True)
    >>> cat = Document("a", "", "a cat sat", {"year": "1963"})
    >>> builder.add(["a"], np.array([-1, 0, 1], np.int32), np.array([[3]]), [cat])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     segment = builder.write(pathlib.Path(folder, "segment.bin"), ["cat", "sat"])
    >>> segment.positions(segment.term("sat"))[2].tolist(), segment.document(0) == cat
    ([2], True)
    """

    def __init__(self, fields: Sequence[str], *, store: bool) -> None:
        """Take the text fields, in their order, and whether their text is kept for display."""
        self._fields, self._store = tuple(fields), store
        self._inverter = Inverter(len(self._fields))
        self._ids: list[str] = []
        self._columns: dict[str, ColumnBuilder] = {}
        self._text: list[tuple[str, npt.NDArray[Any]]] = []
        self._packer = TextPacker(self._keep)
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes held, about; `write` takes four more for each term of a document."""
        return self._size + self._inverter.size

    @property
    def docs(self) -> int:
        """How many documents there are."""
        return len(self._ids)

    def add(
        self,
        ids: Sequence[str],
        terms: npt.NDArray[np.int32],
        tokens: npt.NDArray[np.integer],
        documents: Sequence[Document],
    ) -> None:
        """Append documents.

        Args:
            ids: theirs; that no two are equal is the caller's affair.
            terms: (n,) the tokens of all, field by field: numbers of terms, -1 for a token that
                was dropped and still takes its position.
            tokens: (docs, F) how many of these each field has.
            documents: what is stored and what filters see: the text of the fields, and all else.

        Raises:
            ConfigError: more positions than a segment can have.
            DataError: a document has metadata under the name of its title or text.
        """
        for document in documents:
            if not _RECORD.isdisjoint(document.fields):
                name = min(_RECORD & document.fields.keys())
                raise DataError(
                    f"document {document.id!r}: a field {name!r} beside its {name}: rename it"
                )
        self._inverter.add(terms, tokens)
        for doc, document in enumerate(documents, len(self._ids)):
            for name in [*(_RECORD - {*self._fields}), *document.fields]:
                value = field_text(document, name)
                if name not in self._fields and (value or name not in _RECORD):
                    self._columns.setdefault(name, ColumnBuilder()).add(doc, value or "")
                    self._size += _EACH + len(value or "")
            if self._store:
                self._packer.add(text_line(document, self._fields))
        self._ids += ids
        self._size += sum(map(len, ids)) + _EACH * len(ids)

    def write(self, path: str | os.PathLike[str], term_names: Sequence[str]) -> Segment:
        """Write the segment, and open it; the builder is empty of use then.

        Args:
            path: the file.
            term_names: the terms by number; those that no document has are left out.

        Raises:
            DataError: if the disk is full.
        """
        counts = self._inverter.counts(len(term_names))
        present = np.flatnonzero(counts).tolist()
        order = np.array(sorted(present, key=term_names.__getitem__), np.int64)
        terms = Strings.from_list([term_names[term] for term in order.tolist()])
        by_id = np.array(sorted(range(len(self._ids)), key=self._ids.__getitem__), np.uint32)
        ids = Strings.from_list(self._ids)
        field_lengths = self._inverter.field_lengths()
        with Spool(Path(path).parent) as spool:
            packer = Packer(field_lengths.sum(axis=1, dtype=np.uint32), spool.append)
            for lists in self._inverter.lists(counts, order):
                packer.pack(lists)
            packer.finish()
            if self._store:
                self._packer.finish()
                for name, array in self._text:
                    spool.append(name, array)
                self._text.clear()
            return write_segment(
                path,
                fields=self._fields,
                store=self._store,
                terms=terms,
                ids=Strings(ids.offsets, ids.blob, by_id),
                field_lengths=field_lengths,
                field_starts=self._inverter.field_starts(),
                columns={n: column.build(len(self._ids)) for n, column in self._columns.items()},
                pieces=spool.arrays(),
            )

    def _keep(self, name: str, array: npt.NDArray[Any]) -> None:
        self._text.append((name, array))
        self._size += array.nbytes
