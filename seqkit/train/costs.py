"""What a run costs: seconds of each step, memory, room on the disk."""

import contextlib
import logging
import re
import sys
import time
from collections.abc import Iterator

from seqkit.errors import ConfigError

__all__ = ["StepTimes", "peak_memory", "size_bytes", "size_text"]

logger = logging.getLogger(__name__)

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class StepTimes:
    """Seconds of the steps of a run, by name, in order.

    >>> times = StepTimes()
    >>> with times("count"):
    ...     pass
    >>> list(times.seconds)
    ['count']
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        """Time a block, and log how long it took; a name used again adds up."""
        start = time.perf_counter()
        yield
        took = time.perf_counter() - start
        self.seconds[step] = self.seconds.get(step, 0.0) + took
        logger.info("%s: %.2f seconds", step, took)


def peak_memory() -> int | None:
    """Return the most bytes of memory that this process has held; None where nobody counts them."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def size_text(size: int) -> str:
    """Write a number of bytes as a person reads it.

    >>> size_text(1234567), size_text(512)
    ('1.2 MB', '512 bytes')
    """
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} bytes"


def size_bytes(text: str, *, option: str) -> int:
    """Read a number of bytes as a person writes it: 512M, 2G, 1.5 GiB, in powers of 1024.

    >>> size_bytes("64M", option="memory")
    67108864

    Raises:
        ConfigError: it is none; `option` is its name.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", text.strip().upper(), re.ASCII)
    if not found:
        raise ConfigError(f"--{option} {text}: give a size as in 64M or 2G")
    return int(float(found[1]) * _UNITS[found[2]])
