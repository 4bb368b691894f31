"""Build the table of a back-off model level by level, and add the n-grams that it lacks."""

import numpy as np
import numpy.typing as npt

from seqkit.compiled import compiled
from seqkit.ngram.levels import Levels, NgramTable

__all__ = ["TableBuilder"]

_Floats = npt.NDArray[np.float32]
_Ids = npt.NDArray[np.uint32]
_Nodes = npt.NDArray[np.int64]

_MISSING = 0xFFFFFFFF  # no n-gram has this number


class TableBuilder:
    """A back-off model that grows: `append` for a level, `ensure` and `close` for what it lacks.

    Tools that prune leave n-grams behind whose prefix or suffix is gone; `Levels` has them all. One
    that is added takes the probability that backing off gives it, and the back-off weight 1, so no
    probability of the model changes.
    """

    def __init__(self, log_probs: _Floats, backoffs: _Floats | None) -> None:
        """Begin with the unigrams.

        Args:
            log_probs: (V,) in nats, of all ids.
            backoffs: (V,) in nats, or None if the model has no longer n-grams.
        """
        self._words = [np.arange(len(log_probs), dtype=np.uint32)]
        self._starts: list[_Ids] = []  # of each level the children in the next
        self._log_probs = [log_probs]
        self._backoffs = [] if backoffs is None else [backoffs]

    @property
    def vocabulary(self) -> int:
        """V, how many ids there are."""
        return len(self._words[0])

    def append(self, keys: _Nodes, log_probs: _Floats, backoffs: _Floats | None) -> None:
        """Add a level.

        Args:
            keys: (n,) ascending, all different: the number of the prefix times V plus the last id.
            log_probs: (n,) in nats.
            backoffs: (n,) in nats, or None if this is the last level.
        """
        words = np.empty(len(keys), np.uint32)
        starts = np.zeros(len(self._words[-1]) + 1, np.uint32)
        _split(keys, self.vocabulary, words, starts)
        self._words.append(words)
        self._starts.append(starts)
        self._log_probs.append(log_probs)
        if backoffs is not None:
            self._backoffs.append(backoffs)

    def find(self, ids: _Ids) -> _Nodes:
        """Return the number of each n-gram among those of its order.

        Args:
            ids: (n, k) with k at most the levels there are.

        Returns:
            (n,) int64; negative where there is none: -1 - i if only the last word is missing, which
            would be number i.
        """
        nodes = ids[:, 0].astype(np.int64)
        for place in range(1, ids.shape[1]):
            words = np.ascontiguousarray(ids[:, place])
            _descend(nodes, words, self._starts[place - 1], self._words[place])
        return nodes

    def insert(self, ids: _Ids, log_probs: _Floats, backoffs: _Floats | None) -> None:
        """Add n-grams to their level.

        Args:
            ids: (n, k) sorted, all different and missing; their prefixes are there.
            log_probs: (n,) in nats.
            backoffs: (n,) in nats, or None if this is the last level.
        """
        level = ids.shape[1] - 1
        places = -1 - self.find(ids)
        parents = self.find(ids[:, :-1])
        starts = self._starts[level - 1]
        added = np.bincount(parents, minlength=len(starts) - 1)
        starts[1:] += np.cumsum(added).astype(np.uint32)
        self._words[level] = np.insert(self._words[level], places, ids[:, -1])
        self._log_probs[level] = np.insert(self._log_probs[level], places, log_probs)
        if backoffs is not None:
            self._backoffs[level] = np.insert(self._backoffs[level], places, backoffs)
        if level < len(self._starts):  # the new ones have no children
            children = self._starts[level]
            self._starts[level] = np.insert(children, places, children[places])

    def ensure(self, ids: _Ids) -> int:
        """Add those of these n-grams that are missing, and what they need; return how many.

        Args:
            ids: (n, k), in any order, with repeats.
        """
        missing = ids[self.find(ids) < 0]
        if not len(missing):
            return 0
        missing = np.unique(missing, axis=0)
        prefixes, suffixes = missing[:, :-1], missing[:, 1:]
        added = self.ensure(prefixes) + self.ensure(suffixes)
        level = missing.shape[1] - 1
        log_probs = self._backoffs[level - 1][self.find(prefixes)]
        log_probs = log_probs + self._log_probs[level - 1][self.find(suffixes)]
        self.insert(missing, log_probs, np.zeros(len(missing), np.float32))
        return added + len(missing)

    def close(self) -> int:
        """Add each suffix that is missing; return how many n-grams were added."""
        lacking = []
        above = self._words[min(1, len(self._words) - 1)]  # the suffix of (v, w) is w
        for level in range(2, len(self._words)):
            suffixes = np.empty(len(self._words[level]), np.uint32)
            lower = self._starts[level - 2], self._words[level - 1]
            if _suffixes(self._starts[level - 1], self._words[level], above, *lower, suffixes):
                nodes = np.flatnonzero(suffixes == _MISSING)
                lacking.append(self._ids(level, nodes)[:, 1:])
            above = suffixes
        return sum(map(self.ensure, lacking))

    def table(self) -> NgramTable:
        """Return the model."""
        return NgramTable(Levels(self._words, self._starts), self._log_probs, self._backoffs)

    def _ids(self, level: int, nodes: _Nodes) -> _Ids:
        """Return the words of n-grams: (n, level + 1)."""
        columns = []
        for below in range(level, 0, -1):
            columns.append(self._words[below][nodes])
            nodes = np.searchsorted(self._starts[below - 1], nodes, side="right") - 1
        columns.append(nodes.astype(np.uint32))
        return np.stack(columns[::-1], axis=1)


