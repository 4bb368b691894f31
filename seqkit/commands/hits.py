"""What a search found, for a person at a terminal or as JSON."""

import dataclasses
import logging
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqkit.errors import DataError

if TYPE_CHECKING:
    from seqkit.search.config import SearchConfig
    from seqkit.search.explaining import Explanation
    from seqkit.search.results import Hit, Results

__all__ = ["plain_hits", "shown_hits"]

logger = logging.getLogger(__name__)

_BOLD, _FAINT, _MARKED, _END = "\x1b[1m", "\x1b[2m", "\x1b[1;33m", "\x1b[0m"
_BEFORE, _AFTER = "\x02", "\x03"  # around what is marked, until the rest is made safe
_SHOWN = 100  # characters of a field


def plain_hits(
    results: "Results",
    config: "SearchConfig",
    *,
    fields: Sequence[str],
    explanations: "Mapping[str, Explanation] | None" = None,
) -> dict[str, Any]:
    """Return what was found as plain JSON values; no snippet where the text is damaged.

    Args:
        results: of a search.
        config: of the index.
        fields: those of a hit that are shown; all but the texts that are searched, if none is
            named.
        explanations: of the scores, by id.
    """
    hits = []
    reader = _Reader(config, fields)
    for hit in results:
        row: dict[str, Any] = {"rank": hit.rank, "id": hit.id, "score": hit.score}
        row["fields"], snippet = reader.read(hit, before="**", after="**")
        if config.store:
            row["snippet"] = snippet
        if explanations is not None:
            row["explanation"] = dataclasses.asdict(explanations[hit.id])
        hits.append(row)
    reader.warn()
    return {"total": results.total, "note": results.note, "hits": hits}


def shown_hits(
    results: "Results",
    config: "SearchConfig",
    *,
    fields: Sequence[str],
    seconds: float | None = None,
    explanations: "Mapping[str, Explanation] | None" = None,
    colour: bool,
) -> Iterator[str]:
    """Yield lines for a terminal; control characters of the texts are taken out.

    A hit whose text is damaged has no snippet.

    Args:
        results: of a search.
        config: of the index.
        fields: as for `plain_hits`.
        seconds: that the search took, where that is to be told.
        explanations: of the scores, by id.
        colour: mark with colours; with asterisks if not.
    """
    bold, faint, end = (_BOLD, _FAINT, _END) if colour else ("", "", "")
    marked, unmarked = (_MARKED, _END) if colour else ("*", "*")
    reader = _Reader(config, fields)
    for hit in results:
        found, snippet = reader.read(hit, before=_BEFORE, after=_AFTER)
        texts = {name: _safe(value) for name, value in found.items()}
        title = texts.pop("title", "")
        yield f"{hit.rank:>3}. {bold}{_safe(title or hit.id)}{end}  {faint}{hit.score:.4f}{end}"
        told = [f"id {_safe(hit.id)}"] if title else []
        told += [f"{name} {value[:_SHOWN]}" for name, value in texts.items()]
        if snippet:
            shown = _safe(snippet).replace(_BEFORE, marked).replace(_AFTER, unmarked)
            yield f"     {shown}"
        yield from [f"     {faint}{', '.join(told)}{end}"] if told else []
        if explanations is not None:
            yield from (f"     {_safe(line)}" for line in str(explanations[hit.id]).splitlines())
    reader.warn()
    took = "" if seconds is None else f", {1000 * seconds:.1f} ms"
    yield f"{faint}{_count(results)}{took}{end}"


def _count(results: "Results") -> str:
    if results.note:
        return results.note
    if not results.hits:
        return f"no hits here, {results.total:,} in all" if results.total else "nothing found"
    return f"{results[0].rank:,} to {results[-1].rank:,} of {results.total:,}"


class _Reader:
    """Reads what is shown of hits, and goes on without the texts that are damaged."""

    def __init__(self, config: "SearchConfig", names: Sequence[str]) -> None:
        self._config, self._names = config, names
        self._errors: list[str] = []

    def read(self, hit: "Hit", *, before: str, after: str) -> tuple[dict[str, str], str | None]:
        """Return the fields that are shown, and the snippet; None where there is no text."""
        try:
            fields = hit.fields
            marked = self._config.store
            snippet = hit.snippet(html=False, before=before, after=after) if marked else None
        except DataError as error:
            self._errors.append(str(error))
            fields, snippet = hit.metadata, None
        if self._names:
            return {name: fields[name] for name in self._names if name in fields}, snippet
        texts = {*self._config.fields} - {"title"}
        return {name: value for name, value in fields.items() if name not in texts}, snippet

    def warn(self) -> None:
        """Say once of all hits what could not be read."""
        if self._errors:
            count = len(self._errors)
            logger.warning(
                "%s; hits shown without their text, damaged so: %d", self._errors[0], count
            )


def _safe(text: str) -> str:
    """Take out what would steer a terminal, so that a document cannot."""
    allowed = (_BEFORE, _AFTER)
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) == "Cc" and c not in allowed else c
        for c in " ".join(text.split())
    )
