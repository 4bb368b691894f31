"""Suffixes of n-grams, and the counts that Kneser-Ney smoothing takes for the lower orders."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled, fixed
from seqkit.ngram.chunks import each_chunk
from seqkit.ngram.levels import Levels, NgramCounts
from seqkit.text import Vocab

__all__ = ["adjusted_counts", "line_starts", "predicted_counts", "suffix_numbers"]

Numbers = npt.NDArray[np.uint32]


def suffix_numbers(levels: Levels) -> list[Numbers]:
    """Find the suffix of each n-gram: its words without the first, in the level below.

    Returns:
        For the orders 2 to N an array uint32 (n_k,) of numbers in the level k - 1.
    """
    suffixes = [fixed(levels.words[1])] if levels.order > 1 else []
    for order in range(3, levels.order + 1):
        starts, words = fixed(levels.starts[order - 2]), fixed(levels.words[order - 1])
        below, lower = fixed(levels.starts[order - 3]), fixed(levels.words[order - 2])
        out = np.empty(len(words), dtype=np.uint32)
        each_chunk(partial(_find_suffixes, starts, words, suffixes[-1], below, lower, out), starts)
        suffixes.append(fixed(out))
    return suffixes


def predicted_counts(counts: NgramCounts) -> list[Numbers]:
    """Return the counts of each order, with 0 for the unigram BOS, which is never predicted."""
    unigrams = np.array(counts.counts[0])
    unigrams[Vocab.BOS] = 0
    return [fixed(unigrams), *(fixed(array) for array in counts.counts[1:])]


def adjusted_counts(counts: NgramCounts, suffixes: Sequence[Numbers]) -> list[Numbers]:
    """Count for each n-gram of the orders below N the different words that came before it.

    a(w1..wk) = N1+(* w1..wk), the number of (k+1)-grams it is the suffix of; what begins with BOS
    has nothing before it, and keeps its own count, as has order N (Heafield et al. 2013, section
    3.2).

    Args:
        counts: those of the corpus.
        suffixes: from `suffix_numbers`.

    Returns:
        N arrays uint32 (n_k,); the unigram BOS has 0.
    """
    raw, adjusted = predicted_counts(counts), []
    bounds = line_starts(counts.levels)
    for own, targets, (first, last) in zip(raw, suffixes, bounds, strict=False):
        array = np.zeros(len(own), dtype=np.uint32)
        _tally(targets, array)
        array[first:last] = own[first:last]
        adjusted.append(fixed(array))
    return [*adjusted, raw[-1]]


def line_starts(levels: Levels) -> list[tuple[int, int]]:
    """Say for each order which n-grams begin with BOS: those from the first number to the last."""
    first, last = Vocab.BOS, Vocab.BOS + 1
    bounds = [(first, last)]
    for starts in levels.starts:
        first, last = int(starts[first]), int(starts[last])
        bounds.append((first, last))
    return bounds


@compiled
def _find_suffixes(starts, words, suffixes, lower_starts, lower_words, out, first, last):  # type: ignore[no-untyped-def]
    # The children of a context are among those of its suffix, and both are sorted: each is found
    # by halving what lies behind the one before. Without a branch in it, which would be guessed
    # wrong half of the time.
    for context in range(first, last):
        begin, end = np.int64(starts[context]), np.int64(starts[context + 1])
        if begin == end:
            continue
        low = np.int64(lower_starts[suffixes[context]])
        stop = np.int64(lower_starts[suffixes[context] + 1])
        for child in range(begin, end):
            word = words[child]
            size = stop - low
            while size > 1:
                half = size // 2
                low = low + half if lower_words[low + half] <= word else low
                size -= half
            out[child] = low


@compiled
def _tally(targets, out):  # type: ignore[no-untyped-def]
    for target in targets:
        out[target] += 1
