"""Figures of n-gram models on a split, a block of lines at a time.

The ids of a split lie in a file; what is kept of it in memory is 16 bytes of each of its lines.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.files import refuse_full_disk
from seqkit.ngram.corpus import encode_lines
from seqkit.ngram.trie import PackedTrie
from seqkit.text import TextPipeline, Vocab
from seqkit.text.lexicon import Lexicon
from seqkit.train.language_result import LanguageResult, TokenSum, least_likely, sums_by_line

__all__ = ["EncodedSplit", "Hits", "Measured", "mean_log_sum", "unigram_scorer"]

_BLOCK = 1 << 18  # tokens scored together
_ORDERS = 9  # lengths of n-grams, 0 included

Scorer = Callable[[npt.NDArray[np.uint32]], tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]]


@dataclass(frozen=True, eq=False)
class Hits:
    """How many tokens were found in n-grams of each length, and what they cost.

    Attributes:
        tokens: (9,) int64, by the length of the longest n-gram that ends with the token.
        nats: (9,) float64, their negative log-likelihood, infinite where one is impossible.
    """

    tokens: npt.NDArray[np.int64]
    nats: npt.NDArray[np.float64]

    def rows(self) -> list[tuple[int, TokenSum]]:
        """Return the lengths that occur, and the tokens of each."""
        return [
            (length, TokenSum(int(self.tokens[length]), float(self.nats[length])))
            for length in np.flatnonzero(self.tokens).tolist()
        ]


@dataclass(frozen=True, eq=False)
class Measured:
    """What a model made of a split."""

    result: LanguageResult
    hits: Hits


class EncodedSplit:
    """A split as the ids of a pipeline, in a file, and what figures are made per."""

    def __init__(
        self,
        split: str,
        text: Iterable[str],
        pipeline: TextPipeline,
        lexicon: Lexicon,
        *,
        folder: Path,
    ) -> None:
        """Encode a split, reading it twice.

        Args:
            split: its name.
            text: its lines.
            pipeline: that of the models.
            lexicon: the words of its vocabulary.
            folder: where a file of 4 bytes a token is made, which stays.

        Raises:
            DataError: no line.
        """
        self.split = split
        self.unknown = self.characters = self.bytes = 0
        path, lengths = folder / f"{split}-ids.bin", []
        with open(path, "wb") as handle:
            for ids in encode_lines(text, pipeline, lexicon):
                with refuse_full_disk(folder, "free space there, or give another with --tmp"):
                    handle.write(ids.data)
                self.unknown += int((ids == Vocab.UNK).sum())
                ends = np.flatnonzero(ids == Vocab.EOS)
                lengths.append(np.diff(ends, prepend=-1))
        if not lengths:
            raise DataError(f"{split}: no line in it: give a text")
        self.tokens_by_line = np.concatenate(lengths)
        self.ids = np.memmap(path, np.uint32, mode="r")
        """(N,) uint32, each line with its EOS, in the order of the text."""
        for line in map(pipeline.predicted, text):
            self.characters += len(line) + 1
            self.bytes += len(line.encode("utf-8", "surrogatepass")) + 1

    def blocks(self) -> Iterator[npt.NDArray[np.uint32]]:
        """Yield the ids of whole lines, about 262,144 of them at a time, or one longer line."""
        ends = np.cumsum(self.tokens_by_line)
        start = 0
        while start < len(self.ids):
            line = np.searchsorted(ends, start + _BLOCK, side="right")
            stop = int(ends[max(int(line) - 1, np.searchsorted(ends, start, side="right"))])
            yield np.array(self.ids[start:stop])
            start = stop

    def measure(self, name: str, score: Scorer) -> Measured:
        """Score the split.

        Args:
            name: of the model, for tables.
            score: gives log-probability and length of the n-gram found of each id of a block.
        """
        tokens, nats = np.zeros(_ORDERS, np.int64), np.zeros(_ORDERS)
        known, impossible = TokenSum(0, 0.0), 0
        lowest: list[tuple[float, int]] = []

        def scored() -> Iterator[npt.NDArray[np.float64]]:
            nonlocal known, impossible
            for ids in self.blocks():
                found, matched = score(ids)
                log_probs = found.astype(np.float64)
                tokens[:] += np.bincount(matched, minlength=_ORDERS)
                nats[:] -= np.bincount(matched, weights=log_probs, minlength=_ORDERS)
                mine = log_probs[ids != Vocab.UNK]
                known = TokenSum(known.tokens + len(mine), known.nats - float(mine.sum()))
                impossible += int(np.isneginf(log_probs).sum())
                yield log_probs

        nats_by_line = sums_by_line(
            map(_possible, least_likely(scored(), lowest)), self.tokens_by_line
        )
        result = LanguageResult(
            name=name,
            split=self.split,
            nats_by_line=nats_by_line,
            tokens_by_line=self.tokens_by_line,
            characters=self.characters,
            bytes=self.bytes,
            unknown=self.unknown,
            known=known,
            impossible=impossible,
            lowest=lowest,
        )
        return Measured(result, Hits(tokens, nats))


def _possible(log_probs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(np.isneginf(log_probs), 0.0, log_probs)


def unigram_scorer(counts: npt.NDArray[np.uint32]) -> Scorer:
    """Make the baseline of all: each id by its frequency, counted once more.

    Args:
        counts: (V,) of the ids in training.
    """
    table = counts + 1.0
    table[[Vocab.PAD, Vocab.BOS]] = 0.0  # never predicted
    with np.errstate(divide="ignore"):
        log_probs = np.log(table / table.sum()).astype(np.float32)
    return lambda ids: (log_probs[ids], np.ones(len(ids), np.uint8))


def mean_log_sum(trie: PackedTrie, part: EncodedSplit, *, count: int = 256, seed: int = 0) -> float:
    """Return the mean, over contexts of a split, of the log of the sum of all probabilities.

    0 is what probabilities have. Those that were quantised sum to a little more or less, and a
    perplexity comes out lower or higher for that alone, by the factor exp(-mean).

    Args:
        trie: the model.
        part: the split that contexts are drawn from.
        count: how many.
        seed: of the draw.
    """
    rng, width = np.random.default_rng(seed), trie.order - 1
    ends, sums = np.cumsum(part.tokens_by_line), []
    for at in rng.integers(len(part.ids), size=count).tolist():
        line = int(np.searchsorted(ends, at, side="right"))
        before = part.ids[ends[line] - part.tokens_by_line[line] : at]
        words = [*[Vocab.PAD] * width, Vocab.BOS, *before.tolist()]
        context = np.array([words[len(words) - width :]], np.uint32)
        sums.append(np.log(np.exp(trie.distribution(context), dtype=np.float64).sum()))
    return float(np.mean(sums))
