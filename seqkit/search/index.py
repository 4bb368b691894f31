"""The search index that an app has."""

import functools
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from seqkit.search.opening import open_snapshot
from seqkit.search.query import Query
from seqkit.search.results import Results
from seqkit.search.searching import explain_query, search_each
from seqkit.search.writer import IndexWriter, lock_index

if TYPE_CHECKING:
    from seqkit.search.scorers import Scorer

__all__ = ["SearchIndex"]

_SETTINGS = "search.json"


class SearchIndex:
    """Documents that can be searched, in a folder; `seqkit.load(folder)` opens one.

    A reader sees the commit that was the last when it was opened, until `refresh`, whatever writers
    do meanwhile. Several threads may search with it at once.
    """

    def __init__(self, folder: Path, config: SearchConfig, files: Mapping[str, bytes]) -> None:
        """Open the last commit; see `create` and `open`.

        Args:
            folder: the index.
            config: what its bundle says.
            files: the content of its bundle, for the analysis.

        Raises:
            BundleError: nothing of the index can be used.
        """
        self.folder, self.config = folder, config
        self._files = dict(files)
        self.snapshot: Snapshot = open_snapshot(folder)
        """The commit that it sees. What takes several steps holds on to one."""

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
            write_manifest(folder, Manifest(secrets.token_hex(16)))
            bundle.write(folder, kind=cls.__name__, files=files)
        finally:
            if lock is not None:
                lock.close()
        return cls(folder, config, files)

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
        files = saved.files()
        try:
            config = from_dict(SearchConfig, json.loads(files[_SETTINGS]), where=_SETTINGS)
        except (KeyError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise BundleError(
                f"{saved.folder}: its files do not fit together ({reason:.200}): create the index "
                "anew, or upgrade seqkit"
            ) from error
        return cls(saved.folder, config, files)

    # what is in it

    @property
    def segments(self) -> tuple[LiveSegment, ...]:
        """The parts of the index, each with what lives in it."""
        return self.snapshot.segments

    @property
    def damaged(self) -> tuple[str, ...]:
        """What is wrong with parts that could not be opened, a line each."""
        return self.snapshot.damaged

    @functools.cached_property
    def analyzer(self) -> Analyzer:
        """What turns a query into terms."""
        return self.new_analyzer()

    def statistics(self, terms: Iterable[str] = ()) -> Statistics:
        """Count documents, tokens, and those of some terms, exactly."""
        return self.snapshot.statistics(terms)

    def __len__(self) -> int:
        """Return the number of documents."""
        return self.snapshot.documents

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
        """Go through the documents.

        Raises:
            DataError: an index that does not keep their text.
        """
        self._check_stored()
        return (
            part.segment.document(doc)
            for part in self.snapshot.segments
            for doc in part.numbers().tolist()
        )

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
        before = self.snapshot
        self.snapshot = self.last_commit(before)
        return self.snapshot is not before

    def last_commit(self, previous: Snapshot | None) -> Snapshot:
        """Open the last commit, for `refresh` and for a writer.

        Args:
            previous: an earlier commit; it is returned if it still is the last.

        Raises:
            BundleError: see `refresh`.
        """
        found = open_snapshot(self.folder, previous)
        if found.id != self.snapshot.id and bundle.read(self.folder).files() != self._files:
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
        return Analyzer.from_files(self._files)

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
