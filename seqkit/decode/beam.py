"""Beam search: the most probable continuations that a narrow search finds."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from seqkit.decode.filters import forbid
from seqkit.decode.stepper import Stepper
from seqkit.errors import ConfigError, DataError

__all__ = ["Hypothesis", "beam_search"]


@dataclass(frozen=True)
class Hypothesis:
    """A continuation that a search found."""

    ids: tuple[int, ...]
    """Its tokens; the last is the one that ended it, if one did."""
    log_prob: float
    """Natural logarithm of its probability."""
    score: float
    """What it was ranked by: `log_prob` / len(ids) ** length penalty."""
    finished: Literal["end", "stop", "length"]


def beam_search(
    stepper: Stepper,
    state: Any,
    first: torch.Tensor,
    *,
    width: int,
    max_tokens: int,
    num: int = 1,
    length_penalty: float = 0.0,
    ends: Sequence[int] = (),
    banned: Sequence[int] = (),
    stopped: Callable[[int, Sequence[int]], bool] | None = None,
) -> list[list[Hypothesis]]:
    """Search the likeliest continuations of B sequences, each by itself.

    At each step the `width` best of all one-token extensions are taken. Those that end are put
    aside, and the `width` best that do not end stay open. A sequence is done when no open
    hypothesis can beat its `num`-th finished one, whatever were to follow: tokens only lower a
    log-probability, and `max_tokens` bounds what it is divided by. Width 1 without a length penalty
    is the greedy choice.

    Args:
        stepper: the model.
        state: of B sequences, before `first`.
        first: (B,) int64, the token of each that is read first and belongs to no hypothesis.
        width: hypotheses kept open, k.
        max_tokens: longest continuation; what is open then counts as finished ("length").
        num: how many of the best to return, at most `width`.
        length_penalty: a in score = log p / length ** a; 0 ranks by probability, 1 by its mean.
        ends: ids that end a continuation.
        banned: ids that come in none.
        stopped: asked with the index of the sequence and the ids of each open hypothesis; True ends
            it there ("stop").

    Returns:
        For each sequence up to `num` hypotheses, the best first.

    Raises:
        ConfigError: a width, number, length or penalty out of range.
        DataError: the model gives no finite probability.
    """
    _check(width, max_tokens, num, length_penalty)
    log_probs, state = stepper.step(state, first)
    device = log_probs.device
    slots = torch.arange(len(first), device=device).repeat_interleave(width)
    log_probs, state = log_probs[slots], stepper.select(state, slots)  # (B * k, V)
    # one open hypothesis, which is empty; the others are impossible
    scores = torch.full((len(first), width), -math.inf, dtype=torch.float64, device=device)
    scores[:, 0] = 0
    ids = torch.empty((len(first), width, 0), dtype=torch.long, device=device)
    blocked = torch.tensor([*banned, *ends], dtype=torch.long, device=device)
    closing = torch.tensor(list(ends), dtype=torch.long, device=device)
    best = [_Best(num, length_penalty) for _ in first]
    going = list(range(len(first)))  # which sequence each row of `scores` belongs to

    while True:
        ending = (scores.view(-1, 1) + log_probs[:, closing]).view(len(going), -1)  # (B, k * ends)
        scores, parents, tokens = _extend(scores, forbid(log_probs, blocked))
        if bool(scores.isnan().any()):
            raise DataError(
                "beam search: the model gives no finite probability for the next token; its "
                "weights are damaged or its training diverged: load another checkpoint"
            )
        if ends:
            for row, place, log_prob in _among_the_best(scores, ending):
                parent, end = divmod(place, len(ends))
                best[going[row]].add([*ids[row, parent].tolist(), ends[end]], log_prob, "end")
        ids = torch.cat([ids.gather(1, parents[:, :, None].expand_as(ids)), tokens[:, :, None]], 2)
        last = ids.shape[2] == max_tokens
        if last or stopped is not None:
            _finish(ids, scores, going, best, stopped, last)
        if last:
            break
        bounds = (scores.amax(1) / max_tokens**length_penalty).tolist()
        keep = [row for row, bound in enumerate(bounds) if not best[going[row]].beyond(bound)]
        if not keep:
            break
        rows = torch.tensor(keep, device=device)
        going = [going[row] for row in keep]
        scores, ids, tokens = scores[rows], ids[rows], tokens[rows]
        slots = (rows[:, None] * width + parents[rows]).view(-1)
        log_probs, state = stepper.step(stepper.select(state, slots), tokens.view(-1))
    return [found.ranked for found in best]


class _Best:
    """The best finished hypotheses of one sequence."""

    def __init__(self, num: int, length_penalty: float) -> None:
        self.num, self.length_penalty = num, length_penalty
        self.ranked: list[Hypothesis] = []

    def add(
        self, ids: Sequence[int], log_prob: float, finished: Literal["end", "stop", "length"]
    ) -> None:
        score = log_prob / len(ids) ** self.length_penalty
        self.ranked.append(Hypothesis(tuple(ids), log_prob, score, finished))
        self.ranked.sort(key=lambda hypothesis: -hypothesis.score)  # stable: the earlier wins a tie
        del self.ranked[self.num :]

    def beyond(self, bound: float) -> bool:
        """Say that nothing with a score of at most `bound` comes in, or nothing is open."""
        full = len(self.ranked) == self.num
        return bound == -math.inf or (full and bound <= self.ranked[-1].score)


def _check(width: int, max_tokens: int, num: int, length_penalty: float) -> None:
    if width < 1:
        raise ConfigError(f"beam {width}: its width must be 1 or more")
    if max_tokens < 1:
        raise ConfigError(f"max_tokens {max_tokens}: must be 1 or more")
    if not 1 <= num <= width:
        raise ConfigError(f"num {num}: a beam of {width} finds 1 to {width} texts: widen the beam")
    if not 0 <= length_penalty < math.inf:
        raise ConfigError(f"length_penalty {length_penalty}: must be 0 or more")


def _extend(
    scores: torch.Tensor, log_probs: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Find the k best extensions of k hypotheses, (B, k): scores, parents and tokens."""
    batch, width = scores.shape
    each = min(width, log_probs.shape[1])
    values, tokens = log_probs.topk(each, dim=-1)  # (B * k, k): no more can come from one parent
    extended = (scores.view(-1, 1) + values).view(batch, -1)  # (B, k * k)
    scores, places = extended.topk(width, dim=-1)
    return scores, places // each, tokens.view(batch, -1).gather(1, places)


def _among_the_best(scores: torch.Tensor, ending: torch.Tensor) -> list[tuple[int, int, float]]:
    """Return (row, place, score) of each ending that is among the k best extensions."""
    width = scores.shape[1]
    values, places = torch.cat([scores, ending], 1).topk(width, dim=-1)
    taken = (places >= width) & (values > -math.inf)
    rows = taken.nonzero()[:, 0].tolist()
    return list(zip(rows, (places[taken] - width).tolist(), values[taken].tolist(), strict=True))


def _finish(
    ids: torch.Tensor,
    scores: torch.Tensor,
    going: list[int],
    best: list[_Best],
    stopped: Callable[[int, Sequence[int]], bool] | None,
    last: bool,
) -> None:
    """Put aside the open hypotheses that are stopped, or all of them at the last step."""
    for row, (hypotheses, values) in enumerate(zip(ids.tolist(), scores.tolist(), strict=True)):
        for place, (hypothesis, log_prob) in enumerate(zip(hypotheses, values, strict=True)):
            if log_prob == -math.inf:
                continue
            stop = stopped is not None and stopped(going[row], hypothesis)
            if stop or last:
                best[going[row]].add(hypothesis, log_prob, "stop" if stop else "length")
                scores[row, place] = -math.inf
