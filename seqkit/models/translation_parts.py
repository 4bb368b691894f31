"""From texts to what is translated at once, and from what a search found to texts."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.decode import Hypothesis
from seqkit.errors import DataError
from seqkit.models.long_sources import split_sentences, split_text
from seqkit.models.translation import Lengths, Source, Translation
from seqkit.text import TextPipeline, Vocab

__all__ = ["Part", "cut_texts", "without_end", "write_translation"]

logger = logging.getLogger(__name__)


class Part(NamedTuple):
    """A text, or a part of one that is too long."""

    text: str
    source: Source
    key: tuple[int, ...]
    """What its random numbers depend on: which part it is, how many equal texts come before its
    own, and the ids of that."""


def cut_texts(
    texts: Sequence[str],
    *,
    read: Callable[[str], Source],
    lengths: Sequence[Lengths],
    long: str,
) -> list[list[Part]]:
    """Cut the texts that are too long, and warn once of those cut elsewhere than between sentences.

    Where it is known how long sources usually are, a text is cut between sentences into parts of
    that length: longer ones are so rare in training that a model leaves sentences of them out.

    Args:
        texts: any texts.
        read: cuts a text in tokens.
        lengths: of the texts that each network was trained on.
        long: as in `AnyTranslator.translate`.

    Returns:
        For each text its parts, one for most of them.

    Raises:
        DataError: a text is too long and `long` is "refuse".
    """

    limits = [each.max_tokens for each in lengths]
    usual = [each.usual for each in lengths]
    seen: Counter[tuple[int, ...]] = Counter()
    cut, exceeding = [], []
    for number, text in enumerate(texts, start=1):
        source = read(text)
        own = source.ids[0]
        pieces = [(text, source)]
        if long == "split" and not _fits(source, usual):
            sentences = split_sentences(text, lambda part: _fits(read(part), usual))
            pieces = [(part, read(part)) for part in sentences]
        if not all(_fits(piece, limits) for _, piece in pieces):
            exceeding.append(f"text {number} has {source.length:,}")
            if long == "refuse":
                raise DataError(
                    f"{exceeding[0]} tokens, more than the {_least(limits):,} that the model was "
                    "trained on: let it be split or truncated, or shorten it"
                )
            if long == "truncate":
                pieces = [(text, _truncated(source, limits))]
            else:
                pieces = [
                    (part, read(part))
                    for whole, _ in pieces
                    for part in split_text(whole, lambda part: _fits(read(part), limits))
                ]
        cut.append([Part(*piece, (place, seen[own], *own)) for place, piece in enumerate(pieces)])
        seen[own] += 1
    if exceeding:
        logger.warning(
            "%d of %d texts are longer than the %d tokens that the model was trained on (%s): they "
            "were %s",
            len(exceeding),
            len(texts),
            _least(limits),
            exceeding[0],
            "truncated" if long == "truncate" else "split and translated in parts",
        )
    return cut


def _fits(source: Source, limits: Sequence[int | None]) -> bool:
    pairs = zip(source.ids, limits, strict=True)
    return all(limit is None or len(ids) <= limit for ids, limit in pairs)


def _least(limits: Sequence[int | None]) -> int:
    return min(limit for limit in limits if limit is not None)


def _truncated(source: Source, limits: Sequence[int | None]) -> Source:
    ids = tuple(each[:limit] for each, limit in zip(source.ids, limits, strict=True))
    return Source(source.tokens[: max(map(len, ids))], ids)


def without_end(hypothesis: Hypothesis) -> tuple[int, ...]:
    """Return the ids of a hypothesis, T of them, without the end of the sequence."""
    return hypothesis.ids[:-1] if hypothesis.finished == "end" else hypothesis.ids


def write_translation(
    part: Part,
    hypothesis: Hypothesis,
    target: TextPipeline,
    *,
    unknown: str | None,
    weights: npt.NDArray[np.float32] | None,
    attention: bool,
) -> Translation:
    """Write a hypothesis as a text.

    Args:
        part: what it translates.
        hypothesis: ids, with their end if there is one.
        target: ids to text.
        unknown: what becomes of UNK, as in `AnyTranslator.translate`.
        weights: (T, S), what its tokens attend to; None only where they are not looked at.
        attention: keep the weights.
    """
    ids = without_end(hypothesis)
    tokens = list(map(target.vocab.word, ids))
    places = [place for place, id in enumerate(ids) if id == Vocab.UNK]
    if unknown == "source":
        for place in places:
            tokens[place] = part.source.tokens[int(weights[place].argmax())]
    left_out = set(places) if unknown == "drop" else set()
    shown = [token for place, token in enumerate(tokens) if place not in left_out]
    return Translation(
        source=part.text,
        text=target.tokenizer.join(shown),
        tokens=tuple(tokens),
        log_prob=hypothesis.log_prob,
        score=hypothesis.score,
        finished="end" if hypothesis.finished == "end" else "length",
        source_tokens=part.source.tokens,
        attention=weights if attention else None,
    )
