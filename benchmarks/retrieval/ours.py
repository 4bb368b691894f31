"""seqkit's index of the reviews."""

import itertools
import time
from collections.abc import Iterable

from seqkit.data import Document
from seqkit.search.analysis import AnalysisConfig
from seqkit.search.config import SearchConfig
from seqkit.search.index import SearchIndex

__all__ = ["MEMORY_MB", "analysis", "build", "first_use"]

MEMORY_MB = 256
"""That the writer may hold, its default."""


def analysis(*, stopwords: bool) -> AnalysisConfig:
    """Return what makes the terms that bm25s makes by default, or the same with stop words."""
    return AnalysisConfig(min_length=2, stopwords="english" if stopwords else "none")


def build(
    documents: Iterable[Document],
    folder: str,
    *,
    config: AnalysisConfig,
    store: bool,
    memory_mb: int = MEMORY_MB,
) -> SearchIndex:
    """Index documents, with positions."""
    settings = SearchConfig(fields=("text",), analysis=config, store=store)
    index = SearchIndex.create(folder, settings)
    with index.writer(memory=memory_mb << 20) as writer:
        writer.add(documents)
    return index


def first_use(*, folder: str, count: int) -> list[float]:
    """Build an index of made-up texts, search in it, change it and merge it.

    Where numba has nothing in its cache it compiles all that the jobs need.

    Returns:
        Seconds of building and of the rest.
    """
    texts = (
        f"a film of the year {number} and its {'ab' * (number % 7)}" for number in range(count)
    )
    documents = [Document(str(number), "", text, {}) for number, text in enumerate(texts)]
    marks = [time.perf_counter()]
    index = build(documents, folder, config=analysis(stopwords=True), store=True, memory_mb=1)
    marks.append(time.perf_counter())
    index.search_many(["film year 17", '"a film" -abab', "yea*"])
    with index.writer() as writer:
        writer.delete(["3"])
    with index.writer() as writer:
        writer.update(documents[:2])
        writer.merge()
    index.search("film of the year 17").total  # noqa: B018
    marks.append(time.perf_counter())
    return [after - before for before, after in itertools.pairwise(marks)]
