"""Recurrent language models: embedding, layers, output layer; the state goes in and out."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import torch
from torch import nn

from seqkit.errors import ConfigError, choices
from seqkit.nn.devices import float32_on_cpu
from seqkit.nn.dropout import EmbeddingDropout, LockedDropout
from seqkit.nn.embedding import GivenRows, make_projection, start_from
from seqkit.nn.min_lstm import MinLstmLayer
from seqkit.nn.mogrifier import MogrifierLayer
from seqkit.nn.recurrent import RecurrentLayer
from seqkit.nn.softmax import AdaptiveSoftmax, FullSoftmax
from seqkit.nn.state import State

__all__ = ["Hidden", "RecurrentLm", "RecurrentLmConfig"]

CellName = Literal["lstm", "gru", "tanh", "minlstm", "mogrifier"]
OutputName = Literal["softmax", "adaptive"]


@dataclass(frozen=True, kw_only=True)
class RecurrentLmConfig:
    """A recurrent language model."""

    cell: CellName = "lstm"
    """Kind of the layers; minlstm runs as a parallel scan, mogrifier lets input and state gate each
    other."""
    dim: int = 200
    """Width of the embeddings."""
    embedding_range: float = 0.4
    """Embeddings start uniform between minus and plus this."""
    hidden: tuple[int, ...] = (200, 200)
    """Units of each layer, the lowest first."""
    tied: bool = True
    """Output weights are the embeddings; the last layer is then as wide as they are."""
    word_dropout: float = 0.0
    """Embedding dropout: share of word types dropped from a window's input."""
    input_dropout: float = 0.2
    """Locked dropout of the embedded input."""
    hidden_dropout: float = 0.2
    """Locked dropout between layers."""
    output_dropout: float = 0.3
    """Locked dropout before the output layer."""
    weight_dropout: float = 0.0
    """Dropout of the recurrent matrices (weight drop)."""
    rounds: int = 5
    """mogrifier: how often input and state gate each other."""
    rank: int | None = None
    """mogrifier: rank of the gating matrices; None for full ones."""
    output: OutputName = "softmax"
    """Output layer; adaptive is for large vocabularies, and not tied."""
    cutoffs: tuple[int, ...] = (2000, 10000)
    """adaptive: ids at which a cluster of rarer words begins."""


class Hidden(NamedTuple):
    """What the layers give for a window."""

    top: torch.Tensor
    """(B, T, H) of the last layer, after the output dropout: what the output layer takes."""
    raw: torch.Tensor
    """(B, T, H) of the last layer, before it."""
    layers: list[torch.Tensor]
    """Of each layer (B, T, H_l), before any dropout."""


class RecurrentLm(nn.Module):
    """Language model with locked dropouts, weight drop and tied weights (Merity et al. 2018)."""

    def __init__(
        self, config: RecurrentLmConfig, *, vocabulary: int, given: GivenRows | None = None
    ) -> None:
        """Build the network with random weights, and given rows among its embeddings.

        Raises:
            ConfigError: sizes or rates out of range, or that do not fit each other.
        """
        super().__init__()
        for name, kinds in (("cell", CellName), ("output", OutputName)):
            if getattr(config, name) not in get_args(kinds):
                raise ConfigError(choices(f"model.{name}", getattr(config, name), get_args(kinds)))
        if not config.hidden:
            raise ConfigError("model.hidden: name the units of at least one layer")
        if config.dim < 1:
            raise ConfigError(f"model.dim {config.dim}: must be 1 or more")
        if not 0 < config.embedding_range < math.inf:
            raise ConfigError(f"model.embedding-range {config.embedding_range}: must be above 0")
        if config.tied and config.output == "adaptive":
            raise ConfigError(
                "model.tied: an adaptive softmax has no weights to share: --model.no-tied"
            )
        if config.tied and config.hidden[-1] != config.dim:
            raise ConfigError(
                f"model.tied: the last layer has {config.hidden[-1]} units, the embeddings are "
                f"{config.dim} wide: make them equal, or --model.no-tied"
            )
        self.projected_from = None if given is None else given.projected_from
        if config.tied and self.projected_from is not None:
            raise ConfigError(
                "model.tied: projected vectors are no weights of the output layer: "
                "--model.no-tied, or --model.vectors-use tuned or frozen"
            )
        self.config, self.vocabulary = config, vocabulary
        self.embedding = nn.Embedding(vocabulary, self.projected_from or config.dim)
        nn.init.uniform_(self.embedding.weight, -config.embedding_range, config.embedding_range)
        if given is not None:
            start_from(self.embedding.weight, given)
        self.projection = make_projection(self.projected_from, config.dim)
        sizes = (config.dim, *config.hidden)
        self.layers = nn.ModuleList(
            _layer(config, input_size, hidden)
            for input_size, hidden in zip(sizes, config.hidden, strict=False)
        )
        self.word_dropout = EmbeddingDropout(config.word_dropout)
        self.input_dropout = LockedDropout(config.input_dropout)
        self.hidden_dropout = LockedDropout(config.hidden_dropout)
        self.output_dropout = LockedDropout(config.output_dropout)
        if config.output == "adaptive":
            self.output: FullSoftmax | AdaptiveSoftmax = AdaptiveSoftmax(
                config.hidden[-1], vocabulary, cutoffs=config.cutoffs
            )
        else:
            self.output = FullSoftmax(config.hidden[-1], vocabulary)
        self.tie()

    def tie(self) -> None:
        """Make embedding and output layer share their weights, where the configuration says so.

        Moving a module off the meta device parts them; then this is to be called again.
        """
        if self.config.tied:
            self.output.weight = self.embedding.weight

    def start(self, count: int) -> State:
        """Make the state that `count` sequences begin with: zeros."""
        none = self.embedding.weight.new_zeros(count, 0, 0)
        return tuple(layer.zero_state(none) for layer in self.layers)

    def forward(self, ids: torch.Tensor, state: State) -> tuple[Hidden, State]:
        """Run over a window.

        Args:
            ids: (B, T) int64.
            state: after the window before, or `start(B)`.

        Returns:
            The hidden states, which `output` turns into probabilities of the next ids, and the
            state after the window.
        """
        x = self.embedding(ids)  # (B, T, E), or W if projected
        if self.projection is not None:
            x = self.projection(x).to(x.dtype)  # autocast would narrow it
        x = self.word_dropout(x, ids, self.vocabulary)  # (B, T, E)
        x = self.input_dropout(x)
        layers, after = [], []
        with float32_on_cpu(ids.device):
            for depth, (layer, before) in enumerate(zip(self.layers, state, strict=True)):
                if depth:
                    x = self.hidden_dropout(x)
                x, carried = layer(x, before)  # (B, T, H_l)
                layers.append(x)
                after.append(carried)
        return Hidden(self.output_dropout(x), x, layers), tuple(after)


def _layer(config: RecurrentLmConfig, input_size: int, hidden: int) -> nn.Module:
    if config.cell == "minlstm":
        return MinLstmLayer(input_size, hidden)
    dropped = {"weight_dropout": config.weight_dropout}
    if config.cell == "mogrifier":
        return MogrifierLayer(input_size, hidden, rounds=config.rounds, rank=config.rank, **dropped)
    return RecurrentLayer(input_size, hidden, cell=config.cell, **dropped)
