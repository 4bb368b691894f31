"""Loops over arrays, compiled by numba where it is installed."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from seqkit.errors import require

__all__ = ["compiled", "fixed"]

logger = logging.getLogger(__name__)

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile a loop over arrays when it is first called; it then runs without the global lock.

    What was compiled is kept in `__pycache__` beside the file, or in the user's cache where that
    cannot be written, so that only the first call of an installation waits for it. A function that
    calls another one keeps a copy of it: both stand in one file, or numba would not notice that the
    other has changed.

    Where there is no such folder, each process compiles anew (NUMBA_CACHE_DIR names another).
    Without numba the function can be imported, and calling it raises ConfigError with the line that
    installs it.
    """
    try:
        import numba
    except ModuleNotFoundError:
        searches = function.__module__.startswith("seqkit.search")
        extra, purpose = ("search", "a search index") if searches else ("ngram", "an n-gram model")

        def missing(*args: Any) -> Any:
            require("numba", extra=extra, purpose=purpose)

        return missing  # type: ignore[return-value]
    try:
        return numba.njit(function, cache=True, nogil=True)  # type: ignore[no-any-return]
    except RuntimeError:  # neither the folder of the code nor the user's cache can be written
        logger.debug("no folder for compiled loops: each process compiles (NUMBA_CACHE_DIR)")
        return numba.njit(function, nogil=True)  # type: ignore[no-any-return]


def fixed(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """View an array as one that cannot be written, mapped from disk or not.

    A compiled loop is compiled once for each combination of types, and these are two types.
    """
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
