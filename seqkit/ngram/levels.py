"""The n-grams of a corpus or of a file as a trie in arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Levels", "NgramCounts", "NgramTable"]


@dataclass(frozen=True, eq=False)
class Levels:
    """N-grams of the orders 1 to N, each below its prefix, sorted by their ids.

    Level k holds the k-grams in lexicographic order. The unigrams are all ids, so the unigram of id
    i is number i; those of PAD, and of words that never came, have no children. Every prefix and
    every suffix of an n-gram is one of the n-grams too. BOS stands first in an n-gram or not at
    all, EOS last or not at all, PAD nowhere.

    Attributes:
        words: N arrays uint32 (n_k,): the last id of each k-gram.
        starts: N - 1 arrays uint32 (n_k + 1,): the children of k-gram i, those (k+1)-grams that
            begin with it, are the numbers `starts[k - 1][i]` to `starts[k - 1][i + 1]`.
    """

    words: Sequence[npt.NDArray[np.uint32]]
    starts: Sequence[npt.NDArray[np.uint32]]

    @property
    def order(self) -> int:
        """N, the length of the longest n-grams."""
        return len(self.words)

    @property
    def sizes(self) -> list[int]:
        """How many n-grams there are of each order, from 1 on."""
        return [len(words) for words in self.words]


@dataclass(frozen=True, eq=False)
class NgramCounts:
    """How often each n-gram of a corpus came; see `Levels`.

    Each line is counted from BOS to EOS, both once: the first trigram of a line is (BOS, w1, w2).

    Attributes:
        levels: the n-grams.
        counts: N arrays uint32 (n_k,). The count of the unigram BOS is the number of lines.
    """

    levels: Levels
    counts: Sequence[npt.NDArray[np.uint32]]

    @property
    def lines(self) -> int:
        """Lines that were counted."""
        return int(self.counts[0][1])

    @property
    def tokens(self) -> int:
        """Tokens that a model predicts: words and line ends, BOS left out."""
        return int(self.counts[0].sum(dtype=np.int64)) - self.lines


@dataclass(frozen=True, eq=False)
class NgramTable:
    """A model in back-off form, as an ARPA file states it.

    The probability of w after the context h is that of the n-gram (h, w) where there is one, else
    the back-off weight of h (1 where h is no n-gram) times the probability of w after h without
    its first word.

    Attributes:
        levels: the n-grams.
        log_probs: N arrays float32 (n_k,), in nats, -inf for what cannot come: PAD and BOS always.
        backoffs: N - 1 arrays float32 (n_k,), in nats; -inf where nothing else can follow.
        unseen_context: in nats, added for each word by which the longest context that the model
            knows is shorter than the words there are (stupid back-off; 0 for all others).
    """

    levels: Levels
    log_probs: Sequence[npt.NDArray[np.float32]]
    backoffs: Sequence[npt.NDArray[np.float32]]
    unseen_context: float = 0.0
