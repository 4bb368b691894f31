"""Small models whose probabilities can be worked out by hand."""

import math
from collections.abc import Sequence

import numpy as np
import torch


class Markov:
    """Probabilities of the next token by the last one; state: the last token of each row."""

    def __init__(self, table: Sequence[Sequence[float]]) -> None:
        self.log_table = torch.tensor(table).log()
        self.vocabulary = len(table)

    def start(self, count: int) -> torch.Tensor:
        return torch.zeros(count, dtype=torch.long)

    def read(self, state: torch.Tensor, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.step(state, ids[:, -1])

    def step(self, state: torch.Tensor, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.log_table[tokens], tokens

    def select(self, state: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        return state[rows]


class Historian:
    """Probabilities that depend on every token before; state: the tuple of them for each row."""

    def __init__(self, vocabulary: int, *, sharpness: float = 1.0) -> None:
        self.vocabulary, self.sharpness = vocabulary, sharpness
        self.read_tokens = self.steps = 0

    def log_probs(self, history: Sequence[int]) -> np.ndarray:
        weights = np.random.default_rng([9, *history]).normal(size=self.vocabulary)
        return np.log(np.exp(self.sharpness * weights) / np.exp(self.sharpness * weights).sum())

    def log_prob(self, history: Sequence[int], ids: Sequence[int]) -> float:
        """Sum over the ids that follow a history."""
        whole = [*history, *ids]
        return math.fsum(
            float(np.float32(self.log_probs(whole[:at])[whole[at]]))
            for at in range(len(history), len(whole))
        )

    def start(self, count: int) -> tuple[tuple[int, ...], ...]:
        return ((),) * count

    def read(self, state, ids: torch.Tensor):
        self.read_tokens += ids.numel()
        state = tuple((*old, *new) for old, new in zip(state, ids.tolist(), strict=True))
        return torch.tensor(np.array([self.log_probs(row) for row in state])).float(), state

    def step(self, state, tokens: torch.Tensor):
        self.steps += len(tokens)
        log_probs, state = self.read(state, tokens[:, None])
        self.read_tokens -= len(tokens)
        return log_probs, state

    def select(self, state, rows: torch.Tensor):
        return tuple(state[row] for row in rows.tolist())


class Attender(Historian):
    """A historian that attends to a source of 3 positions, as each history tells."""

    positions = 3

    def left_out(self, history: Sequence[int]) -> float:
        """Sum the logarithms of what the steps attended to, one after each token."""
        sums = np.zeros(self.positions)
        for at in range(1, len(history) + 1):
            noise = np.random.default_rng([7, *history[:at]]).normal(size=self.positions)
            sums += np.exp(2 * noise) / np.exp(2 * noise).sum()
        return float(np.log(np.minimum(sums, 1)).sum())

    def coverage(self, state) -> torch.Tensor:
        return torch.tensor([self.left_out(history) for history in state])
