"""Run a set of queries, and keep what they find in TREC's format."""

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from seqkit.data import MAX_CHARS, Judgement, Query
from seqkit.data.readers.lines import Decoding, read_lines
from seqkit.errors import DataError
from seqkit.files import write_bytes
from seqkit.search.feedback import RM3
from seqkit.search.query import Words

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex
    from seqkit.search.scorers import Scorer

__all__ = ["graded", "read_run", "run_queries", "write_run"]


def run_queries(
    index: "SearchIndex",
    queries: Iterable[Query],
    *,
    k: int = 1000,
    scorer: "Scorer | None" = None,
    feedback: RM3 | None = None,
) -> dict[str, dict[str, float]]:
    """Search for each query as plain text, without syntax.

    Args:
        index: where to look.
        queries: with ids.
        k: documents a query at most; MAP and recall count no others.
        scorer: None for the default of the index.
        feedback: how to ask again with words of what is found; None for not at all.

    Returns:
        Query -> document -> score, best first: what `seqkit.metrics.score_run` takes.

    Raises:
        ConfigError: an option out of range, or feedback without stored texts.
        DataError: an id comes twice.
    """
    texts: dict[str, str] = {}
    for query in queries:
        if query.id in texts:
            raise DataError(f"queries: the id {query.id!r} comes twice, expected once")
        texts[query.id] = query.text
    asked = [
        Words(text) if feedback is None else feedback.expand(index, text, scorer=scorer)
        for text in texts.values()
    ]
    results = index.search_many(asked, k=k, scorer=scorer)
    return {
        id: {hit.id: hit.score for hit in found} for id, found in zip(texts, results, strict=True)
    }


def graded(judgements: Iterable[Judgement]) -> dict[str, dict[str, int]]:
    """Return the grades as query -> document -> grade.

    Raises:
        DataError: two different grades of one document for one query.
    """
    grades: dict[str, dict[str, int]] = {}
    for query, document, grade in judgements:
        if grades.setdefault(query, {}).setdefault(document, grade) != grade:
            raise DataError(
                f"judgements: query {query!r}, document {document!r}: grade "
                f"{grades[query][document]} and grade {grade}, expected one"
            )
    return grades


def write_run(
    path: str | os.PathLike[str], run: Mapping[str, Mapping[str, float]], *, tag: str = "seqkit"
) -> None:
    """Write lines of query, Q0, document, rank, score, tag, as trec_eval and others read them.

    Raises:
        DataError: an id that has white space in it, or none at all.
    """
    lines = []
    for query, scores in run.items():
        for rank, (document, score) in enumerate(scores.items(), start=1):
            columns = [query, "Q0", document, str(rank), repr(float(score)), tag]
            for column in columns:
                if column.split() != [column]:
                    raise DataError(
                        f"{path}: {column!r}: a run file has columns with spaces between, so an "
                        "id can be neither empty nor have spaces in it"
                    )
            lines.append(" ".join(columns) + "\n")
    write_bytes(path, "".join(lines).encode("utf-8", "surrogatepass"))


def read_run(path: str) -> dict[str, dict[str, float]]:
    """Read a run file, of any system; also .gz and .xz. The ranks in it are not looked at.

    Raises:
        DataError: what is wrong, with file and line.
    """
    run: dict[str, dict[str, float]] = {}
    decoding = Decoding(encoding_errors="strict", max_chars=MAX_CHARS, stats=None)
    for number, line in read_lines(path, decoding):
        columns = line.split()
        if not columns:
            continue
        try:
            query, _, document, _, score, _ = columns
            scores, value = run.setdefault(query, {}), float(score)
        except ValueError:
            raise DataError(
                f"{path}:{number}: {line[:60]!r} is not of a run: expected query, Q0, document, "
                "rank, score, tag"
            ) from None
        if document in scores:
            raise DataError(f"{path}:{number}: document {document!r} twice for query {query!r}")
        scores[document] = value
    if not run:
        raise DataError(f"{path}: no lines in it, expected query, Q0, document, rank, score, tag")
    return run
