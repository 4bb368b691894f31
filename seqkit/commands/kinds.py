"""Of what kind the model is that a command is given."""

import json
from collections.abc import Sequence
from pathlib import Path

__all__ = ["kind_among"]


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
