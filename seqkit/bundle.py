"""The saved-model folder: written whole or not at all, read strictly, never unpickled.

    bundle.json     kind, format, versions, sha256 of every file, provenance, metrics
    ...             the files of the model: weights in safetensors, the rest JSON or text

Files that a model maps into memory instead of reading them, such as the n-grams of a counting
model, are checked only for their size when it is loaded where they are large, so that loading takes
milliseconds, and for their content by `verify`, which `seqkit inspect` calls.

A bundle may share its folder with the run that made it: only the files that `bundle.json` names
belong to it.
"""

import contextlib
import importlib
import importlib.metadata
import json
import os
import platform
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqkit.errors import BundleError
from seqkit.files import json_bytes, sha256, write_bytes

__all__ = ["FORMAT", "KINDS", "SINGLE_FILES", "Bundle", "load", "read", "write"]

FORMAT = 1
"""Version of the folder's layout; a reader refuses a newer one."""

KINDS = {
    "LanguageModel": "seqkit.models.language_model",
    "NgramModel": "seqkit.ngram.model",
    "SearchIndex": "seqkit.search.index",
    "TextClassifier": "seqkit.models.classifier",
    "TopicModel": "seqkit.vectors.topics",
    "Translator": "seqkit.models.translator",
    "WordVectors": "seqkit.vectors.word_vectors",
}
"""What an app gets from `load`, and the module that it is read by."""

SINGLE_FILES = {
    ".arpa": "NgramModel",
    ".bin": "WordVectors",
    ".txt": "WordVectors",
    ".vec": "WordVectors",
}
"""Files of other tools that `load` takes, also with .gz or .xz behind: suffix to kind."""

_INDEX = "bundle.json"
_LARGE = 16 << 20  # bytes of a mapped file that loading does not take the time to hash
_ATTEMPTS = 5  # to read a bundle that is being replaced


@dataclass(frozen=True)
class Bundle:
    """A checked bundle: its folder, its index, and the content of its files on demand."""

    folder: Path
    index: Mapping[str, Any]

    def is_current(self) -> bool:
        """Whether the folder still holds this bundle: nothing was written over it meanwhile."""
        try:
            return bool(json.loads((self.folder / _INDEX).read_bytes()) == self.index)
        except (OSError, ValueError):
            return False

    @property
    def kind(self) -> str:
        """Name of the class that the bundle holds."""
        return str(self.index["kind"])

    def files(self) -> dict[str, bytes]:
        """Read every file of the model but the mapped ones: name -> content."""
        return {
            name: (self.folder / name).read_bytes()
            for name, entry in self.index["files"].items()
            if not entry.get("mapped")
        }

    def verify(self) -> None:
        """Compare the content of the mapped files with their hashes too.

        Raises:
            BundleError: one has changed.
        """
        for name, entry in self.index["files"].items():
            if entry.get("mapped"):
                _check_content(self.folder / name, entry["sha256"])


def load(folder: str | os.PathLike[str], **options: Any) -> Any:
    """Load a saved model as the object that fits it, such as `TextClassifier`.

    Args:
        folder: what a recipe wrote, or `save` of a model; or a single file, see `SINGLE_FILES`.
        **options: passed to the `load` of that class, such as `device="cuda"`.

    Raises:
        BundleError: the folder is no bundle, is damaged, or was written by a newer seqkit.
    """
    if (single := _single_file(Path(folder))) is not None:
        return _class(single).from_file(folder, **options)
    for _ in range(_ATTEMPTS):
        bundle = read(folder)
        try:
            model = _class(bundle.kind).from_bundle(bundle, **options)
        except BundleError:
            if bundle.is_current():
                raise
        else:
            if bundle.is_current():
                return model
    raise BundleError(f"{folder}: is being written again and again: load it when that is done")


def _single_file(path: Path) -> str | None:
    """Return the kind of a file that is a model by itself, None for anything else."""
    stem = path.with_suffix("") if path.suffix in (".gz", ".xz") else path
    return None if path.is_dir() else SINGLE_FILES.get(stem.suffix)


def _class(kind: str) -> Any:
    return getattr(importlib.import_module(KINDS[kind]), kind)


