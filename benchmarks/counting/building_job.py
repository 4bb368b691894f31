"""From a text to a saved n-gram model: what runs in a fresh process.

Nothing of seqkit is imported with this module, so that the imports are part of what is timed.
"""

import itertools
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["build", "first_use"]


def build(
    *,
    text: str,
    out: str,
    order: int,
    memory: int,
    smoothing: Mapping[str, Any] | None = None,
    quantize: int | None = None,
    heldout: str | None = None,
) -> dict[str, float]:
    """Make a model of a text of tokens and save it in the folder `out`.

    Args:
        text: the file.
        out: folder of the bundle; the temporary files stand beside it.
        order: of the n-grams.
        memory: bytes that the counting may hold.
        smoothing: of SmoothingConfig; none for its defaults, modified Kneser-Ney without pruning.
        quantize: bits.
        heldout: file of the text that weights are fitted on, where the method has any.

    Returns:
        Seconds of each step.
    """
    marks = {"": time.perf_counter()}
    from seqkit.data import read_text
    from seqkit.ngram.corpus import encode_lines, read_corpus
    from seqkit.ngram.counting import count_ngrams
    from seqkit.ngram.estimate import SmoothingConfig, estimate
    from seqkit.ngram.model import NgramModel
    from seqkit.ngram.trie import PackedTrie
    from seqkit.text import TextConfig

    marks["import"] = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=Path(out).parent, prefix="seqkit-counting-") as temporary:
        folder = Path(temporary)
        # no normalisation: KenLM does none either
        asked = TextConfig(tokenizer="whitespace", unicode="none", case="keep")
        corpus = read_corpus(read_text(text), asked, folder=folder)
        pipeline = corpus.pipeline
        marks["read"] = time.perf_counter()
        size = {"order": order, "vocabulary": len(pipeline.vocab)}
        counts = count_ngrams(corpus.blocks(), **size, memory=memory, folder=folder)
        marks["count"] = time.perf_counter()
        fit = (lambda: encode_lines(read_text(heldout), pipeline)) if heldout else None
        found = estimate(counts, SmoothingConfig(**(smoothing or {})), heldout=fit)
        marks["estimate"] = time.perf_counter()
        trie = PackedTrie.pack(found.table, quantize=quantize, path=folder / "ngrams.bin")
        marks["pack"] = time.perf_counter()
        facts = found.facts
        del counts, found  # or their files stay mapped, which counts as memory
        NgramModel(trie, pipeline, facts=facts).save(out)
        marks["save"] = time.perf_counter()
    lasted = (after - before for before, after in itertools.pairwise(marks.values()))
    return dict(zip(list(marks)[1:], lasted, strict=True))


def first_use(*, cache: str, **arguments: Any) -> None:
    """Build a model, load it and score a line, with numba's cache in the folder `cache`."""
    os.environ["NUMBA_CACHE_DIR"] = cache  # numba reads it when it is imported
    build(**arguments)
    import seqkit

    seqkit.load(arguments["out"]).score("a quiet film that stays with you")
