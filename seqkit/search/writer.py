"""Change an index: add, update, delete; commit; merge. One writer at a time."""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from seqkit.data.records import Document
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.files import lock_file
from seqkit.search.draft import Draft

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex

__all__ = ["LOCK", "REPEATED_ID_REMEDY", "IndexWriter", "lock_index"]

LOCK = "write.lock"
"""The file of an index that its writer holds a lock on."""
_LEAST_MEMORY = 1 << 20
REPEATED_ID_REMEDY = "give another id, or replace it with update()"
"""What the error of an id that is there already ends with."""


class IndexWriter:
    """Changes an index; `SearchIndex.writer` makes it, for use in a `with` block.

        with index.writer() as writer:
            writer.add(documents)

    Leaving the block commits, an exception in it leaves the last commit. What is not committed is
    seen by nobody; a commit is there whole, whatever happens to the process, and readers see it
    when they refresh. The index that made the writer follows its commits.
    """

    def __init__(self, index: "SearchIndex", *, memory: int = 256 << 20) -> None:
        """Prepare; the index is locked from the beginning of the block.

        Args:
            index: what is changed.
            memory: bytes that documents may take before they are written to a segment.

        Raises:
            ConfigError: less memory than 1 MB.
        """
        if memory < _LEAST_MEMORY:
            raise ConfigError(f"memory {memory}: {_LEAST_MEMORY} bytes or more (1 << 20)")
        self._index, self._memory = index, memory
        self._lock: IO[bytes] | None = None
        self._draft: Draft | None = None
        self._buffer = index.new_buffer()

    def __enter__(self) -> Self:
        """Lock the index, and remove what a killed writer left.

        Raises:
            BundleError: a segment of the index is damaged, or see `SearchIndex.refresh`.
            ConfigError: another writer is at work, or the folder cannot be written.
        """
        folder = self._index.folder
        self._lock = lock_index(folder)
        try:
            seen = self._index.snapshot
            snapshot = self._index.last_commit(None if seen.damaged else seen)
            if snapshot.damaged:
                raise BundleError(
                    f"{snapshot.damaged[0]}: the index can only be read: restore the file, or "
                    "create an index anew from documents(), which gives those that can be read"
                )
            self._draft = Draft(folder, snapshot)
        except BaseException:
            self._unlock()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit, or drop what is not committed if there was an exception."""
        try:
            if kind is None and self._draft is not None:
                self.commit()
        finally:
            self._give_up()

    def add(self, documents: Iterable[Document]) -> None:
        """Add documents; those before a refused one stay added.

        Raises:
            DataError: an id is in the index already, or comes twice; a document is none.
        """
        draft = self._working()
        for document in documents:
            _check(document)
            if document.id in self._buffer or draft.find(document.id):
                raise DataError(
                    f"{self._index.folder}: a document with the id {document.id!r} is there "
                    f"already: {REPEATED_ID_REMEDY}"
                )
            self._take(draft, document)

    def update(self, documents: Iterable[Document]) -> None:
        """Add documents in the place of those with the same ids, where there are such.

        Those before a refused one stay.

        Raises:
            DataError: an id comes twice; a document is none.
        """
        draft = self._working()
        ids = set[str]()
        for document in documents:
            _check(document)
            if document.id in ids:
                raise DataError(
                    f"{self._index.folder}: two documents with the id {document.id!r} in one "
                    "update: give the one that is to stay"
                )
            ids.add(document.id)
            self._remove(draft, document.id)
            self._take(draft, document)

    def delete(self, ids: Iterable[str], *, missing_ok: bool = False) -> None:
        """Delete documents; those before a refused id stay deleted.

        Args:
            ids: those of the documents.
            missing_ok: pass over an id that is not in the index.

        Raises:
            ConfigError: one string instead of several.
            DataError: an id that is not in the index, or no string.
        """
        draft = self._working()
        if isinstance(ids, str):
            raise ConfigError(f"delete({ids!r}): give a list of ids: [{ids!r}]")
        for id in ids:
            if not isinstance(id, str):
                raise DataError(f"{id!r}: an id is a string, such as {str(id)!r}")
            if not self._remove(draft, id) and not missing_ok:
                raise DataError(
                    f"{self._index.folder}: no document with the id {id!r} to delete: check the "
                    "id, or pass missing_ok=True"
                )

    def commit(self) -> bool:
        """Make all changes so far durable and visible; returns False if there were none.

        Then, with the changes visible, segments are merged where that is due, and committed again.

        Raises:
            BundleError: a segment that is to be merged, or in which something is deleted, turns out
                to be damaged, or another index stands in the folder by now.
            DataError: the disk is full.

        Nothing but the last commit is left after an error, and the writer ends; a segment that is
        damaged stays as it is, next to the others.
        """
        return self._carry_out(merge_all=False)

    def merge(self) -> None:
        """Commit, and make one segment of all, without what is deleted.

        Raises:
            DataError: as `commit`.
        """
        self._carry_out(merge_all=True)

    def _carry_out(self, *, merge_all: bool) -> bool:
        draft = self._working()
        try:
            self._flush(draft)
            changed = draft.publish()
            if changed:
                self._index.refresh()
            merged = draft.merge_all() if merge_all else draft.merge_due()
            if merged and draft.publish():
                self._index.refresh()
        except BaseException:
            self._give_up()
            raise
        return changed

    def _take(self, draft: Draft, document: Document) -> None:
        self._buffer.put(document)
        if self._buffer.full:
            try:
                if not self._buffer.analyse():  # an earlier version of one of these is in the way
                    self._flush(draft)
                if self._buffer.size >= self._memory:
                    self._flush(draft)
            except BaseException:
                self._give_up()
                raise

    def _remove(self, draft: Draft, id: str) -> bool:
        """Delete a document, wherever it is; False for an unknown id."""
        return self._buffer.remove(id) or draft.remove(id)

    def _flush(self, draft: Draft) -> None:
        """Write the documents in memory to segments: one, and one more for second versions."""
        while self._buffer:
            self._buffer.analyse()
            draft.append(self._buffer)

    def _working(self) -> Draft:
        if self._draft is None:
            raise ConfigError(
                f"{self._index.folder}: this writer is not at work: use it in `with "
                "index.writer() as writer:`; it also ends when a commit fails"
            )
        return self._draft

    def _give_up(self) -> None:
        """Drop what is not committed, and let others write."""
        draft, self._draft = self._draft, None
        self._buffer = self._index.new_buffer()
        try:
            if draft is not None:
                draft.drop()
        finally:
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def lock_index(folder: Path) -> IO[bytes] | None:
    """Keep other writers out until the file is closed; None where there are no locks.

    Raises:
        ConfigError: another writer is at work, or the folder cannot be written.
    """
    try:
        return lock_file(
            folder / LOCK,
            where=str(folder),
            holder="another writer",
            remedy="wait until it has committed; searching goes on meanwhile",
        )
    except OSError as error:
        raise ConfigError(
            f"{folder}: cannot be written ({error.strerror}): choose another folder"
        ) from None


def _check(document: Document) -> None:
    """Refuse what is no document.

    Raises:
        DataError: what is wrong with it.
    """
    if not isinstance(document, Document):
        raise DataError(
            f"{document!r:.60}: expected seqkit.data.Document(id, title, text, fields); give "
            "several of them, such as a list"
        )
    if not isinstance(document.fields, dict):
        raise DataError(
            f"document {document.id!r}: its fields are {document.fields!r:.60}, expected a dict of "
            "strings, {} for none"
        )
    texts = [("id", document.id), ("title", document.title), ("text", document.text)]
    for name, value in [*texts, *document.fields.items()]:
        if not isinstance(name, str):
            raise DataError(
                f"document {document.id!r}: {name!r:.60} names a field, expected a string"
            )
        if not isinstance(value, str):
            raise DataError(
                f"document {document.id!r}: {name} is {value!r:.60}, expected a string (numbers as "
                "they are written)"
            )
    if not document.fields.keys().isdisjoint({"title", "text"}):
        name = min({"title", "text"} & document.fields.keys())
        raise DataError(f"document {document.id!r}: a field {name!r} beside its {name}: rename it")
    if not document.id:
        raise DataError(f"document {document.title!r:.60}: its id is empty")
