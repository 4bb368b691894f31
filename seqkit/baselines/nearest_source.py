"""The target of the most similar training source, by cosine over TF-IDF of n-grams of tokens."""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["NearestSource"]

_LONGEST = 3  # tokens of an n-gram: of letters, single ones hardly tell words apart
_COMMON = 0.05  # share of the sources beyond which an n-gram tells little, and costs most
_FEW = 1000  # sources up to which nothing is too common
_MOST = 200_000  # sources that are kept, some 3 kB each for sentences

Tokens = Sequence[str]
_Ngram = tuple[str, ...]


@dataclass(frozen=True)
class NearestSource:
    """The training sources, as lists of those that hold an n-gram."""

    targets: Sequence[Tokens]
    numbers: Mapping[_Ngram, int]
    """N-gram -> its number, 0 to F - 1."""
    starts: npt.NDArray[np.int64]
    """(F + 1,): those that hold n-gram i are the entries from starts[i] to starts[i + 1]."""
    holders: npt.NDArray[np.int32]
    """(Z,) sources, ascending for each n-gram."""
    weights: npt.NDArray[np.float32]
    """(Z,) of the n-gram in the source, times its IDF: what one more of it in a query adds."""

    @classmethod
    def fit(cls, sources: Sequence[Tokens], targets: Sequence[Tokens]) -> "NearestSource":
        """Weigh the n-grams of one to three tokens, marks for begin and end among them.

        The weight of an n-gram is (1 + log count) * (1 + log(N / sources that hold it)), over the
        Euclidean length of its source. Those that more than one source in twenty holds are left
        out where there are more than a thousand sources; of more than 200,000 sources, so many are
        read, evenly over all of them.

        Args:
            sources: N sequences of tokens.
            targets: the N sequences that they become.
        """
        if len(sources) > _MOST:
            kept = np.linspace(0, len(sources) - 1, _MOST).astype(np.int64).tolist()
            sources, targets = [sources[i] for i in kept], [targets[i] for i in kept]
        numbers: dict[_Ngram, int] = {}
        ids, lengths = array("i"), array("i")
        for tokens in sources:
            before = len(ids)
            ids.extend(numbers.setdefault(ngram, len(numbers)) for ngram in _ngrams(tokens))
            lengths.append(len(ids) - before)
        row = np.repeat(np.arange(len(sources)), lengths)
        features = max(len(numbers), 1)
        cells, count = np.unique(row * features + np.array(ids, np.int64), return_counts=True)
        row, feature = np.divmod(cells, features)

        held = np.bincount(feature, minlength=features)
        idf = 1 + np.log(len(sources) / np.maximum(held, 1))
        known = (held <= max(_FEW, _COMMON * len(sources)))[feature]
        row, feature, count = row[known], feature[known], count[known]
        weight = (1 + np.log(count)) * idf[feature]
        length = np.sqrt(np.bincount(row, weight**2, minlength=len(sources)))
        order = np.argsort(feature, kind="stable")
        return cls(
            targets=targets,
            numbers=numbers,
            starts=np.searchsorted(feature[order], np.arange(features + 1)),
            holders=row[order].astype(np.int32),
            weights=(weight / length[row] * idf[feature])[order].astype(np.float32),
        )

    def translate_many(self, sources: Sequence[Tokens]) -> list[list[str]]:
        """Return the target of each one's nearest source: of equally near ones, of the first.

        A source that shares nothing with those of training becomes nothing.
        """
        return [list(self._nearest(tokens)) for tokens in sources]

    def _nearest(self, tokens: Tokens) -> Tokens:
        scores = np.zeros(len(self.targets), np.float32)
        for ngram, count in Counter(_ngrams(tokens)).items():
            if (number := self.numbers.get(ngram)) is not None:
                held = slice(self.starts[number], self.starts[number + 1])
                scores[self.holders[held]] += np.float32(1 + np.log(count)) * self.weights[held]
        best = int(scores.argmax())
        return self.targets[best] if scores[best] > 0 else ()


def _ngrams(tokens: Tokens) -> Iterator[_Ngram]:
    """Yield the n-grams; an empty string, which no token is, marks begin and end."""
    marked = ("", *tokens, "")
    for size in range(1, _LONGEST + 1):
        for start in range(len(marked) - size + 1):
            if size > 1 or marked[start]:
                yield marked[start : start + size]
