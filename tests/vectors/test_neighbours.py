"""The exact search against a full sort; faiss and every way of cutting it up agree."""

import numpy as np
import pytest

from seqkit.vectors import neighbours
from seqkit.vectors.faiss_search import FaissSearch
from seqkit.vectors.neighbours import nearest_rows, unit_rows
from seqkit.vectors.storage import Matrix

RNG = np.random.default_rng(3)
ROWS = RNG.normal(size=(700, 8)).astype(np.float32)
ROWS[300:330] = ROWS[5] * RNG.uniform(0.5, 2, (30, 1)).astype(np.float32)  # cosine 1, all but
ROWS[400:440] = ROWS[6]  # the very same
ROWS[500] = 0
MATRIX = Matrix(ROWS)
LENGTHS = MATRIX.lengths()


def full_sort(queries, k, among=None):
    chosen = np.arange(len(ROWS)) if among is None else among
    cosines = unit_rows(ROWS[chosen]) @ queries.T
    for query in range(len(queries)):
        order = np.argsort(-np.round(cosines[:, query], 12), kind="stable")[:k]
        yield chosen[order], cosines[order, query]


@pytest.mark.parametrize("count", [1, 3, 40])  # of which 40 are more than numbers in a vector
@pytest.mark.parametrize("k", [1, 10, 100, 5000])
@pytest.mark.parametrize("size", [1, 64, 1 << 20])
def test_the_best_rows_come_in_order(monkeypatch, count, k, size):
    monkeypatch.setattr(neighbours, "_SCORES", size)
    monkeypatch.setattr(neighbours, "_TILE", 16)
    monkeypatch.setattr(neighbours, "_MOST_ROWS", 64)
    queries = unit_rows(RNG.normal(size=(count, 8)))
    found = nearest_rows(MATRIX, LENGTHS, queries, k=k)
    for (rows, scores), (expected, cosines) in zip(found, full_sort(queries, k), strict=True):
        np.testing.assert_allclose(scores, cosines, atol=1e-12)
        assert rows.tolist() == expected.tolist() or k > 100  # ties in the last digit


def test_equal_vectors_come_in_the_order_of_rows():
    [(rows, scores)] = nearest_rows(MATRIX, LENGTHS, unit_rows(ROWS[6:7]), k=12)
    assert rows.tolist() == [6, *range(400, 411)]
    assert set(scores) == {scores[0]} and scores[0] == pytest.approx(1)


def test_an_answer_does_not_depend_on_what_else_is_asked():
    queries = unit_rows(ROWS[:60])
    together = nearest_rows(MATRIX, LENGTHS, queries, k=9)
    for query, (rows, scores) in enumerate(together):
        [(alone, exact)] = nearest_rows(MATRIX, LENGTHS, queries[query : query + 1], k=9)
        assert alone.tolist() == rows.tolist() and exact.tolist() == scores.tolist()


def test_rows_to_choose_from():
    among = np.arange(100, 600, 7)
    queries = unit_rows(RNG.normal(size=(2, 8)))
    found = nearest_rows(MATRIX, LENGTHS, queries, k=5, among=among)
    for (rows, _), (expected, _) in zip(found, full_sort(queries, 5, among), strict=True):
        assert rows.tolist() == expected.tolist()


def test_nothing_asked_or_nothing_to_choose_from():
    assert nearest_rows(MATRIX, LENGTHS, np.empty((0, 8)), k=3) == []
    [(rows, scores)] = nearest_rows(
        MATRIX, LENGTHS, unit_rows(ROWS[:1]), k=3, among=np.empty(0, np.int64)
    )
    assert not len(rows) and not len(scores)


@pytest.mark.parametrize("k", [1, 10, 700, 5000])
def test_faiss_finds_the_same(k):
    pytest.importorskip("faiss")
    search = FaissSearch(MATRIX, LENGTHS)
    queries = unit_rows(np.concatenate([ROWS[4:8], RNG.normal(size=(30, 8)), ROWS[500:501]]))
    expected = nearest_rows(MATRIX, LENGTHS, queries, k=k)
    for (rows, scores), (others, exact) in zip(search.nearest(queries, k=k), expected, strict=True):
        assert rows.tolist() == others.tolist() and scores.tolist() == exact.tolist()
