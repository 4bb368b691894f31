"""Of what kind the model is that a command is given."""

import json
from collections.abc import Sequence
from pathlib import Path

from seqkit.bundle import SINGLE_FILES

__all__ = ["file_kind", "kind_among"]


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
    for before, arg in zip(["", *args], args, strict=False):
        path = Path(arg)
        stem = path.with_suffix("") if path.suffix in (".gz", ".xz") else path
        if stem.suffix in SINGLE_FILES and not before.startswith("--") and path.is_file():
            return SINGLE_FILES[stem.suffix]
    return None