@compiled
def _split(keys, vocabulary, words, starts):  # type: ignore[no-untyped-def]
    """Take keys apart into last words and where the children of each prefix start."""
    for i in range(len(keys)):
        prefix = keys[i] // vocabulary
        words[i] = keys[i] - prefix * vocabulary
        starts[prefix + 1] += 1
    for prefix in range(1, len(starts)):
        starts[prefix] += starts[prefix - 1]


@compiled
def _search(words, low, high, word):  # type: ignore[no-untyped-def]
    """Return the first place from `low` to `high` whose word is not less."""
    while low < high:
        middle = (low + high) >> 1
        if words[middle] < word:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _descend(nodes, names, starts, words):  # type: ignore[no-untyped-def]
    """Replace the number of each n-gram by that of its child of this name."""
    last_node, last_word, last_child = np.int64(-1), np.int64(-1), np.int64(-1)
    for i in range(len(nodes)):
        node, word = nodes[i], np.int64(names[i])
        if node < 0:
            continue
        if node != last_node or word != last_word:
            last_node, last_word, high = node, word, np.int64(starts[node + 1])
            at = _search(words, np.int64(starts[node]), high, word)
            last_child = at if at < high and words[at] == word else -1 - at
        nodes[i] = last_child


@compiled
def _suffixes(starts, words, above, lower_starts, lower_words, suffixes):  # type: ignore[no-untyped-def]
    """Find the suffix of each n-gram of a level in the level below; return how many are missing.

    The suffix of (g, w) is the child named w of the suffix of g, so it is missing with that one.

    Args:
        starts, words: the level: the children of each prefix, and the last words.
        above: the suffix of each prefix, `_MISSING` if there is none.
        lower_starts, lower_words: where the children of those suffixes are.
        suffixes: gets the numbers.
    """
    missing = 0
    for prefix in range(len(starts) - 1):
        low = high = np.int64(0)
        if above[prefix] != _MISSING:
            low, high = (
                np.int64(lower_starts[above[prefix]]),
                np.int64(lower_starts[above[prefix] + 1]),
            )
        for i in range(starts[prefix], starts[prefix + 1]):
            low = _search(lower_words, low, high, words[i])
            if low < high and lower_words[low] == words[i]:
                suffixes[i] = low
            else:
                suffixes[i] = _MISSING
                missing += 1
    return missing
