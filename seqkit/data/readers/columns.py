"""Which columns of a table a reader wants, and what a cell of them says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqkit.data.readers.lines import option
from seqkit.errors import DataError, choices

__all__ = ["Columns", "cell", "inner", "named_columns"]


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns that a reader wants, in the order of a headerless TSV.

    Args:
        roles: what the reader calls them, which is also how a header is expected to name them,
            in any case ("Text" is found for "text").
        chosen: the names that the user gave instead, None where none was given; these must match
            exactly, and may be those of `named_columns`.
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
            DataError: a column that the header does not have, with what it has; one for two roles.
        """
        folded = [name.strip().casefold() for name in header]
        found = []
        for role, name in zip(self.roles, self.chosen, strict=True):
            names, wanted = (folded, role) if name is None else (header, name)
            if wanted not in names:
                remedy = f"with {option(f'{role}-column')}"
                raise DataError(f"{where}: no {choices('column', wanted, header)} {remedy}")
            found.append(names.index(wanted))
        if len({*found}) < len(found):
            both, remedy = " and ".join(self.roles), option(f"{self.roles[-1]}-column")
            raise DataError(
                f"{where}: {both} are the same column, {header[found[0]]!r}: name each, {remedy}"
            )
        return found


def named_columns(record: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return the keys that lead to each column of a record, which may hold further ones.

    >>> named_columns({"id": 7, "translation": {"en": "a dog"}})
    {'id': ('id',), 'translation.en': ('translation', 'en')}
    """
    found: dict[str, tuple[str, ...]] = {}
    waiting: list[tuple[tuple[str, ...], object]] = [((), record)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, Mapping) and (value or not keys):
            waiting += [((*keys, key), value[key]) for key in reversed(value)]
        else:
            found.setdefault(".".join(keys), keys)
    return found


def inner(value: object, keys: Sequence[str], where: str) -> object:
    """Return what a column holds under the keys behind its own, the first; of null, null.

    >>> inner({"en": "a dog"}, ["translation", "en"], "a.jsonl:1")
    'a dog'

    Raises:
        DataError: what should hold a further key is no object, or has no such key.
    """
    if len(keys) == 1:
        return value
    for at, key in enumerate(keys[1:], 1):
        if value is None:
            return None
        outer = ".".join(keys[:at])
        if not isinstance(value, Mapping):
            kind = type(value).__name__
            raise DataError(f"{where}: column {outer!r} holds a {kind}, expected an object")
        if key not in value:
            raise DataError(f"{where}: {choices('key', key, value)} in column {outer!r}")
        value = value[key]
    return value


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
