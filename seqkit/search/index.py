"""The search index that an app has."""

import functools
import json
import logging
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from seqkit import bundle
from seqkit.config import from_dict, to_dict
from seqkit.data.records import Document
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.files import json_bytes
from seqkit.garbage import paused_collection
from seqkit.search.analysis import Analyzer
from seqkit.search.buffer import Buffer
from seqkit.search.config import SearchConfig
from seqkit.search.explaining import Explanation
from seqkit.search.live import LiveSegment, Snapshot, Statistics
from seqkit.search.manifest import Manifest, file_entry, read_manifest, write_manifest
from seqkit.search.opening import check_snapshot, open_snapshot
from seqkit.search.query import Query
from seqkit.search.results import Results
from seqkit.search.searching import explain_query, search_each
from seqkit.search.writer import IndexWriter, lock_index

if TYPE_CHECKING:
    from seqkit.search.scorers import Scorer

__all__ = ["SearchIndex"]

logger = logging.getLogger(__name__)

_SETTINGS = "search.json"


class SearchIndex:
    """Documents that can be searched, in a folder; `seqkit.load(folder)` opens one.

    A reader sees the commit that was the last when it was opened, until `refresh`, whatever writers
    do meanwhile. Several threads may search with it at once.
    """

    def __init__(self, folder: Path) -> None:
        """Open the last commit; see `create` and `open`.

        Args:
            folder: the index.

        Raises:
            BundleError: nothing of the index can be used.
        """
        self.folder = folder
        self._seen = open_snapshot(folder)
        self._checked: Snapshot | None = None
        self._lock = threading.Lock()  # held while `_seen` is exchanged
        self.config = self._settings()

    @classmethod
    def create(cls, folder: str | os.PathLike[str], config: SearchConfig | None = None) -> Self:
        """Make an index without documents.

        Args:
            folder: made where it is missing; other files in it are left alone.
            config: fields and analysis, which are those of the index from now on.

        Raises:
            ConfigError: there is an index or another model already, the folder cannot be written,
                or the analysis needs what is not installed.
        """
        folder, config = Path(folder), config or SearchConfig()
        files = Analyzer(config.analysis).to_files()
        files[_SETTINGS] = json_bytes(to_dict(config))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"{folder}: cannot be made ({error.strerror}): choose another folder"
            ) from None
        lock = lock_index(folder)
        try:
            if (folder / "bundle.json").exists() or any(folder.glob("seg-*.bin")):
                raise ConfigError(
                    f"{folder}: holds an index or another model already: open it with "
                    "SearchIndex.open, or choose another folder"
                )
            settings = {name: text.decode("utf-8", "surrogatepass") for name, text in files.items()}
            write_manifest(folder, Manifest(secrets.token_hex(16), settings=settings))
            bundle.write(folder, kind=cls.__name__, files={})
        finally:
            if lock is not None:
                lock.close()
        return cls(folder)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Self:
        """Open an index; milliseconds, whatever its size, for its files are mapped.

        Raises:
            BundleError: it is none, nothing of it can be used, or a newer seqkit wrote it. A part
                that is damaged is named in a warning, and the others can be searched.
        """
        return cls.from_bundle(bundle.read(folder))

    @classmethod
    def from_bundle(cls, saved: bundle.Bundle, *, device: str = "cpu") -> Self:
        """Open the index of a checked bundle.

        Raises:
            BundleError: see `open`.
            ConfigError: a device that is not the CPU.
        """
        if device not in ("cpu", "auto"):
            raise ConfigError(f"device {device}: an index is searched on the CPU: leave it out")
        return cls(saved.folder)

    def _settings(self) -> SearchConfig:
        try:
            settings = json.loads(self._seen.settings[_SETTINGS])
            return from_dict(SearchConfig, settings, where=_SETTINGS)
        except (KeyError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise BundleError(
                f"{self.folder}: its settings cannot be read ({reason:.200}): create the index "
                "anew, or upgrade seqkit"
            ) from error

    # what is in it

    @property
    def snapshot(self) -> Snapshot:
        """The commit that it sees. What takes several steps holds on to one.

        Large segments are checked when it is first asked for. One that is damaged is named in a
        warning and in `damaged`, and left out.

        Raises:
            BundleError: none of the segments can be used.
        """
        checked = self._checked
        if checked is None or checked is not self._seen:
            with self._lock:
                self._seen = self._checked = checked = check_snapshot(self.folder, self._seen)
        return checked

    @property
    def segments(self) -> tuple[LiveSegment, ...]:
        """The parts of the index, each with what lives in it."""
        return self._seen.segments

    @property
    def damaged(self) -> tuple[str, ...]:
        """What is wrong with parts that cannot be used, a line each."""
        return self._seen.damaged

    @functools.cached_property
    def analyzer(self) -> Analyzer:
        """What turns a query into terms."""
        return self.new_analyzer()

    def statistics(self, terms: Iterable[str] = ()) -> Statistics:
        """Count documents, tokens, and those of some terms, exactly."""
        return self.snapshot.statistics(terms)

    def __len__(self) -> int:
        """Return the number of documents."""
        return self._seen.documents

    def __contains__(self, id: str) -> bool:
        """Tell whether there is a document of this id."""
        return self.snapshot.find(id) is not None

    def __iter__(self) -> Iterator[str]:
        """Go through the ids of the documents, in no order that means anything."""
        for part in self.snapshot.segments:
            for doc in part.numbers().tolist():
                yield part.segment.id(doc)

    def document(self, id: str) -> Document:
        """Return a document.

        Raises:
            DataError: an unknown id, or an index that does not keep its text.
        """
        self._check_stored()
        snapshot = self.snapshot
        if (found := snapshot.find(id)) is None:
            raise DataError(f"{self.folder}: no document with the id {id!r}")
        number, doc = found
        return snapshot.segments[number].segment.document(doc)

    def documents(self) -> Iterator[Document]:
        """Go through the documents; those whose text is damaged are left out, with a warning.

        Raises:
            DataError: an index that does not keep their text.
        """
        self._check_stored()
        return self._readable(self.snapshot)

    def _readable(self, snapshot: Snapshot) -> Iterator[Document]:
        errors = []
        for part in snapshot.segments:
            for doc in part.numbers().tolist():
                try:
                    found = part.segment.document(doc)
                except DataError as error:
                    errors.append(str(error))
                else:
                    yield found
        if errors:
            logger.warning("%s; documents left out, damaged so: %d", errors[0], len(errors))

    def _check_stored(self) -> None:
        """Raise DataError if the index does not keep the text of documents."""
        if not self.config.store:
            raise DataError(
                f"{self.folder}: no documents to give back, for this index does not store texts: "
                "create it with store=True"
            )

    # what is looked for

    def search(
        self,
        query: str | Query,
        *,
        k: int = 10,
        offset: int = 0,
        scorer: "Scorer | None" = None,
        filter: str | Query | None = None,
        syntax: bool = True,
    ) -> Results:
        """Find the best documents for a query.

        Args:
            query: in the query language, such as `title:"heat transfer" +jet -engine`, or made of
                the objects of `seqkit.search.query`.
            k: hits at most.
            offset: hits to leave out before the first.
            scorer: None for `BM25()`.
            filter: what documents must also match, without a score, such as `year:[1960 TO *]`.
            syntax: False to take a text as plain words.

        Raises:
            ConfigError: the query cannot be parsed, or names a field that is not there; k or offset
                is out of range; the scorer is none.
        """
        return search_each(
            self, [query], k=k, offset=offset, scorer=scorer, filter=filter, syntax=syntax
        )[0]

    def search_many(
        self,
        queries: Sequence[str | Query],
        *,
        k: int = 10,
        scorer: "Scorer | None" = None,
        filter: str | Query | None = None,
        syntax: bool = True,
    ) -> list[Results]:
        """Search for each of several queries, together; see `search`."""
        with paused_collection():
            return search_each(self, queries, k=k, scorer=scorer, filter=filter, syntax=syntax)

    def explain(
        self,
        query: str | Query,
        id: str,
        *,
        scorer: "Scorer | None" = None,
        filter: str | Query | None = None,
        syntax: bool = True,
    ) -> Explanation:
        """Say term by term why a document has its score; 0 for one that does not match.

        Raises:
            ConfigError: as `search`.
            DataError: an unknown id.
        """
        return explain_query(self, query, id, scorer=scorer, filter=filter, syntax=syntax)

    # what changes it

    def refresh(self) -> bool:
        """See the last commit from now on; returns False if that was so already.

        It may be that of another index, which took the place of this one in the folder.

        Raises:
            BundleError: see `open`; or the other index has other settings. What was seen before is
                still seen.
        """
        with self._lock:
            before = self._seen
            self._seen = self._open(before)
            return self._seen is not before

    def last_commit(self, previous: Snapshot | None) -> Snapshot:
        """Open and check the last commit, for a writer.

        Args:
            previous: an earlier commit; it is returned if it still is the last.

        Raises:
            BundleError: see `refresh`.
        """
        return check_snapshot(self.folder, self._open(previous))

    def _open(self, previous: Snapshot | None) -> Snapshot:
        found = open_snapshot(self.folder, previous)
        if found.settings != self._seen.settings:
            raise BundleError(
                f"{self.folder}: another index, with other settings, took the place of this one: "
                "open it anew with SearchIndex.open"
            )
        return found

    def writer(self, *, memory: int = 256 << 20) -> IndexWriter:
        """Change the index: `with index.writer() as writer: ...`.

        Args:
            memory: bytes that new documents may take before they are written to a segment.

        Raises:
            ConfigError: less memory than 1 MB.
        """
        return IndexWriter(self, memory=memory)

    def new_analyzer(self) -> Analyzer:
        """Make an analyser, for the texts of a writer."""
        settings = self._seen.settings  # the same in all commits that it sees
        files = {name: text.encode("utf-8", "surrogatepass") for name, text in settings.items()}
        return Analyzer.from_files(files)

    def new_buffer(self) -> Buffer:
        """Make room for the documents of a writer."""
        return Buffer(self.config, self.new_analyzer)

    def verify(self) -> None:
        """Read all files of the last commit and compare them with their checksums.

        Raises:
            BundleError: some have changed; all of them are named.
        """
        manifest, wrong = read_manifest(self.folder), self._find_damage()
        while wrong and manifest != (latest := read_manifest(self.folder)):
            manifest, wrong = latest, self._find_damage()  # a writer removed files meanwhile
        if wrong:
            raise BundleError(
                f"{self.folder}: damaged or missing: {', '.join(wrong)}: copy the folder again, or "
                "create the index anew"
            )

    def _find_damage(self) -> list[str]:
        """Name the files of the last commit that are not what the manifest says."""
        wrong = []
        for name, expected in read_manifest(self.folder).files.items():
            try:
                whole = file_entry(self.folder / name) == expected
            except FileNotFoundError:
                whole = False
            wrong += [] if whole else [name]
        return wrong
