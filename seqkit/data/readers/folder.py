"""A folder with a sub-folder for each label, a text in each file: the layout of aclImdb.

aclImdb/train/pos/0_9.txt    aclImdb/train/neg/0_3.txt    aclImdb/train/unsup/0_0.txt (ignored)
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from seqkit.data.readers.lines import Decoding, read_lines, too_long
from seqkit.data.records import LabeledText
from seqkit.errors import DataError

__all__ = ["read_folder", "read_whole"]

logger = logging.getLogger(__name__)

_UNLABELLED = "unsup"


def read_folder(path: str, decoding: Decoding) -> Iterator[LabeledText]:
    """Yield the texts of a folder, label by label and by file name: shuffle before training.

    The lines of a file are joined by LF; an empty file is an empty text.

    Raises:
        DataError: the folder has another layout, or is the root of a set with its splits in it.
    """
    folder = Path(path)
    labels = _labels(folder)
    if labels:
        _log_unlabelled(folder / _UNLABELLED)
        return _texts(folder, labels, decoding)
    splits = [entry.name for entry in _folders(folder) if _labels(entry)]
    if splits:
        given = " or ".join(str(folder / name) for name in splits)
        raise DataError(f"{path}: a folder with the splits {', '.join(splits)}: give {given}")
    raise DataError(
        f"{path}: a folder of no known layout: expected a sub-folder of .txt files for each "
        "label (pos/*.txt, neg/*.txt), or give a file"
    )


def _folders(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.is_dir())


def _labels(folder: Path) -> list[str]:
    """Name the sub-folders that hold texts and no folders: `aclImdb/train` holds both."""
    return [
        entry.name
        for entry in _folders(folder)
        if entry.name != _UNLABELLED and next(entry.glob("*.txt"), None) and not _folders(entry)
    ]


def _log_unlabelled(folder: Path) -> None:
    if folder.is_dir():
        count = sum(1 for _ in folder.glob("*.txt"))
        logger.info("%s: left out, as texts without a label: %s files", folder, f"{count:,}")


def _texts(folder: Path, labels: list[str], decoding: Decoding) -> Iterator[LabeledText]:
    for label in labels:
        for file in sorted((folder / label).glob("*.txt")):
            yield LabeledText(read_whole(file, decoding), label, str(file), 1)


def read_whole(file: Path, decoding: Decoding) -> str:
    """Return the text of a file, its lines joined by LF.

    Raises:
        DataError: it is longer than a record may be, or cannot be read.
    """
    if file.stat().st_size == 0:
        return ""
    lines: list[str] = []
    size = 0
    for _, line in read_lines(str(file), decoding):
        lines.append(line)
        size += len(line) + 1
        if size > decoding.max_chars + 1:
            raise too_long(f"{file}:1", decoding.max_chars)
    return "\n".join(lines)
