"""Of what kind the model is that a command is given."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from seqkit.bundle import SINGLE_FILES
from seqkit.errors import BundleError

__all__ = ["file_kind", "kind_among", "refuse_missing"]


def kind_among(args: Sequence[str]) -> str | None:
    """Return the kind of the first argument that is the folder of a saved model, None without one.

    Nothing is checked, and what cannot be read is passed over: loading tells what is wrong with it.
    """
    for arg in args:
        try:
            saved = json.loads((Path(arg) / "bundle.json").read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(saved, dict) and isinstance(saved.get("kind"), str):
            return str(saved["kind"])
    return None


def file_kind(args: Sequence[str]) -> str | None:
    """Return the kind of the first argument that is the file of a model, such as one of vectors.

    Told by its name. What stands right behind an option is passed over: it is that one's value.
    """
    for path in _paths(args):
        stem = path.with_suffix("") if path.suffix in (".gz", ".xz") else path
        if stem.suffix in SINGLE_FILES and path.is_file():
            return SINGLE_FILES[stem.suffix]
    return None


def refuse_missing(args: Sequence[str]) -> None:
    """Refuse a first argument that is neither an option nor the value of one, nor there.

    Raises:
        BundleError: with what to give instead.
    """
    path = next(_paths(args), None)
    if path is not None and not {"-h", "--help"} & {*args} and not os.path.exists(path):
        raise BundleError(
            f"{path}: no such file or folder: give the folder of a saved model (--out of its "
            "training), or a file of word vectors (.vec .bin .txt) or an n-gram model (.arpa)"
        )


def _paths(args: Sequence[str]) -> Iterator[Path]:
    for before, arg in zip(["", *args], args, strict=False):
        if not arg.startswith("-") and not before.startswith("--"):
            yield Path(arg)
