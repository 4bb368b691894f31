"""Counts and back-off models written a second time, for tests: slow, or with other means."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from seqkit.ngram.levels import Levels, NgramCounts, NgramTable

BOS, EOS, UNK = 1, 2, 3
Lines = Sequence[Sequence[int]]


def block_of(lines: Lines) -> np.ndarray:
    """Join lines to one block of ids."""
    return np.array([word for line in lines for word in [*line, EOS]], dtype=np.uint32)


def ngrams(lines: Lines, order: int) -> Counter[tuple[int, ...]]:
    """Count the n-grams of the orders 1 to `order`."""
    found: Counter[tuple[int, ...]] = Counter()
    for line in lines:
        padded = (BOS, *line, EOS)
        for size in range(1, order + 1):
            found.update(padded[i : i + size] for i in range(len(padded) - size + 1))
    return found


def count(lines: Lines, *, order: int, vocabulary: int) -> NgramCounts:
    """Count lines: each n-gram by the number of its prefix and its last word."""
    ids = np.array([word for line in lines for word in [BOS, *line, EOS]], dtype=np.int64)
    nodes = ids  # of the k-gram that begins at each position, -1 where its line ends before
    words, starts = [np.arange(vocabulary, dtype=np.uint32)], []
    counts = [np.bincount(ids, minlength=vocabulary).astype(np.uint32)]
    for size in range(2, order + 1):
        last = np.append(ids, [0] * size)[size - 1 : size - 1 + len(ids)]
        before = np.append(ids, [0] * size)[size - 2 : size - 2 + len(ids)]
        there = (nodes >= 0) & (before != EOS) & (last != 0)
        keys, numbers, times = np.unique(
            nodes[there] * vocabulary + last[there], return_inverse=True, return_counts=True
        )
        nodes = np.full(len(ids), -1)
        nodes[there] = numbers
        parents = np.arange(len(words[-1]) + 1)
        starts.append(np.searchsorted(keys // vocabulary, parents).astype(np.uint32))
        words.append((keys % vocabulary).astype(np.uint32))
        counts.append(times.astype(np.uint32))
    return NgramCounts(Levels(words, starts), counts)


def listed(levels: Levels) -> list[list[tuple[int, ...]]]:
    """List the n-grams of each order."""
    found = [[(int(word),) for word in levels.words[0]]]
    for words, starts in zip(levels.words[1:], levels.starts, strict=True):
        found.append(
            [
                (*prefix, int(word))
                for prefix, first, last in zip(found[-1], starts, starts[1:], strict=False)
                for word in words[int(first) : int(last)]
            ]
        )
    return found


class BackOff:
    """Reads an `NgramTable` as its docstring defines it."""

    def __init__(self, table: NgramTable) -> None:
        grams = listed(table.levels)
        self.order, self.unseen = table.levels.order, table.unseen_context
        self.log_probs = {
            gram: float(value)
            for level, values in zip(grams, table.log_probs, strict=True)
            for gram, value in zip(level, values, strict=True)
        }
        self.backoffs = {
            gram: float(value)
            for level, values in zip(grams, table.backoffs, strict=False)
            for gram, value in zip(level, values, strict=True)
        }

    def log_prob(self, context: tuple[int, ...], word: int) -> float:
        context = context[max(0, len(context) - self.order + 1) :]
        if (*context, word) in self.log_probs:
            return self.log_probs[*context, word]
        weight = self.backoffs.get(context, self.unseen)
        return weight + self.log_prob(context[1:], word)

    def prob(self, context: tuple[int, ...], word: int) -> float:
        return math.exp(self.log_prob(context, word))


def contexts_of(lines: Lines, order: int) -> Iterator[tuple[int, ...]]:
    """Yield all contexts that may come before a word: shorter than `order`, or a line's start."""
    yield ()
    for line in [*lines, [UNK, UNK], [max(map(max, filter(None, lines)), default=4)] * 9]:
        padded = (BOS, *line)
        for end in range(1, len(padded) + 1):
            yield padded[max(0, end - order + 1) : end]


def nats(table: NgramTable, lines: Lines) -> tuple[float, int]:
    """Sum the negative log-probability of lines, and count their tokens; with arrays."""
    levels = table.levels
    vocabulary, order = levels.sizes[0], levels.order
    ids = np.array([word for line in lines for word in [BOS, *line, EOS]], dtype=np.int64)
    nodes = [ids]  # by order, of the n-gram that ends at each position, -1 where there is none
    for words, starts in zip(levels.words[1:], levels.starts, strict=True):
        keys = np.repeat(np.arange(len(starts) - 1), np.diff(starts.astype(np.int64)))
        keys = keys * vocabulary + words
        wanted = np.append(-1, nodes[-1][:-1]) * vocabulary + ids
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        nodes.append(np.where(keys[at] == wanted, at, -1))
    total = table.log_probs[0][ids].astype(np.float64)
    for size in range(2, order + 1):
        context = np.append(-1, nodes[size - 2][:-1])
        known = table.log_probs[size - 1][nodes[size - 1]].astype(np.float64)
        weight = np.where(context >= 0, table.backoffs[size - 2][context].astype(np.float64), 0)
        total = np.where(nodes[size - 1] >= 0, known, total + weight)
    predicted = ids != BOS
    return -float(total[predicted].sum()), int(predicted.sum())
