"""Read the last commit of an index, while a writer may be making the next one."""

import logging
from collections.abc import Sequence
from pathlib import Path
from weakref import WeakSet

from seqkit.errors import BundleError, DataError, SeqkitError
from seqkit.search.deletions import Deletions
from seqkit.search.live import LiveSegment, Snapshot
from seqkit.search.manifest import (
    FileEntry,
    Manifest,
    SegmentEntry,
    file_entry,
    read_manifest,
)
from seqkit.search.segment import Segment
from seqkit.search.soundness import LARGE

__all__ = ["check_snapshot", "open_segment", "open_snapshot", "verify_segment"]

logger = logging.getLogger(__name__)

_WHOLE: WeakSet[Segment] = WeakSet()  # that were read through, and nothing was wrong


def open_snapshot(folder: Path, previous: Snapshot | None = None) -> Snapshot:
    """Map the segments of the last commit; their sizes and heads are checked, nothing else is read.

    Segments that cannot be used are named in a warning and in `damaged`.

    Args:
        folder: the index.
        previous: an earlier commit; it is returned if it still is the last.

    Raises:
        BundleError: none of the segments can be used, or the manifest cannot.
    """
    manifest = read_manifest(folder)
    while True:
        if previous is not None and previous.commit == manifest.commit:
            return previous
        segments, damaged = _open(folder, manifest, previous)
        latest = read_manifest(folder) if damaged else manifest
        if latest.commit == manifest.commit:
            break
        manifest = latest  # a writer removed files while we were opening them
    _tell(folder, segments, damaged)
    return Snapshot(
        manifest.generation,
        segments,
        id=manifest.id,
        damaged=damaged,
        settings=manifest.settings,
    )


def check_snapshot(folder: Path, snapshot: Snapshot) -> Snapshot:
    """Check what was not when it was opened; those segments that are damaged are left out then.

    Returns:
        The snapshot itself where nothing is wrong.

    Raises:
        BundleError: none of the segments can be used.
    """
    segments, damaged = [], []
    for part in snapshot.segments:
        try:
            part.check()
            segments.append(part)
        except DataError as error:
            damaged.append(str(error))
    if not damaged:
        return snapshot
    _tell(folder, segments, damaged)
    return Snapshot(
        snapshot.generation,
        segments,
        id=snapshot.id,
        damaged=(*snapshot.damaged, *damaged),
        settings=snapshot.settings,
    )


def open_segment(
    folder: Path, entry: SegmentEntry, previous: LiveSegment | None = None, *, check: bool = True
) -> LiveSegment:
    """Map the files of a segment.

    Args:
        folder: the index.
        entry: what the manifest says of them.
        previous: the segment in an earlier commit of the same index.
        check: False to check the segment when it is first used.

    Raises:
        BundleError: one is missing, or has another size.
        DataError: one is damaged in its head.
    """
    if previous is not None and previous.entry == entry:
        return previous
    for name, expected in entry.files.items():
        _check_size(folder / name, expected)
    if previous is not None:
        segment = previous.segment
    else:
        segment = Segment.open(folder / entry.path, check=check)
    if entry.deletions is None:
        return LiveSegment(segment, None, entry)
    return LiveSegment(segment, Deletions.open(folder / entry.deletions, segment), entry)


def verify_segment(folder: Path, part: LiveSegment, *, once: bool = False) -> None:
    """Read a segment and its deletions through, so that no damage of theirs gets into new files.

    Args:
        folder: the index.
        part: the segment.
        once: not the segment, if that was done since it was opened.

    Raises:
        BundleError: one is damaged or missing.
    """
    try:
        if not once or part.segment not in _WHOLE:
            part.segment.verify()
            _WHOLE.add(part.segment)
    except DataError as error:
        raise BundleError(str(error)) from None
    if part.entry is not None and (name := part.entry.deletions) is not None:
        expected = part.entry.files[name]
        _check_size(folder / name, expected)
        if file_entry(folder / name) != expected:
            raise BundleError(
                f"{folder / name}: damaged (its checksum differs): restore the file, or create "
                "the index anew"
            )


def _open(
    folder: Path, manifest: Manifest, previous: Snapshot | None
) -> tuple[list[LiveSegment], list[str]]:
    """Return the segments that can be used, and what is wrong with the others."""
    known = {}
    if previous is not None and previous.id == manifest.id:
        known = {_file(part.entry): part for part in previous.segments if part.entry is not None}
    segments, damaged, read = [], [], 0
    for entry in manifest.segments:
        before = known.get(_file(entry))
        read += entry.files[entry.path].bytes if before is None else 0
        try:
            segments.append(open_segment(folder, entry, before, check=read <= LARGE))
        except (SeqkitError, OSError) as error:
            damaged.append(" ".join(str(error).split()))
    return segments, damaged


def _tell(folder: Path, segments: Sequence[LiveSegment], damaged: Sequence[str]) -> None:
    """Warn of what is damaged, a line each.

    Raises:
        BundleError: it is all that there is.
    """
    if damaged and not segments:
        raise BundleError(
            f"{folder}: no segment of the index can be used ({damaged[0]}): copy the folder again, "
            "whole, or create the index anew"
        )
    for line in damaged:
        logger.warning("%s; the rest of the index can be searched, not changed", line)


def _file(entry: SegmentEntry) -> tuple[str, FileEntry]:
    """Return the file of a segment, without its deletions."""
    return entry.path, entry.files[entry.path]


def _check_size(path: Path, expected: FileEntry) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise BundleError(f"{path}: missing from the index") from None
    if size != expected.bytes:
        raise BundleError(f"{path}: {size:,} bytes, expected {expected.bytes:,}: damaged")
