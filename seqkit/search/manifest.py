"""The commit of an index: which files belong to it, swapped in one rename.

    manifest.json    {"format", "id", "generation", "next", "segments": [{"name", "docs", "live",
                     "files": {name: {"bytes", "crc32"}}}], "settings": {name: text}, "crc32" of
                     all that}

A file has a name of its own for ever: the numbers of segments go up (`next`), and a file of
deletions carries the generation that wrote it. So a reader that opens an older manifest finds the
files of that commit, or none; never others under their names. Another index that takes the place
of this one in its folder has another `id`. Its settings come in the same rename as its segments:
no query is ever analysed in another way than the documents that it is put to.
"""

import json
import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from seqkit.errors import BundleError
from seqkit.files import json_bytes, refuse_full_disk, write_bytes

__all__ = [
    "FileEntry",
    "Manifest",
    "SegmentEntry",
    "file_entry",
    "free_number",
    "read_manifest",
    "remove_leftovers",
    "write_manifest",
]

_FORMAT = 1
_NAME = "manifest.json"
_OURS = re.compile(r"seg-\d{8,}(\.del-\d{8,})?\.bin|\.(seg-\d{8,}\.|manifest\.json\.).*tmp")
_NUMBER = re.compile(r"seg-(\d{8,})\.")
_CHUNK = 1 << 20
_REMEDY = "copy the folder again, whole, or create the index anew"


@dataclass(frozen=True)
class FileEntry:
    """What a file must be."""

    bytes: int
    crc32: int


@dataclass(frozen=True)
class SegmentEntry:
    """A segment of a commit."""

    name: str
    """`seg-00000001`; the first of its files is this with `.bin`."""
    docs: int
    """Documents in it, those that are deleted included."""
    live: int
    """Documents that are not deleted."""
    files: Mapping[str, FileEntry]
    """The segment, and its deletions where it has some."""

    @property
    def path(self) -> str:
        """Name of the file of the segment."""
        return f"{self.name}.bin"

    @property
    def deletions(self) -> str | None:
        """Name of the file of its deletions."""
        return next((name for name in self.files if name != self.path), None)


@dataclass(frozen=True)
class Manifest:
    """The segments as of one commit."""

    id: str = ""
    """Of the index, the same in all its commits; another one for each index."""
    generation: int = 0
    next: int = 1
    """Number of the segment that is written next."""
    segments: tuple[SegmentEntry, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """Fields and analysis: small files by name, the same in all commits of an index."""

    @property
    def commit(self) -> tuple[str, int]:
        """Index and generation: what no other commit has."""
        return self.id, self.generation

    @property
    def files(self) -> dict[str, FileEntry]:
        """All files of the commit."""
        return {name: entry for part in self.segments for name, entry in part.files.items()}


def file_entry(path: Path) -> FileEntry:
    """Read a file through, for what a manifest says of it."""
    size, crc = 0, 0
    with open(path, "rb") as handle:
        while chunk := handle.read(_CHUNK):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
    return FileEntry(size, crc)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make a commit: it is there, whole and on the disk, when this returns.

    Raises:
        DataError: the disk is full.
    """
    content = {"format": _FORMAT, **asdict(manifest)}
    with refuse_full_disk(folder, "free space there, and make the changes again"):
        _sync(folder)  # the names of the files that it names
        write_bytes(folder / _NAME, json_bytes({**content, "crc32": _checksum(content)}))
        _sync(folder)


def read_manifest(folder: Path) -> Manifest:
    """Read the last commit.

    Raises:
        BundleError: there is none, it is damaged, or it was written by a newer seqkit.
    """
    path = folder / _NAME
    try:
        content = json.loads(path.read_bytes())
        if isinstance(found := content.pop("format"), int) and found > _FORMAT:
            raise BundleError(
                f"{path}: index format {found}, written by a newer seqkit; this one reads formats "
                f"up to {_FORMAT}: pip install --upgrade seqkit"
            )
        checksum = content.pop("crc32")
        if checksum != _checksum({"format": found, **content}):
            raise BundleError(f"{path}: damaged (its checksum differs): {_REMEDY}")
        return _restore(content)
    except FileNotFoundError:
        raise BundleError(f"{path}: missing from the index: {_REMEDY}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise BundleError(f"{path}: damaged ({reason:.100}): {_REMEDY}") from None


def free_number(folder: Path) -> int:
    """Return a number for a segment that none has there, nor had one of the last commit's index."""
    names = map(_NUMBER.match, (path.name for path in folder.iterdir()))
    there = max((int(name[1]) for name in names if name), default=0)
    try:
        return max(read_manifest(folder).next, there + 1)
    except BundleError:  # there is no index
        return there + 1


def remove_leftovers(folder: Path, manifest: Manifest) -> None:
    """Remove the files of segments that a commit does not name, of a killed writer or older ones.

    Those who have one open keep it until they close it. Only the writer may do this.
    """
    kept = manifest.files
    for path in folder.iterdir():
        if _OURS.fullmatch(path.name) and path.name not in kept:
            try:
                path.unlink(missing_ok=True)
            except PermissionError:  # Windows, and somebody reads it: the next writer will
                continue


def _checksum(content: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _restore(content: dict[str, Any]) -> Manifest:
    segments = [
        SegmentEntry(
            name=part["name"],
            docs=part["docs"],
            live=part["live"],
            files={name: FileEntry(**entry) for name, entry in part["files"].items()},
        )
        for part in content["segments"]
    ]
    return Manifest(
        content["id"],
        content["generation"],
        content["next"],
        tuple(segments),
        dict(content["settings"]),
    )
