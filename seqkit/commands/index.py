"""`seqkit index`: change a search index, or check it."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tyro.conf import Positional

from seqkit.commands.loading import load_index
from seqkit.commands.reading import ReadingOptions, read_texts
from seqkit.config import parse_command
from seqkit.data import MAX_CHARS, Document, EncodingErrors, read_documents
from seqkit.errors import ConfigError, DataError, choices

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex

__all__ = ["AddOptions", "DeleteOptions", "UpdateOptions", "WholeOptions", "main"]

_USAGE = """\
usage: seqkit index add INDEX DOCUMENTS
       seqkit index update INDEX DOCUMENTS
       seqkit index delete INDEX ID ... [--file IDS]
       seqkit index merge INDEX
       seqkit index verify INDEX"""


@dataclass(frozen=True, kw_only=True)
class WholeOptions:
    """Merge the segments of a search index into one, or compare its files with their checksums."""

    index: Positional[str]
    """Folder of the index."""
    json: bool = False
    """Print the numbers as one JSON object."""


@dataclass(frozen=True, kw_only=True)
class AddOptions(WholeOptions):
    """Add documents to a search index: all of them, or none if there is one that cannot be added.

    Whoever searches goes on meanwhile.
    """

    documents: Positional[str]
    """.jsonl, .csv, .tsv (id, text), a folder of .txt files or one in the BEIR layout."""
    id_column: str | None = None
    """Column of the id, where it is called neither _id nor id."""
    title_column: str | None = None
    """Column of the title, where it is not called title."""
    text_column: str | None = None
    """Column of the text, where it is not called text."""
    encoding_errors: EncodingErrors = "strict"
    """What to do with bytes that are not UTF-8."""
    max_chars: int = MAX_CHARS
    """Longest record that is read, in characters."""
    memory: str = "256M"
    """How much documents may take before they are written to a segment, as in 64M or 1G."""


@dataclass(frozen=True, kw_only=True)
class UpdateOptions(AddOptions):
    """Add documents in the place of those with the same ids, where there are such."""


@dataclass(frozen=True, kw_only=True)
class DeleteOptions(WholeOptions):
    """Delete documents from a search index: all of them, or none if an id is not there."""

    ids: Positional[tuple[str, ...]] = ()
    """Ids of documents, behind -- if one begins with a dash."""
    file: str | None = None
    """Read ids from here instead, one a line; - is stdin."""
    missing_ok: bool = False
    """Pass over ids that are not in the index."""


def main(args: Sequence[str]) -> None:
    """Run `seqkit index add|update|delete|merge|verify`."""
    actions = {"add": add, "update": update, "delete": delete, "merge": merge, "verify": verify}
    if not args or args[0] in ("-h", "--help"):
        print(_USAGE)
        return
    if args[0] not in actions:
        raise ConfigError(choices("index", args[0], actions))
    actions[args[0]](args[1:])


def add(args: Sequence[str]) -> None:
    """Add documents."""
    _bring(parse_command(AddOptions, args, "index add"), replace=False)


def update(args: Sequence[str]) -> None:
    """Add or replace documents."""
    _bring(parse_command(UpdateOptions, args, "index update"), replace=True)


def _bring(options: AddOptions, *, replace: bool) -> None:
    from seqkit.train.costs import size_bytes
    from seqkit.train.reading_bar import ReadingBar

    memory = size_bytes(options.memory, option="memory")
    index = load_index(options.index)
    counted = [0]

    def work() -> str:
        with index.writer(memory=memory) as writer:
            index.refresh()
            before = len(index)
            documents = ReadingBar(
                _documents(options, index, counted), desc="indexing", unit=" documents"
            )
            try:
                (writer.update if replace else writer.add)(documents)
            except DataError as error:
                where = f"{options.documents}: document {counted[0]:,}"
                raise _located(error, where, index.folder) from None
        new = len(index) - before
        return f", {new:,} of them new" if replace else ""

    _tell(options, index, counted, "updated" if replace else "added", work)


def _located(error: DataError, where: str, index: Path) -> DataError:
    """Say which document the index refuses, and what to do in words of the command."""
    from seqkit.search.writer import REPEATED_ID_REMEDY

    said = str(error)
    if not said.startswith(f"{index}: "):
        return error
    said = said.removeprefix(f"{index}: ").replace(
        REPEATED_ID_REMEDY, "give another id, or replace it with seqkit index update"
    )
    return DataError(f"{where}: {said}")


def _documents(options: AddOptions, index: "SearchIndex", counted: list[int]) -> Iterator[Document]:
    for document in read_documents(
        options.documents,
        fields=index.config.fields,
        id_column=options.id_column,
        title_column=options.title_column,
        text_column=options.text_column,
        encoding_errors=options.encoding_errors,
        max_chars=options.max_chars,
    ):
        counted[0] += 1
        yield document


def delete(args: Sequence[str]) -> None:
    """Delete documents."""
    options = parse_command(DeleteOptions, args, "index delete")
    if bool(options.ids) == (options.file is not None):
        raise ConfigError("index delete: give ids or --file, one of the two")
    index = load_index(options.index)
    counted = [0]

    def work() -> str:
        given = options.ids or read_texts(options.file or "-", ReadingOptions())
        ids = list(dict.fromkeys(id for id in given if id))
        with index.writer() as writer:
            index.refresh()
            missing = [id for id in ids if id not in index]
            if missing and not options.missing_ok:
                raise DataError(
                    f"{options.index}: no document with the id {missing[0]!r} to delete: check the "
                    "id, or pass over such with --missing-ok"
                )
            writer.delete(ids, missing_ok=True)
        counted[0] = len(ids) - len(missing)
        are = "id is" if len(missing) == 1 else "ids are"
        return f", {len(missing):,} {are} not there" if missing else ""

    _tell(options, index, counted, "deleted", work)


def merge(args: Sequence[str]) -> None:
    """Make one segment of all."""
    options = parse_command(WholeOptions, args, "index merge")
    index = load_index(options.index)
    counted = [0]

    def work() -> str:
        with index.writer() as writer:
            index.refresh()
            counted[0] = len(index.segments)
            writer.merge()
        return ""

    _tell(options, index, counted, "merged", work, what="segments")


def verify(args: Sequence[str]) -> None:
    """Compare all files with their checksums."""
    options = parse_command(WholeOptions, args, "index verify")
    index = load_index(options.index)
    counted = [0]

    def work() -> str:
        index.verify()
        counted[0] = len(index.segments)
        return ", every byte as it was written"

    _tell(options, index, counted, "verified", work, what="segments")


def _tell(
    options: WholeOptions,
    index: "SearchIndex",
    counted: Sequence[int],
    done: str,
    work: Callable[[], str],
    *,
    what: str = "documents",
) -> None:
    """Do the work, and say how much it was, how long it took, and what is there now."""
    start = time.perf_counter()
    more = work()
    seconds = time.perf_counter() - start
    there = {"documents": len(index), "segments": len(index.segments)}
    if options.json:
        row = {done: counted[0], **there, "seconds": seconds}
        print(json.dumps({**row, "generation": index.snapshot.generation}))
        return
    has = "document" if len(index) == 1 else "documents"
    print(
        f"{done} {what}: {counted[0]:,}{more}; in {seconds:.2f} seconds; the index has "
        f"{there['documents']:,} {has}, segments: {there['segments']}"
    )
