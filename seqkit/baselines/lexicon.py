"""A lexicon out of aligned sequences: IBM model 1 (Brown et al. 1993), used token by token."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Lexicon"]

logger = logging.getLogger(__name__)

_ITERATIONS = 5
_LONGEST = 200  # tokens of a side: what stands together in longer ones says little
_MOST = (
    10_000_000  # pairs of tokens that stand together: of more a part is read; some 60 bytes each
)

Tokens = Sequence[str]


@dataclass(frozen=True)
class Lexicon:
    """The likeliest target token of each source token."""

    best: Mapping[str, str]

    @classmethod
    def fit(cls, sources: Sequence[Tokens], targets: Sequence[Tokens]) -> "Lexicon":
        """Estimate t(target | source) by five iterations of EM, from equal probabilities.

        A source has a NULL beside its tokens, for targets that none of them accounts for. Sides of
        more than 200 tokens are left out, and where ten million pairs of tokens would stand
        together, a part of the sequences is read, evenly over all of them.

        Args:
            sources: N sequences of tokens.
            targets: the N sequences that they become.
        """
        together = np.array(
            [
                (len(source) + 1) * len(target) * (max(len(source), len(target)) <= _LONGEST)
                for source, target in zip(sources, targets, strict=True)
            ],
            np.int64,
        )
        kept = np.flatnonzero(together)
        if not len(kept):
            logger.warning(
                "lexicon: no pair with 1 to %d tokens on each side: it copies the source", _LONGEST
            )
            return cls({})
        share = min(1.0, _MOST / int(together.sum()))
        turns = np.floor(np.arange(1, len(kept) + 1) * share)
        kept = kept[np.diff(turns, prepend=0.0) > 0] if share < 1 else kept
        return cls(_likeliest([sources[i] for i in kept], [targets[i] for i in kept]))

    def translate_many(self, sources: Sequence[Tokens]) -> list[list[str]]:
        """Put each token's likeliest translation in its place; unknown tokens stay as they are."""
        return [[self.best.get(token, token) for token in tokens] for tokens in sources]


def _likeliest(sources: Sequence[Tokens], targets: Sequence[Tokens]) -> dict[str, str]:
    """Return the likeliest target token of each source token; of equal ones, the first by text."""
    # by text: ties do not depend on the order of the data
    source_words = sorted({token for tokens in sources for token in tokens})
    target_words = sorted({token for tokens in targets for token in tokens})
    source, target, group = _stand_together(
        _numbered(sources, source_words), _numbered(targets, target_words), null=len(source_words)
    )
    together = source.astype(np.int64) * len(target_words) + target
    pairs, pair = np.unique(together, return_inverse=True)
    source, target = np.divmod(pairs, len(target_words))  # of the distinct pairs
    probability = _model1(source, pair, group)
    order = np.lexsort((target, -probability, source))
    first = order[np.unique(source[order], return_index=True)[1]]
    return {
        source_words[source[at]]: target_words[target[at]]
        for at in first.tolist()
        if source[at] < len(source_words)
    }


def _model1(
    source: npt.NDArray[np.int64], pair: npt.NDArray[np.int64], group: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return t(target | source) of the distinct pairs, (K,).

    Args:
        source: (K,) the source token of each distinct pair.
        pair: (Z,) which distinct pair each pair of positions is.
        group: (G + 1,) where the pairs of each target position start among them.
    """
    probability = np.ones(len(source))
    sizes = np.diff(group)
    for _ in range(_ITERATIONS):
        share = probability[pair]
        share /= np.repeat(np.add.reduceat(share, group[:-1]), sizes)  # E: which source is it of?
        count = np.bincount(pair, share, minlength=len(source))
        probability = count / np.bincount(source, count)[source]  # M
    return probability


def _numbered(
    texts: Sequence[Tokens], words: Sequence[str]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the ids of all tokens, one after the other, and the length of each text."""
    number = {word: i for i, word in enumerate(words)}
    ids = np.array([number[token] for tokens in texts for token in tokens], np.int32)
    return ids, np.array([len(tokens) for tokens in texts], np.int64)


def _stand_together(
    sources: tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]],
    targets: tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]],
    *,
    null: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """List each target token beside each token of its source, and beside NULL.

    Returns:
        Source tokens (Z,), target tokens (Z,), and where each target position starts, (G + 1,).
    """
    source_ids, source_lengths = sources
    target_ids, target_lengths = targets
    ends = np.cumsum(source_lengths)
    source_ids = np.insert(source_ids, ends, null)  # NULL at the end of each source
    source_lengths = source_lengths + 1
    starts = np.cumsum(source_lengths) - source_lengths

    sizes = np.repeat(source_lengths, target_lengths)  # sources beside each target position
    group = np.concatenate([[0], np.cumsum(sizes)])
    at = np.arange(group[-1]) + np.repeat(np.repeat(starts, target_lengths) - group[:-1], sizes)
    return source_ids[at], np.repeat(target_ids, sizes), group
