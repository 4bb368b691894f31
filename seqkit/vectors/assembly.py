"""Words, vectors, and what belongs to them, put together once it is seen that they fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError
from seqkit.vectors.amounts import amount
from seqkit.vectors.storage import Matrix
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.words import Words

__all__ = ["Parts", "assemble"]


@dataclass(frozen=True)
class Parts:
    """What word vectors are made of."""

    words: Words
    matrix: Matrix
    """(V, E)."""
    lengths: npt.NDArray[np.float32]
    """(V,)."""
    counts: npt.NDArray[np.int64] | None
    """(V,)."""
    subwords: Subwords | None
    facts: Mapping[str, Any]


def assemble(
    words: Sequence[str],
    vectors: npt.ArrayLike | Matrix,
    *,
    counts: npt.ArrayLike | None,
    subwords: Subwords | None,
    facts: Mapping[str, Any] | None,
) -> Parts:
    """Check the parts of `WordVectors`, which see, and measure the vectors.

    Raises:
        ConfigError: shapes that do not fit together.
        DataError: no words, one that stands twice, or a number that is not finite.
    """
    spelled = Words(words)
    matrix = vectors if isinstance(vectors, Matrix) else _matrix(vectors)
    if len(spelled) != len(matrix):
        raise ConfigError(
            f"{amount(len(spelled), 'word')} with {amount(len(matrix), 'vector')}: one each"
        )
    if not spelled:
        raise DataError("no words: word vectors need one at least")
    if not matrix.shape[1]:
        raise ConfigError("vectors of no numbers: at least one a word")
    lengths = matrix.lengths()
    if not np.isfinite(lengths).all():
        row = int(np.argmin(np.isfinite(lengths)))
        raise DataError(
            f"the vector of {spelled.spelled[row]!r} (row {row}) has a number that is not "
            "finite, or too large for float32: leave the word out"
        )
    if counts is not None:
        counts = np.asarray(counts, np.int64)
        if counts.shape != (len(spelled),):
            raise ConfigError(f"counts {counts.shape} for {amount(len(spelled), 'word')}: one each")
    if subwords is not None and subwords.table.shape[1] != matrix.shape[1]:
        raise ConfigError(
            f"subwords of {amount(subwords.table.shape[1], 'number')} with vectors of "
            f"{matrix.shape[1]:,}: they are not of the same model"
        )
    return Parts(spelled, matrix, lengths, counts, subwords, dict(facts or {}))


def _matrix(vectors: npt.ArrayLike) -> Matrix:
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(vectors, np.float32)
    if values.ndim != 2:
        raise ConfigError(f"vectors of shape {values.shape}: expected (words, numbers)")
    values = values.view()
    values.flags.writeable = False
    return Matrix(values)
