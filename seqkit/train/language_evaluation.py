"""Figures of a language model on a split: every token once, given all before it."""

import numpy as np
import numpy.typing as npt

from seqkit.batching import Lines, TokenShards
from seqkit.data import TextSplit
from seqkit.models.lm_scoring import score_lines, score_stream
from seqkit.models.recurrent_lm import RecurrentLm
from seqkit.text import Vocab
from seqkit.train.language_result import LanguageResult, sums_by_line

__all__ = ["MeasuredSplit", "score_split", "unigram_log_probs"]

_WINDOW, _LANES = 256, 8  # for speed: what is measured does not depend on them


class MeasuredSplit:
    """A split as figures are made of it: its ids and its lines."""

    def __init__(self, split: str, text: TextSplit, tokens: TokenShards) -> None:
        """Read the split once more, for its bytes."""
        self.split, self.ids = split, tokens[:]
        self.tokens_by_line = Lines(tokens).lengths + 1
        self.characters = text.characters
        self.bytes = sum(len(line.encode("utf-8", "surrogatepass")) + 1 for line in text)

    def result(
        self, name: str, log_probs: npt.NDArray[np.float64], *, adapted: bool = False
    ) -> LanguageResult:
        """Sum up what a model said of each token."""
        return LanguageResult(
            name=name,
            split=self.split,
            nats_by_line=sums_by_line(log_probs, self.tokens_by_line),
            tokens_by_line=self.tokens_by_line,
            characters=self.characters,
            bytes=self.bytes,
            unknown=int((self.ids == Vocab.UNK).sum()),
            adapted=adapted,
        )


def unigram_log_probs(train: TokenShards, *, vocabulary: int) -> npt.NDArray[np.float64]:
    """Return the log-probability of each id (V,) by its frequency, each counted once more."""
    counts = np.ones(vocabulary)
    counts[[Vocab.PAD, Vocab.BOS]] = 0.0  # never predicted
    for start in range(0, len(train), 1 << 20):
        counts += np.bincount(train[start : start + (1 << 20)], minlength=vocabulary)
    with np.errstate(divide="ignore"):
        return np.log(counts / counts.sum())


def score_split(
    network: RecurrentLm, tokens: TokenShards, *, sentences: bool
) -> npt.NDArray[np.float64]:
    """Return the log-probability of every token of a split, (N,) in nats.

    Args:
        network: in training or not; it is evaluated and left as it was.
        tokens: of the split.
        sentences: each line stands for itself; else the split is one running text.
    """
    if not sentences:
        return score_stream(network, tokens, first=Vocab.EOS, window=_WINDOW, batch=_LANES)[0]
    lines = [line.tolist() for line in Lines(tokens)]
    return np.concatenate(score_lines(network, lines, bos=Vocab.BOS, eos=Vocab.EOS))
