"""Whether the words of a topic belong together: how often they share a document.

Bouma, Normalized (pointwise) mutual information in collocation extraction, GSCL 2009; Lau, Newman
and Baldwin, Machine reading tea leaves, EACL 2014, where it agrees with people best.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seqkit.vectors.bags import Bags

__all__ = ["topic_coherence"]

_BLOCK = 1024  # documents that are held at a time


def topic_coherence(bags: Bags, topics: Sequence[Sequence[int]]) -> npt.NDArray[np.float64]:
    """Return the mean NPMI of the pairs of words of each topic, (K,).

    NPMI is log(p(a, b) / (p(a) p(b))) / -log p(a, b): 1 for words that only come together, 0 for
    independent ones, -1 for those that never meet. p is the share of documents.

    Args:
        bags: the documents.
        topics: ids of words that are in documents, two or more of each topic.
    """
    wanted = sorted({id for topic in topics for id in topic})
    place = {id: at for at, id in enumerate(wanted)}
    share = _together(bags, wanted) / len(bags)
    own = np.diag(share)
    with np.errstate(divide="ignore", invalid="ignore"):
        npmi = np.log(share / np.outer(own, own)) / -np.log(share)
    npmi[share == 0] = -1.0
    npmi[share == 1] = 1.0  # both are everywhere
    means = []
    for topic in topics:
        rows = [place[id] for id in topic]
        pairs = npmi[np.ix_(rows, rows)][np.triu_indices(len(rows), 1)]
        means.append(pairs.mean())
    return np.array(means)


def _together(bags: Bags, words: Sequence[int]) -> npt.NDArray[np.float64]:
    """Count the documents in which words are together, (n, n)."""
    column = np.full(len(bags.words), -1, np.int64)
    column[list(words)] = np.arange(len(words))
    total = np.zeros((len(words), len(words)))
    for start in range(0, len(bags), _BLOCK):
        stop = min(start + _BLOCK, len(bags))
        first, last = bags.starts[start], bags.starts[stop]
        columns = column[bags.ids[first:last]]
        rows = np.repeat(np.arange(stop - start), np.diff(bags.starts[start : stop + 1]))
        has = np.zeros((stop - start, len(words)), np.float32)  # sums of a block stay exact
        has[rows[columns >= 0], columns[columns >= 0]] = 1.0
        total += has.T @ has
    return total
