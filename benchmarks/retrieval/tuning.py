"""The search for the best setting on some queries: step by step, each step from the best so far."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.latent import LatentVectors
from seqkit.data import Document
from seqkit.data import Query as Question
from seqkit.metrics.retrieval import score_run
from seqkit.search.analysis import AnalysisConfig
from seqkit.search.config import SearchConfig
from seqkit.search.feedback import RM3
from seqkit.search.fusion import Ranked, fuse
from seqkit.search.index import SearchIndex
from seqkit.search.query import Bool, Phrase, Query, Words
from seqkit.search.results import Hit
from seqkit.search.scorers import BM25, Dirichlet, Scorer, TfIdf

__all__ = ["MEASURE", "Setting", "Tuner"]

MEASURE = "ndcg@10"

_STOPWORDS = ("none", "english", "en")
_K1 = (0.9, 1.2, 1.5, 2.0, 2.5, 3.0)
_B = (0.3, 0.45, 0.6, 0.75, 0.9)
_VARIANTS = ("lucene", "bm25l", "bm25+")
_MU = (50.0, 100.0, 200.0, 400.0, 1000.0)
_BOOSTS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
_DOCUMENTS, _TERMS, _WEIGHTS = (5, 10, 20), (10, 20, 40, 80), (0.3, 0.5, 0.7)
_DIMENSIONS = (0, 100, 200, 300)
_DEPTH = 1000  # of the rankings that are fused


@dataclass(frozen=True)
class Setting:
    """How to index and to ask."""

    stopwords: str = "english"
    scorer: Scorer = BM25()
    title: float = 0.0
    """Boost of the words in the title alone."""
    pairs: float = 0.0
    """Boost of words that follow each other, as a phrase."""
    feedback: RM3 | None = None
    vectors: int = 0
    """Dimensions of the vectors whose ranking is fused with that of the words; 0 for none."""

    def __str__(self) -> str:
        """Say it in a line."""
        parts = [f"stop words {self.stopwords}", str(self.scorer)]
        parts += [f"title {self.title:g}"] if self.title else []
        parts += [f"pairs {self.pairs:g}"] if self.pairs else []
        parts += [str(self.feedback)] if self.feedback else []
        parts += [f"fused with vectors of {self.vectors} dimensions"] if self.vectors else []
        return ", ".join(parts)


def _scorers(best: Setting) -> Iterator[Setting]:
    scorers: list[Scorer] = [
        BM25(k1=k1, b=b, variant=variant)
        for variant, k1, b in itertools.product(_VARIANTS, _K1, _B)
    ]
    scorers += [TfIdf(), *(Dirichlet(mu=mu) for mu in _MU)]
    for stopwords, scorer in itertools.product(_STOPWORDS, scorers):
        yield replace(best, stopwords=stopwords, scorer=scorer)


def _titles(best: Setting) -> Iterator[Setting]:
    yield from (replace(best, title=boost) for boost in _BOOSTS)


def _pairs(best: Setting) -> Iterator[Setting]:
    yield from (replace(best, pairs=boost) for boost in _BOOSTS)


def _feedback(best: Setting) -> Iterator[Setting]:
    yield best
    for documents, terms, weight in itertools.product(_DOCUMENTS, _TERMS, _WEIGHTS):
        yield replace(best, feedback=RM3(documents=documents, terms=terms, weight=weight))


def _vectors(best: Setting) -> Iterator[Setting]:
    yield from (replace(best, vectors=dimensions) for dimensions in _DIMENSIONS)


_STEPS = {
    f"stop words {', '.join(_STOPWORDS)}; BM25 {', '.join(_VARIANTS)}, k1 {_K1}, b {_B}; TF-IDF; "
    f"Dirichlet, mu {_MU}": _scorers,
    f"boost of the title {_BOOSTS}": _titles,
    f"boost of neighbouring words as a phrase {_BOOSTS}": _pairs,
    f"RM3: documents {_DOCUMENTS}, terms {_TERMS}, weight {_WEIGHTS}, or none": _feedback,
    f"reciprocal rank fusion with latent vectors of the documents, dimensions {_DIMENSIONS}": (
        _vectors
    ),
}
"""What is tried, in this order, by what it is."""


class Tuner:
    """Measures settings on one collection."""

    def __init__(
        self,
        documents: Sequence[Document],
        grades: Mapping[str, Mapping[str, int]],
        work: Path,
    ) -> None:
        """Take the collection, and a folder for the indexes."""
        self._documents, self._grades, self._work = documents, grades, work
        self._indexes: dict[str, SearchIndex] = {}
        self._latent: dict[tuple[str, int], LatentVectors] = {}

    def index(self, stopwords: str) -> SearchIndex:
        """Make the index with these stop words, once."""
        if stopwords not in self._indexes:
            analysis = AnalysisConfig(stopwords=stopwords, stemmer="english", min_length=2)
            index = SearchIndex.create(self._work / stopwords, SearchConfig(analysis=analysis))
            with index.writer() as writer:
                writer.add(self._documents)
            self._indexes[stopwords] = index
        return self._indexes[stopwords]

    def run(
        self, setting: Setting, questions: Sequence[Question], *, k: int
    ) -> dict[str, dict[str, float]]:
        """Search for each of the queries; returns query -> document -> score."""
        index = self.index(setting.stopwords)
        asked = [_query(setting, index, question.text) for question in questions]
        depth = _DEPTH if setting.vectors else k
        results: list[Sequence[Ranked | Hit]] = [
            found.hits for found in index.search_many(asked, k=depth, scorer=setting.scorer)
        ]
        if setting.vectors:
            latent = self._vectors(setting)
            nearest = latent.rank([question.text for question in questions], k=_DEPTH)
            results = [
                fuse([[hit.id for hit in found], ids])[:k]
                for found, ids in zip(results, nearest, strict=True)
            ]
        return {
            question.id: {hit.id: hit.score for hit in found}
            for question, found in zip(questions, results, strict=True)
        }

    def _vectors(self, setting: Setting) -> LatentVectors:
        key = setting.stopwords, setting.vectors
        if key not in self._latent:
            self._latent[key] = LatentVectors(
                [document.id for document in self._documents],
                [f"{document.title} {document.text}" for document in self._documents],
                self.index(setting.stopwords).analyzer,
                dimensions=setting.vectors,
            )
        return self._latent[key]

    def best(
        self, questions: Sequence[Question]
    ) -> tuple[Setting, list[tuple[str, int, Setting, float]]]:
        """Search for the setting with the highest mean of `MEASURE` on some queries.

        Returns:
            It; and of each step what was tried, how many settings, the best of them and its figure.
        """
        grades = {question.id: self._grades[question.id] for question in questions}
        best, steps = Setting(), []
        for tried, settings in _STEPS.items():
            figures = {
                setting: score_run(grades, self.run(setting, questions, k=10), (MEASURE,)).mean(
                    MEASURE
                )
                for setting in settings(best)
            }
            best = max(figures, key=figures.__getitem__)  # the first of equals
            steps.append((tried, len(figures), best, figures[best]))
        return best, steps


def _query(setting: Setting, index: SearchIndex, text: str) -> Query:
    query: Query = Words(text)
    spans = index.analyzer.spans(text)
    if setting.feedback:
        expanded = setting.feedback.expand(index, text, scorer=setting.scorer)
        # its weights sum to 1, those of words are 1 each
        words = sum(span.term is not None for span in spans)
        query = Bool(should=(expanded,), boost=max(words, 1))
    parts: list[Query] = [query]
    if setting.title:
        parts.append(Words(text, field="title", boost=setting.title))
    if setting.pairs:
        parts += [
            Phrase(text[first.start : second.end], boost=setting.pairs)
            for first, second in itertools.pairwise(spans)
            if first.term is not None and second.term is not None
        ]
    return Bool(should=tuple(parts)) if len(parts) > 1 else query
