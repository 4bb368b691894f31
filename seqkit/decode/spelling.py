"""Complete a word with a model of characters, bytes or pieces of words, unit by unit."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from seqkit.decode.stepper import Stepper
from seqkit.decode.units import APOSTROPHES, Units, is_letter

__all__ = ["spell"]

_WIDTH = 64  # words in the making that are kept
_LONGEST = 48  # units that are added to a prefix
_NEGLIGIBLE = 1e-3  # of the last suggestion's probability: what is less likely is left alone


def spell(
    model: Stepper,
    units: Units,
    log_probs: torch.Tensor,
    state: Any,
    *,
    space: bool,
    prefix: str,
    num: int,
) -> dict[str, float]:
    """Find the likeliest words with a prefix by a beam over their units.

    All ways to spell a word that the beam holds count together. What falls out of it is missing in
    the figures, which are exact where nothing does.

    Args:
        model: of the units.
        units: of its vocabulary.
        log_probs: (1, V) of what follows the text before the word.
        state: after that text.
        space: the word is parted from that text by a space, which is no part of it.
        prefix: what there is of the word; may be empty.
        num: so many of the words are to be found for certain, where there are as many.

    Returns:
        Word -> its probability given that text, the prefix, and that a word comes.
    """
    search = _Search(units, space=space, prefix=prefix, num=num)
    words = [_Open(b"", 0.0)]
    for _ in range(len(search.wanted) + _LONGEST):
        parents, tokens, words = search.extend(words, log_probs)
        if not words:
            break
        state = model.select(state, torch.tensor(parents))
        log_probs, state = model.step(state, torch.tensor(tokens))
    return {word: p / search.mass for word, p in search.found.items()}


class _Open(NamedTuple):
    """A word in the making."""

    content: bytes
    """What there is of it, with the space before it if that is a part of its units."""
    log_prob: float


class _Masks(NamedTuple):
    """What units (V,) do after what there is of a word."""

    allowed: torch.Tensor
    """They are a part of it."""
    begins: torch.Tensor
    """With them it has its prefix, and a whole character."""
    ends: torch.Tensor
    """They come after it."""


class _Search:
    """What has been found of the words with one prefix."""

    def __init__(self, units: Units, *, space: bool, prefix: str, num: int) -> None:
        self.units, self.prefix, self.num = units, prefix, num
        self.lead = b" " if space else b""
        self.wanted = self.lead + prefix.encode("utf-8", "surrogatepass")
        self.found: Counter[str] = Counter()
        self.mass = 0.0
        """Probability of the prefix and that a word comes."""

    def extend(
        self, words: Sequence[_Open], log_probs: torch.Tensor
    ) -> tuple[list[int], list[int], list[_Open]]:
        """Extend each word by each unit; return parents, units and words of the best."""
        scores = log_probs.double()
        scores = scores + scores.new_tensor([word.log_prob for word in words])[:, None]  # (H, V)
        masks = [self._masks(word) for word in words]
        allowed, begins, ends = (
            scores.masked_fill(~torch.stack(part).to(scores.device), -math.inf)
            for part in zip(*masks, strict=True)
        )
        self.mass += float(begins.exp().sum())
        for word, probability in zip(words, ends.exp().sum(1).tolist(), strict=True):
            if probability:
                text, _ = self._text(word) or ("", True)
                self._finish(text, probability)
        best, places = allowed.flatten().topk(min(_WIDTH, allowed.numel()))
        least = self._least()
        kept = []
        for log_prob, place in zip(best.tolist(), places.tolist(), strict=True):
            parent, token = divmod(place, scores.shape[1])
            word = _Open(words[parent].content + self.units.content[token], log_prob)
            if log_prob > least and self._stays_open(word, words[parent]):
                kept.append((parent, token, word))
        parents, tokens, opened = zip(*kept, strict=True) if kept else ((), (), ())
        return list(parents), list(tokens), list(opened)

    def _masks(self, word: _Open) -> _Masks:
        none = torch.zeros_like(self.units.end)
        if missing := self.wanted[len(word.content) :]:
            if not self.prefix:  # the space before a word is missing
                begins = self.units.begin_spaced
                return _Masks(begins | self.units.space, begins, none)
            begins = self.units.reaching(missing)
            return _Masks(begins | self.units.within(missing), begins, none)
        text, whole = self._text(word) or ("", False)
        if not whole:
            return _Masks(self.units.complete, none, none)
        if not text:
            return _Masks(self.units.begin, self.units.begin_whole, none)
        return _Masks(self.units.go_on, none, self.units.end)

    def _stays_open(self, word: _Open, parent: _Open) -> bool:
        """Say whether a word goes on; note it if its last unit has brought its end with it."""
        if len(word.content) < len(self.wanted):
            return True
        read = self._text(word)
        if read is None:
            return False
        text, whole = read
        end = next((at for at, char in enumerate(text) if not _in_word(char)), len(text))
        if len(text) == end:
            if whole and len(text) == 1 and self._text(parent) == ("", False):
                self.mass += math.exp(word.log_prob)  # its first character has come in parts
            return True
        if end:
            self._finish(text[:end], math.exp(word.log_prob))
        return False

    def _text(self, word: _Open) -> tuple[str, bool] | None:
        """Return the whole characters of a word, and whether it ends with one; None if it cannot.

        A space before it is left out.
        """
        content = word.content[len(self.lead) :]
        try:
            return content.decode("utf-8", "surrogatepass"), True
        except UnicodeDecodeError as error:
            if error.reason != "unexpected end of data":
                return None
            return content[: error.start].decode("utf-8", "surrogatepass"), False

    def _finish(self, text: str, probability: float) -> None:
        word = text.rstrip(APOSTROPHES)  # one at the end is a quotation mark
        self.found[max(word, self.prefix, key=len)] += probability

    def _least(self) -> float:
        """Return the log-probability below which a word in the making is left alone."""
        best = self.found.most_common(self.num)
        if len(best) < self.num:
            return -math.inf
        return math.log(_NEGLIGIBLE * best[-1][1])


def _in_word(char: str) -> bool:
    return is_letter(char) or char in APOSTROPHES
