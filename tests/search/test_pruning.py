"""Pruned ranking is exhaustive ranking, bit for bit."""

import threading
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ranked_segments import MemorySegment, part, snapshot

from seqkit.search import prepared, ranking
from seqkit.search.ranking import Clause, top_documents, top_of_each
from seqkit.search.scorers import BM25, Dirichlet, TfIdf

WORDS = [f"w{i}" for i in range(9)]
numbers = st.floats(0, 3)
scorers = st.one_of(
    st.builds(
        BM25, k1=numbers, b=st.floats(0, 1), variant=st.sampled_from(["lucene", "robertson"])
    ),
    st.builds(BM25, k1=numbers, b=st.floats(0, 1), variant=st.just("atire")),
    st.builds(
        BM25,
        k1=numbers,
        b=st.floats(0, 1),
        variant=st.sampled_from(["bm25l", "bm25+"]),
        delta=st.none() | numbers,
    ),
    st.builds(TfIdf),
    st.builds(Dirichlet, mu=st.floats(0.1, 5000)),
)


class Room(threading.local):
    """A window of so many documents."""

    def __init__(self, window):
        self.bounds = np.empty(window, np.uint16)
        self.work = np.empty((2, window), np.int64)


def documents(rng, count, prefix):
    """Make documents of a few words, common and rare, now and then one very often."""
    chance = rng.permutation(np.geomspace(1.0, 2 / max(count, 2), len(WORDS)))
    for number in range(count):
        terms = Counter(
            {
                word: int(rng.choice([1, 1, 1, 2, 3, 9, 400, 70_000], p=_TF))
                for word, p in zip(WORDS, chance, strict=True)
                if rng.random() < p
            }
        )
        terms["filler"] = int(rng.integers(0, 30))
        yield f"{prefix}{rng.integers(1 << 30)}-{number}", +terms


_TF = [0.3, 0.2, 0.19, 0.15, 0.1, 0.05, 0.0097, 0.0003]


@pytest.fixture
def pruned_always(monkeypatch):
    monkeypatch.setattr(ranking, "_FEWEST", 0)


@st.composite
def settings_of(draw):
    """Draw a commit of some segments, with deletions, and masks for them."""
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    parts, allowed = [], []
    for number in range(draw(st.integers(1, 3))):
        count = draw(st.sampled_from([1, 5, 64, 130, 300]))
        live = rng.random(count) < 0.8 if draw(st.booleans()) else None
        parts.append(part(MemorySegment([*documents(rng, count, number)]), live))
        keep = draw(st.sampled_from([None, 0.0, 0.1, 0.9]))
        allowed.append(None if keep is None else (rng.random(count) < keep).astype(np.uint8))
    return snapshot(parts), allowed


@settings(max_examples=150, deadline=None)
@given(
    settings_of(),
    st.lists(st.tuples(st.sampled_from([*WORDS, "none"]), st.sampled_from([1.0, 0.0, 2.5, 40.0]))),
    scorers,
    st.sampled_from([1, 2, 10, 100, 1000]),
    st.sampled_from([1, 70, 128, 1 << 12]),
    st.sampled_from([0, 1000, 1 << 20]),
)
def test_pruned_equals_exhaustive(commit, query, scorer, k, window, table):
    taken, allowed = commit
    clauses = [Clause(word, boost=boost) for word, boost in query]
    expected = top_documents(taken, clauses, k=k, scorer=scorer, allowed=allowed, exhaustive=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "_FEWEST", 0)
        patch.setattr(ranking, "_room", Room(window))
        patch.setattr(prepared, "_TABLE", table)
        patch.setattr(prepared, "_COMMON", 10**9)
        patch.setattr(prepared, "_ready", {})
        found = top_documents(taken, clauses, k=k, scorer=scorer, allowed=allowed)
    assert found == expected


