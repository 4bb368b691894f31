"""Fusion by hand, and vectors beside sorting all products."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.search.fusion import Ranked, VectorIndex, fuse

rankings = st.lists(st.lists(st.sampled_from("abcdefg"), unique=True, max_size=7), max_size=5)


@given(rankings, st.sampled_from([0, 1, 60]))
def test_scores_are_sums_of_reciprocal_ranks(lists, k):
    exact = {
        id: sum(Fraction(1, k + found.index(id) + 1) for found in lists if id in found)
        for id in {id for found in lists for id in found}
    }
    fused = fuse(lists, k=k)
    assert [found.id for found in fused] == sorted(exact, key=lambda id: (-exact[id], id))
    for found in fused:
        assert found.score == pytest.approx(float(exact[found.id]))
    assert fuse(lists[::-1], k=k) == fused


def test_by_hand():
    assert fuse([["a", "b"], ["b", "c"]]) == [
        *(Ranked("b", pytest.approx(1 / 62 + 1 / 61)), Ranked("a", 1 / 61), Ranked("c", 1 / 62))
    ]
    assert fuse([]) == []
    with pytest.raises(DataError, match="'a' comes twice in one ranking"):
        fuse([["a", "b", "a"]])
    with pytest.raises(ConfigError, match="k -1"):
        fuse([["a"]], k=-1)


@pytest.mark.parametrize("backend", ["numpy", "faiss"])
def test_vectors_beside_all_products(backend, tmp_path):
    if backend == "faiss":
        pytest.importorskip("faiss")
    generator = np.random.default_rng(3)
    vectors = generator.normal(size=(300, 8))
    ids = [f"d{number}" for number in generator.permutation(300)]
    (tmp_path / "ids.txt").write_text("".join(f"{id}\n" for id in ids))
    np.save(tmp_path / "vectors.npy", vectors)
    index = VectorIndex.from_files(tmp_path / "ids.txt", tmp_path / "vectors.npy", backend=backend)
    for query in generator.normal(size=(5, 8)):
        expected = sorted(
            ((-product, id) for product, id in zip(vectors @ query, ids, strict=True))
        )
        found = index.search(query, k=20)
        assert [hit.id for hit in found] == [id for _, id in expected[:20]]
        assert [hit.score for hit in found] == pytest.approx(
            [-p for p, _ in expected[:20]], abs=1e-5
        )
        assert len(index.search(query, k=1000)) == 300


def test_ties_in_the_order_of_ids():
    index = VectorIndex(["c", "b", "a", "z"], np.float32([[1], [1], [1], [2]]))
    assert [hit.id for hit in index.search([1.0], k=3)] == ["z", "a", "b"]
    assert VectorIndex([], np.empty((0, 3))).search([1, 2, 3]) == []


def test_vectors_that_do_not_fit(tmp_path):
    two = np.ones((2, 3), np.float32)
    for ids, vectors, message in (
        (["a"], two, r"shape \(2, 3\) for 1 ids"),
        (["a", "a"], two, "an id comes twice"),
        (["a", "b"], two * np.inf, "NaN or infinity"),
        (["a", "b"], np.array([["x"], ["y"]]), "expected numbers"),
    ):
        with pytest.raises(DataError, match=message):
            VectorIndex(ids, vectors)
    with pytest.raises(ConfigError, match=r"backend 'fais': choose from .*did you mean 'faiss'"):
        VectorIndex(["a", "b"], two, backend="fais")
    index = VectorIndex(["a", "b"], two)
    with pytest.raises(DataError, match=r"query vector of shape \(2,\), expected 3"):
        index.search([1, 2])
    with pytest.raises(ConfigError, match="k 0"):
        index.search([1, 2, 3], k=0)
    (tmp_path / "ids.txt").write_text("a\n")
    with pytest.raises(DataError, match=r"none.npy: no such file"):
        VectorIndex.from_files(tmp_path / "ids.txt", tmp_path / "none.npy")
    with pytest.raises(DataError, match=r"ids.txt: not an array"):
        VectorIndex.from_files(tmp_path / "ids.txt", tmp_path / "ids.txt")
