"""Word vectors without training: neighbours counted, weighed and reduced. The cheap baseline.

Levy and Goldberg, Neural word embedding as implicit matrix factorization, NIPS 2014; Levy, Goldberg
and Dagan, Improving distributional similarity, TACL 2015.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.errors import require
from seqkit.vectors.word_vectors import WordVectors

__all__ = ["count_vectors"]

_BLOCK = 500_000  # tokens that are counted at a time
_SMOOTHING = 0.75  # power of the frequency of a neighbour


def count_vectors(
    sentences: Iterable[Sequence[str]], words: Sequence[str], *, dim: int = 100, window: int = 5
) -> WordVectors:
    """Make vectors by a truncated singular value decomposition of positive PMI.

    A neighbour d words away counts (window - d + 1) / window, which is how often word2vec looks as
    far. The vectors are U sqrt(S). Memory holds a cell for each pair of words that came together.

    Args:
        sentences: the tokens of each; read once.
        words: that get a vector, all different; others keep their place between them.
        dim: numbers in a vector, at most.
        window: neighbours on each side.

    Raises:
        ConfigError: SciPy is not installed.
    """
    sparse = require("scipy.sparse", extra="vectors", purpose="the counted baseline")
    together = sparse.csr_matrix((len(words), len(words)))
    for ids in _blocks(sentences, words, window):
        for distance in range(1, window + 1):
            left, right = ids[:-distance], ids[distance:]
            both = (left >= 0) & (right >= 0)
            cells, times = np.unique(left[both] * len(words) + right[both], return_counts=True)
            weight = (window - distance + 1) / window
            place = (cells // len(words), cells % len(words))
            together = together + sparse.csr_matrix((times * weight, place), together.shape)
    positive = _positive_pmi((together + together.T).tocoo())
    return WordVectors(words, _reduced(positive, dim), facts={"method": "PPMI-SVD"})


def _blocks(
    sentences: Iterable[Sequence[str]], words: Sequence[str], window: int
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield word numbers, -1 for other tokens, and a window of -1 behind each sentence."""
    number = {word: at for at, word in enumerate(words)}
    ids: list[int] = []
    for tokens in sentences:
        ids += [number.get(token, -1) for token in tokens]
        ids += [-1] * window
        if len(ids) >= _BLOCK:
            yield np.array(ids)
            ids = []
    if ids:
        yield np.array(ids)


def _positive_pmi(together: Any) -> Any:
    """Return max(0, log of p(word, neighbour) over p(word) p(neighbour)), a sparse matrix."""
    own = np.asarray(together.sum(axis=1)).ravel()
    smoothed = own**_SMOOTHING
    with np.errstate(divide="ignore"):
        expected = own[together.row] * (smoothed / max(smoothed.sum(), 1.0))[together.col]
        together.data = np.maximum(np.log(together.data / expected), 0.0)
    together = together.tocsr()
    together.eliminate_zeros()
    return together


def _reduced(positive: Any, dim: int) -> npt.NDArray[np.float32]:
    size = positive.shape[0]
    if size <= dim + 1:  # few words: all of the decomposition
        left, values, _ = np.linalg.svd(positive.toarray())
    else:
        linalg = require("scipy.sparse.linalg", extra="vectors", purpose="the counted baseline")
        left, values, _ = linalg.svds(positive, k=dim, v0=np.ones(size))
    return (left * np.sqrt(values)).astype(np.float32)
