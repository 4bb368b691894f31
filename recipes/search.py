"""Make a search index of documents, measure it on judged queries, and report honestly.

    seqkit train search
    seqkit train search english --data.train docs.jsonl --out runs/docs

The documents are read in a stream and written in segments, in bounded memory. Where there are
queries and judgements (a BEIR folder has them, or --data.queries and --data.qrels), ways to rank
are measured on them. seqkit search asks the index, seqkit index changes it.
"""

import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqkit.cli import recipe_name, run_recipe
from seqkit.config import refuse_ignored, to_dict
from seqkit.data import (
    Collection,
    CollectionConfig,
    DocumentAudit,
    DocumentAuditor,
    load_collection,
)
from seqkit.errors import ConfigError, DataError, require
from seqkit.nn.devices import Device
from seqkit.search.analysis import AnalysisConfig
from seqkit.search.config import SearchConfig
from seqkit.search.facts import index_facts
from seqkit.search.index import SearchIndex
from seqkit.search.installing import Place
from seqkit.train.costs import StepTimes, peak_memory, size_bytes, size_text
from seqkit.train.evaluation import format_table
from seqkit.train.reading_bar import ReadingBar
from seqkit.train.run import Run
from seqkit.train.search_evaluation import (
    compare_rankings,
    graded_queries,
    judged_queries,
    measure_ranking,
    ranking_rows,
)
from seqkit.train.search_report import search_headline, write_search_report

logger = logging.getLogger("seqkit.recipes.search")

_LEAST_MEMORY = 16 * 2**20

Ranking = Literal["bm25", "bm25+rm3", "dirichlet", "tfidf"]


@dataclass(frozen=True, kw_only=True)
class Config:
    """Search index."""

    data: CollectionConfig = CollectionConfig()
    fields: tuple[str, ...] = ("title", "text")
    """Text fields that can be searched; all else of a document is metadata, for filters."""
    analysis: AnalysisConfig = AnalysisConfig()
    store: bool = True
    """Keep the texts in the index: for display, snippets and feedback."""
    memory: str = "256M"
    """How much new documents may take before they are written to a segment, as in 64M or 1G."""
    rankings: tuple[Ranking, ...] = ("bm25", "dirichlet", "tfidf")
    """Ways to rank that are measured on the judged queries; the others are compared with the
    first."""
    depth: int = 1000
    """Documents a query that are looked at when ways to rank are measured."""
    out: str | None = None
    """Folder of the run; runs/search-PRESET where it is not given."""
    seed: int = 1
    """Of the intervals and the comparisons."""
    device: Device = "auto"
    """auto or cpu, which are the same here: an index is built and searched on the CPU."""


PRESETS: dict[str, Config] = {
    "words": Config(),
    "english": Config(analysis=AnalysisConfig(stopwords="english", stemmer="english")),
}


def main(cfg: Config) -> None:
    """Read, index, measure, save, report. What stands in the folder stays there until then."""
    memory = check_options(cfg)
    times = StepTimes()
    out = cfg.out or "runs/search"
    with (
        Run(out, config=cfg, recipe=recipe_name(__file__), keep_bundle=True) as run,
        Place(run.folder) as place,
        run.scratch() as scratch,
    ):
        with times("look at the queries"):
            collection = load_collection(cfg.data, fields=cfg.fields)
            if collection.queries:
                graded_queries(collection.queries, collection.judgements)
        with times("index"):
            index, auditor = build(cfg, collection, scratch / "index", memory=memory)
        with times("audit"):
            audited = auditor.result(collection.documents)
        warnings = [*audited.warnings(), *doubts(index, audited)]
        rows = [("index", size_figures(index))]

        judged, results = None, []
        if collection.queries:
            judged = judged_queries(collection.queries, collection.judgements, index)
            warnings += judged.warnings
            for name in cfg.rankings:
                with times(name):
                    found = measure_ranking(name, index, judged, depth=cfg.depth, seed=cfg.seed)
                rows.append((name, found.metrics()))
                results.append(found)
        for warning in warnings:
            logger.warning("%s", warning)

        figures = {"test": results[0].metrics()} if results else {}
        for event, values in rows:  # none before: with the first, the earlier report goes
            run.log(event, step=0, **values)
        with times("save"):
            index = place.install(
                scratch / "index",
                provenance={"recipe": "search", "config": to_dict(cfg)},
                metrics={name: means_only(part) for name, part in figures.items()},
            )
        held = peak_memory()
        notes = [f"{describe(cfg)}; seed {cfg.seed}."]
        write_search_report(
            run.folder,
            index=index,
            audit=audited,
            results=results,
            judged=judged,
            seconds=times.seconds,
            memory=held,
            notes=notes,
            warnings=warnings,
            seed=cfg.seed,
        )
        run.finish(
            {
                **figures,
                "others": {
                    other.name: {
                        **other.metrics(),
                        "against": compare_rankings(other, results[0], seed=cfg.seed)._asdict(),
                    }
                    for other in results[1:]
                },
                **size_figures(index),
                "parts": index_facts(index)["bytes"],
                "peak_memory": held,
                "audit": audited.to_dict(),
                "steps": times.seconds,
                "seconds": run.seconds,
            }
        )
        if results:
            print(format_table(ranking_rows(results, seed=cfg.seed)) + "\n")
        print(search_headline(index, results, judged, seed=cfg.seed))
        sizes = size_figures(index)
        print(f"{size_text(sizes['bytes'])} on disk in {times.seconds['index']:.1f} seconds")
        print(f"report: {run.folder}/report.md   use it: seqkit search {run.folder} QUERY")


