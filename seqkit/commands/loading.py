"""A saved model of the kind that a command works with."""

from typing import Any

from seqkit import bundle
from seqkit.errors import BundleError

__all__ = ["load_model"]

_COMMANDS = {
    "LanguageModel": "seqkit generate and seqkit score work with it",
    "TextClassifier": "seqkit predict, evaluate and compare work with it",
}


def load_model(kind: str, folder: str, device: str) -> Any:
    """Load a saved model that must be of one kind, onto `device`.

    Raises:
        BundleError: it is no model, is damaged, or is of another kind (with what to use instead).
    """
    model = bundle.load(folder, device=device)
    found = type(model).__name__
    if found != kind:
        raise BundleError(f"{folder}: a {found}, expected a {kind}: {_COMMANDS[found]}")
    return model