def write(
    folder: str | os.PathLike[str],
    *,
    kind: str,
    files: Mapping[str, bytes],
    mapped: Mapping[str, Callable[[Path], None]] | None = None,
    provenance: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Any] | None = None,
) -> None:
    """Write a bundle into `folder`, which is made where it is missing.

    Every file is first written under a temporary name: a full disk or a kill while writing leaves
    an earlier bundle as it was. Then its `bundle.json` goes, all files are renamed, and the new
    `bundle.json` comes last: a kill meanwhile leaves a folder that `read` refuses, and whoever
    loads meanwhile notices: never a mixture that loads.

    Args:
        folder: where to; other files in it are left alone.
        kind: one of `KINDS`.
        files: name -> content of the model's files.
        mapped: name -> what writes a large file to the path that it is given.
        provenance: JSON-ready facts of its making: data, hashes, seed, configuration.
        metrics: JSON-ready figures on the splits.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".bundle-", suffix=".tmp") as scratch:
        staged = Path(scratch)
        for name, content in files.items():
            write_bytes(staged / name, content)
        for name, save in (mapped or {}).items():
            save(staged / name)
        index: dict[str, Any] = {
            "kind": kind,
            "format": FORMAT,
            "versions": _versions(),
            "files": {
                name: _entry(staged / name, mapped=name not in files)
                for name in sorted([*files, *(mapped or {})])
            },
            "provenance": dict(provenance or {}),
            "metrics": dict(metrics or {}),
        }
        write_bytes(staged / _INDEX, json_bytes(index))
        (folder / _INDEX).unlink(missing_ok=True)
        for name in [*index["files"], _INDEX]:
            os.replace(staged / name, folder / name)


def read(folder: str | os.PathLike[str]) -> Bundle:
    """Check a bundle: its index, its format, and the hash of each file but large mapped ones.

    Raises:
        BundleError: what is wrong, with the name of the file and the remedy.
    """
    folder = Path(folder)
    index = _read_index(folder)
    for name, expected in index["files"].items():
        path = folder / name
        if not path.is_file():
            raise BundleError(f"{path}: missing from the bundle: copy the folder again, whole")
        size = path.stat().st_size
        if size != expected["bytes"]:
            raise BundleError(
                f"{path}: {size} bytes, expected {expected['bytes']}: the file is truncated or "
                "from another bundle; copy the folder again, or train anew"
            )
        if not expected.get("mapped") or size <= _LARGE:
            _check_content(path, expected["sha256"])
    return Bundle(folder, index)


def _entry(path: Path, *, mapped: bool) -> dict[str, Any]:
    entry = {"sha256": sha256(path), "bytes": path.stat().st_size}
    return {**entry, "mapped": True} if mapped else entry


def _check_content(path: Path, expected: str) -> None:
    if sha256(path) != expected:
        raise BundleError(
            f"{path}: its content does not match bundle.json (sha256 differs): the file is "
            "damaged or from another bundle; copy the folder again, or train anew"
        )


def _read_index(folder: Path) -> dict[str, Any]:
    path = folder / _INDEX
    if folder.is_file():
        raise BundleError(
            f"{folder}: a file, expected the folder of a saved model; of files seqkit.load takes "
            "word vectors (.vec .bin .txt) and n-gram models (.arpa); what gensim has saved, load "
            "with gensim and write by wv.save_word2vec_format(PATH)"
        )
    if not folder.is_dir():
        raise BundleError(f"{folder}: no such folder: give the folder of a saved model (--out)")
    if not path.is_file():
        raise BundleError(
            f"{folder}: no {_INDEX} in it, so it is no saved model; a run writes it when it "
            "finishes (--resume continues one that was stopped)"
        )
    try:
        index = json.loads(path.read_bytes())
    except ValueError as error:
        raise BundleError(
            f"{path}: not readable as JSON ({error}): copy the folder again"
        ) from None
    if not isinstance(index, dict) or not isinstance(index.get("format"), int):
        raise BundleError(f"{path}: not the index of a seqkit bundle (no format number)")
    if index["format"] > FORMAT:
        raise BundleError(
            f"{path}: bundle format {index['format']}, written by a newer seqkit; this one reads "
            f"formats up to {FORMAT}: pip install --upgrade seqkit"
        )
    if str(index.get("kind")) not in KINDS:
        raise BundleError(
            f"{path}: a bundle of kind {index.get('kind')!r}, which this seqkit does not know "
            f"({', '.join(sorted(KINDS))}): pip install --upgrade seqkit"
        )
    if not _files_are_listed(index.get("files")):
        raise BundleError(f"{path}: its list of files is damaged: copy the folder again")
    for name in ("versions", "provenance", "metrics"):
        if not isinstance(index.get(name), dict):
            raise BundleError(f"{path}: {name!r} is missing or damaged: copy the folder again")
    return index


def _files_are_listed(files: Any) -> bool:
    return isinstance(files, dict) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("bytes"), int)
        and isinstance(entry.get("sha256"), str)
        and re.fullmatch(r"\w[\w.-]*", name)  # a bundle never reaches outside its folder
        for name, entry in files.items()
    )


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in ("seqkit", "torch", "numpy", "sentencepiece", "spacy", "scikit-learn", "numba"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions
