"""The errors that seqkit raises on purpose.

    SeqkitError
    ├── ConfigError (also ValueError)   an option, preset or argument that cannot be used
    ├── DataError   (also ValueError)   a file or record that cannot be used
    └── BundleError                     a saved model that is damaged, foreign or too new

A message is one line: where, what was got, what is allowed, what to do. The command line prints
it and exits with 2; any other exception is a fault of ours and keeps its traceback.
"""

import difflib
import importlib
from collections.abc import Iterable
from types import ModuleType

__all__ = ["BundleError", "ConfigError", "DataError", "SeqkitError", "choices", "require"]


class SeqkitError(Exception):
    """Base of every error that seqkit raises on purpose."""


class ConfigError(SeqkitError, ValueError):
    """An option, preset or argument that cannot be used."""


class DataError(SeqkitError, ValueError):
    """A file or record that cannot be used."""


class BundleError(SeqkitError):
    """A saved model that is damaged, foreign, or written by a newer seqkit."""


def choices(what: str, got: object, allowed: Iterable[str]) -> str:
    """Say in one line that `got` is not among `allowed`, with the nearest name where one is near.

    >>> choices("variant", "lucen", ["atire", "lucene"])
    "variant 'lucen': choose from atire, lucene (did you mean 'lucene'?)"
    """
    names = sorted(allowed)
    near = difflib.get_close_matches(str(got), names, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"{what} {got!r}: choose from {', '.join(names)}{hint}"


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import an optional dependency, or raise ConfigError with the line that installs it.

    >>> require("json", extra="data", purpose="reading").__name__
    'json'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or module.split(".")[0] != error.name.split(".")[0]:
            raise
        raise ConfigError(
            f'{purpose} needs {error.name}, which is not installed: pip install "seqkit[{extra}]"'
        ) from None
