"""Tagged text in CoNLL columns: a token a line, an empty line between sentences."""

from collections.abc import Iterator

from seqkit.data.readers.lines import (
    MAX_CHARS,
    Decoding,
    EncodingErrors,
    ReadStats,
    nonempty,
    read_lines,
    too_long,
)
from seqkit.data.readers.opening import locate
from seqkit.data.records import TaggedSentence
from seqkit.errors import DataError

__all__ = ["read_tagged"]

_DOCUMENT_MARK = "-DOCSTART-"


def read_tagged(
    path: str,
    *,
    encoding_errors: EncodingErrors = "strict",
    max_chars: int = MAX_CHARS,
    stats: ReadStats | None = None,
) -> Iterator[TaggedSentence]:
    """Yield tagged sentences: the first column is the token, the last one its tag.

    Columns are parted by tabs where the line has a tab, else by runs of spaces. A line that begins
    with `#`, before the first token of a sentence and without a tab, is a comment. The line
    `-DOCSTART-` of CoNLL-2003 parts documents and is no sentence.

    Args:
        path: a file of any extension, also `.gz` or `.xz`.
        encoding_errors, max_chars, stats: as for `read_labeled`; a record is a sentence here.

    Raises:
        ConfigError: an option out of range.
        DataError: what cannot be read, as one line with the path, the line and the remedy.
    """
    decoding = Decoding(encoding_errors=encoding_errors, max_chars=max_chars, stats=stats)
    locate(path)
    return nonempty(path, _read(path, decoding))


def _read(path: str, decoding: Decoding) -> Iterator[TaggedSentence]:
    tokens: list[str] = []
    tags: list[str] = []
    begin = size = width = 0
    for number, line in read_lines(path, decoding):
        if not line.strip():
            if tokens:
                yield TaggedSentence(tuple(tokens), tuple(tags), path, begin)
            tokens, tags, size = [], [], 0
            continue
        if not tokens and line.startswith("#") and "\t" not in line:
            continue
        columns = line.split("\t") if "\t" in line else line.split()
        if columns[0] == _DOCUMENT_MARK:
            continue
        width = width or max(2, len(columns))
        if len(columns) != width or not columns[0] or not columns[-1]:
            raise DataError(_fault(f"{path}:{number}", columns, width))
        begin = begin if tokens else number
        size += len(line) + 1
        if size > decoding.max_chars + 1:
            raise too_long(f"{path}:{begin}", decoding.max_chars)
        tokens.append(columns[0])
        tags.append(columns[-1])
    if tokens:
        yield TaggedSentence(tuple(tokens), tuple(tags), path, begin)


def _fault(where: str, columns: list[str], width: int) -> str:
    if len(columns) == width:
        return f"{where}: an empty {'tag' if columns[0] else 'token'}"
    number = f"{len(columns)} column{'' if len(columns) == 1 else 's'}"
    return f"{where}: {number}, expected {width} (the token first, its tag last)"
