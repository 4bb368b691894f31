"""A saved model of the kind that a command works with."""

from collections.abc import Sequence
from typing import Any

from seqkit import bundle
from seqkit.errors import BundleError

__all__ = ["LANGUAGE_MODELS", "load_model"]

LANGUAGE_MODELS = ("LanguageModel", "NgramModel")
"""The kinds that generate and score text."""

_COMMANDS = {
    "LanguageModel": "seqkit generate and seqkit score work with it",
    "NgramModel": "seqkit generate, score and export work with it",
    "TextClassifier": "seqkit predict, evaluate and compare work with it",
}


def load_model(kinds: str | Sequence[str], folder: str, device: str) -> Any:
    """Load a saved model, a folder or a file such as ARPA, that must be of one of some kinds.

    Args:
        kinds: names of classes, or one.
        folder: where it is.
        device: where it runs.

    Raises:
        BundleError: it is no model, is damaged, or is of another kind (with what to use instead).
    """
    kinds = [kinds] if isinstance(kinds, str) else kinds
    model = bundle.load(folder, device=device)
    found = type(model).__name__
    if found not in kinds:
        raise BundleError(
            f"{folder}: a {found}, expected a {' or '.join(kinds)}: {_COMMANDS[found]}"
        )
    return model
