"""Which columns of a table a reader wants, and what a cell of them says."""

from collections.abc import Sequence
from dataclasses import dataclass

from seqkit.data.readers.lines import option
from seqkit.errors import DataError, choices

__all__ = ["Columns", "cell"]


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns that a reader wants, in the order of a headerless TSV.

    Args:
        roles: what the reader calls them, which is also how a header is expected to name them,
            in any case ("Text" is found for "text").
        chosen: the names that the user gave instead, None where none was given; these must match
            exactly.
        widths: how many fields a headerless TSV may have; what comes after the roles is ignored.
    """

    roles: tuple[str, ...]
    chosen: tuple[str | None, ...]
    widths: tuple[int, ...]

    def header_in(self, first: Sequence[str]) -> bool:
        """Tell whether the first row of a TSV names columns rather than being a record."""
        names = {name.strip().casefold() for name in first}
        return any(self.chosen) or not names.isdisjoint(self.roles)

    def find(self, header: Sequence[str], where: str) -> list[int]:
        """Return the position of each wanted column.

        Raises:
            DataError: a column that the header does not have, with what it has.
        """
        folded = [name.strip().casefold() for name in header]
        found = []
        for role, name in zip(self.roles, self.chosen, strict=True):
            names, wanted = (folded, role) if name is None else (header, name)
            if wanted not in names:
                remedy = f"with {option(f'{role}-column')}"
                raise DataError(f"{where}: no {choices('column', wanted, header)} {remedy}")
            found.append(names.index(wanted))
        return found


def cell(value: object, column: str, where: str) -> str:
    """Render one value as text: numbers as they are written, null and NaN as the empty text.

    Raises:
        DataError: a list, an object, bytes.
    """
    if isinstance(value, str):
        return value
    if value is None or value != value:  # only NaN differs from itself
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    kind = type(value).__name__
    raise DataError(f"{where}: column {column!r} holds a {kind}, expected text or a number")
