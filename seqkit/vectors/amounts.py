"""How many there are of something, in words."""

__all__ = ["amount"]


def amount(count: int, noun: str) -> str:
    """Write a number with its noun, in the plural where there is more than one, or none.

    >>> amount(1, "row"), amount(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"
