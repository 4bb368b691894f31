"""The next word of a text while it is typed."""

from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch

from seqkit.decode.prefixes import PrefixIndex
from seqkit.decode.spelling import spell
from seqkit.decode.stepper import Stepper
from seqkit.decode.units import Units, typed_word
from seqkit.errors import ConfigError, DataError
from seqkit.text import TextPipeline, Vocab
from seqkit.text.tokenizer import Token

__all__ = ["Completion", "complete_text"]

_FIRST = len(Vocab.SPECIALS)
_JOINED = 8  # tokens that stand together and may be the beginning of one word

# made once for each vocabulary: sorting takes some tenths of a second
_indices: "WeakKeyDictionary[Vocab, PrefixIndex[str]]" = WeakKeyDictionary()
_units: "WeakKeyDictionary[Vocab, Units]" = WeakKeyDictionary()


class Completion(NamedTuple):
    """A word that may come, whole, with what of it was typed already."""

    word: str
    probability: float
    """Given the text before it, and that a word with the typed prefix comes: over all words with
    that prefix these sum to 1."""


def complete_text(
    model: Stepper, pipeline: TextPipeline, prompt: str, *, num: int, first: int, line_end: bool
) -> list[Completion]:
    """Suggest the word that comes next, or the rest of the one that is being typed.

    A prompt that ends in white space, or an empty one, asks for the next word; otherwise its last
    word is a prefix, and a word itself is among those that begin with it. Where the tokens are
    words, the vocabulary is what is suggested. Where they are characters, bytes or pieces, a word
    is a run of letters, marks and digits with apostrophes inside, found by a beam, and need not be
    one that was ever seen.

    Args:
        model: gives the probabilities.
        pipeline: its text pipeline; the prompt is normalised, and so are the suggestions.
        prompt: any text; unknown words in it are read as such.
        num: suggestions at most.
        first: the id before every text, EOS in a running text, BOS for single sentences.
        line_end: EOS is a line break; otherwise a prompt is one line.

    Returns:
        The likeliest first; of equal ones the first by text. None that is impossible, no special.

    Raises:
        ConfigError: `num` below 1, no str, or several lines for a model of single sentences.
        DataError: the model gives no finite probability.
    """
    if num < 1:
        raise ConfigError(f"complete: num {num}: must be 1 or more")
    if not isinstance(prompt, str):
        raise ConfigError(f"a prompt is a str, got {type(prompt).__name__} {prompt!r:.40}")
    *before, last = prompt.replace("\r\n", "\n").split("\n")
    if before and not line_end:
        raise ConfigError(
            f"prompt {prompt[:40]!r}: {len(before) + 1} lines, but this model writes single "
            "sentences: give one line"
        )
    ids = [first]
    for line in before:
        ids += [*pipeline.encode(line), Vocab.EOS]
    line = pipeline.normalizer(last)
    if line and last[-1:].isspace() and not line[-1:].isspace():
        line += " "  # which says that the word before it is whole
    complete = _spelt if pipeline.tokenizer.keeps_space else _chosen
    found = complete(model, pipeline, ids, line, num)
    found.sort(key=lambda each: (-each.probability, each.word))
    return found[:num]


def _chosen(
    model: Stepper, pipeline: TextPipeline, ids: list[int], line: str, num: int
) -> list[Completion]:
    """Choose among the words of a vocabulary."""
    vocab = pipeline.vocab
    if vocab not in _indices:
        _indices[vocab] = PrefixIndex(vocab.words)
    spans = pipeline.tokenizer.spans(line)
    whole, prefix = _typed(spans, line, _indices[vocab])
    places = _indices[vocab].beginning_with(prefix)
    if not len(places):
        return []
    ids = ids + vocab.encode(span.text for span in spans[:whole])
    log_probs, _ = _read(model, ids)
    values = log_probs[0, _FIRST:].cpu().numpy()[places].astype(np.float64)
    highest = values.max()
    if highest == -np.inf:
        return []
    total = np.exp(values - highest).sum()
    last = np.partition(values, -num)[-num] if num < len(values) else -np.inf
    rows = np.flatnonzero((values >= last) & (values > -np.inf))
    shares = np.exp(values[rows] - highest) / total
    return [
        Completion(vocab.words[place], share)
        for place, share in zip(places[rows].tolist(), shares.tolist(), strict=True)
    ]


def _typed(spans: list[Token], line: str, index: PrefixIndex[str]) -> tuple[int, str]:
    """Return how many tokens are whole, and the prefix after them.

    A word may be cut otherwise while it is not whole, as `don'` is cut into two. So the prefix is
    the longest of what the tokens that end the line make together that some word begins with.
    """
    at = len(spans)
    if not spans or spans[-1].end < len(line):
        return at, ""
    joined = 1
    while joined < min(at, _JOINED) and spans[at - joined - 1].end == spans[at - joined].start:
        joined += 1
    for count in range(joined, 1, -1):
        prefix = line[spans[at - count].start :]
        if len(index.beginning_with(prefix)):
            return at - count, prefix
    return at - 1, spans[-1].text


def _spelt(
    model: Stepper, pipeline: TextPipeline, ids: list[int], line: str, num: int
) -> list[Completion]:
    """Put words together from units that are less than words."""
    if pipeline.vocab not in _units:
        _units[pipeline.vocab] = Units(pipeline)
    prefix = typed_word(line)
    head = line.removesuffix(prefix)
    # a piece holds the space before it, one at the beginning of a line included
    pieces = pipeline.tokenizer.name == "sentencepiece"
    space = pieces and (not head or head.endswith(" "))
    head = head[:-1] if space else head
    ids = ids + pipeline.vocab.encode(pipeline.tokenizer(head))
    log_probs, state = _read(model, ids)
    units = _units[pipeline.vocab]
    found = spell(model, units, log_probs, state, space=space, prefix=prefix, num=num)
    return [Completion(word, probability) for word, probability in found.items()]


def _read(model: Stepper, ids: list[int]) -> tuple[torch.Tensor, Any]:
    """Return the log-probabilities (1, V) of what follows, and the state."""
    log_probs, state = model.read(model.start(1), torch.tensor([ids]))
    if bool(log_probs.isnan().any()):
        raise DataError(
            "complete: the model gives no finite probability for the next token; its weights are "
            "damaged or its training diverged: load another checkpoint"
        )
    return log_probs, state
