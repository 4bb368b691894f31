"""A plane for words: the most frequent ones, at places that a map can draw."""

import itertools
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, require
from seqkit.vectors.frequent import frequent_rows, unit_vectors, with_letters

if TYPE_CHECKING:
    from seqkit.vectors.word_vectors import Neighbour, WordVectors

__all__ = ["Layout", "lay_out"]

logger = logging.getLogger(__name__)

_FEWEST = 5  # words that t-SNE can lay out
_PERPLEXITY = 30.0  # about so many neighbours count


@dataclass(frozen=True, kw_only=True)
class Layout:
    """N words and where they are."""

    words: Sequence[str]
    """The most frequent first."""
    places: Mapping[str, npt.NDArray[np.float32]]
    """By the name of the method, "PCA" and perhaps "t-SNE": (N, 2), within -1 and 1."""
    neighbours: "Sequence[Sequence[Neighbour]]"
    """The nearest of each word, on the map or not."""
    note: str = ""
    """Which method is missing, and why."""


def lay_out(
    vectors: "WordVectors", *, count: int = 1000, neighbours: int = 8, seed: int = 1
) -> Layout:
    """Give the `count` most frequent words a place each, by PCA and by t-SNE.

    Tokens without a letter or a digit, such as marks, are left out, as words and as neighbours,
    unless there are no others. All vectors are of length 1, since words are compared by the cosine.
    PCA keeps the two directions along which these words differ most; t-SNE (van der Maaten and
    Hinton 2008) keeps neighbours together, starts from the places of PCA, and needs scikit-learn:
    without it there is a note instead.

    Args:
        vectors: the words.
        count: how many; all where there are fewer.
        neighbours: how many of each word.
        seed: of t-SNE.

    Raises:
        ConfigError: a count below 1.
        DataError: vectors without a word.
    """
    lettered = with_letters(vectors)
    rows = frequent_rows(vectors, count, among=lettered)
    words = [vectors.words[row] for row in rows.tolist()]
    units = unit_vectors(vectors, rows)  # (N, E)
    plane = _principal(units)
    places, note = {"PCA": _fitted(plane)}, ""
    if len(words) < _FEWEST or not plane.any():
        note = f"t-SNE needs {_FEWEST} words or more that differ"
    else:
        try:
            places["t-SNE"] = _fitted(_neighbourly(units, plane, seed=seed))
        except ConfigError as error:
            note = str(error)
            logger.warning("no t-SNE on the map: %s", note)
    among = itertools.compress(vectors.words, lettered)
    nearest = vectors.most_similar_many(words, k=neighbours, among=among)
    return Layout(words=words, places=places, neighbours=nearest, note=note)


def _principal(units: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the first two principal components of the rows, (N, 2); zeros where there are none."""
    centred = units.astype(np.float64) - units.mean(0, dtype=np.float64)
    _, spread, axes = np.linalg.svd(centred, full_matrices=False)
    plane = np.zeros((len(units), 2))
    for column in range(min(2, len(spread))):
        if spread[column] <= 1e-7 * max(1.0, spread[0]):  # nothing but rounding
            break
        axis = axes[column]
        plane[:, column] = centred @ axis * np.sign(axis[np.abs(axis).argmax()])
    return plane


def _neighbourly(
    units: npt.NDArray[np.float32], start: npt.NDArray[np.float64], *, seed: int
) -> npt.NDArray[np.float32]:
    manifold = require("sklearn.manifold", extra="baselines", purpose="t-SNE")
    tsne = manifold.TSNE(
        n_components=2,
        perplexity=min(_PERPLEXITY, (len(units) - 1) / 3),
        init=(1e-4 * start / start[:, 0].std()).astype(np.float32),
        random_state=seed,
    )
    return tsne.fit_transform(units)


def _fitted(plane: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Move and scale places (N, 2), both axes alike, to within -1 and 1."""
    low, high = plane.min(0), plane.max(0)
    extent = float((high - low).max()) / 2
    return ((plane - (low + high) / 2) / (extent or 1)).astype(np.float32)
