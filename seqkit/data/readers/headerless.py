"""A TSV of pairs whose header, if it has one, names no side: say what is read, doubt it aloud."""

import contextlib
import itertools
import logging
import re
from collections.abc import Sequence
from dataclasses import replace

from seqkit.data.readers.columns import Columns
from seqkit.data.readers.lines import Decoding, option, read_lines

__all__ = ["tell_columns"]

logger = logging.getLogger(__name__)

_LOOKED_AT = 200  # rows
_FEWEST = 10  # of them, to see what columns hold
_WORDS = re.compile(r"\w+")
_NAME = re.compile(r"\w+(?:[-.:/]\w+)*")


def tell_columns(path: str, columns: Columns, decoding: Decoding) -> None:
    """Log which columns are taken where none is found by name; warn where that looks wrong.

    Two things do, in the first 200 rows, if there are 10. The first row looks like a header: each
    of its cells is one word that stands nowhere else in its column, and a column holds sentences.
    Or the first or the second of three columns holds no text: the same in all rows, or numbers.

    Raises:
        DataError: what `read_lines` raises.
    """
    with contextlib.closing(read_lines(path, replace(decoding, stats=None))) as lines:
        rows = [line.split("\t") for _, line in itertools.islice(lines, _LOOKED_AT) if line]
    if not rows or columns.header_in(rows[0]) or len(rows[0]) not in columns.widths:
        return  # read by name, or not at all
    left = len(rows[0]) - len(columns.roles)
    logger.info(
        "%s: no header: column 1 is the source, column 2 the target%s",
        path,
        ", column 3 is left out" if left else "",
    )
    table = list(zip(*(row for row in rows if len(row) == len(rows[0])), strict=True))
    if len(table[0]) <= _FEWEST:
        return
    if _is_header(table):
        logger.warning(
            "%s: the first row (%s) looks like a header and is read as a pair, column 1 as the "
            "source and column 2 as the target: name the columns with %s and %s",
            path,
            ", ".join(map(repr, rows[0])),
            option("source-column NAME"),
            option("target-column NAME"),
        )
        return
    idle = [at for at in range(2) if left and _holds_no_text(table[at])]
    if idle:
        logger.warning(
            "%s: column %d is read as the %s and holds no text (%s), and column 3 is left out: "
            "begin the file with a line that names the columns, source and target among them",
            path,
            idle[0] + 1,
            columns.roles[idle[0]],
            ", ".join(map(repr, table[idle[0]][:3])),
        )


def _is_header(table: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first cells of the columns name them."""
    sentences = 0
    for first, *cells in table:
        words = [_WORDS.findall(text) for text in cells]
        if not _NAME.fullmatch(first) or any(
            first in (text, *found) for text, found in zip(cells, words, strict=True)
        ):
            return False
        sentences += sum(len(found) > 1 for found in words) > len(words) / 2
    return sentences > 0


def _holds_no_text(cells: Sequence[str]) -> bool:
    """Tell whether all cells are equal, or none has a letter."""
    return len({*cells}) == 1 or not any(
        character.isalpha() for text in cells for character in text
    )
