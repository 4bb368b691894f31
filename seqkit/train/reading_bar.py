"""A bar on stderr while a text is read."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from seqkit.train.bar import show_bar

__all__ = ["ReadingBar"]

_Record = TypeVar("_Record")


class ReadingBar(Generic[_Record]):
    """Lines, or other records, that show how far they were read, each time they are read."""

    def __init__(
        self, records: Iterable[_Record], *, desc: str = "reading", unit: str = " lines"
    ) -> None:
        """Take records; how many there are is shown where their number is known."""
        self.records, self.desc, self.unit = records, desc, unit

    def __iter__(self) -> Iterator[_Record]:
        """Yield the records."""
        yield from show_bar(self.records, desc=self.desc, unit=self.unit, unit_scale=True)
