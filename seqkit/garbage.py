"""Pause the collector of cycles while many small results are made."""

import contextlib
import gc
from collections.abc import Iterator

__all__ = ["paused_collection"]


@contextlib.contextmanager
def paused_collection() -> Iterator[None]:
    """Make no search for cycles in the block, which makes many objects that are in none.

    Python searches again and again while objects are made and kept, through all that there are: it
    took a third of the time of scoring a list of sentences.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
