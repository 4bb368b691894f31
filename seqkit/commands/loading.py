"""A saved model of the kind that a command works with."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit import bundle
from seqkit.commands.kinds import kind_among
from seqkit.errors import BundleError

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex

__all__ = ["LANGUAGE_MODELS", "load_index", "load_model"]

LANGUAGE_MODELS = ("LanguageModel", "NgramModel")
"""The kinds that generate and score text."""

_COMMANDS = {
    "LanguageModel": "seqkit generate and seqkit score work with it",
    "NgramModel": "seqkit generate, score and export work with it",
    "SearchIndex": "seqkit search, index and evaluate work with it",
    "TextClassifier": "seqkit predict, evaluate and compare work with it",
    "Translator": "seqkit translate and evaluate work with it",
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
    if kind_among([folder]) == "SearchIndex":  # it takes no device
        raise _other(folder, "SearchIndex", kinds)
    model = bundle.load(folder, device=device)
    found = type(model).__name__
    if found not in kinds:
        raise _other(folder, found, kinds)
    return model


def load_index(folder: str) -> "SearchIndex":
    """Open a search index.

    Raises:
        BundleError: it is none, is damaged, or is a model of another kind.
    """
    if Path(folder).is_file():
        raise BundleError(
            f"{folder}: a file, expected the folder of a search index: seqkit train search "
            f"--data.train {folder} makes one of documents"
        )
    kind = bundle.read(folder).kind
    if kind != "SearchIndex":
        raise _other(folder, kind, ["SearchIndex"])
    index: SearchIndex = bundle.load(folder)
    return index


def _other(folder: str, found: str, kinds: Sequence[str]) -> BundleError:
    return BundleError(f"{folder}: a {found}, expected a {' or '.join(kinds)}: {_COMMANDS[found]}")
