"""The documents of a writer that are not in a segment yet."""

from collections.abc import Callable
from pathlib import Path

from seqkit.data.records import Document
from seqkit.search.analysis import Analyzer
from seqkit.search.config import SearchConfig
from seqkit.search.segment import Segment
from seqkit.search.segment_builder import SegmentBuilder
from seqkit.search.stored import field_text

__all__ = ["Buffer"]

_DOCUMENTS, _CHARACTERS = 2048, 4 << 20  # analysed together at most
_NAMES = 1 << 20  # terms that an analyser remembers before another one takes over


class Buffer:
    """Documents: first as they came, then, some thousand at a time, analysed in a builder.

    As they came they can be replaced and removed. What is removed from the builder is only noted:
    it is in the segment, as deleted there.
    """

    def __init__(self, config: SearchConfig, make_analyzer: Callable[[], Analyzer]) -> None:
        """Begin empty.

        Args:
            config: that of the index.
            make_analyzer: a new analyser of the index; the first is made when it is needed.
        """
        self._config, self._make_analyzer = config, make_analyzer
        self._analyzer: Analyzer | None = None
        self._waiting: dict[str, Document] = {}
        self._characters = 0
        self._begin()

    def _begin(self) -> None:
        self._builder = SegmentBuilder(self._config.fields, store=self._config.store)
        self._built: dict[str, int] = {}
        self._dead: set[int] = set()

    def __bool__(self) -> bool:
        """Tell whether there are any, removed ones of the builder included."""
        return bool(self._waiting or self._built)

    def __contains__(self, id: str) -> bool:
        """Tell whether a document is there."""
        return id in self._waiting or (id in self._built and self._built[id] not in self._dead)

    @property
    def full(self) -> bool:
        """Whether as many wait as should be analysed together."""
        return len(self._waiting) >= _DOCUMENTS or self._characters >= _CHARACTERS

    @property
    def size(self) -> int:
        """Bytes that the analysed documents take."""
        return self._builder.size

    def put(self, document: Document) -> None:
        """Take a document; none with its id is there."""
        self._waiting[document.id] = document
        self._characters += _characters(document)

    def remove(self, id: str) -> bool:
        """Remove a document; False where it is not there."""
        waiting = self._waiting.pop(id, None)
        if waiting is not None:
            self._characters -= _characters(waiting)
            return True
        if id not in self:
            return False
        self._dead.add(self._built[id])
        return True

    def analyse(self) -> bool:
        """Bring the waiting documents to the builder.

        Returns:
            False where it has a removed one with an id of theirs: then write the segment first.
        """
        if self._waiting.keys() & self._built.keys():
            return False
        if not self._waiting:
            return True
        documents, fields = list(self._waiting.values()), self._config.fields
        if self._analyzer is None:
            self._analyzer = self._make_analyzer()
        texts = [field_text(document, name) or "" for document in documents for name in fields]
        numbers, lengths = self._analyzer.batch(texts)
        ids = list(self._waiting)
        self._builder.add(ids, numbers, lengths.reshape(-1, len(fields)), documents)
        self._built |= zip(ids, range(len(self._built), len(self._built) + len(ids)), strict=True)
        self._waiting, self._characters = {}, 0
        return True

    def write(self, path: Path) -> tuple[Segment, set[int]] | None:
        """Write the analysed documents to a segment, and begin anew; None where none is left.

        Returns:
            The segment and those of its documents that were removed.

        Raises:
            DataError: the disk is full.
        """
        left = len(self._dead) < len(self._built)
        written = None
        if left and self._analyzer is not None:
            names = self._analyzer.names
            written = self._builder.write(path, names), self._dead
            if len(names) > _NAMES:
                self._analyzer = None
        self._begin()
        return written


def _characters(document: Document) -> int:
    return len(document.title) + len(document.text) + sum(map(len, document.fields.values()))
