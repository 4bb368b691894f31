"""Translations drawn token by token, through the loop that draws any text."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from seqkit.decode import Hypothesis, Sampling, Stepper, generate
from seqkit.text import Vocab

__all__ = ["draw_translations"]


def draw_translations(
    stepper: Stepper,
    state: Any,
    *,
    limits: Sequence[int],
    sampling: Sampling,
    streams: Sequence[Iterator[float]],
    banned: Sequence[int],
) -> list[Hypothesis]:
    """Draw one translation for each of B sources.

    Args:
        stepper: the model.
        state: of the sources, before BOS.
        limits: most tokens of each, its end included.
        sampling: how to choose.
        streams: numbers in [0, 1) for each, as `random_streams` makes them.
        banned: ids that are never drawn.

    Raises:
        DataError: the model gives no finite probability.
    """
    ids: list[list[int]] = [[] for _ in limits]
    log_probs = [0.0] * len(limits)
    drawn = generate(
        _BySource(stepper, state),
        [(row,) for row in range(len(limits))],
        max_tokens=max(limits),
        sampling=sampling,
        streams=streams,
        banned=banned,
        ends=(Vocab.EOS,),
        stopped=lambda row, tokens: len(tokens) >= limits[row],
    )
    for row, token, log_prob in drawn:
        ids[row].append(token)
        log_probs[row] += log_prob
    return [
        Hypothesis(tuple(tokens), value, value, "end" if tokens[-1] == Vocab.EOS else "length")
        for tokens, value in zip(ids, log_probs, strict=True)
    ]


class _BySource:
    """A stepper whose prompts are numbers: each stands for one of the sources, and then BOS."""

    def __init__(self, stepper: Stepper, opening: Any) -> None:
        self.stepper, self.opening = stepper, opening
        self.vocabulary = stepper.vocabulary

    def start(self, count: int) -> None:
        """Begin with nothing: `read` says with which sources to go on."""

    def read(self, state: None, ids: torch.Tensor) -> tuple[torch.Tensor, Any]:
        begun = self.stepper.select(self.opening, ids[:, 0])
        return self.stepper.step(begun, torch.full((len(ids),), Vocab.BOS))

    def step(self, state: Any, tokens: torch.Tensor) -> tuple[torch.Tensor, Any]:
        return self.stepper.step(state, tokens)

    def select(self, state: Any, rows: torch.Tensor) -> Any:
        return self.stepper.select(state, rows)
