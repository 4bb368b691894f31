"""A bar on stderr while a text is read."""

import sys
from collections.abc import Collection, Iterator

from tqdm import tqdm

__all__ = ["ReadingBar"]


class ReadingBar:
    """Lines that show how far they were read, each time they are read."""

    def __init__(self, lines: Collection[str]) -> None:
        """Take lines that can be read several times."""
        self.lines = lines

    def __iter__(self) -> Iterator[str]:
        """Yield the lines."""
        here = sys.stderr.isatty()  # a log file gets a line every ten seconds
        yield from tqdm(
            self.lines,
            desc="reading",
            unit=" lines",
            unit_scale=True,
            leave=False,
            mininterval=0.1 if here else 10.0,
            delay=0.0 if here else 10.0,
        )
