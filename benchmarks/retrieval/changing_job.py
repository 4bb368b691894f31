"""Open an index, and change it: what runs in fresh processes.

Nothing is imported with this module, so that the imports are part of what is timed.
"""

import itertools
import random
import time
from collections.abc import Callable
from typing import Any

__all__ = ["by_seqkit", "by_tantivy", "opening"]

_MARK = "zzmark"  # in no review
_SEED = 6


def opening(*, folder: str, query: str) -> dict[str, float]:
    """Return seconds of `import`, `open`, `search`, and of the same `again`."""
    marks = [time.perf_counter()]
    import seqkit
    import seqkit.search.index

    marks.append(time.perf_counter())
    index = seqkit.load(folder)
    marks.append(time.perf_counter())
    index.search(query)
    marks.append(time.perf_counter())
    seqkit.load(folder)
    marks.append(time.perf_counter())
    index.search(query)
    marks.append(time.perf_counter())
    lasted = [after - before for before, after in itertools.pairwise(marks)]
    names = ("import", "open", "search", "open again", "search again")
    return dict(zip(names, lasted, strict=True))


def by_seqkit(*, folder: str, texts: str, count: int, repeat: int) -> dict[str, list[float]]:
    """Change the index in a folder, each time until a search shows it; then merge it.

    Args:
        folder: an index of the reviews.
        texts: the reviews.
        count: how many documents are added, deleted and updated at a time.
        repeat: how often.

    Returns:
        Seconds of `add`, `update`, `delete` and `merge`, a figure a round.
    """
    from retrieval.reviews import read_reviews
    from seqkit.data import Document
    from seqkit.search.index import SearchIndex

    reviews = list(itertools.islice(read_reviews(texts), count))
    index = SearchIndex.open(folder)
    ids = sorted(index)
    random.Random(_SEED).shuffle(ids)
    seconds: dict[str, list[float]] = {"add": [], "update": [], "delete": [], "merge": []}

    def timed(name: str, change: Callable[[Any], None], *, marked: str, expected: int) -> None:
        started = time.perf_counter()
        with index.writer() as writer:
            change(writer)
        found = index.search(marked).total
        seconds[name].append(time.perf_counter() - started)
        if found != expected:
            raise SystemExit(f"{name}: {found} documents found, expected {expected}")

    for turn in range(repeat):
        some = ids[turn * count : (turn + 1) * count]
        mark = f"{_MARK}{turn}"
        new = [
            Document(f"new-{turn}-{at}", "", f"{d.text} {mark}", {}) for at, d in enumerate(reviews)
        ]
        other = [
            Document(id, "", f"{document.text} {mark}u", {})
            for id, document in zip(some, reviews, strict=True)
        ]
        timed("add", lambda w, new=new: w.add(new), marked=mark, expected=len(new))
        timed("update", lambda w, o=other: w.update(o), marked=f"{mark}u", expected=len(other))
        timed("delete", lambda w, ids=some: w.delete(ids), marked=f"{mark}u", expected=0)
        timed("merge", lambda w: w.merge(), marked=mark, expected=len(new))
    return seconds


def by_tantivy(*, folder: str, texts: str, count: int, repeat: int) -> dict[str, list[float]]:
    """Do the same with tantivy, with one thread; it has no merging on demand."""
    from retrieval.peers import Tantivy
    from retrieval.reviews import read_reviews

    reviews = [document.text for document in itertools.islice(read_reviews(texts), count)]
    index = Tantivy(folder, stopwords=True)
    total = index.index.searcher().num_docs
    numbers = list(range(total))
    random.Random(_SEED).shuffle(numbers)
    seconds: dict[str, list[float]] = {"add": [], "delete": []}
    for turn in range(repeat):
        started = time.perf_counter()
        index.add((f"{text} {_MARK}{turn}" for text in reviews), first=total + turn * count)
        index.addresses(f"{_MARK}{turn}", 10)
        seconds["add"].append(time.perf_counter() - started)
        started = time.perf_counter()
        index.delete(numbers[turn * count : (turn + 1) * count])
        index.addresses(f"{_MARK}{turn}", 10)
        seconds["delete"].append(time.perf_counter() - started)
    return seconds
