"""The way from texts to translations, whatever networks find them."""

import abc
import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch

from seqkit.decode import Hypothesis, Stepper
from seqkit.models.memory_batches import in_batches
from seqkit.models.translation import (
    Lengths,
    Source,
    Translation,
    TranslationOptions,
    join_parts,
)
from seqkit.models.translation_parts import Part, cut_texts, without_end, write_translation
from seqkit.text import TextPipeline, Vocab

__all__ = ["Engine", "Ids", "banned_ids", "pair_log_probs", "translate_texts"]

logger = logging.getLogger(__name__)

# what fits a CPU's caches; a GPU takes more
_HYPOTHESES = 320  # in work at once
_LOGITS = 1 << 22  # log-probabilities that exist at once
_CELLS = 4096  # padded positions of sources, or of pairs
_GPU = 16
# texts of which so few may reach their greatest length before that is told
_MANY, _CUT = 100, 0.01

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
Ids = tuple[int, ...]
"""Of a target, without BOS and EOS."""


class Engine(abc.ABC):
    """What reads sources and predicts targets: one network or several."""

    target: TextPipeline
    """Ids to text."""
    attends: bool
    """Has weights that say which tokens of the source a token of the target comes from."""
    lengths: tuple[Lengths, ...]
    """Of the texts that each network was trained on."""
    device: torch.device
    """Where it runs; of several networks the first."""

    @abc.abstractmethod
    def read(self, text: str) -> Source:
        """Cut a text in tokens, with ids for each network."""

    @abc.abstractmethod
    def open(self, sources: Sequence[Source], *, coverage: bool) -> tuple[Stepper, Any]:
        """Encode sources: a stepper, which tells its `coverage` where asked, and their state."""

    @abc.abstractmethod
    def log_probs(
        self, sources: Sequence[Source], targets: Sequence[Ids]
    ) -> list[npt.NDArray[np.float64]]:
        """Return the log-probabilities of targets, T ids each, and of their ends: (T + 1,) each."""

    @abc.abstractmethod
    def weights(
        self, sources: Sequence[Source], targets: Sequence[Ids]
    ) -> list[npt.NDArray[np.float32]]:
        """Return what targets, T ids each, attend to in sources of S tokens: (T, S) each."""


def translate_texts(
    engine: Engine,
    texts: Sequence[str],
    options: TranslationOptions,
    find: Callable[[list[Part]], Sequence[Sequence[Hypothesis]]],
) -> list[list[Translation]]:
    """Translate texts by what finds hypotheses, the best first, for the parts of a batch.

    Warns where more than one in a hundred of many texts reach their greatest length.

    Raises:
        DataError: a text that is too long, where the options say so.
    """
    cut = cut_texts(texts, read=engine.read, lengths=engine.lengths, long=options.long)
    parts = [part for of_text in cut for part in of_text if part.source.length]
    rows = max(1, min(_HYPOTHESES, _LOGITS // len(engine.target.vocab)) // options.beam)
    found = _in_batches(
        engine,
        parts,
        find,
        lengths=[part.source.length for part in parts],
        rows=options.batch or _more(engine, rows),
    )
    written = iter(_write(engine, parts, found, options))
    empty = np.zeros((0, 0), np.float32) if options.attention else None
    nothing = Translation("", "", (), 0.0, 0.0, "end", (), empty)
    translated = [
        join_parts(
            text,
            [next(written) if part.source.length else [nothing] for part in of_text],
            engine.target.tokenizer,
            num=options.num,
        )
        for text, of_text in zip(texts, cut, strict=True)
    ]
    short = sum(best.finished == "length" for best, *_ in translated)
    if len(texts) >= _MANY and short > _CUT * len(texts):
        logger.warning(
            "%d of %d translations were cut at their greatest length, before the model ended them: "
            "look at some; a larger max_tokens helps where they are no repetitions",
            short,
            len(texts),
        )
    return translated


def _write(
    engine: Engine,
    parts: Sequence[Part],
    found: Sequence[Sequence[Hypothesis]],
    options: TranslationOptions,
) -> list[list[Translation]]:
    """Write what was found; what it attends to is computed where that is needed."""
    copied = options.unknown == "source"
    needed = {
        (row, place): (part.source, without_end(hypothesis))
        for row, (part, hypotheses) in enumerate(zip(parts, found, strict=True))
        for place, hypothesis in enumerate(hypotheses)
        if options.attention or (copied and Vocab.UNK in hypothesis.ids)
    }
    weights = dict(
        zip(needed, _of_pairs(engine, engine.weights, list(needed.values())), strict=True)
    )
    return [
        [
            write_translation(
                part,
                hypothesis,
                engine.target,
                unknown=options.unknown,
                weights=weights.get((row, place)),
                attention=options.attention,
            )
            for place, hypothesis in enumerate(hypotheses)
        ]
        for row, (part, hypotheses) in enumerate(zip(parts, found, strict=True))
    ]


def pair_log_probs(
    engine: Engine, sources: Sequence[Source], targets: Sequence[Ids]
) -> list[float]:
    """Return the log-probability of each target with its end, given its source.

    A source without tokens is translated by nothing: that has probability 1, all else 0.
    """
    log_probs = [float("-inf") if ids else 0.0 for ids in targets]
    rows = [row for row, source in enumerate(sources) if source.length]
    pairs = [(sources[row], targets[row]) for row in rows]
    for row, values in zip(rows, _of_pairs(engine, engine.log_probs, pairs), strict=True):
        log_probs[row] = float(values.sum())
    return log_probs


def banned_ids(engine: Engine, options: TranslationOptions) -> Ids:
    """Return the ids that no translation has."""
    closed = engine.target.tokenizer.units is not None  # it has no unknown words
    unknown = (Vocab.UNK,) if closed or options.unknown == "avoid" else ()
    return (Vocab.PAD, Vocab.BOS, *unknown)


def _of_pairs(
    engine: Engine,
    work: Callable[[list[Source], list[Ids]], Sequence[_Result]],
    pairs: Sequence[tuple[Source, Ids]],
) -> list[_Result]:
    """Do work on sources and targets in batches."""
    return _in_batches(
        engine,
        pairs,
        lambda batch: work([source for source, _ in batch], [ids for _, ids in batch]),
        lengths=[source.length + len(ids) + 1 for source, ids in pairs],
        rows=_more(engine, _HYPOTHESES),
    )


def _in_batches(
    engine: Engine,
    items: Sequence[_Item],
    work: Callable[[list[_Item]], Sequence[_Result]],
    *,
    lengths: Sequence[int],
    rows: int,
) -> list[_Result]:
    cells = _more(engine, _CELLS)
    return in_batches(items, work, lengths=lengths, rows=rows, cells=cells, device=engine.device)


def _more(engine: Engine, count: int) -> int:
    """Return how many there may be where the engine is of what a CPU takes `count`."""
    return count if engine.device.type == "cpu" else _GPU * count
