"""Attention of a decoder to the states of an encoder."""

from typing import Literal, get_args

import torch
from torch import nn

from seqkit.errors import ConfigError, choices

__all__ = ["SCORES", "Attention", "Score"]

Score = Literal["additive", "dot", "scaled-dot", "general"]
SCORES: tuple[str, ...] = get_args(Score)


class Attention(nn.Module):
    """Weighs the states of a source by how well they fit a query.

    The score of a query q and a state h, of which the softmax over the source is taken:

        additive    v . tanh(W q + U h + b)     (Bahdanau et al. 2015, appendix A.1.2)
        dot         q . h                       (Luong et al. 2015, eq. 8)
        scaled-dot  q . h / sqrt(size)          (Vaswani et al. 2017, eq. 1)
        general     q . W h                     (Luong et al. 2015, eq. 8)

    What depends on the source alone is computed once for it, by `keys`.
    """

    def __init__(self, score: Score, *, query: int, states: int, hidden: int) -> None:
        """Make it.

        Args:
            score: see the class.
            query: Q, size of a query.
            states: K, size of a state; of dot and scaled-dot that of a query.
            hidden: A, size of the layer in additive.

        Raises:
            ConfigError: an unknown score, or sizes that do not fit.
        """
        super().__init__()
        if score not in SCORES:
            raise ConfigError(choices("attention", score, SCORES))
        if "dot" in score and query != states:
            raise ConfigError(
                f"attention {score} multiplies a query of {query} with states of {states}: make "
                "them equal, or take general or additive"
            )
        if hidden < 1:
            raise ConfigError(f"attention hidden {hidden}: must be 1 or more")
        self.score, self.scale = score, states**-0.5 if score == "scaled-dot" else 1.0
        if score == "general":
            self.key = nn.Linear(states, query, bias=False)
        elif score == "additive":
            self.key = nn.Linear(states, hidden)
            self.query = nn.Linear(query, hidden, bias=False)
            self.energy = nn.Parameter(torch.empty(hidden).uniform_(-1, 1) * hidden**-0.5)

    def keys(self, states: torch.Tensor) -> torch.Tensor:
        """Compute of the states (B, S, K) what queries are compared with, (B, S, A)."""
        return self.key(states) if self.score in ("general", "additive") else states

    def forward(
        self, query: torch.Tensor, keys: torch.Tensor, states: torch.Tensor, keep: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Attend to sources.

        Args:
            query: (B, T, Q), T queries of each source.
            keys: (B, S, A), see `keys`.
            states: (B, S, K).
            keep: (B, S) bool, where a source has tokens.

        Returns:
            The means of the states (B, T, K), and the weights (B, T, S), each row summing to 1.
        """
        if self.score == "additive":
            hidden = torch.tanh(self.query(query)[:, :, None] + keys[:, None])  # (B, T, S, A)
            scores = hidden @ self.energy
        else:
            scores = torch.bmm(query * self.scale, keys.transpose(1, 2))  # (B, T, S)
        # the least finite number: a source without tokens gives no NaN
        scores = scores.masked_fill(~keep[:, None], torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        return torch.bmm(weights, states), weights
