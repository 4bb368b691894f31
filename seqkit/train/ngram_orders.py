"""What each order of an n-gram model is worth."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from seqkit.ngram.estimate import SmoothingConfig, estimate
from seqkit.ngram.levels import Levels, NgramCounts
from seqkit.ngram.trie import PackedTrie
from seqkit.train.language_result import LanguageResult
from seqkit.train.ngram_evaluation import EncodedSplit

__all__ = ["lower_order", "measure_orders"]

logger = logging.getLogger(__name__)


def lower_order(counts: NgramCounts, order: int) -> NgramCounts:
    """Leave out the n-grams longer than `order`."""
    levels = Levels(counts.levels.words[:order], counts.levels.starts[: order - 1])
    return NgramCounts(levels, counts.counts[:order])


def measure_orders(
    counts: NgramCounts,
    smoothing: SmoothingConfig,
    whole: PackedTrie,
    parts: Mapping[str, EncodedSplit],
    *,
    folder: Path,
) -> dict[str, dict[int, LanguageResult]]:
    """Measure a model of each order, of the same counts.

    Args:
        counts: of the highest order.
        smoothing: how to estimate them.
        whole: the model of the highest order.
        parts: the splits to measure on, by name; jelinek-mercer is fitted on "valid".
        folder: for a file while a lower one is measured.

    Returns:
        The results by split and order.
    """
    results: dict[str, dict[int, LanguageResult]] = {name: {} for name in parts}
    heldout = parts["valid"].blocks if "valid" in parts else None
    for order in range(1, counts.levels.order + 1):
        path, trie = folder / "lower-order.bin", whole
        if order < counts.levels.order:
            logger.info("a model of order %d", order)
            lower = replace(smoothing, prune=smoothing.prune[:order])
            found = estimate(lower_order(counts, order), lower, heldout=heldout)
            trie = PackedTrie.pack(found.table, path=path)
            del found
        for name, part in parts.items():
            results[name][order] = part.measure(f"order {order}", trie.score).result
    return results
