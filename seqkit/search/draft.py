"""The next commit of an index, as its writer prepares it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqkit.errors import BundleError
from seqkit.search.buffer import Buffer
from seqkit.search.deletions import Deletions
from seqkit.search.live import LiveSegment, Snapshot
from seqkit.search.manifest import (
    SegmentEntry,
    file_entry,
    read_manifest,
    remove_leftovers,
    write_manifest,
)
from seqkit.search.merging import merge_segments
from seqkit.search.opening import verify_segment
from seqkit.search.segment import Segment
from seqkit.search.tiers import due_for_merging

__all__ = ["Draft"]


@dataclass(eq=False)
class _Part:
    """A segment, and what was deleted in it since its files were written."""

    live: LiveSegment
    entry: SegmentEntry
    dead: set[int] = field(default_factory=set)

    @property
    def documents(self) -> int:
        return self.live.documents - len(self.dead)

    @property
    def share(self) -> float:
        """Live documents of all."""
        return self.documents / max(1, self.live.segment.docs)

    def find(self, id: str) -> int:
        doc = self.live.find(id)
        return -1 if doc in self.dead else doc

    def mask(self) -> npt.NDArray[np.uint8] | None:
        """(docs,) what lives; None for all."""
        if not self.dead:
            return self.live.live
        before = self.live.live
        mask = np.ones(self.live.segment.docs, np.uint8) if before is None else before.copy()
        mask[list(self.dead)] = 0
        return mask


class Draft:
    """Segments of the last commit and newer ones, on disk as files that no manifest names yet."""

    def __init__(self, folder: Path, snapshot: Snapshot) -> None:
        """Begin with the last commit, and remove what is no part of it.

        Args:
            folder: the index, locked.
            snapshot: its last commit, whole.
        """
        self._folder = folder
        self._manifest = read_manifest(folder)
        self._next = self._manifest.next
        self._parts = [
            _Part(live, entry)
            for live, entry in zip(snapshot.segments, self._manifest.segments, strict=True)
        ]
        remove_leftovers(folder, self._manifest)

    def find(self, id: str) -> bool:
        """Tell whether a document of this id is in one of the segments."""
        return any(part.find(id) >= 0 for part in self._parts)

    def remove(self, id: str) -> bool:
        """Delete a document; False for an unknown id."""
        for part in self._parts:
            if (doc := part.find(id)) >= 0:
                part.dead.add(doc)
                return True
        return False

    def append(self, buffer: Buffer) -> None:
        """Write the analysed documents of a buffer to a segment.

        Raises:
            DataError: the disk is full.
        """
        name, path = self._new_name()
        if (written := buffer.write(path)) is not None:
            segment, dead = written
            self._parts.append(self._part(name, segment, dead))

    def publish(self) -> bool:
        """Commit; returns False if there is nothing to commit.

        Raises:
            BundleError: a segment in which something is deleted is damaged, or another index stands
                in the folder by now.
            DataError: the disk is full.
        """
        generation = self._manifest.generation + 1
        kept = [part for part in self._parts if part.documents]
        for part in kept:
            if part.dead:
                self._write_deletions(part, generation)
        entries = tuple(part.entry for part in kept)
        if entries == self._manifest.segments:
            self._parts = kept
            return False
        if read_manifest(self._folder).commit != self._manifest.commit:
            raise BundleError(
                f"{self._folder}: another index took the place of this one while it was written "
                "to: open it anew, and make the changes again"
            )
        manifest = replace(self._manifest, generation=generation, next=self._next, segments=entries)
        write_manifest(self._folder, manifest)
        self._manifest, self._parts = manifest, kept
        remove_leftovers(self._folder, manifest)
        return True

    def merge_due(self) -> bool:
        """Merge while there are too many segments; returns whether there were.

        Raises:
            BundleError: one of them is damaged; none of these is merged.
            DataError: the disk is full.
        """
        merged = False
        while group := due_for_merging(
            [int(part.share * part.entry.files[part.entry.path].bytes) for part in self._parts],
            [part.share for part in self._parts],
        ):
            self._merge(group)
            merged = True
        return merged

    def merge_all(self) -> bool:
        """Make one segment of all; returns False where there is one and nothing is deleted.

        Raises:
            BundleError: one of them is damaged; none is merged.
            DataError: the disk is full.
        """
        if len(self._parts) > 1 or any(part.share < 1 for part in self._parts):
            self._merge(range(len(self._parts)))
            return True
        return False

    def drop(self) -> None:
        """Remove the files that are not committed."""
        self._parts = []
        try:
            last = read_manifest(self._folder)
        except BundleError:  # there is no index any more
            return
        if last.id == self._manifest.id:
            remove_leftovers(self._folder, last)

    def _merge(self, group: Sequence[int]) -> None:
        old = [self._parts[number] for number in group]
        for part in old:
            verify_segment(self._folder, part.live)
        rest = [part for part in self._parts if part not in old]
        if not any(part.documents for part in old):
            self._parts = rest
            return
        name, path = self._new_name()
        segment = merge_segments([(part.live.segment, part.mask()) for part in old], path)
        self._parts = [*rest, self._part(name, segment, set())]

    def _write_deletions(self, part: _Part, generation: int) -> None:
        verify_segment(self._folder, part.live, once=True)
        dead = np.array(sorted(part.dead), np.int64)
        deletions = Deletions.of(part.live.segment, part.live.deletions, dead)
        path = self._folder / f"{part.entry.name}.del-{generation:08d}.bin"
        deletions.write(path)
        files = {
            part.entry.path: part.entry.files[part.entry.path],
            path.name: file_entry(path),
        }
        part.entry = replace(part.entry, live=deletions.documents, files=files)
        part.live = LiveSegment(part.live.segment, deletions, part.entry)
        part.dead = set()

    def _part(self, name: str, segment: Segment, dead: set[int]) -> _Part:
        files = {f"{name}.bin": file_entry(self._folder / f"{name}.bin")}
        entry = SegmentEntry(name, segment.docs, segment.docs, files)
        return _Part(LiveSegment(segment, None, entry), entry, dead)

    def _new_name(self) -> tuple[str, Path]:
        name = f"seg-{self._next:08d}"
        self._next += 1
        return name, self._folder / f"{name}.bin"
