"""Several rankings to one: those of words and those of vectors, which the user brings."""

import os
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError, choices, require

__all__ = ["Ranked", "VectorIndex", "fuse"]


class Ranked(NamedTuple):
    """A document of a ranking."""

    id: str
    score: float


def fuse(rankings: Iterable[Sequence[str]], *, k: int = 60) -> list[Ranked]:
    """Join rankings by reciprocal rank fusion (Cormack, Clarke and Büttcher 2009).

    The score of a document is the sum of 1 / (k + rank) over the rankings that have it, ranks from
    1; ties are ordered by id. Their own scores play no part, so they need not be comparable.

    Args:
        rankings: ids, best first, each once.
        k: how little the first ranks stand out.

    Raises:
        ConfigError: k is negative.
        DataError: an id comes twice in one ranking.

    >>> [found.id for found in fuse([["a", "b", "c"], ["c", "b"]])]
    ['c', 'b', 'a']
    """
    if k < 0:
        raise ConfigError(f"fuse: k {k}: must be 0 or more, such as 60")
    sums: dict[str, Fraction] = {}  # exact, so that equal sums are equal in any order
    for ranking in rankings:
        if len({*ranking}) < len(ranking):
            twice = next(id for at, id in enumerate(ranking) if id in ranking[:at])
            raise DataError(f"fuse: {twice!r} comes twice in one ranking, expected once")
        for rank, id in enumerate(ranking, start=1):
            sums[id] = sums.get(id, Fraction()) + Fraction(1, k + rank)
    ordered = sorted(sums, key=lambda id: (-sums[id], id))
    return [Ranked(id, float(sums[id])) for id in ordered]


class VectorIndex:
    """Vectors of documents, searched for the largest inner products with that of a query.

    For cosines give vectors of length 1, queries too. Every document is looked at: results are
    exact.

    >>> vectors = VectorIndex(["a", "b"], np.eye(2, dtype="float32"))
    >>> vectors.search(np.float32([0.5, 1]), k=1)
    [Ranked(id='b', score=1.0)]
    """

    def __init__(
        self,
        ids: Sequence[str],
        vectors: npt.NDArray[np.floating[Any]],
        *,
        backend: Literal["numpy", "faiss"] = "numpy",
    ) -> None:
        """Take the vectors; nothing is copied where they are float32 in rows.

        Args:
            ids: (N,) of documents.
            vectors: (N, E), mapped from a file or not.
            backend: numpy, or faiss, which uses several threads and holds a copy.

        Raises:
            ConfigError: another backend, or faiss is not installed.
            DataError: as many ids and vectors do not stand, an id comes twice, or a vector is not
                finite.
        """
        if backend not in ("numpy", "faiss"):
            raise ConfigError(choices("backend", backend, ["numpy", "faiss"]))
        self.ids = list(ids)
        if vectors.dtype.kind not in "fiu":
            raise DataError(f"vectors of {vectors.dtype}, expected numbers")
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        if self._vectors.ndim != 2 or len(self._vectors) != len(self.ids):
            raise DataError(
                f"vectors of shape {self._vectors.shape} for {len(self.ids)} ids, expected (N, E) "
                "with a row for each id"
            )
        if len({*self.ids}) < len(self.ids):
            raise DataError("vectors: an id comes twice, expected a vector for each document")
        if not np.isfinite(self._vectors.sum(axis=1)).all():
            raise DataError("vectors: NaN or infinity in them, expected finite numbers")
        self._flat = None
        if backend == "faiss":
            faiss = require("faiss", extra="faiss", purpose="backend 'faiss'")
            self._flat = faiss.IndexFlatIP(self._vectors.shape[1])
            self._flat.add(self._vectors)

    @classmethod
    def from_files(
        cls,
        ids: str | os.PathLike[str],
        vectors: str | os.PathLike[str],
        *,
        backend: Literal["numpy", "faiss"] = "numpy",
    ) -> Self:
        """Read ids, one a line, and map their vectors, an array in a .npy file.

        Raises:
            DataError: a file is missing or is not what it should be.
        """
        for path in (ids, vectors):
            if not Path(path).is_file():
                raise DataError(f"{path}: no such file")
        try:
            array = np.lib.format.open_memmap(vectors, mode="r")
        except ValueError as error:
            raise DataError(f"{vectors}: not an array of numbers in .npy form: {error}") from None
        return cls(Path(ids).read_text("utf-8").splitlines(), array, backend=backend)

    def search(self, vector: npt.ArrayLike, *, k: int = 10) -> list[Ranked]:
        """Return the k documents with the largest inner products, ties in the order of their ids.

        Args:
            vector: (E,) of the query.
            k: how many; all where there are fewer.

        Raises:
            ConfigError: k is below 1.
            DataError: the query has another shape, or is not finite.
        """
        if k < 1:
            raise ConfigError(f"search: k {k}: must be 1 or more")
        query = np.asarray(vector, np.float32)
        if query.shape != self._vectors.shape[1:] or not np.isfinite(query).all():
            raise DataError(
                f"query vector of shape {query.shape}, expected {self._vectors.shape[1]} finite "
                "numbers"
            )
        k = min(k, len(self.ids))
        if not k:
            return []
        if self._flat is None:
            scores = self._vectors @ query  # (N,)
            least = np.partition(scores, -k)[-k]
            rows = np.flatnonzero(scores >= least)  # with all that tie for the last place
            pairs = zip(scores[rows].tolist(), rows.tolist(), strict=True)
        else:
            values, found = self._flat.search(query[None], k)
            pairs = zip(values[0].tolist(), found[0].tolist(), strict=True)
        ranked = [Ranked(self.ids[row], score) for score, row in pairs]
        return sorted(ranked, key=lambda found: (-found.score, found.id))[:k]