def build(
    cfg: Config, collection: Collection, folder: Path, *, memory: int
) -> tuple[SearchIndex, DocumentAuditor]:
    """Index all documents, and look at them as they pass."""
    config = SearchConfig(fields=cfg.fields, analysis=cfg.analysis, store=cfg.store)
    index = SearchIndex.create(folder, config)
    auditor = DocumentAuditor(cfg.fields)
    documents = ReadingBar(collection.documents(), desc="indexing", unit=" documents")
    try:
        with index.writer(memory=memory) as writer:
            writer.add(auditor.watch(documents))
            writer.merge()
    except DataError as error:  # what it says of the index is true of the data here
        repeated = f"{folder}: a document with the id"
        if not str(error).startswith(repeated):
            raise
        id = auditor.last
        raise DataError(
            f"{cfg.data.train}: two documents with the id {id!r}: each needs one of its own"
        ) from None
    return index, auditor


def check_options(cfg: Config) -> int:
    """Refuse what cannot be or would be ignored, before any work; returns the bytes of --memory."""
    require("numba", extra="search", purpose="recipe search")
    SearchConfig(fields=cfg.fields, analysis=cfg.analysis, store=cfg.store)
    if cfg.device == "cuda":
        raise ConfigError(
            "--device cuda: an index is built and searched on the CPU: leave the option out"
        )
    if not 0 <= cfg.seed < 2**32:
        raise ConfigError(f"--seed {cfg.seed}: must be 0 or more, and less than 2**32")
    if cfg.depth < 100:
        raise ConfigError(f"--depth {cfg.depth}: recall@100 is measured, so 100 or more")
    if not cfg.rankings or len({*cfg.rankings}) < len(cfg.rankings):
        raise ConfigError("--rankings: give one or more, each once")
    if "bm25+rm3" in cfg.rankings and not cfg.store:
        raise ConfigError("--rankings bm25+rm3: feedback reads texts: leave --no-store out")
    memory = size_bytes(cfg.memory, option="memory")
    if memory < _LEAST_MEMORY:
        raise ConfigError(f"--memory {cfg.memory}: give 16M or more")
    refuse_ignored(cfg, [Config(), *PRESETS.values()], without_effect(cfg))
    return memory


def without_effect(cfg: Config) -> Iterator[tuple[str, str]]:
    """Yield how options begin that this run would not use, and why."""
    data = cfg.data
    if not Path(data.train).is_dir():
        yield "data.split", "without a folder in the BEIR layout"
    if data.train.startswith("bundled:"):
        for name in ("id", "title", "text"):
            yield f"data.{name}_column", "with a bundled set"


def doubts(index: SearchIndex, audited: DocumentAudit) -> Iterator[str]:
    """Yield what to know of this index before trusting it."""
    if audited.documents > audited.empty and not index.snapshot.total_length:
        yield "no document has a term: the analysis leaves nothing of the texts"


def size_figures(index: SearchIndex) -> dict[str, int]:
    """Return the size of the index, for log and metrics."""
    facts = index_facts(index)
    return {
        "documents": facts["documents"],
        "tokens": facts["tokens"],
        "segments": len(facts["segments"]),
        "bytes": sum(facts["bytes"].values()),
    }


def means_only(figures: dict[str, object]) -> dict[str, object]:
    """Leave the intervals out."""
    return {name: value for name, value in figures.items() if name != "intervals"}


def describe(cfg: Config) -> str:
    """Say what was made of what."""
    analysis = cfg.analysis
    made = f"tokenizer {analysis.tokenizer}, stop words {analysis.stopwords}"
    made += ", lemmas" if analysis.lemmas else f", stemmer {analysis.stemmer}"
    return f"The index: fields {', '.join(cfg.fields)}; {made}; data {cfg.data.train}"


if __name__ == "__main__":
    sys.exit(run_recipe(__file__, sys.argv[1:]))
