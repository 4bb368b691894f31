"""The loop that draws tokens, for many prompts of any lengths at once."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch

from seqkit.decode.filters import RepetitionPenalty, forbid
from seqkit.decode.sampling import Sampling, choose
from seqkit.decode.stepper import Stepper
from seqkit.errors import ConfigError, DataError

__all__ = ["Drawn", "generate"]


class Drawn(NamedTuple):
    """A token that was drawn."""

    row: int
    """Index of the prompt that it continues."""
    id: int
    log_prob: float
    """Its log-probability under the model, before temperature, penalty and filters."""


def generate(
    stepper: Stepper,
    prompts: Sequence[Sequence[int]],
    *,
    max_tokens: int,
    sampling: Sampling,
    streams: Sequence[Iterator[float]],
    banned: Sequence[int] = (),
    ends: Sequence[int] = (),
    spared: Sequence[int] = (),
    stopped: Callable[[int, Sequence[int]], bool] | None = None,
) -> Iterator[Drawn]:
    """Continue each prompt, and yield the tokens step by step, in a step by row.

    Nothing is padded. What all prompts have in length is read in one piece; then a row whose prompt
    goes on is fed its next token while others draw theirs. Equal prompts are read once. A row that
    is finished leaves the batch. So each row is what it would be alone.

    Args:
        stepper: the model.
        prompts: ids, at least one in each (that which begins every sequence).
        max_tokens: tokens to draw for each row, 1 or more.
        sampling: how to choose.
        streams: numbers in [0, 1) for each row, as `random_streams` makes them.
        banned: ids that are never drawn.
        ends: ids after which a row is finished; they are yielded.
        spared: ids that the repetition penalty leaves alone.
        stopped: asked after each step with the row and the ids that it has drawn; True ends it.

    Raises:
        ConfigError: no prompt, an empty one, or `max_tokens` below 1.
        DataError: the model gives no finite probability.
    """
    if max_tokens < 1:
        raise ConfigError(f"max_tokens {max_tokens}: must be 1 or more")
    if not prompts or not all(prompts):
        raise ConfigError("prompts of ids: give at least one, each with at least one id")
    batch = _Batch(stepper, [tuple(prompt) for prompt in prompts], sampling, spared, banned)
    return _loop(batch, streams, max_tokens, frozenset(ends), stopped)


def _loop(
    batch: "_Batch",
    streams: Sequence[Iterator[float]],
    max_tokens: int,
    ends: frozenset[int],
    stopped: Callable[[int, Sequence[int]], bool] | None,
) -> Iterator[Drawn]:
    drawn: list[list[int]] = [[] for _ in batch.prompts]
    batch.read()
    while True:
        batch.part_equal_prompts()
        free = batch.free_slots()
        if free:
            rows = [batch.rows[slot] for slot in free]
            for row, id, log_prob in batch.draw(free, rows, streams):
                drawn[row].append(id)
                yield Drawn(row, id, log_prob)
            finished = {
                row
                for row in rows
                if drawn[row][-1] in ends
                or len(drawn[row]) == max_tokens
                or (stopped is not None and stopped(row, drawn[row]))
            }
            if finished:
                keep = [slot for slot, row in enumerate(batch.rows) if row not in finished]
                if not keep:
                    return
                batch.select(keep, [batch.rows[slot] for slot in keep])
        batch.feed(drawn)


class _Batch:
    """The sequences in work, all of which have been fed the same number of tokens."""

    def __init__(
        self,
        stepper: Stepper,
        prompts: list[tuple[int, ...]],
        sampling: Sampling,
        spared: Sequence[int],
        banned: Sequence[int],
    ) -> None:
        self.stepper, self.prompts, self.sampling = stepper, prompts, sampling
        self.spared, self.banned = spared, torch.tensor(list(banned), dtype=torch.long)
        self.equal: dict[tuple[int, ...], list[int]] = {}  # rows of each distinct prompt
        for row, prompt in enumerate(prompts):
            self.equal.setdefault(prompt, []).append(row)
        self.rows = [rows[0] for rows in self.equal.values()]  # of each slot
        self.fed = min(map(len, prompts))
        self.lengths = {len(prompt) for prompt in prompts}

    def read(self) -> None:
        """Read what all prompts have in length."""
        heads = torch.tensor([self.prompts[row][: self.fed] for row in self.rows])  # (B, T)
        start = self.stepper.start(len(self.rows))
        self.log_probs, self.state = self.stepper.read(start, heads)
        device = self.log_probs.device
        self.banned = self.banned.to(device)
        self.penalty = None
        if self.sampling.repetition_penalty != 1:
            self.penalty = RepetitionPenalty(
                self.sampling.repetition_penalty,
                [self.prompts[row] for row in self.rows],
                vocabulary=self.stepper.vocabulary,
                spared=self.spared,
                device=device,
            )

    def part_equal_prompts(self) -> None:
        """Give each row of a prompt that has just been used up a slot of its own."""
        if self.fed not in self.lengths or len(self.equal) == len(self.prompts):
            return
        parted = [
            (slot, other)
            for slot, row in enumerate(self.rows)
            for other in (
                self.equal[self.prompts[row]] if len(self.prompts[row]) == self.fed else [row]
            )
        ]
        self.select([slot for slot, _ in parted], [row for _, row in parted])

    def free_slots(self) -> list[int]:
        """Name the slots whose prompt is used up."""
        if self.fed >= max(self.lengths):
            return list(range(len(self.rows)))
        return [slot for slot, row in enumerate(self.rows) if len(self.prompts[row]) <= self.fed]

    def draw(
        self, slots: list[int], rows: list[int], streams: Sequence[Iterator[float]]
    ) -> Iterator[tuple[int, int, float]]:
        """Choose a token in each of the slots. Yields (row, id, log-probability)."""
        log_probs = self.log_probs
        chosen = None if len(slots) == len(self.rows) else torch.tensor(slots).to(log_probs.device)
        if chosen is not None:
            log_probs = log_probs[chosen]  # (B', V)
        scores = log_probs if self.penalty is None else self.penalty(log_probs, chosen)
        numbers = [] if self.sampling.temperature == 0 else [next(streams[row]) for row in rows]
        uniforms = torch.tensor(numbers, device=log_probs.device)
        ids = choose(forbid(scores, self.banned), uniforms, self.sampling)
        values = log_probs.gather(1, ids[:, None]).squeeze(1).tolist()
        if not all(map(math.isfinite, values)):
            raise DataError(
                "generation: the model gives no finite probability for the next token; its weights "
                "are damaged or its training diverged: load another checkpoint"
            )
        return zip(rows, ids.tolist(), values, strict=True)

    def select(self, slots: list[int], rows: list[int]) -> None:
        """Go on with some slots, in that order; slot i then holds `rows[i]`."""
        self.rows = rows
        index = torch.tensor(slots)
        self.state = self.stepper.select(self.state, index)
        index = index.to(self.log_probs.device)
        self.log_probs = self.log_probs[index]
        if self.penalty is not None:
            self.penalty.select(index)

    def feed(self, drawn: list[list[int]]) -> None:
        """Feed each slot what its row has drawn last, or the next token of its prompt."""
        tokens = torch.tensor(
            [drawn[row][-1] if drawn[row] else self.prompts[row][self.fed] for row in self.rows]
        )
        self.fed += 1
        self.log_probs, self.state = self.stepper.step(self.state, tokens)
        if self.penalty is not None:
            self.penalty.add(tokens.to(self.log_probs.device))
