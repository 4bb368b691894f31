"""`seqkit evaluate` of a search index: how well it finds what judges found relevant."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tyro.conf import Positional

from seqkit import bundle
from seqkit.commands.ranking import (
    AgainstOptions,
    RankingOptions,
    make_feedback,
    make_scorer,
    setting_name,
    two_settings,
)
from seqkit.commands.refusal import refuse_unused
from seqkit.config import parse_command
from seqkit.data import Query, read_retrieval
from seqkit.errors import ConfigError, DataError
from seqkit.metrics import (
    RETRIEVAL_MEASURES,
    RetrievalScores,
    mean_interval,
    paired_means,
    score_run,
)

if TYPE_CHECKING:
    from seqkit.search.index import SearchIndex
    from seqkit.train.search_evaluation import JudgedQueries

__all__ = ["EvaluateIndexOptions", "evaluate_index"]

logger = logging.getLogger(__name__)

_Run = dict[str, dict[str, float]]


@dataclass(frozen=True, kw_only=True)
class EvaluateIndexOptions(RankingOptions):
    """Measure a search index on judged queries, which are taken as plain text.

    With --against.OPTION or --against.run: two settings side by side, query by query.
    """

    index: Positional[str]
    """Folder of the index."""
    data: str | None = None
    """A folder in the BEIR layout, for its queries and judgements."""
    split: str = "test"
    """--data: which of its judgements."""
    queries: str | None = None
    """Queries: JSON lines with _id and text, or TSV as id<TAB>text."""
    qrels: str | None = None
    """Judgements: TREC qrels, or query, document and grade."""
    measures: tuple[str, ...] = RETRIEVAL_MEASURES
    """map, mrr, ndcg@K, p@K, recall@K."""
    depth: int = 1000
    """Documents a query."""
    run: str | None = None
    """Write what is found, as a TREC run file."""
    against: AgainstOptions = AgainstOptions()
    json: bool = False
    """Print all figures as one JSON object."""


def evaluate_index(args: Sequence[str]) -> None:
    """Run `seqkit evaluate` of a search index."""
    from seqkit.search.evaluating import read_run, write_run

    options = parse_command(EvaluateIndexOptions, args, "evaluate")
    first, second = two_settings(options, options.against)
    measures = tuple(dict.fromkeys(options.measures))
    score_run({"": {"": 1}}, {}, measures)  # refuses a measure before anything is read
    for name in measures:
        if int(name.partition("@")[2] or 1) > options.depth:
            raise ConfigError(f"--measures {name} looks further than --depth {options.depth}")
    index = bundle.load(options.index)
    judged = _judged(options, index)
    queries, grades = judged.queries, judged.grades
    run = _run(index, queries, first, options.depth)
    if options.run is not None:
        write_run(options.run, run)
    scores = score_run(grades, run, measures)
    found: dict[str, Any] = {
        "queries": len(grades),
        "judgements": judged.judgements,
        "setting": setting_name(first),
        **_means(scores),
        "intervals": {name: mean_interval(values) for name, values in scores.values.items()},
    }
    if second is not None:
        name, other = setting_name(second), options.against.run
        run = _run(index, queries, second, options.depth) if other is None else read_run(other)
        against = score_run(grades, run, measures)
        found["against"] = {"setting": name if other is None else other, **_means(against)}
        found["comparison"] = {
            name: paired_means(values, against.values[name])._asdict()
            for name, values in scores.values.items()
        }
    print(json.dumps(found) if options.json else _table(found, measures))


def _judged(options: EvaluateIndexOptions, index: "SearchIndex") -> "JudgedQueries":
    """Read the queries and the judgements of those."""
    from seqkit.train.search_evaluation import judged_queries

    if options.data is not None:
        refuse_unused(options, "queries qrels", "with --data, which has them")
        found = read_retrieval(options.data, split=options.split)
    elif options.queries is None or options.qrels is None:
        raise ConfigError("evaluate: give --data FOLDER, or --queries FILE and --qrels FILE")
    else:
        refuse_unused(options, "split", "without --data")
        # the documents are those of the index: what stands in their place is never read
        found = read_retrieval(f"{options.queries},{options.queries},{options.qrels}")
    judged = judged_queries(found.queries, found.judgements, index)
    documents = {document for row in judged.grades.values() for document in row}
    if not any(document in index for document in documents):
        raise DataError(
            f"evaluate: none of the {len(documents):,} judged documents is in {options.index}, "
            f"such as {min(documents)!r}: the ids do not fit"
        )
    for warning in judged.warnings:
        logger.warning("%s", warning)
    return judged


def _run(
    index: "SearchIndex", queries: Sequence[Query], setting: RankingOptions, depth: int
) -> _Run:
    from seqkit.search.evaluating import run_queries

    scorer, feedback = make_scorer(setting), make_feedback(setting)
    return run_queries(index, queries, k=depth, scorer=scorer, feedback=feedback)


def _means(scores: RetrievalScores) -> dict[str, float]:
    return {name: scores.mean(name) for name in scores.values}


def _table(found: Mapping[str, Any], measures: Sequence[str]) -> str:
    lines = [f"{found['queries']:,} queries, {found['judgements']:,} judgements", ""]
    if "against" in found:
        lines += [f"A: {found['setting']}", f"B: {found['against']['setting']}", ""]
        lines.append(f"{'':12} {'A':>8} {'B':>8} {'A - B':>8}  {'95% interval':18} {'p':>7}")
        for name in measures:
            gap = found["comparison"][name]
            interval = f"{gap['low']:+.4f} to {gap['high']:+.4f}"
            lines.append(
                f"{name:12} {found[name]:8.4f} {found['against'][name]:8.4f} "
                f"{gap['difference']:+8.4f}  {interval:18} {gap['p']:7.4f}"
            )
        return "\n".join(lines)
    lines += [found["setting"], "", f"{'':12} {'mean':>8}  95% interval"]
    for name in measures:
        low, high = found["intervals"][name]
        lines.append(f"{name:12} {found[name]:8.4f}  {low:.4f} to {high:.4f}")
    return "\n".join(lines)
