"""Beam search: the most probable continuations that a narrow search finds."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from seqkit.decode.stepper import AttendingStepper, Stepper
from seqkit.errors import ConfigError, DataError

__all__ = ["Hypothesis", "beam_search", "check_beam"]

_STEEPEST = 10  # penalty for length
_HEAVIEST = 1000  # and for coverage


@dataclass(frozen=True)
class Hypothesis:
    """A continuation that was found, by a search or by drawing."""

    ids: tuple[int, ...]
    """Its tokens; the last is the one that ended it, if one did."""
    log_prob: float
    """Natural logarithm of its probability."""
    score: float
    """What it was ranked by: `log_prob` / len(ids) ** length penalty, and the coverage penalty."""
    finished: Literal["end", "stop", "length"]


def beam_search(
    stepper: Stepper,
    state: Any,
    first: torch.Tensor,
    *,
    width: int,
    max_tokens: int | Sequence[int],
    num: int = 1,
    length_penalty: float = 0.0,
    coverage_penalty: float = 0.0,
    ends: Sequence[int] = (),
    banned: Sequence[int] = (),
    stopped: Callable[[int, Sequence[int]], bool] | None = None,
) -> list[list[Hypothesis]]:
    """Search the likeliest continuations of B sequences, each by itself.

    At each step the `width` best of all one-token extensions are taken. Those that end are put
    aside, and the `width` best that do not end stay open. A sequence is done when no open
    hypothesis can beat its `num`-th finished one, whatever were to follow: tokens only lower a
    log-probability, `max_tokens` bounds what it is divided by, and the penalty for coverage is 0
    at best. Width 1 without a length penalty is the greedy choice.

    What is open is ranked by log p, what is finished by (after Wu et al. 2016, eq. 14)

        score = log p / length ** a + b * sum_i log(min(sum_j weight_ij, 1))

    with weight_ij for how much step j attended to position i of the source. Those that ended or
    were stopped come before all that were cut off at `max_tokens`, whatever their scores: a text
    without its end is none, and has not paid for the end that it never found.

    Args:
        stepper: the model.
        state: of B sequences, before `first`.
        first: (B,) int64, the token of each that is read first and belongs to no hypothesis.
        width: hypotheses kept open, k.
        max_tokens: longest continuation, one for all or one for each sequence; what is open then is
            cut off ("length").
        num: how many of the best to return, at most `width`.
        length_penalty: a, at most 10; 0 ranks by probability, 1 by its mean.
        coverage_penalty: b; above 0 it needs an `AttendingStepper`.
        ends: ids that end a continuation.
        banned: ids that come in none.
        stopped: asked with the index of the sequence and the ids of each open hypothesis; True ends
            it there ("stop").

    Returns:
        For each sequence up to `num` hypotheses, the best first.

    Raises:
        ConfigError: a width, number, length or penalty out of range, or one for coverage with a
            model that attends to nothing.
        DataError: the model gives no finite probability.
    """
    limits = [max_tokens] * len(first) if isinstance(max_tokens, int) else list(max_tokens)
    check_beam(width, num, length_penalty=length_penalty, coverage_penalty=coverage_penalty)
    if min(limits, default=1) < 1:
        raise ConfigError(f"max_tokens {min(limits)}: must be 1 or more")
    if coverage_penalty and not isinstance(stepper, AttendingStepper):
        raise ConfigError(
            f"coverage_penalty {coverage_penalty}: this model attends to nothing: leave it out"
        )
    if not limits:
        return []
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
        penalties = torch.zeros_like(scores)  # (B, k), of whatever extends a hypothesis
        if coverage_penalty:
            penalties += coverage_penalty * stepper.coverage(state).view_as(scores)
        scores, parents, tokens = _extend(scores, log_probs, blocked)
        if bool(scores.isnan().any()):
            raise DataError(
                "beam search: the model gives no finite probability for the next token; its "
                "weights are damaged or its training diverged: load another checkpoint"
            )
        if ends:
            rows, places, values = _among_the_best(scores, ending)
            before = places // len(ends)
            found = torch.cat([ids[rows, before], closing[places % len(ends), None]], 1)
            for row, *hypothesis in zip(
                *(part.tolist() for part in (rows, found, values, penalties[rows, before])),
                strict=True,
            ):
                best[going[row]].add(*hypothesis, "end")
        ids = torch.cat([ids.gather(1, parents[:, :, None].expand_as(ids)), tokens[:, :, None]], 2)
        penalties = penalties.gather(1, parents)
        last = [limits[sequence] == ids.shape[2] for sequence in going]
        if any(last) or stopped is not None:
            _finish(ids, scores, penalties, going, best, stopped, last)
        bounds = scores.amax(1).tolist()
        keep = [
            row
            for row, (sequence, bound) in enumerate(zip(going, bounds, strict=True))
            if not best[sequence].beyond(bound / limits[sequence] ** length_penalty)
        ]
        if not keep:
            break
        rows = torch.tensor(keep, device=device)
        going = [going[row] for row in keep]
        scores, ids, tokens = scores[rows], ids[rows], tokens[rows]
        slots = (rows[:, None] * width + parents[rows]).view(-1)
        log_probs, state = stepper.step(stepper.select(state, slots), tokens.view(-1))
    return [found.ranked for found in best]


def check_beam(
    width: int, num: int = 1, *, length_penalty: float = 0.0, coverage_penalty: float = 0.0
) -> None:
    """Refuse options that no search can be done with; see `beam_search`.

    Raises:
        ConfigError: one that is out of range.
    """
    if width < 1:
        raise ConfigError(f"beam {width}: its width must be 1 or more")
    if not 1 <= num <= width:
        raise ConfigError(f"num {num}: a beam of {width} finds 1 to {width} texts: widen the beam")
    penalties = {"length_penalty": length_penalty, "coverage_penalty": coverage_penalty}
    for name, value in penalties.items():
        if not 0 <= value < math.inf:
            raise ConfigError(f"{name} {value}: must be 0 or more")
    if length_penalty > _STEEPEST:  # a power of it no float may hold
        raise ConfigError(
            f"length_penalty {length_penalty}: must be {_STEEPEST} or less; 1 ranks by the mean"
        )
    if coverage_penalty > _HEAVIEST:
        raise ConfigError(
            f"coverage_penalty {coverage_penalty}: must be {_HEAVIEST} or less; beside it no "
            "probability would count"
        )


class _Best:
    """The best finished hypotheses of one sequence."""

    def __init__(self, num: int, length_penalty: float) -> None:
        self.num, self.length_penalty = num, length_penalty
        self.ranked: list[Hypothesis] = []

    def add(
        self,
        ids: Sequence[int],
        log_prob: float,
        penalty: float,
        finished: Literal["end", "stop", "length"],
    ) -> None:
        score = log_prob / len(ids) ** self.length_penalty + penalty
        self.ranked.append(Hypothesis(tuple(ids), log_prob, score, finished))
        self.ranked.sort(key=_rank)  # stable: the earlier wins a tie
        del self.ranked[self.num :]

    def beyond(self, bound: float) -> bool:
        """Say that nothing with a score of at most `bound` comes in, or nothing is open."""
        full = len(self.ranked) == self.num
        return bound == -math.inf or (full and bound <= self.ranked[-1].score)


def _rank(hypothesis: Hypothesis) -> tuple[bool, float]:
    return hypothesis.finished == "length", -hypothesis.score


def _extend(
    scores: torch.Tensor, log_probs: torch.Tensor, blocked: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Find the k best extensions of k hypotheses, (B, k): scores, parents and tokens."""
    batch, width = scores.shape
    # no more can come from one parent, and none of the blocked (K,): to take these out of the
    # likeliest spares a copy of all
    each = min(width + len(blocked), log_probs.shape[1])
    values, tokens = log_probs.topk(each, dim=-1)  # (B * k, k + K)
    values = values.masked_fill(torch.isin(tokens, blocked), -math.inf)
    extended = (scores.view(-1, 1) + values).view(batch, -1)  # (B, k * (k + K))
    scores, places = extended.topk(width, dim=-1)
    return scores, places // each, tokens.view(batch, -1).gather(1, places)


def _among_the_best(
    scores: torch.Tensor, ending: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Find the endings among the k best extensions: rows, places in `ending` and scores, (F,)."""
    width = scores.shape[1]
    values, places = torch.cat([scores, ending], 1).topk(width, dim=-1)
    taken = (places >= width) & (values > -math.inf)
    return taken.nonzero()[:, 0], places[taken] - width, values[taken]


def _finish(
    ids: torch.Tensor,
    scores: torch.Tensor,
    penalties: torch.Tensor,
    going: list[int],
    best: list[_Best],
    stopped: Callable[[int, Sequence[int]], bool] | None,
    last: list[bool],
) -> None:
    """Put aside the open hypotheses that are stopped, and all of those at their last step."""
    columns = zip(ids.tolist(), scores.tolist(), penalties.tolist(), strict=True)
    for row, hypotheses in enumerate(columns):
        for place, (hypothesis, log_prob, penalty) in enumerate(zip(*hypotheses, strict=True)):
            if log_prob == -math.inf:
                continue
            stop = stopped is not None and stopped(going[row], hypothesis)
            if stop or last[row]:
                finished = "stop" if stop else "length"
                best[going[row]].add(hypothesis, log_prob, penalty, finished)
                scores[row, place] = -math.inf