@pytest.mark.parametrize("table", [0, 1500 * 3])
@pytest.mark.parametrize("window", [100, 256, 1 << 12])
def test_lists_that_are_left_out_are_granted(table, window, monkeypatch):
    """Common words are added to the bounds by lists, by rows, or not at all once there are hits."""
    monkeypatch.setattr(ranking, "_room", Room(window))
    monkeypatch.setattr(prepared, "_TABLE", table)
    rng = np.random.default_rng(window)
    chance = np.geomspace(0.9, 0.005, len(WORDS))
    collection = []
    for number in range(1500):
        there = [word for word, p in zip(WORDS, chance, strict=True) if rng.random() < p]
        terms = Counter({word: int(rng.choice([1, 1, 1, 2, 5])) for word in there})
        terms["filler"] = int(rng.integers(1, 40))
        collection.append((f"{rng.integers(1 << 30)}-{number}", terms))
    taken = snapshot([part(MemorySegment(collection))])
    for scorer in (BM25(), BM25(variant="bm25l"), TfIdf(), Dirichlet(mu=50)):
        for _ in range(25):
            clauses = [Clause(word) for word in rng.choice(WORDS, rng.integers(1, 7))]
            for k in (1, 3, 20):
                found = top_documents(taken, clauses, k=k, scorer=scorer)
                assert found == top_documents(taken, clauses, k=k, scorer=scorer, exhaustive=True)


def test_of_equal_documents_the_first_ids_are_found():
    rng = np.random.default_rng(1)
    ids = [str(number) for number in rng.permutation(1000)]
    collection = [(id, Counter(a=1, b=1 + (number % 3 == 0))) for number, id in enumerate(ids)]
    taken = snapshot([part(MemorySegment(collection))])
    for word, among in (("a", ids), ("b", ids[::3])):
        found = top_documents(taken, [Clause(word)], k=4, scorer=BM25(b=0))
        assert [ids[doc] for _, _, doc in found] == sorted(among)[:4]


def test_what_is_common_does_not_hide_what_is_rare():
    rng = np.random.default_rng(0)
    collection = [
        (f"{number:05}", Counter(common=int(rng.integers(1, 4)), filler=int(rng.integers(1, 90))))
        for number in range(3000)
    ]
    for number in rng.choice(3000, 20, replace=False):
        collection[number][1]["rare"] = 1
    taken = snapshot([part(MemorySegment(collection))])
    clauses = [Clause("common"), Clause("rare")]
    found = top_documents(taken, clauses, k=10, scorer=BM25())
    assert found == top_documents(taken, clauses, k=10, scorer=BM25(), exhaustive=True)
    assert all(collection[doc][1]["rare"] for _, _, doc in found)


def test_many_terms_fall_back_to_exhaustive(pruned_always):
    collection = [(str(i), Counter({f"t{j}": 1 for j in range(i, i + 40)})) for i in range(200)]
    taken = snapshot([part(MemorySegment(collection))])
    clauses = [Clause(f"t{j}") for j in range(150)]
    found = top_documents(taken, clauses, k=5, scorer=BM25())
    assert found == top_documents(taken, clauses, k=5, scorer=BM25(), exhaustive=True)
    found = top_documents(taken, clauses[:100], k=5, scorer=BM25())
    assert found == top_documents(taken, clauses[:100], k=5, scorer=BM25(), exhaustive=True)


@settings(max_examples=40, deadline=None)
@given(
    settings_of(),
    st.lists(st.lists(st.sampled_from([*WORDS, "none"]), max_size=5), max_size=6),
    scorers,
)
def test_several_queries_at_once_find_what_each_finds(commit, queries, scorer):
    taken, allowed = commit
    bags = [[Clause(word) for word in query] for query in queries]
    bags.append([Clause(f"t{j}") for j in range(101)])  # too many to prune
    expected = [
        top_documents(taken, bag, k=3, scorer=scorer, allowed=allowed, exhaustive=True)
        for bag in bags
    ]
    for fewest in (0, 64):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ranking, "_FEWEST", fewest)
            found = top_of_each(taken, bags, k=3, scorer=scorer, allowed=allowed)
        assert found == expected


def test_threads_rank_at_the_same_time(pruned_always):
    rng = np.random.default_rng(3)
    taken = snapshot([part(MemorySegment([*documents(rng, 800, "d")]))])
    queries = [[Clause(word) for word in rng.choice(WORDS, 4)] for _ in range(40)]
    expected = [top_documents(taken, q, k=5, scorer=BM25(), exhaustive=True) for q in queries]
    found = [None] * len(queries)

    def work(first):
        for number in range(first, len(queries), 4):
            found[number] = top_documents(taken, queries[number], k=5, scorer=BM25())

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected
