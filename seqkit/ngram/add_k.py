"""Add-k smoothing (Laplace's rule for k = 1) in back-off form."""

from functools import partial

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.ngram.adjusted import line_starts, predicted_counts
from seqkit.ngram.chunks import each_chunk
from seqkit.ngram.interpolation import predictable
from seqkit.ngram.levels import NgramCounts
from seqkit.text import Vocab

__all__ = ["add_k"]

Floats = npt.NDArray[np.float32]


def add_k(counts: NgramCounts, *, k: float, least: list[int]) -> tuple[list[Floats], list[Floats]]:
    """Compute p(w | h) = (c(hw) + k) / (c(h) + k V) for V ids that can be predicted.

    h are the N - 1 words before, fewer at the start of a line, where it begins with BOS. All other
    n-grams stand there only to lead to these: they say 1 / V, with a back-off weight of 1, as do
    the contexts that never came.

    Args:
        counts: those of the corpus.
        k: more than 0.
        least: for each order; n-grams with a count of no more will be dropped, and share evenly
            what they had with those that never came.

    Returns:
        N arrays of log-probabilities and N - 1 of back-off weights, float32 (n_k,), in nats.
    """
    levels, own = counts.levels, predicted_counts(counts)
    size = predictable(len(own[0]))
    log_probs = [np.full(n, -np.log(size), dtype=np.float32) for n in levels.sizes]
    backoffs = [np.zeros(n, dtype=np.float32) for n in levels.sizes[:-1]]
    if levels.order == 1:
        log_probs[0][:] = np.log((own[0] + k) / (own[0].sum(dtype=np.float64) + k * size))
    log_probs[0][[Vocab.PAD, Vocab.BOS]] = -np.inf
    for order in range(2, levels.order + 1):
        starts = fixed(levels.starts[order - 2])
        lines = (0, len(starts) - 1) if order == levels.order else line_starts(levels)[order - 2]
        arrays = (starts, own[order - 1], log_probs[order - 1], backoffs[order - 2])
        each_chunk(partial(_add, *arrays, float(k), float(size), least[order - 1], *lines), starts)
    return log_probs, backoffs


@compiled
def _add(starts, counts, log_probs, backoffs, k, size, least, begin, end, first, last):  # type: ignore[no-untyped-def]
    for context in range(max(first, begin), min(last, end)):
        start, stop = np.int64(starts[context]), np.int64(starts[context + 1])
        total, kept, types = 0.0, 0.0, 0
        for child in range(start, stop):
            total += counts[child]
            if counts[child] > least:
                kept += counts[child]
                types += 1
        for child in range(start, stop):
            log_probs[child] = np.log((counts[child] + k) / (total + k * size))
        if types < size:
            rest = (total - kept) / (size - types) + k  # what stands for the count of the others
            backoffs[context] = min(0.0, np.log(rest * size / (total + k * size)))
