"""`seqkit search`: ask a search index."""

import contextlib
import importlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tyro.conf import Positional

from seqkit.commands.hits import plain_hits, shown_hits
from seqkit.commands.loading import load_index
from seqkit.commands.ranking import (
    AgainstOptions,
    RankingOptions,
    make_feedback,
    make_scorer,
    two_settings,
)
from seqkit.commands.reading import ReadingOptions, read_texts
from seqkit.config import parse_command
from seqkit.errors import ConfigError, SeqkitError, choices

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex
    from seqkit.search.query import Query
    from seqkit.search.results import Results

__all__ = ["SearchOptions", "search"]

_HELP = """\
heat transfer          documents with one of the words, best first
+heat -transfer        must have, must not have
"heat transfer"        the words in this order
aero*                  all words that begin so
title:heat             in one field
jet^2.5                counts two and a half times
(jet engine) +wing     a group; AND, OR, NOT also work
year:[1960 TO 1970]    only documents with this metadata; kind:"annual report", year:{1960 TO *]
:help   this page      :quit   or Ctrl-D, leave"""


@dataclass(frozen=True, kw_only=True)
class SearchOptions(RankingOptions):
    """Find documents of a search index: title:"heat transfer" +jet -engine year:[1960 TO 1970].

    On a terminal: hits with snippets, and a prompt if there is no query. Otherwise, and with
    --json: a JSON object for each query.
    """

    index: Positional[str]
    """Folder of the index."""
    query: Positional[tuple[str, ...]] = ()
    """One query, behind -- if a word of it begins with a dash; without it, and without --file, the
    lines of stdin are queries."""
    file: str | None = None
    """Read queries from here, one a line (.txt .jsonl .csv .tsv, .gz .xz); - is stdin."""
    k: int = 10
    """Hits at most."""
    offset: int = 0
    """Hits that are left out before the first."""
    filter: str | None = None
    """What documents must also match, without counting for the score: year:[1960 TO 1970]."""
    plain: bool = False
    """Take a query as plain words, without syntax; so does --feedback."""
    fields: tuple[str, ...] = ()
    """Fields of a hit that are shown; without it the title and all metadata."""
    explain: bool = False
    """Show what each part of the query adds to a score."""
    json: bool = False
    """Print JSON on a terminal, too."""


def search(args: Sequence[str]) -> None:
    """Run `seqkit search`."""
    options = _read(args)
    if options.query and options.file:
        raise ConfigError("search: give a query or --file, not both")
    index = load_index(options.index)
    asker = _Asker(index, options)
    shown = sys.stdout.isatty() and not options.json
    if options.query:
        _print(asker.answer(" ".join(options.query)), shown=shown)
    elif options.file is None and shown and sys.stdin.isatty():
        _prompt(asker)
    else:
        for number, query in enumerate(read_texts(options.file or "-", ReadingOptions()), start=1):
            try:
                answer = asker.answer(query)
            except ConfigError as error:
                if str(error).startswith("filter"):
                    raise
                fault = str(error).removeprefix("query, ")
                raise ConfigError(f"query {number}: {fault}") from None
            _print(answer, shown=shown)


def _read(args: Sequence[str]) -> SearchOptions:
    try:
        return parse_command(SearchOptions, args, "search")
    except ConfigError as error:
        before = list(args[: args.index("--")] if "--" in args else args)
        dashed = [arg for arg in before if re.match(r"-[^-]", arg)]
        if not dashed:
            raise
        if "--filter" in str(error):
            remedy = f"a filter that begins with a dash stands behind =: --filter={dashed[0]!r}"
        else:
            remedy = f"a query that begins with a dash stands behind --: -- {dashed[0]!r}"
        raise ConfigError(f"{error.args[0].rstrip('.')}; {remedy}") from None


@dataclass(frozen=True)
class _Answer:
    query: str
    results: "Results"
    asked: "str | Query"
    seconds: float
    asker: "_Asker"


class _Asker:
    """An index with the options that every query is asked with."""

    def __init__(self, index: "SearchIndex", options: SearchOptions) -> None:
        self.index, self.options = index, options
        setting, _ = two_settings(options, AgainstOptions())
        self.scorer, self.feedback = make_scorer(setting), make_feedback(setting)
        _check_fields(index, options.fields)

    def answer(self, query: str) -> _Answer:
        options, start = self.options, time.perf_counter()
        asked: Any = query
        if self.feedback is not None:
            asked = self.feedback.expand(self.index, query, scorer=self.scorer)
        results = self.index.search(
            asked,
            k=options.k,
            offset=options.offset,
            scorer=self.scorer,
            filter=options.filter,
            syntax=not options.plain,
        )
        return _Answer(query, results, asked, time.perf_counter() - start, self)


def _print(answer: _Answer, *, shown: bool, timed: bool = False) -> None:
    options = answer.asker.options
    explain = None
    if options.explain:
        index, scorer = answer.asker.index, answer.asker.scorer
        explain = {
            hit.id: index.explain(answer.asked, hit.id, scorer=scorer, syntax=not options.plain)
            for hit in answer.results
        }
    if shown:
        lines = shown_hits(
            answer.results,
            answer.asker.index.config,
            fields=options.fields,
            seconds=answer.seconds if timed else None,
            explanations=explain,
            colour=_coloured(),
        )
        print("\n".join(lines))
    else:
        row = {
            "query": answer.query,
            **plain_hits(
                answer.results,
                answer.asker.index.config,
                fields=options.fields,
                explanations=explain,
            ),
        }
        print(json.dumps(row, ensure_ascii=True))


def _coloured() -> bool:
    """Tell whether the terminal wants colours (https://no-color.org)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _prompt(asker: _Asker) -> None:
    """Ask what the user types, until Ctrl-D or :quit; a mistake is told, and the next one asked."""
    with contextlib.suppress(ModuleNotFoundError):  # not on Windows
        importlib.import_module("readline")  # lines can be edited, and come back with the arrows
    documents = "document" if len(asker.index) == 1 else "documents"
    print(f"{len(asker.index):,} {documents}; :help tells more")
    for line in _typed():
        if line in (":q", ":quit"):
            return
        if line == ":help":
            print(_HELP)
            continue
        try:
            if line.startswith(":"):
                raise ConfigError(choices("command", line, [":help", ":quit"]))
            asker.index.refresh()
            _print(asker.answer(line), shown=True, timed=True)
        except SeqkitError as error:
            print("seqkit:", " ".join(str(error).splitlines()), file=sys.stderr)


def _typed() -> Iterator[str]:
    while True:
        try:
            line = input("search> ").strip()
        except EOFError:
            print()
            return
        if line:
            yield line


def _check_fields(index: "SearchIndex", names: Sequence[str]) -> None:
    stored = index.config.fields if index.config.store else ()
    known = {*stored, *index.snapshot.metadata}
    for name in names if len(index) else ():
        if name in index.config.fields and name not in known:
            raise ConfigError(f"--fields {name}: this index does not store texts")
        if name not in known:
            raise ConfigError(f"--fields: {choices('field', name, known)}")
