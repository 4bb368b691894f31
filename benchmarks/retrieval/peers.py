"""bm25s, tantivy and rank_bm25: what is indexed and asked for, in the way that is fastest there.

All make terms of a text in the same way, as far as they can: small letters, words of two or more
letters or digits, stop words left out where that is asked for.
"""

import importlib.util
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

__all__ = ["PEERS", "Bm25s", "RankBm25", "Tantivy", "installed", "left_out"]

PEERS = ("bm25s", "tantivy", "rank_bm25")

Ranking = list[tuple[int, float]]
"""Number of a document and score, best first."""


def installed(name: str) -> bool:
    """Tell whether a peer is there."""
    return importlib.util.find_spec(name) is not None


def left_out() -> list[str]:
    """Say which peers are not there."""
    absent = [name for name in PEERS if not installed(name)]
    return [f"Not installed, so left out: {', '.join(absent)}."] if absent else []


class Bm25s:
    """bm25s: every score is computed when the index is made."""

    def __init__(
        self, texts: Sequence[str], *, stopwords: bool, stem: bool = False, k1: float = 1.5
    ) -> None:
        """Cut the texts and index them."""
        import bm25s

        self._bm25s = bm25s
        self._options: dict[str, Any] = {
            "stopwords": "english" if stopwords else None,
            "stemmer": _stemmer() if stem else None,
            "show_progress": False,
        }
        tokens = bm25s.tokenize(texts, **self._options)
        self.retriever = bm25s.BM25(k1=k1)
        self.retriever.index(tokens, show_progress=False)

    def use(self, backend: str) -> None:
        """Ask by numpy or by numba from now on; numba compiles with the first query."""
        self.retriever.backend = backend

    def save(self, folder: str) -> None:
        """Save what queries need."""
        self.retriever.save(folder, show_progress=False)

    def batch(self, texts: Sequence[str], k: int) -> list[Ranking]:
        """Answer all queries in one call."""
        tokens = self._bm25s.tokenize(texts, **self._options)
        found = self.retriever.retrieve(tokens, k=k, show_progress=False)
        return [
            list(zip(documents, scores, strict=True))
            for documents, scores in zip(
                found.documents.tolist(), found.scores.tolist(), strict=True
            )
        ]

    def search(self, text: str, k: int) -> Ranking:
        """Answer one query."""
        tokens = self._bm25s.tokenize(text, return_ids=False, **self._options)
        found = self.retriever.retrieve(tokens, k=k, show_progress=False)
        return list(zip(found.documents[0].tolist(), found.scores[0].tolist(), strict=True))


class Tantivy:
    """tantivy, Lucene's like in Rust; k1 = 1.2 and b = 0.75 are fixed there.

    Words of one letter are terms there: its tokeniser by expressions, which could leave them out,
    is several times slower.
    """

    def __init__(self, folder: str | None = None, *, stopwords: bool, stem: bool = False) -> None:
        """Open the index in a folder, or make one there, or in memory."""
        import tantivy

        from seqkit.search.stopwords import ENGLISH

        self._tantivy = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("number", stored=True, indexed=True, fast=True)
        builder.add_text_field("text", tokenizer_name="words", index_option="position")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
        self.index = tantivy.Index(builder.build(), path=folder)
        analysis = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        analysis = analysis.filter(tantivy.Filter.lowercase())
        if stopwords:
            analysis = analysis.filter(tantivy.Filter.custom_stopword(sorted(ENGLISH)))
        if stem:
            analysis = analysis.filter(tantivy.Filter.stemmer("english"))
        self.index.register_tokenizer("words", analysis.build())

    def add(self, texts: Iterable[str], *, first: int = 0) -> None:
        """Add documents, numbered from `first`, with one thread, and make them visible."""
        writer = self.index.writer(heap_size=256_000_000, num_threads=1)
        for number, text in enumerate(texts, first):
            writer.add_document(self._tantivy.Document(number=number, text=text))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def delete(self, numbers: Iterable[int]) -> None:
        """Delete documents, and make that visible."""
        writer = self.index.writer(heap_size=256_000_000, num_threads=1)
        for number in numbers:
            writer.delete_documents_by_term("number", number)
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def addresses(self, text: str, k: int) -> list[Any]:
        """Answer one query: scores and addresses of documents, whose numbers are not read."""
        query = self.index.parse_query(text, ["text"])
        return list(self.index.searcher().search(query, k, count=False).hits)

    def search(self, text: str, k: int) -> Ranking:
        """Answer one query."""
        searcher = self.index.searcher()
        found = self.addresses(text, k)
        return [(searcher.doc(address)["number"][0], score) for score, address in found]


class RankBm25:
    """rank_bm25's BM25Okapi, over the terms that bm25s finds."""

    def __init__(self, texts: Sequence[str], *, stopwords: bool, stem: bool = False) -> None:
        """Cut the texts and index them."""
        import rank_bm25

        self._stopwords, self._stem = stopwords, stem
        self._okapi = rank_bm25.BM25Okapi(self._cut(texts))

    def search(self, text: str, k: int) -> Ranking:
        """Answer one query."""
        scores = self._okapi.get_scores(self._cut([text])[0])
        best = scores.argpartition(-k)[-k:] if k < len(scores) else scores.argsort()
        ranked = sorted(best.tolist(), key=lambda number: (-scores[number], number))
        return [(number, float(scores[number])) for number in ranked]

    def _cut(self, texts: Sequence[str]) -> list[list[str]]:
        import bm25s

        return bm25s.tokenize(
            texts,
            stopwords="english" if self._stopwords else None,
            stemmer=_stemmer() if self._stem else None,
            return_ids=False,
            show_progress=False,
        )


def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")
