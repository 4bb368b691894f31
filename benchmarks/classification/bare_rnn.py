"""What a person would write in torch without seqkit: a bidirectional LSTM over padded batches."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from seqkit.models.rnn import RnnConfig
from seqkit.text import Ragged, TextPipeline

__all__ = ["BareRnn", "Batches", "padded_batches"]

Batches = list[tuple[torch.Tensor, torch.Tensor]]
"""Ids (B, T) and which of them are no padding, (B, T) bool."""

_ROWS = 64


class BareRnn(nn.Module):
    """Embedding, nn.LSTM, max over time, Linear: the sizes of seqkit's `rnn`, none of its code.

    The padded pass of nn.LSTM knows no lengths: its backward direction reads the padding first.
    That makes the answer for a text depend on its batch, but it is the fastest of the plain ways.
    """

    def __init__(self, config: RnnConfig, *, vocabulary: int, classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, config.dim)
        self.rnn = nn.LSTM(config.dim, config.hidden, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * config.hidden, classes)

    def forward(self, ids: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
        """Score ids (B, T) where `keep` (B, T) is True. Returns logits (B, C)."""
        h, _ = self.rnn(self.embedding(ids))  # (B, T, 2H)
        return self.output(h.masked_fill(~keep.unsqueeze(-1), float("-inf")).amax(1))

    @torch.inference_mode()
    def probabilities(self, batches: Batches) -> torch.Tensor:
        """Score batches. Returns (N, C), in the order of the batches."""
        self.eval()
        return torch.cat([self(ids, keep).softmax(1) for ids, keep in batches])


def padded_batches(
    pipeline: TextPipeline, texts: Sequence[str], *, max_tokens: int, keep: str
) -> Batches:
    """Turn texts into ids, sort them by length, and pad them 64 at a time."""
    ids = Ragged.from_sequences(pipeline.encode_many(texts)).truncate(max_tokens, keep=keep)
    rows = sorted((torch.from_numpy(row).long() for row in ids), key=len)
    batches = []
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        lengths = torch.tensor([len(row) for row in part])
        padded = pad_sequence(part, batch_first=True)
        batches.append((padded, torch.arange(padded.shape[1]) < lengths[:, None]))
    return batches
