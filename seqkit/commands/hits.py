"""What a search found, for a person at a terminal or as JSON."""

import dataclasses
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqkit.search.config import SearchConfig
    from seqkit.search.explaining import Explanation
    from seqkit.search.results import Hit, Results

__all__ = ["plain_hits", "shown_hits"]

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
    """Return what was found as plain JSON values.

    Args:
        results: of a search.
        config: of the index.
        fields: those of a hit that are shown; all but the texts that are searched, if none is
            named.
        explanations: of the scores, by id.
    """
    hits = []
    for hit in results:
        row: dict[str, Any] = {"rank": hit.rank, "id": hit.id, "score": hit.score}
        row["fields"] = _fields(hit, fields, config)
        if config.store:
            row["snippet"] = hit.snippet(html=False, before="**", after="**")
        if explanations is not None:
            row["explanation"] = dataclasses.asdict(explanations[hit.id])
        hits.append(row)
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
    for hit in results:
        texts = {name: _safe(value) for name, value in _fields(hit, fields, config).items()}
        title = texts.pop("title", "")
        yield f"{hit.rank:>3}. {bold}{_safe(title or hit.id)}{end}  {faint}{hit.score:.4f}{end}"
        told = [f"id {_safe(hit.id)}"] if title else []
        told += [f"{name} {value[:_SHOWN]}" for name, value in texts.items()]
        if config.store:
            snippet = _safe(hit.snippet(html=False, before=_BEFORE, after=_AFTER))
            snippet = snippet.replace(_BEFORE, marked).replace(_AFTER, unmarked)
            yield from [f"     {snippet}"] if snippet else []
        yield from [f"     {faint}{', '.join(told)}{end}"] if told else []
        if explanations is not None:
            yield from (f"     {_safe(line)}" for line in str(explanations[hit.id]).splitlines())
    took = "" if seconds is None else f", {1000 * seconds:.1f} ms"
    yield f"{faint}{_count(results)}{took}{end}"


def _count(results: "Results") -> str:
    if results.note:
        return results.note
    if not results.hits:
        return f"no hits here, {results.total:,} in all" if results.total else "nothing found"
    return f"{results[0].rank:,} to {results[-1].rank:,} of {results.total:,}"


def _fields(hit: "Hit", names: Sequence[str], config: "SearchConfig") -> dict[str, str]:
    found = hit.fields
    if names:
        return {name: found[name] for name in names if name in found}
    texts = {*config.fields} - {"title"}
    return {name: value for name, value in found.items() if name not in texts}


def _safe(text: str) -> str:
    """Take out what would steer a terminal, so that a document cannot."""
    allowed = (_BEFORE, _AFTER)
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) == "Cc" and c not in allowed else c
        for c in " ".join(text.split())
    )
