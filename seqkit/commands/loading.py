"""A saved model of the kind that a command works with."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit import bundle
from seqkit.commands.kinds import file_kind, kind_among, refuse_missing
from seqkit.errors import BundleError

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex
    from seqkit.vectors.topics import TopicModel
    from seqkit.vectors.word_vectors import WordVectors

__all__ = ["LANGUAGE_MODELS", "load_index", "load_model", "load_topics", "load_vectors"]

LANGUAGE_MODELS = ("LanguageModel", "NgramModel")
"""The kinds that generate and score text."""

_COMMANDS = {
    "LanguageModel": "seqkit generate and seqkit score work with it",
    "NgramModel": "seqkit generate, score and export work with it",
    "SearchIndex": "seqkit search, index and evaluate work with it",
    "TextClassifier": "seqkit predict, evaluate and compare work with it",
    "TopicModel": "seqkit topics works with it",
    "Translator": "seqkit translate and evaluate work with it",
    "WordVectors": "seqkit similar, evaluate and export work with them",
}


_NO_DEVICE = ("SearchIndex", "TopicModel", "WordVectors")


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
    found = kind_among([folder]) or file_kind([folder])
    if found in _NO_DEVICE:
        raise _other(folder, found, kinds)
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


def load_vectors(path: str) -> "WordVectors":
    """Open word vectors: the folder of a saved model, or a file of another tool.

    Raises:
        BundleError: nothing is there, a folder that is damaged, or a model of another kind.
        DataError: a file that is none of vectors, or damaged.
    """
    refuse_missing([path])
    from seqkit.vectors.word_vectors import WordVectors

    if Path(path).is_file():
        return WordVectors.from_file(path)
    kind = bundle.read(path).kind
    if kind != "WordVectors":
        raise _other(path, kind, ["WordVectors"])
    vectors: WordVectors = bundle.load(path)
    return vectors


def load_topics(folder: str) -> "TopicModel":
    """Open a topic model.

    Raises:
        BundleError: it is none, is damaged, or is a model of another kind.
    """
    kind = bundle.read(folder).kind
    if kind != "TopicModel":
        raise _other(folder, kind, ["TopicModel"])
    model: TopicModel = bundle.load(folder)
    return model


def _other(folder: str, found: str, kinds: Sequence[str]) -> BundleError:
    return BundleError(f"{folder}: a {found}, expected a {' or '.join(kinds)}: {_COMMANDS[found]}")
