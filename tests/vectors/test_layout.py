"""The plane of words: scikit-learn's PCA, neighbours that stay together, small and odd vectors."""

import sys

import numpy as np
import pytest

from seqkit.errors import ConfigError
from seqkit.vectors.frequent import frequent_neighbours, frequent_rows
from seqkit.vectors.layout import lay_out
from seqkit.vectors.word_vectors import WordVectors


def clouds(count=90, dim=12, **options):
    """Words of three clouds, w0 w3 w6 ... in the first."""
    generator = np.random.default_rng(3)
    middles = 3 * generator.normal(size=(3, dim))
    points = middles[np.arange(count) % 3] + generator.normal(size=(count, dim))
    return WordVectors([f"w{number}" for number in range(count)], points, **options)


def test_pca_is_scikit_learns():
    decomposition = pytest.importorskip("sklearn.decomposition")
    vectors = clouds()
    points = vectors.rows(slice(None)) / vectors.lengths[:, None]
    theirs = decomposition.PCA(2).fit_transform(points)
    ours = lay_out(vectors).places["PCA"]
    for column in range(2):
        assert abs(np.corrcoef(ours[:, column], theirs[:, column])[0, 1]) == pytest.approx(1)
    spread = ours.std(0)
    assert spread[1] / spread[0] == pytest.approx(theirs[:, 1].std() / theirs[:, 0].std(), rel=1e-5)


def test_neighbours_stay_together_and_the_same_seed_gives_the_same_places():
    pytest.importorskip("sklearn")
    layout = lay_out(clouds(), count=60, neighbours=4)
    assert layout.words == [f"w{number}" for number in range(60)]
    assert list(layout.places) == ["PCA", "t-SNE"]
    assert layout.note == ""
    for places in layout.places.values():
        assert places.shape == (60, 2)
        assert np.abs(places).max() == pytest.approx(1)
    places = layout.places["t-SNE"]
    distance = np.linalg.norm(places[:, None] - places[None], axis=2) + 9 * np.eye(60)
    assert (distance.argmin(1) % 3 == np.arange(60) % 3).mean() > 0.95
    assert [len(row) for row in layout.neighbours] == [4] * 60
    again = lay_out(clouds(), count=60, neighbours=4)
    assert (again.places["t-SNE"] == places).all()


def test_neighbours_are_of_all_words():
    vectors = clouds()
    layout = lay_out(vectors, count=6, neighbours=3)
    assert [list(row) for row in layout.neighbours] == [
        vectors.most_similar(word, k=3) for word in layout.words
    ]
    assert any(near.word not in layout.words for row in layout.neighbours for near in row)


def test_without_scikit_learn(monkeypatch):
    for name in ("sklearn", "sklearn.manifold"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(sys, "meta_path", [NoSklearn(), *sys.meta_path])
    for name in ("sklearn", "sklearn.manifold"):
        monkeypatch.delitem(sys.modules, name)
    layout = lay_out(clouds(), count=20)
    assert list(layout.places) == ["PCA"]
    assert 'pip install "seqkit[baselines]"' in layout.note


class NoSklearn:
    """Says of scikit-learn that it is not installed."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "sklearn":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize(
    "points",
    [np.eye(1), np.eye(3), np.ones((8, 4)), np.zeros((8, 4)), np.arange(1.0, 9).reshape(8, 1)],
    ids=["one", "three", "equal", "zeros", "one-dimension"],
)
def test_few_or_equal_words(points):
    layout = lay_out(WordVectors([f"w{number}" for number in range(len(points))], points))
    assert np.isfinite(layout.places["PCA"]).all()
    assert list(layout.places) == ["PCA"]
    assert "t-SNE needs 5 words" in layout.note


def test_a_line_of_words():
    angles = np.linspace(0, 1, 12)
    points = np.stack([np.cos(angles), np.sin(angles)], 1)
    layout = lay_out(WordVectors([f"w{number}" for number in range(12)], points))
    assert all(np.isfinite(places).all() for places in layout.places.values())


def test_frequent_words():
    counts = np.arange(90)
    vectors = clouds(counts=counts)
    assert frequent_rows(vectors, 3).tolist() == [89, 88, 87]
    assert frequent_rows(clouds(), 3).tolist() == [0, 1, 2]
    with pytest.raises(ConfigError, match="0: expected 1 or more"):
        lay_out(vectors, count=0)


def test_marks_are_left_out():
    words = ["...", "of", "\"'", "10", "tree", "--", "garden", "कि", "house"]
    points = np.random.default_rng(1).normal(size=(len(words), 3))
    vectors = WordVectors(words, points)
    named = ["of", "10", "tree", "garden", "कि", "house"]
    layout = lay_out(vectors, count=5)
    assert layout.words == named[:5]
    assert [list(row) for row in layout.neighbours] == [
        vectors.most_similar(word, k=8, among=named) for word in layout.words
    ]
    found = frequent_neighbours(vectors, count=3, skip=0)
    assert found == [
        (w, vectors.most_similar(w, k=6, among=named)) for w in ["tree", "garden", "house"]
    ]
    assert lay_out(WordVectors([".", "!"], np.eye(2))).words == [".", "!"]


def test_neighbours_of_frequent_words():
    words = [".", "of", "the", "and", "house", "x", "10", "garden", "tree"]
    points = np.random.default_rng(1).normal(size=(len(words), 3))
    vectors = WordVectors(words, points)
    found = frequent_neighbours(vectors, count=3, k=2, skip=0)
    assert [word for word, _ in found] == ["the", "and", "house"]
    among = [word for word in words if word != "."]
    expected = [vectors.most_similar(w, k=2, among=among) for w, _ in found]
    assert [near for _, near in found] == expected
    assert frequent_neighbours(WordVectors([".", "!"], np.eye(2))) == []
