"""Read the last commit of an index, while a writer may be making the next one."""

import logging
from pathlib import Path

from seqkit.errors import BundleError, SeqkitError
from seqkit.search.deletions import Deletions
from seqkit.search.live import LiveSegment, Snapshot
from seqkit.search.manifest import FileEntry, Manifest, SegmentEntry, read_manifest
from seqkit.search.segment import Segment

__all__ = ["open_segment", "open_snapshot"]

logger = logging.getLogger(__name__)


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
        if previous is not None and previous.generation == manifest.generation:
            return previous
        segments, damaged = _open(folder, manifest, previous)
        latest = read_manifest(folder) if damaged else manifest
        if latest.generation == manifest.generation:
            break
        manifest = latest  # a writer removed files while we were opening them
    if damaged and not segments:
        raise BundleError(
            f"{folder}: no segment of the index can be used ({damaged[0]}): copy the folder again, "
            "whole, or create the index anew"
        )
    for line in damaged:
        logger.warning("%s; the rest of the index can be searched, not changed", line)
    return Snapshot(manifest.generation, segments, damaged=damaged)


def open_segment(folder: Path, entry: SegmentEntry) -> LiveSegment:
    """Map the files of a segment.

    Raises:
        BundleError: one is missing, or has another size.
        DataError: one is damaged in its head.
    """
    for name, expected in entry.files.items():
        _check_size(folder / name, expected)
    segment = Segment.open(folder / entry.path)
    if entry.deletions is None:
        return LiveSegment(segment, None, entry)
    return LiveSegment(segment, Deletions.open(folder / entry.deletions, segment), entry)


def _open(
    folder: Path, manifest: Manifest, previous: Snapshot | None
) -> tuple[list[LiveSegment], list[str]]:
    """Return the segments that can be used, and what is wrong with the others."""
    known = {_names(part.entry): part for part in previous.segments} if previous else {}
    segments, damaged = [], []
    for entry in manifest.segments:
        try:
            segments.append(known.get(_names(entry)) or open_segment(folder, entry))
        except (SeqkitError, OSError) as error:
            damaged.append(" ".join(str(error).split()))
    return segments, damaged


def _names(entry: SegmentEntry | None) -> tuple[str, ...]:
    """Name the files of a segment, which are never others of these names."""
    return () if entry is None else tuple(entry.files)


def _check_size(path: Path, expected: FileEntry) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise BundleError(f"{path}: missing from the index") from None
    if size != expected.bytes:
        raise BundleError(f"{path}: {size:,} bytes, expected {expected.bytes:,}: damaged")
