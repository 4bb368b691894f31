"""Ask everyone the same queries: what runs in a fresh process."""

import math
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from retrieval.ours import analysis, build
from retrieval.peers import Bm25s, RankBm25, Tantivy, installed
from retrieval.reviews import make_queries, read_reviews
from seqkit.data import Document
from seqkit.search.analysis import AnalysisConfig
from seqkit.search.results import Results
from seqkit.search.scorers import BM25

__all__ = ["rounds"]

_K = 10
_K1 = 1.5
_SLOW = 5  # queries for who is slow
_CLOSE = 1e-5  # relative difference of scores; bm25s keeps them as float32
_WORD = re.compile(r"\b\w\w+\b")
_LINE = re.compile(r"\b__+\b")  # a word to bm25s, none to seqkit; no query has it

_Contestant = tuple[Callable[[Sequence[str]], object], int | None]


def rounds(
    *, texts: str, work: str, queries: int, stopwords: bool, repeat: int, slow: bool
) -> dict[str, Any]:
    """Time everyone in turns, with one thread.

    Args:
        texts: the reviews.
        work: folder for the indexes.
        queries: how many.
        stopwords: leave them out, everywhere.
        repeat: turns that are timed, after one that is not.
        slow: ask rank_bm25 as well, a few queries.

    Returns:
        `queries_a_second`, a figure a round, by contestant; `queries`, the first of them;
        `agreement` with bm25s where it is installed.

    Raises:
        SystemExit: seqkit and bm25s do not find the same scores.
    """
    asked = make_queries(texts, queries)
    read = [document.text for document in read_reviews(texts)]
    scorer = BM25(k1=_K1)
    config = analysis(stopwords=stopwords)
    index = build(read_reviews(texts), f"{work}/index", config=config, store=False)

    def one_by_one(part: Sequence[str]) -> object:
        return [index.search(text, k=_K, scorer=scorer) for text in part]

    def batch(part: Sequence[str]) -> list[Results]:
        return index.search_many(part, k=_K, scorer=scorer)

    def with_ids(part: Sequence[str]) -> object:
        return [[hit.id for hit in found] for found in batch(part)]

    contestants: dict[str, _Contestant] = {
        "seqkit, batch": (batch, None),
        "seqkit, one by one": (one_by_one, None),
        "seqkit, batch, ids read": (with_ids, None),
    }
    agreement = None
    if installed("bm25s"):
        peer = Bm25s(read, stopwords=stopwords, k1=_K1)
        contestants |= _by_bm25s(peer)
        agreement = _compare(peer, read, asked, f"{work}/same", stopwords=stopwords)
    if installed("tantivy"):
        lucene = Tantivy(f"{work}/tantivy", stopwords=stopwords)
        lucene.add(read)
        contestants["tantivy, one by one"] = (
            lambda part: [lucene.addresses(text, _K) for text in part],
            None,
        )
    if slow and installed("rank_bm25") and installed("bm25s"):
        okapi = RankBm25(read, stopwords=stopwords)
        contestants["rank_bm25, one by one"] = (
            lambda part: [okapi.search(text, _K) for text in part],
            _SLOW,
        )
    del read
    return {
        "queries_a_second": _time(contestants, asked, repeat),
        "queries": asked[:3],
        "agreement": agreement,
        "segments": len(index.segments),
    }


def _by_bm25s(peer: Bm25s) -> dict[str, _Contestant]:
    def asking(backend: str, *, batch: bool) -> Callable[[Sequence[str]], object]:
        def ask(part: Sequence[str]) -> object:
            peer.use(backend)
            return peer.batch(part, _K) if batch else [peer.search(text, _K) for text in part]

        return ask

    return {
        f"bm25s {backend}, {way}": (asking(backend, batch=way == "batch"), None)
        for backend in ("numba", "numpy")
        for way in ("batch", "one by one")
    }


def _compare(
    peer: Bm25s, texts: Sequence[str], asked: Sequence[str], folder: str, *, stopwords: bool
) -> dict[str, Any]:
    """Compare scores of the first documents, the texts cut by the expression of bm25s for both."""
    same = AnalysisConfig(
        tokenizer="whitespace", unicode="none", stopwords="english" if stopwords else "none"
    )
    documents = (
        Document(f"{number}", "", _LINE.sub("a0line", " ".join(_WORD.findall(text.lower()))), {})
        for number, text in enumerate(texts)
    )
    index = build(documents, folder, config=same, store=False)
    found = index.search_many(asked, k=_K, scorer=BM25(k1=_K1))
    peer.use("numpy")
    worst, exact = 0.0, 0
    for text, ours, theirs in zip(asked, found, peer.batch(asked, _K), strict=True):
        scores = [hit.score for hit in ours]
        expected = [score for _, score in theirs if score > 0]
        if len(scores) != len(expected):
            raise SystemExit(f"{text!r}: {len(scores)} documents, bm25s finds {len(expected)}")
        for score, other in zip(scores, expected, strict=True):
            worst = max(worst, abs(score - other) / other)
            if not math.isclose(score, other, rel_tol=_CLOSE):
                raise SystemExit(f"{text!r}: scores {score}, by bm25s {other}")
        exact += [int(hit.id) for hit in ours] == [number for number, _ in theirs]
    return {"queries": len(asked), "same_order": exact, "largest_difference": worst}


def _time(
    contestants: dict[str, _Contestant], asked: Sequence[str], repeat: int
) -> dict[str, list[float]]:
    speeds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(repeat + 1):
        for name, (ask, few) in contestants.items():
            if few and turn > 1:
                continue
            part = asked[:few]
            started = time.perf_counter()
            ask(part)
            seconds = time.perf_counter() - started
            if turn or few:
                speeds[name].append(len(part) / seconds)
    return speeds
