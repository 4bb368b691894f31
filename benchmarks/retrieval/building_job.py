"""From the texts to a saved index: what runs in a fresh process."""

import itertools
import time
from pathlib import Path
from typing import Any

from harness.job import peak_mb

__all__ = ["bm25s", "compilation", "rank_bm25", "seqkit", "stream", "tantivy"]


def seqkit(*, texts: str, folder: str, store: bool) -> dict[str, Any]:
    """Index the texts with positions."""
    from retrieval.ours import analysis, build
    from retrieval.reviews import read_reviews

    documents = list(read_reviews(texts))
    held, started = peak_mb(), time.perf_counter()
    index = build(documents, folder, config=analysis(stopwords=True), store=store)
    steps = {"all": time.perf_counter() - started}
    return {"steps": steps, "held_mb": held, "segments": len(index.segments)}


def stream(*, texts: str, folder: str, store: bool) -> dict[str, Any]:
    """Index texts as they are read, so that not all of them are in memory."""
    from retrieval.ours import analysis, build
    from retrieval.reviews import read_reviews

    held, started = peak_mb(), time.perf_counter()
    index = build(read_reviews(texts), folder, config=analysis(stopwords=True), store=store)
    steps = {"all": time.perf_counter() - started}
    return {"steps": steps, "held_mb": held, "segments": len(index.segments)}


def bm25s(*, texts: str, folder: str) -> dict[str, Any]:
    """Cut the texts, index them and save the index; without positions, which bm25s has not."""
    import bm25s

    read, held = _texts(texts)
    marks = [time.perf_counter()]
    tokens = bm25s.tokenize(read, stopwords="english", show_progress=False)
    marks.append(time.perf_counter())
    retriever = bm25s.BM25()
    retriever.index(tokens, show_progress=False)
    marks.append(time.perf_counter())
    retriever.save(folder, show_progress=False)
    marks.append(time.perf_counter())
    lasted = [after - before for before, after in itertools.pairwise(marks)]
    return {
        "steps": dict(zip(("tokenize", "index", "save"), lasted, strict=True)),
        "held_mb": held,
    }


def tantivy(*, texts: str, folder: str) -> dict[str, Any]:
    """Index the texts with positions, with one thread; their texts are not stored."""
    from retrieval.peers import Tantivy

    read, held = _texts(texts)
    started = time.perf_counter()
    Tantivy(folder, stopwords=True).add(read)
    return {"steps": {"all": time.perf_counter() - started}, "held_mb": held}


def rank_bm25(*, texts: str, folder: str) -> dict[str, Any]:
    """Cut the texts and count; nothing is saved, for rank_bm25 cannot, but for an empty folder."""
    from retrieval.peers import RankBm25

    Path(folder).mkdir(parents=True, exist_ok=True)
    read, held = _texts(texts)
    started = time.perf_counter()
    RankBm25(read, stopwords=True)
    return {"steps": {"all": time.perf_counter() - started}, "held_mb": held}


def compilation(*, folder: str, count: int, cache: str) -> list[float]:
    """Use the index for the first time after an installation; see `ours.first_use`."""
    import os

    os.environ["NUMBA_CACHE_DIR"] = cache  # numba reads it when it is imported
    from retrieval.ours import first_use

    return first_use(folder=folder, count=count)


def _texts(path: str) -> tuple[list[str], float]:
    """Read the texts; returns them and the memory until now."""
    from retrieval.reviews import read_reviews

    return [document.text for document in read_reviews(path)], peak_mb()
