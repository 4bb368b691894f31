"""The peer: pytorch/examples' word_language_model, as a few lines of plain torch."""

import contextlib
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

__all__ = ["BATCH", "RATE", "WINDOW", "PlainLm", "train_epoch"]

BATCH, WINDOW, RATE = 20, 35, 20.0
_UNITS, _LAYERS, _DROPOUT, _CLIP = 200, 2, 0.2, 0.25

State = tuple[torch.Tensor, torch.Tensor]
"""h and c, each (L, B, H)."""


class PlainLm(nn.Module):
    """nn.Embedding, nn.LSTM with dropout, nn.Linear, log_softmax; time comes first."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.dropout = nn.Dropout(_DROPOUT)
        self.encoder = nn.Embedding(vocabulary, _UNITS)
        self.rnn = nn.LSTM(_UNITS, _UNITS, _LAYERS, dropout=_DROPOUT)
        self.decoder = nn.Linear(_UNITS, vocabulary)
        for weight in (self.encoder.weight, self.decoder.weight):
            nn.init.uniform_(weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def start(self, count: int) -> State:
        """Make the state that `count` streams begin with."""
        zeros = self.encoder.weight.new_zeros(_LAYERS, count, _UNITS)
        return zeros, zeros

    def forward(self, ids: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Read ids (T, B). Returns log-probabilities (T * B, V) of what follows, and the state."""
        h, state = self.rnn(self.dropout(self.encoder(ids)), state)  # (T, B, H)
        logits = self.decoder(self.dropout(h)).view(-1, self.vocabulary)
        return functional.log_softmax(logits, 1), state


def train_epoch(
    model: PlainLm,
    streams: torch.Tensor,
    *,
    rate: float,
    bf16: bool,
    at_step: Callable[[int], None],
    step: int = 0,
) -> int:
    """Train on streams (length, B) once; `at_step` is called every 20 updates.

    Args:
        model: to be trained.
        streams: contiguous pieces of the corpus, a column each.
        rate: of plain gradient descent.
        bf16: run under autocast.
        at_step: is told the number of updates so far.
        step: how many there were before.

    Returns:
        The number of updates so far.
    """
    model.train()
    state, device = model.start(streams.shape[1]), streams.device.type
    for begin in range(0, len(streams) - 1, WINDOW):
        size = min(WINDOW, len(streams) - 1 - begin)
        gold = streams[begin + 1 : begin + 1 + size].reshape(-1)
        model.zero_grad()
        state = (state[0].detach(), state[1].detach())
        mixed = torch.autocast(device, torch.bfloat16) if bf16 else contextlib.nullcontext()
        with mixed:
            log_probs, state = model(streams[begin : begin + size], state)
            loss = functional.nll_loss(log_probs, gold)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
        for parameter in model.parameters():
            parameter.data.add_(parameter.grad, alpha=-rate)
        loss.item()  # the program logs it, and so waits for it
        step += 1
        if step % 20 == 0:
            at_step(step)
    return step
