"""Put an index that was built elsewhere in the place of what stands in a folder."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from seqkit import bundle
from seqkit.search.index import SearchIndex
from seqkit.search.manifest import (
    Manifest,
    free_number,
    read_manifest,
    remove_leftovers,
    write_manifest,
)
from seqkit.search.writer import LOCK, lock_index

__all__ = ["Place"]


class Place:
    """A folder to which no index is written by others for the length of a `with` block.

        with Place("runs/docs") as place:
            index = SearchIndex.create("runs/docs/new")  # and fill it: that may take long
            place.install("runs/docs/new")

    What stands in the folder stays, and can be searched, until the new index is whole.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Name the folder, which is there."""
        self.folder = Path(folder)
        self._lock: IO[bytes] | None = None
        self._fresh = False

    def __enter__(self) -> Self:
        """Keep writers out.

        Raises:
            ConfigError: one is at work, or the folder cannot be written.
        """
        self._fresh = not (self.folder / LOCK).exists()
        self._lock = lock_index(self.folder)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let writers in again, and leave nothing where no index came to be."""
        if self._lock is not None:
            if self._fresh and not (self.folder / "manifest.json").exists():
                (self.folder / LOCK).unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def install(
        self,
        source: str | os.PathLike[str],
        *,
        provenance: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> SearchIndex:
        """Move an index here from a folder on the same disk, over an earlier index.

        Its segments come beside the earlier ones, under numbers of their own; then its manifest
        takes the place of the earlier one in one rename: a kill leaves the earlier index before it,
        and this one after it, at most with the provenance and metrics of the earlier one. The next
        writer removes what a kill left. Who has the earlier index open goes on reading it, and sees
        this one when it refreshes.

        Args:
            source: the index; what is left of it there is no index any more.
            provenance, metrics: for `bundle.json`, see `seqkit.bundle.write`.

        Returns:
            The index in its new place.

        Raises:
            BundleError: there is no whole index at `source`.
            DataError: the disk is full.
        """
        source, folder = Path(source), self.folder
        kind, manifest = bundle.read(source).kind, read_manifest(source)
        bundle.write(source, kind=kind, files={}, provenance=provenance, metrics=metrics)
        manifest = _move_segments(source, folder, manifest)
        write_manifest(folder, manifest)
        os.replace(source / "bundle.json", folder / "bundle.json")
        remove_leftovers(folder, manifest)
        return SearchIndex.open(folder)


def _move_segments(source: Path, folder: Path, manifest: Manifest) -> Manifest:
    """Move the files of an index under free numbers; returns the manifest that names them so."""
    number, segments = free_number(folder), []
    for entry in manifest.segments:
        name, files = f"seg-{number:08d}", {}
        for before, content in entry.files.items():
            after = name + before.removeprefix(entry.name)
            os.replace(source / before, folder / after)
            files[after] = content
        segments.append(replace(entry, name=name, files=files))
        number += 1
    return replace(manifest, next=number, segments=tuple(segments))
