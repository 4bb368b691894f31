"""Counts in a folder, with the vocabulary and the text pipeline that give the ids a meaning.

counts.json             written last: order, sizes, and the SHA-256 of every other file
text.json, vocab.txt    the pipeline, and what else its tokeniser needs
1-counts.uint32         of the unigrams, little-endian, as `Levels` has them; likewise
1-starts.uint32         2-words, 2-starts, 2-counts ... up to the order
"""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.files import atomic_write, refuse_full_disk, sha256, write_bytes, write_json
from seqkit.ngram.levels import Levels, NgramCounts
from seqkit.text import TextPipeline

__all__ = ["CountShard", "open_counts", "save_counts"]

_FORMAT = 1
_INDEX = "counts.json"
_AGAIN = "copy the whole folder again, or count again"


@dataclass(frozen=True, eq=False)
class CountShard:
    """The counts of a text, or of a part of it."""

    counts: NgramCounts
    """How often each n-gram came."""
    pipeline: TextPipeline
    """What made ids of the text."""


def save_counts(
    folder: str | os.PathLike[str], counts: NgramCounts, pipeline: TextPipeline
) -> None:
    """Write counts to a folder; those that stood there are replaced.

    Args:
        folder: is made where it is missing.
        counts: of a text.
        pipeline: that made the ids, with as many as there are unigrams.

    Raises:
        DataError: if the vocabulary is not that of the counts, or the disk is full: what was
            written is removed then.
    """
    folder = Path(folder)
    if len(pipeline.vocab) != counts.levels.sizes[0]:
        raise DataError(
            f"counts of {counts.levels.sizes[0]} ids with a vocabulary of {len(pipeline.vocab)}: "
            "give the pipeline that the text was counted with"
        )
    texts, arrays = pipeline.to_files(), dict(_arrays(counts))
    folder.mkdir(parents=True, exist_ok=True)
    with _whole_or_none(folder, [*texts, *arrays]):
        (folder / _INDEX).unlink(missing_ok=True)
        for name, content in texts.items():
            write_bytes(folder / name, content)
        for name, array in arrays.items():
            with atomic_write(folder / name) as handle:
                handle.write(np.ascontiguousarray(array, dtype="<u4").data)
        index = {
            "format": _FORMAT,
            "order": counts.levels.order,
            "sizes": counts.levels.sizes,
            "files": {name: sha256(folder / name) for name in [*texts, *arrays]},
        }
        write_json(folder / _INDEX, index)


def open_counts(folder: str | os.PathLike[str]) -> CountShard:
    """Map the counts that `save_counts` wrote, after comparing every file with its hash.

    Raises:
        DataError: if the folder holds no counts, or damaged ones, or those of a newer seqkit.
        ConfigError: if the tokeniser needs something that is not installed.
    """
    folder = Path(folder)
    index = _index(folder)
    for name, expected in index["files"].items():
        if not (folder / name).is_file():
            raise DataError(f"{folder / name}: missing: {_AGAIN}")
        if sha256(folder / name) != expected:
            raise DataError(f"{folder / name}: damaged, not what was written: {_AGAIN}")
    texts = {
        name: (folder / name).read_bytes()
        for name in index["files"]
        if not name.endswith(".uint32")
    }
    pipeline = TextPipeline.from_files(texts)
    sizes, order = index["sizes"], index["order"]
    words: list[npt.NDArray[np.uint32]] = [np.arange(sizes[0], dtype=np.uint32)]
    words[0].flags.writeable = False
    words += [_mapped(folder, level, "words", sizes[level - 1]) for level in range(2, order + 1)]
    starts = [_mapped(folder, level, "starts", sizes[level - 1] + 1) for level in range(1, order)]
    counts = [_mapped(folder, level, "counts", sizes[level - 1]) for level in range(1, order + 1)]
    return CountShard(NgramCounts(Levels(words, starts), counts), pipeline)


def _arrays(counts: NgramCounts) -> Iterator[tuple[str, npt.NDArray[np.uint32]]]:
    for level, array in enumerate(counts.counts, 1):
        yield f"{level}-counts.uint32", array
    for level, array in enumerate(counts.levels.starts, 1):
        yield f"{level}-starts.uint32", array
    for level, array in enumerate(counts.levels.words[1:], 2):
        yield f"{level}-words.uint32", array


@contextlib.contextmanager
def _whole_or_none(folder: Path, names: list[str]) -> Iterator[None]:
    """Remove the files with these names if the block fails."""
    try:
        remedy = "nothing was saved: free space there, or give another folder"
        with refuse_full_disk(folder, remedy):
            yield
    except BaseException:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        raise


def _index(folder: Path) -> dict[str, Any]:
    path = folder / _INDEX
    try:
        index = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(
            f"{folder}: no {_INDEX}: it holds no counts, or not all of them were written"
        ) from None
    except ValueError as error:
        raise DataError(f"{path}: not JSON: {error}: {_AGAIN}") from None
    found = index.get("format") if isinstance(index, dict) else None
    if not isinstance(found, int):
        raise DataError(f"{path}: no format number: it is no index of counts")
    if found > _FORMAT:
        raise DataError(f"{path}: format {found} is newer than {_FORMAT}: update seqkit")
    try:
        whole = [int(index["order"]), *map(int, index["sizes"])]
        files = {str(name): str(value) for name, value in index["files"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path}: damaged: {error!r}: {_AGAIN}") from None
    order, sizes = whole[0], whole[1:]
    if order < 1 or len(sizes) != order or any("/" in name for name in files):
        raise DataError(f"{path}: damaged: order {order} with sizes {sizes}: {_AGAIN}")
    return {"order": order, "sizes": sizes, "files": files}


def _mapped(folder: Path, level: int, kind: str, size: int) -> npt.NDArray[np.uint32]:
    path = folder / f"{level}-{kind}.uint32"
    found = path.stat().st_size if path.is_file() else 0
    if found != 4 * size:
        raise DataError(f"{path}: {found} bytes, expected {4 * size}: {_AGAIN}")
    if not size:  # nothing cannot be mapped
        return np.empty(0, dtype=np.uint32)
    return np.asarray(np.memmap(path, dtype="<u4", mode="r", shape=(size,)))
