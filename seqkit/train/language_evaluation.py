"""Figures of a language model on a split: every token once, given all before it.

Log-probabilities are made, and summed up by line, a stretch of tokens at a time: what is kept of a
split is 16 bytes of each of its lines.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from seqkit.batching import Lines, TokenShards
from seqkit.data import TextSplit
from seqkit.models.lm_scoring import score_lines, score_stream
from seqkit.models.recurrent_lm import RecurrentLm
from seqkit.text import TextPipeline, Vocab
from seqkit.train.language_result import LanguageResult, least_likely, sums_by_line

__all__ = ["MeasuredSplit", "score_split", "split_loss", "table_log_probs", "unigram_log_probs"]

_WINDOW, _LANES = 256, 8  # for speed: what is measured does not depend on them
_STRETCH = 1 << 18  # tokens scored together: some 10 MB


class MeasuredSplit:
    """A split as figures are made of it: the tokens, characters and bytes that are predicted."""

    def __init__(
        self, split: str, text: TextSplit, tokens: TokenShards, pipeline: TextPipeline
    ) -> None:
        """Read the split once more, for the characters that its tokens stand for.

        Args:
            split: its name.
            text: its lines.
            tokens: of these lines, each with its end.
            pipeline: that made them.
        """
        self.split = split
        self.tokens_by_line = Lines(tokens).lengths + 1
        self.unknown = sum(int((ids == Vocab.UNK).sum()) for ids in _stretches(tokens))
        self.characters = self.bytes = 0
        for line in map(pipeline.predicted, text):
            self.characters += len(line) + 1
            self.bytes += len(line.encode("utf-8", "surrogatepass")) + 1

    def result(
        self,
        name: str,
        log_probs: Iterable[npt.NDArray[np.floating]],
        *,
        adapted: bool = False,
        mixed: bool = False,
    ) -> LanguageResult:
        """Sum up what a model said of each token: stretches (N,) in the order of the text."""
        lowest: list[tuple[float, int]] = []
        return LanguageResult(
            name=name,
            split=self.split,
            nats_by_line=sums_by_line(least_likely(log_probs, lowest), self.tokens_by_line),
            tokens_by_line=self.tokens_by_line,
            characters=self.characters,
            bytes=self.bytes,
            unknown=self.unknown,
            adapted=adapted,
            mixed=mixed,
            lowest=lowest,
        )


def unigram_log_probs(train: TokenShards, *, vocabulary: int) -> npt.NDArray[np.float64]:
    """Return the log-probability of each id (V,) by its frequency, each counted once more."""
    counts = np.ones(vocabulary)
    counts[[Vocab.PAD, Vocab.BOS]] = 0.0  # never predicted
    for ids in _stretches(train):
        counts += np.bincount(ids, minlength=vocabulary)
    with np.errstate(divide="ignore"):
        return np.log(counts / counts.sum())


def table_log_probs(
    table: npt.NDArray[np.float64], tokens: TokenShards
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield the log-probability that a table (V,) gives each token, in stretches (N,)."""
    return (table[ids] for ids in _stretches(tokens))


def score_split(
    network: RecurrentLm, tokens: TokenShards, *, sentences: bool
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield the log-probability of every token of a split in nats, in stretches (N,).

    Args:
        network: in training or not; it is evaluated and left as it was.
        tokens: of the split.
        sentences: each line stands for itself; else the split is one running text.
    """
    if sentences:
        for lines in _line_stretches(Lines(tokens)):
            yield np.concatenate(score_lines(network, lines, bos=Vocab.BOS, eos=Vocab.EOS))
        return
    first, state = Vocab.EOS, None
    for ids in _stretches(tokens):
        log_probs, state = score_stream(
            network, ids, first=first, window=_WINDOW, batch=_LANES, state=state
        )
        first = int(ids[-1])
        yield log_probs


def split_loss(network: RecurrentLm, tokens: TokenShards, *, sentences: bool) -> float:
    """Return the mean loss of a token of a split in nats; see `score_split`."""
    scored = score_split(network, tokens, sentences=sentences)
    return -float(sum(log_probs.sum() for log_probs in scored)) / len(tokens)


def _stretches(tokens: TokenShards) -> Iterator[npt.NDArray[np.int64]]:
    return (tokens[start : start + _STRETCH] for start in range(0, len(tokens), _STRETCH))


def _line_stretches(lines: Lines) -> Iterator[list[npt.NDArray[np.int32]]]:
    """Yield consecutive lines of about `_STRETCH` tokens together, or a longer one alone."""
    ends = (lines.lengths + 1).cumsum()
    start = 0
    while start < len(lines):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _STRETCH, side="right")))
        yield [lines[index] for index in range(start, stop)]
        start = stop
