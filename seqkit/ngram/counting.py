"""Count the n-grams of a corpus, in memory or through files."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError
from seqkit.ngram.levels import NgramCounts
from seqkit.ngram.rows import RowFormat
from seqkit.ngram.runs import RowSorter
from seqkit.ngram.scratch import scratch_folder
from seqkit.text import Vocab

__all__ = ["HIGHEST_ORDER", "count_ngrams"]

HIGHEST_ORDER = 8
"""Length of the longest n-grams that are counted."""
_MOST = 2**32 - 1  # positions, so that no count is more than uint32 holds


def count_ngrams(
    blocks: Iterable[npt.NDArray[np.uint32]],
    *,
    order: int,
    vocabulary: int,
    memory: int,
    folder: Path,
) -> NgramCounts:
    """Count all n-grams of the orders 1 to `order` by one sort of those of the highest.

    While all fits, nothing is written. Else sorted runs go to `folder`, and the levels come from
    there as arrays that are mapped.

    Args:
        blocks: uint32 ids of whole lines, each with its EOS and without BOS, read once.
        order: length of the longest n-grams, 1 to 8.
        vocabulary: how many ids there are.
        memory: bytes that the arrays of the counting may take; the interpreter comes on top.
        folder: for temporary files; those of the result stay there as long as it is used.

    Returns:
        Counts whose arrays are read-only.

    Raises:
        ConfigError: an order out of range, or too little memory.
        DataError: no lines, ids that are not of whole lines of the vocabulary, more positions or
            n-grams than uint32 can number, or a full disk, after which nothing of ours is left.
    """
    if not 1 <= order <= HIGHEST_ORDER:
        raise ConfigError(f"order {order}: choose from 1 to {HIGHEST_ORDER}")
    positions = 0
    with scratch_folder(folder) as scratch:
        sorter = RowSorter(RowFormat(order, vocabulary), scratch, memory=memory)
        for block in blocks:
            if not len(block):
                continue
            _check(block, vocabulary)
            positions += len(block) + int(np.count_nonzero(block == Vocab.EOS))
            if positions > _MOST:
                raise DataError(
                    f"more than {_MOST} tokens, which is all that can be counted at once: "
                    "count parts of the text"
                )
            sorter.add_lines(np.ascontiguousarray(block, dtype=np.uint32))
        if not positions:
            raise DataError("no text to count: the corpus has no lines")
        return sorter.levels()


def _check(block: npt.NDArray[np.uint32], vocabulary: int) -> None:
    least, most = int(block.min()), int(block.max())
    if least < Vocab.EOS or most >= vocabulary:
        raise DataError(
            f"ids from {least} to {most}: expected {Vocab.EOS} to {vocabulary - 1}, those of words "
            "and line ends"
        )
    if block[-1] != Vocab.EOS:
        raise DataError(
            f"a block that ends with id {block[-1]}: expected whole lines, each "
            f"with EOS ({Vocab.EOS})"
        )
