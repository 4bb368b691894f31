"""What is found in the Cranfield collection: what runs in a fresh process."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.results import Outcome

from retrieval.collection import Collection, read_cranfield
from retrieval.peers import Bm25s, RankBm25, Ranking, Tantivy, installed, left_out
from retrieval.tuning import MEASURE, Tuner
from seqkit.data import Document, Query
from seqkit.metrics.retrieval import RetrievalScores, mean_interval, paired_means, score_run
from seqkit.search.analysis import AnalysisConfig
from seqkit.search.config import SearchConfig
from seqkit.search.evaluating import run_queries
from seqkit.search.index import SearchIndex
from seqkit.search.scorers import BM25

__all__ = ["measure"]

_K = 1000
_MEASURES = (MEASURE, "map", "recall@100")
_TUNED_ON = 100  # queries, the first
_TERMS = {"stopwords": True, "stem": True}
_K1 = 1.5
_WORD = re.compile(r"\b\w\w+\b")
_PEER, _SAME = "bm25s", "seqkit, the terms of bm25s"

_Run = Mapping[str, Mapping[str, float]]


def measure(*, data: str, work: str) -> dict[str, dict[str, Any]]:
    """Measure everyone on all queries; tune on the first, and measure on the others.

    Args:
        data: folder with the collection.
        work: folder for the indexes.

    Returns:
        What the `Outcome` of each part is made of.
    """
    collection, folder = read_cranfield(Path(data)), Path(work)
    runs = {**_by_seqkit(collection, folder), **_by_peers(collection)}
    scores = {name: score_run(collection.grades, run, _MEASURES) for name, run in runs.items()}
    found = {"cranfield": _outcome(scores)}
    if _PEER in runs:
        found["cranfield-tuned"] = _tuned(collection, runs, folder)
    return {part: vars(outcome) for part, outcome in found.items()}


def _by_seqkit(collection: Collection, work: Path) -> dict[str, _Run]:
    own = AnalysisConfig(stopwords="english", stemmer="english", min_length=2)
    same = AnalysisConfig(tokenizer="whitespace", stopwords="english", stemmer="english")
    cut = {
        "documents": [
            Document(document.id, "", _cut(_text(document)), {})
            for document in collection.documents
        ],
        "queries": [Query(query.id, _cut(query.text)) for query in collection.queries],
    }
    index = _index(collection.documents, SearchConfig(analysis=own), work / "own")
    cut_index = _index(cut["documents"], SearchConfig(analysis=same), work / "same")
    bm25 = BM25(k1=_K1)
    return {
        _SAME: run_queries(cut_index, cut["queries"], k=_K, scorer=bm25),
        "seqkit, its own tokeniser": run_queries(index, collection.queries, k=_K, scorer=bm25),
        "seqkit, its own tokeniser, k1 = 1.2": run_queries(index, collection.queries, k=_K),
    }


def _index(documents: Sequence[Document], config: SearchConfig, folder: Path) -> SearchIndex:
    index = SearchIndex.create(folder, config)
    with index.writer() as writer:
        writer.add(documents)
    return index


def _by_peers(collection: Collection) -> dict[str, _Run]:
    texts = [_text(document) for document in collection.documents]

    def ask(search: Callable[[str, int], Ranking]) -> _Run:
        return {
            query.id: {
                collection.documents[number].id: score
                for number, score in search(query.text, min(_K, len(texts)))
                if score > 0
            }
            for query in collection.queries
        }

    runs: dict[str, _Run] = {}
    if installed("bm25s"):
        runs[_PEER] = ask(Bm25s(texts, **_TERMS, k1=_K1).search)
    if installed("rank_bm25") and installed("bm25s"):
        runs["rank_bm25"] = ask(RankBm25(texts, **_TERMS).search)
    if installed("tantivy"):
        lucene = Tantivy(**_TERMS)
        lucene.add(texts)
        runs["tantivy"] = ask(lambda text, k: lucene.search(_cut(text), k))
    return runs


def _text(document: Document) -> str:
    return f"{document.title} {document.text}"


def _cut(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _outcome(scores: Mapping[str, RetrievalScores]) -> Outcome:
    rows = [["", *_MEASURES, f"{MEASURE}, 95%"]]
    for name, found in scores.items():
        low, high = mean_interval(found.values[MEASURE])
        rows.append([name, *_means(found), f"{low:.4f} to {high:.4f}"])
    notes = [
        "1,400 abstracts, title and text, and 225 queries, numbered in their order. Codes 1 to 4 "
        "are relevant, the gain of a document is 5 less its code; -1 and 5 are not. The first "
        "1,000 "
        "documents of each query; the measures of trec_eval, means over the queries, with the "
        "bootstrap's interval.",
        "Everyone: small letters, words of two or more characters, 33 English stop words left out, "
        "Snowball's English stems. BM25 with k1 = 1.5 (tantivy: 1.2, and words of one character in "
        "the texts), b = 0.75; rank_bm25: BM25Okapi with its own idf.",
    ]
    if _PEER in scores:
        gap = abs(scores[_SAME].mean(MEASURE) - scores[_PEER].mean(MEASURE))
        notes.append(
            f"The target: {MEASURE} equal to that of bm25s to 3 decimals. With the texts cut by "
            f"its expression, `{_WORD.pattern}`, the difference is {gap:.5f}."
        )
    data = {
        "means": {name: {m: found.mean(m) for m in _MEASURES} for name, found in scores.items()}
    }
    return Outcome("What is found in Cranfield", rows, [*notes, *left_out()], data)


def _tuned(collection: Collection, runs: Mapping[str, _Run], work: Path) -> Outcome:
    tuner = Tuner(collection.documents, collection.grades, work / "tuning")
    first, others = collection.queries[:_TUNED_ON], collection.queries[_TUNED_ON:]
    best, steps = tuner.best(first)
    settings = {"seqkit, the best setting": best}
    if best.vectors:
        settings["seqkit, the same without vectors"] = replace(best, vectors=0)
    contestants = runs | {
        name: tuner.run(setting, collection.queries, k=_K) for name, setting in settings.items()
    }
    measured = {
        name: [
            score_run({query.id: collection.grades[query.id] for query in part}, run, _MEASURES)
            for part in (first, others)
        ]
        for name, run in contestants.items()
    }
    rows = [
        [
            *("", f"{MEASURE}, first {_TUNED_ON}", *_MEASURES),
            *(f"{MEASURE} less that of bm25s", "p"),
        ]
    ]
    pairs = {}
    peer = measured[_PEER][1]
    for name, (seen, unseen) in measured.items():
        row = [name, f"{seen.mean(MEASURE):.4f}", *_means(unseen)]
        if name == _PEER:
            row += ["", ""]
        else:
            pair = pairs[name] = paired_means(unseen.values[MEASURE], peer.values[MEASURE])
            row += [f"{pair.difference:+.4f} ({pair.low:+.4f} to {pair.high:+.4f})"]
            row += [f"{pair.p:.4f}"]
        rows.append(row)
    notes = [
        f"The second column: on the first {_TUNED_ON} queries; the others: on the other "
        f"{len(others)}, which were looked at once, with the setting chosen. Difference of the "
        "means with its bootstrap interval, p of the paired randomisation test.",
        f"The best setting: {best}, with Snowball's stems. It has the highest {MEASURE} on the "
        f"first {_TUNED_ON} queries at the end of these steps, each of which begins with the best "
        "of the "
        "step before: "
        + "; ".join(
            f"{at}. {tried} ({count} settings, best {figure:.4f})"
            for at, (tried, count, _, figure) in enumerate(steps, 1)
        )
        + ".",
        "The target: better than bm25s on the other queries with p < 0.05.",
        *left_out(),
    ]
    data = {
        "best": str(best),
        "steps": [
            {"tried": tried, "settings": count, "best": str(setting), MEASURE: figure}
            for tried, count, setting, figure in steps
        ],
        "others": {
            name: {m: unseen.mean(m) for m in _MEASURES} for name, (_, unseen) in measured.items()
        },
        "against_bm25s": {name: pair._asdict() for name, pair in pairs.items()},
    }
    return Outcome("The best setting for Cranfield", rows, notes, data)


def _means(scores: RetrievalScores) -> list[str]:
    return [f"{scores.mean(measure):.4f}" for measure in _MEASURES]
