"""The n-gram model beside a network: the same tokens, the same vocabulary, and the two mixed."""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seqkit.batching import TokenShards
from seqkit.errors import ConfigError, require
from seqkit.metrics import fit_weights, mix
from seqkit.text import Vocab
from seqkit.train.language_evaluation import MeasuredSplit
from seqkit.train.language_kept import KeptLogProbs
from seqkit.train.language_result import LanguageResult

if TYPE_CHECKING:
    from seqkit.ngram.trie import PackedTrie

__all__ = ["NgramRowConfig", "NgramRows", "line_blocks"]

logger = logging.getLogger(__name__)

_BLOCK = 1 << 18  # tokens
_MOST = 30_000_000  # tokens of train that are counted: about a gigabyte of 5-grams
_MEMORY = 32 << 20  # bytes that the counting holds, more where the vocabulary is large
_HIGHEST = 8

_Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class NgramRowConfig:
    """The n-gram model that the report shows beside the network, and mixed with it."""

    order: int = 5
    """Length of its longest n-grams, 1 to 8; 0 leaves it out."""

    def __post_init__(self) -> None:
        if not 0 <= self.order <= _HIGHEST:
            raise ConfigError(
                f"--ngram.order {self.order}: choose from 1 to {_HIGHEST}, or 0 for no n-grams"
            )


class NgramRows:
    """Results of a modified Kneser-Ney model, and of mixtures of other models with it.

    The log-probabilities of the others are kept on disk while they are measured (`keeping`); when
    all are there, `results` counts and mixes. Nothing is held in memory for each token.

    Attributes:
        wanted: whether there will be any results.
        notes: what the report should tell, a sentence each.
    """

    def __init__(self, config: NgramRowConfig, folder: Path, *, vocabulary: int) -> None:
        """Look whether numba is there.

        Args:
            config: what is asked for.
            vocabulary: V, the ids of the tokens.
            folder: for files, which the caller removes.
        """
        self.folder, self.order, self.vocabulary = folder, config.order, vocabulary
        self.name = f"{config.order}-gram"
        self.wanted, self.notes = config.order > 0, list[str]()
        self._kept: dict[tuple[str, str], KeptLogProbs] = {}
        self._adapted: set[str] = set()
        if self.wanted:
            try:
                require("numba", extra="ngram", purpose=f"the {self.name} row of the report")
            except ConfigError as error:
                logger.warning("%s", error)
                self.wanted, self.notes = False, [f"No n-grams: {error}."]

    def keeping(
        self, name: str, split: str, log_probs: Iterable[_Floats], *, adapted: bool = False
    ) -> Iterator[_Floats]:
        """Pass on what a model says of a split, in stretches (N,), and keep it for mixing.

        Args:
            name: of the model, of which valid is kept as well as test.
            split: valid or test.
            log_probs: of all its tokens in order.
            adapted: the model reads the text; its mixture is shown on test alone.
        """
        if not self.wanted:
            return iter(log_probs)
        kept = KeptLogProbs(self.folder / f"kept-{len(self._kept)}")
        self._kept[name, split] = kept
        self._adapted |= {name} if adapted else set()
        return kept.passing(log_probs)

    def results(
        self, tokens: Mapping[str, TokenShards], parts: Sequence[MeasuredSplit]
    ) -> list[LanguageResult]:
        """Count train, and measure the n-grams, and their mixture with each model that was kept.

        The weights of a mixture are fitted on valid, by expectation maximisation.

        Args:
            tokens: of the splits train, valid and test.
            parts: of valid and test.
        """
        if not self.wanted:
            return []
        trie = self._train(tokens["train"])
        rows, counted = [], {}
        for part in parts:
            kept = counted[part.split] = KeptLogProbs(self.folder / f"ngrams-{part.split}")
            said = (trie.score(block)[0] for block in line_blocks(tokens[part.split]))
            rows.append(part.result(f"{self.name} (modified Kneser-Ney)", kept.passing(said)))
        for name in dict.fromkeys(name for name, _ in self._kept):
            weights = fit_weights([self._kept[name, "valid"], counted["valid"]])
            adapted = name in self._adapted
            self.notes.append(
                f"{name} + {self.name} mixes {weights[0]:.3f} of the one with {weights[1]:.3f} of "
                "the other, chosen on valid, whose figure that flatters."
            )
            rows += [
                part.result(
                    f"{name} + {self.name}",
                    _mixed([self._kept[name, part.split], counted[part.split]], weights),
                    adapted=adapted,
                    mixed=True,
                )
                for part in parts
                if part.split == "test" or not adapted
            ]
        return rows

    def _train(self, tokens: TokenShards) -> "PackedTrie":
        from seqkit.ngram.counting import count_ngrams  # here: numba comes with them
        from seqkit.ngram.estimate import SmoothingConfig, estimate
        from seqkit.ngram.trie import PackedTrie

        begun = time.perf_counter()
        if len(tokens) > _MOST:
            self.notes.append(
                f"The {self.name} was counted on the first {_MOST:,} of {len(tokens):,} tokens."
            )
        counts = count_ngrams(
            line_blocks(tokens, most=_MOST),
            order=self.order,
            vocabulary=self.vocabulary,
            memory=max(_MEMORY, 64 * self.vocabulary),
            folder=self.folder,
        )
        found = estimate(counts, SmoothingConfig())
        trie = PackedTrie.pack(found.table, path=self.folder / "ngrams.bin")
        seconds = time.perf_counter() - begun
        logger.info("%s: %s n-grams in %.1f s", self.name, f"{sum(trie.frame.sizes):,}", seconds)
        self.notes += [f"{self.name}: {note}" for note in found.notes]
        return trie


def line_blocks(
    tokens: TokenShards, *, most: int | None = None
) -> Iterator[npt.NDArray[np.uint32]]:
    """Yield ids (N,) uint32 of whole lines, about 262,144 at a time, or one line that is longer.

    Args:
        tokens: lines, each with its end.
        most: stop when so many have been yielded.
    """
    start, end = 0, len(tokens) if most is None else min(most, len(tokens))
    while start < end:
        size, ends = _BLOCK, np.zeros(0, np.int64)
        while not len(ends):  # the last line, too, has its end
            ids = tokens[start : start + size]
            ends, size = np.flatnonzero(ids == Vocab.EOS), 2 * size
        stop = int(ends[-1]) + 1
        yield ids[:stop].astype(np.uint32)
        start += stop


def _mixed(parts: Sequence[KeptLogProbs], weights: npt.NDArray[np.float64]) -> Iterator[_Floats]:
    """Yield the log-probabilities of a mixture in stretches (N,)."""
    for start in range(0, len(parts[0]), _BLOCK):
        yield mix([part[start : start + _BLOCK] for part in parts], weights.tolist())
