"""Sequence to sequence: a recurrent encoder, and a recurrent decoder that may attend to it."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import torch
from torch import nn
from torch.nn import functional

from seqkit.errors import ConfigError, choices
from seqkit.nn.attention import SCORES, Attention
from seqkit.nn.devices import float32_on_cpu
from seqkit.nn.dropout import LockedDropout, check_rate
from seqkit.nn.embedding import Embedding, GivenRows
from seqkit.nn.masking import keep_mask
from seqkit.nn.recurrent import Cell, RecurrentLayer, RecurrentStack
from seqkit.nn.softmax import FullSoftmax
from seqkit.nn.state import LayerState, State, select

__all__ = ["ATTENTIONS", "DecoderState", "Memory", "Seq2Seq", "Seq2SeqConfig"]

AttentionName = Literal["none", "fixed", "additive", "dot", "scaled-dot", "general"]
ATTENTIONS: tuple[str, ...] = get_args(AttentionName)
Bridge = Literal["zero", "last", "learned"]
Tied = Literal["none", "target", "all"]


@dataclass(frozen=True, kw_only=True)
class Seq2SeqConfig:
    """An encoder and a decoder."""

    cell: Cell = "lstm"
    """Recurrent cell of both."""
    dim: int = 256
    """Width of the embeddings."""
    encoder_hidden: int = 256
    """Units of each layer and direction of the encoder."""
    encoder_layers: int = 1
    """Its layers, one above the other."""
    bidirectional: bool = True
    """The encoder reads in both directions."""
    decoder_hidden: int = 256
    """Units of each layer of the decoder."""
    decoder_layers: int = 1
    """Its layers."""
    residual: bool = False
    """Each layer from the second on adds its input to its output."""
    attention: AttentionName = "additive"
    """How a state of the encoder is compared with one of the decoder; fixed: the last one of the
    encoder at each step (Cho et al. 2014); none: it is where the decoder starts, and no more
    (Sutskever et al. 2014)."""
    attention_hidden: int = 256
    """additive: size of its layer."""
    input_feeding: bool = True
    """The decoder reads what it attended to at the step before."""
    bridge: Bridge = "learned"
    """What the decoder starts from: zeros, the last states of the encoder, or a layer over them."""
    tied: Tied = "target"
    """Output weights are the target's embeddings; all: and the source's, of a shared vocabulary."""
    dropout: float = 0.3
    """Of embeddings, between layers and before the output layer: the same features at each step."""
    word_dropout: float = 0.0
    """Share of word types dropped from each training batch, on both sides."""
    weight_dropout: float = 0.0
    """Of the recurrent matrices."""


class Memory(NamedTuple):
    """What the encoder gives for B sources."""

    states: torch.Tensor
    """(B, S, K)."""
    keys: torch.Tensor
    """(B, S, A), what queries are compared with."""
    keep: torch.Tensor
    """(B, S) bool, where there are tokens."""
    last: torch.Tensor
    """(B, L, K), for each layer the last state of each direction."""

    def select(self, sources: torch.Tensor) -> "Memory":
        """Take the given sources (B',) int64, in that order and as often as named."""
        return Memory(*(part.index_select(0, sources.to(part.device)) for part in self))


class DecoderState(NamedTuple):
    """What the decoder carries from step to step for N sequences."""

    layers: State
    feed: torch.Tensor
    """(N, F), beside the embedding what the next step reads; F is 0 where there is nothing."""

    def select(self, rows: torch.Tensor) -> "DecoderState":
        """Take the given sequences (N',) int64, in that order and as often as named."""
        rows = rows.to(self.feed.device)
        return DecoderState(select(self.layers, rows), self.feed.index_select(0, rows))


class Seq2Seq(nn.Module):
    """Encoder, attention and decoder, in Luong's order: recurrent layers, attention, output.

    With h the top of the decoder and c what it attends to, the output layer reads tanh(W [c; h])
    (Luong et al. 2015, eq. 5), and with input feeding so does the next step (section 3.3).
    """

    def __init__(
        self,
        config: Seq2SeqConfig,
        *,
        source_vocabulary: int,
        target_vocabulary: int,
        source_given: GivenRows | None = None,
        target_given: GivenRows | None = None,
    ) -> None:
        """Build the network with random weights, and given rows among the embeddings.

        With `tied` all there is one table, which starts from `target_given`.

        Raises:
            ConfigError: sizes, rates or names out of range, or that do not fit each other.
        """
        super().__init__()
        _check(config, source_vocabulary, target_vocabulary)
        _check_given(config, source_given, target_given)
        self.config = config
        self.source_vocabulary, self.target_vocabulary = source_vocabulary, target_vocabulary
        directions = 2 if config.bidirectional else 1
        states, hidden = directions * config.encoder_hidden, config.decoder_hidden
        self.attends = config.attention in SCORES
        self.feeds = self.attends and config.input_feeding
        out = hidden if config.tied == "none" else config.dim
        extra = out if self.feeds else states if config.attention == "fixed" else 0

        self.source_embedding = Embedding(
            source_vocabulary, config.dim, given=source_given, word_dropout=config.word_dropout
        )
        self.target_embedding = Embedding(
            target_vocabulary, config.dim, given=target_given, word_dropout=config.word_dropout
        )
        self.encoder = RecurrentStack(
            config.dim,
            config.encoder_hidden,
            layers=config.encoder_layers,
            cell=config.cell,
            bidirectional=config.bidirectional,
            locked_dropout=config.dropout,
            weight_dropout=config.weight_dropout,
            residual=config.residual,
        )
        parts = 2 if config.cell == "lstm" else 1
        learned = config.bridge == "learned"
        self.bridge = nn.ModuleList(
            nn.Linear(states, parts * hidden)
            for _ in range(config.decoder_layers if learned else 0)
        )
        self.decoder = nn.ModuleList(
            RecurrentLayer(
                hidden if depth else config.dim + extra,
                hidden,
                cell=config.cell,
                weight_dropout=config.weight_dropout,
            )
            for depth in range(config.decoder_layers)
        )
        self.attention = (
            Attention(
                config.attention,  # type: ignore[arg-type]
                query=hidden,
                states=states,
                hidden=config.attention_hidden,
            )
            if self.attends
            else None
        )
        seen = states if config.attention != "none" else 0
        self.combine = nn.Linear(seen + hidden, out) if seen or out != hidden else None
        self.dropout = LockedDropout(config.dropout)
        self.output = FullSoftmax(out, target_vocabulary)
        self.tie()

    def tie(self) -> None:
        """Make layers share their weights, where the configuration says so.

        Moving a module off the meta device parts them; then this is to be called again.
        """
        if self.config.tied != "none":
            self.output.weight = self.target_embedding.weight
        if self.config.tied == "all":
            self.source_embedding.weight = self.target_embedding.weight

    def encode(self, ids: torch.Tensor, lengths: torch.Tensor) -> Memory:
        """Read sources ids (B, S) of the given lengths (B,), int64."""
        keep = keep_mask(lengths, ids.shape[1])
        x = self.dropout(self.source_embedding(ids, keep))  # (B, S, E)
        outputs = self.encoder.outputs(x, lengths)
        states = self.dropout(outputs[-1])  # (B, S, K)
        ends = (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, states.shape[2])
        last = torch.stack([self._last(each, ends) for each in outputs], 1)  # (B, L, K)
        keys = states if self.attention is None else self.attention.keys(states)
        return Memory(states, keys, keep, last)

    def _last(self, outputs: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
        """Return where each direction has read everything, (B, K)."""
        forward = outputs.gather(1, ends)[:, 0]
        if not self.config.bidirectional:
            return forward
        return torch.cat([forward.chunk(2, 1)[0], outputs[:, 0].chunk(2, 1)[1]], 1)

    def start(self, memory: Memory) -> DecoderState:
        """Make the state of the decoder before the first token, one sequence a source."""
        count, hidden = len(memory.states), self.config.decoder_hidden
        parts = 2 if self.config.cell == "lstm" else 1
        zeros = memory.last.new_zeros(count, hidden)
        top = memory.last.shape[1] - 1
        layers: list[LayerState] = []
        for depth in range(self.config.decoder_layers):
            last = memory.last[:, min(depth, top)]
            if self.config.bridge == "learned":
                made = torch.tanh(self.bridge[depth](last)).chunk(parts, 1)
            else:
                made = parts * (last if self.config.bridge == "last" else zeros,)
            layers.append(tuple(part[None] for part in made))
        if self.feeds:
            feed = memory.last.new_zeros(count, self.output.weight.shape[1])
        else:
            feed = memory.last[:, -1] if self.config.attention == "fixed" else zeros[:, :0]
        return DecoderState(tuple(layers), feed)

    def forward(
        self,
        ids: torch.Tensor,
        lengths: torch.Tensor,
        inputs: torch.Tensor,
        *,
        sampling: float = 0.0,
    ) -> torch.Tensor:
        """Run with the right token before each step (teacher forcing).

        Args:
            ids: (B, S) int64, the sources.
            lengths: (B,) int64, of the sources.
            inputs: (B, T) int64, the tokens before those that are to be predicted, BOS first.
            sampling: chance that a step reads the token that the model finds likeliest after the
                one before, in place of the right one (scheduled sampling, Bengio et al. 2015).

        Returns:
            (B, T, H), what the output layer turns into probabilities.
        """
        memory = self.encode(ids, lengths)
        state = self.start(memory)
        return self.dropout(self._run(memory, state, inputs, sampling)[0])

    def align(
        self, ids: torch.Tensor, lengths: torch.Tensor, inputs: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Do as `forward`; returns the weights of attention (B, T, S) too, None without any."""
        memory = self.encode(ids, lengths)
        hidden, weights = self._run(memory, self.start(memory), inputs, 0.0)
        return self.dropout(hidden), weights

    def step(
        self, memory: Memory, state: DecoderState, tokens: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor | None, DecoderState]:
        """Read one token of each sequence.

        Args:
            memory: of B sources.
            state: of N = B * k sequences, the k of each source one after another.
            tokens: (N,) int64.

        Returns:
            (N, H), what the output layer turns into probabilities; the weights (N, S) of attention,
            None without any; and the state.
        """
        x = torch.cat([self._embed(tokens[:, None])[:, 0], state.feed], 1)  # (N, E + F)
        layers: list[LayerState] = []
        for depth, (layer, before) in enumerate(zip(self.decoder, state.layers, strict=True)):
            y, after = layer(x[:, None], before)
            x = x + y[:, 0] if depth and self.config.residual else y[:, 0]
            layers.append(after)
        grouped = x.view(len(memory.states), -1, x.shape[1])  # (B, k, H)
        hidden, weights = self._combine(memory, grouped)
        hidden = hidden.flatten(0, 1)
        feed = hidden if self.feeds else state.feed
        return (
            hidden,
            None if weights is None else weights.flatten(0, 1),
            DecoderState(tuple(layers), feed),
        )

    def _embed(self, tokens: torch.Tensor) -> torch.Tensor:
        """Embed (B, T) int64."""
        return self.target_embedding(tokens, torch.ones_like(tokens, dtype=torch.bool))

    def _combine(
        self, memory: Memory, top: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Attend for the tops of the decoder (B, T, H), and make of both what the output reads."""
        weights = None
        if self.attention is not None:
            context, weights = self.attention(top, memory.keys, memory.states, memory.keep)
            top = torch.cat([context, top], -1)
        elif self.config.attention == "fixed":
            context = memory.last[:, -1:].expand(-1, top.shape[1], -1)
            top = torch.cat([context, top], -1)
        return top if self.combine is None else torch.tanh(self.combine(top)), weights

    def _run(
        self, memory: Memory, state: DecoderState, inputs: torch.Tensor, sampling: float
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Run over all steps; returns what the output layer reads, and the weights."""
        if not (self.feeds or sampling):
            return self._at_once(memory, state, inputs)
        with float32_on_cpu(inputs.device):
            if inputs.device.type == "cpu":  # the encoder may have run in bf16
                memory = Memory(*map(_widened, memory))
                layers = tuple(tuple(map(_widened, layer)) for layer in state.layers)
                state = DecoderState(layers, _widened(state.feed))
            return self._unroll(memory, state, inputs, sampling)

    def _at_once(
        self, memory: Memory, state: DecoderState, inputs: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Run over all steps together: nothing of a step is read by the next."""
        x = self.dropout(self._embed(inputs))  # (B, T, E)
        x = torch.cat([x, state.feed[:, None].expand(-1, x.shape[1], -1)], -1)
        for depth, (layer, before) in enumerate(zip(self.decoder, state.layers, strict=True)):
            x = self.dropout(x) if depth else x
            y, _ = layer(x, before)
            x = x + y if depth and self.config.residual else y
        return self._combine(memory, x)

    def _unroll(
        self, memory: Memory, state: DecoderState, inputs: torch.Tensor, sampling: float
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Run step by step."""
        count, steps = inputs.shape
        mask = self._mask(embedded := self._embed(inputs))  # (B, T, E), (B, 1, E)
        between = [self._mask(part[0].transpose(0, 1))[:, 0] for part in state.layers[1:]]
        first, *others = [_Steps(layer) for layer in self.decoder]
        known = first.read(embedded * mask)  # (B, T, G * H)
        layers, feed = [tuple(part[0] for part in each) for each in state.layers], state.feed
        hidden, weights = [], []
        for t in range(steps):
            gates = known[:, t]
            if sampling and t:
                own = self._embed(self._likeliest(hidden[-1])[:, None]) * mask
                chosen = torch.rand(count, 1, device=gates.device) < sampling
                gates = torch.where(chosen, first.read(own)[:, 0], gates)
            layers[0] = first.step(gates, feed, layers[0])
            x = layers[0][0]
            for depth, (cell, dropped) in enumerate(zip(others, between, strict=True), start=1):
                x = x * dropped
                layers[depth] = cell.step(None, x, layers[depth])
                x = x + layers[depth][0] if self.config.residual else layers[depth][0]
            made, weight = self._combine(memory, x[:, None])
            hidden.append(made[:, 0])
            weights.append(weight)
            feed = hidden[-1] if self.feeds else feed
        return torch.stack(hidden, 1), None if not self.attends else torch.cat(weights, 1)

    def _mask(self, x: torch.Tensor) -> torch.Tensor:
        """Draw what the dropout multiplies x (B, T, H) with, (B, 1, H)."""
        return self.dropout(x.new_ones(x.shape[0], 1, x.shape[2]))

    @torch.no_grad()
    def _likeliest(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return the likeliest tokens (B,) after hidden (B, H)."""
        return self.output.log_probs(hidden).argmax(1)


class _Steps:
    """A layer made ready for many single steps in training: its weights are drawn once."""

    def __init__(self, layer: RecurrentLayer) -> None:
        self.cell = layer.cell
        self.w_ih, self.w_hh, self.b_ih, self.b_hh = layer.drawn_parts()

    def read(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply the first inputs x (B, T, E) of several steps; `step` reads the others."""
        return functional.linear(x, self.w_ih[:, : x.shape[2]], self.b_ih)

    def step(self, known: torch.Tensor | None, x: torch.Tensor, state: LayerState) -> LayerState:
        """Do one step.

        Args:
            known: (B, G * H), what `read` made of the first inputs; None where x is all of them.
            x: (B, F), the last inputs.
            state: (h,) or (h, c), each (B, H).
        """
        gates = self.b_ih if known is None else known
        if x.shape[1]:
            gates = torch.addmm(gates, x, self.w_ih[:, -x.shape[1] :].t())
        h = state[0]
        if self.cell == "gru":
            r_x, z_x, n_x = gates.chunk(3, 1)
            r_h, z_h, n_h = torch.addmm(self.b_hh, h, self.w_hh.t()).chunk(3, 1)
            n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
            return (n + torch.sigmoid(z_x + z_h) * (h - n),)
        gates = torch.addmm(gates + self.b_hh, h, self.w_hh.t())
        if self.cell == "tanh":
            return (torch.tanh(gates),)
        i, f, g, o = gates.chunk(4, 1)
        c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


def _widened(x: torch.Tensor) -> torch.Tensor:
    return x.float() if x.dtype == torch.bfloat16 else x


def _check_given(config: Seq2SeqConfig, source: GivenRows | None, target: GivenRows | None) -> None:
    if config.tied == "all" and source is not None:
        raise ConfigError("model.tied all: the one table of both sides starts from target_given")
    if config.tied != "none" and target is not None and target.projected_from is not None:
        raise ConfigError(
            f"model.tied {config.tied}: projected vectors are no weights of the output layer: "
            "--model.tied none, or --model.vectors-use tuned or frozen"
        )


def _check(config: Seq2SeqConfig, source_vocabulary: int, target_vocabulary: int) -> None:
    for name, kinds in (("attention", AttentionName), ("bridge", Bridge), ("tied", Tied)):
        if getattr(config, name) not in get_args(kinds):
            raise ConfigError(choices(f"model.{name}", getattr(config, name), get_args(kinds)))
    check_rate("model.dropout", config.dropout)
    if config.decoder_layers < 1:
        raise ConfigError(f"model.decoder-layers {config.decoder_layers}: must be 1 or more")
    if config.attention == "none" and config.bridge == "zero":
        raise ConfigError(
            "model.attention none with model.bridge zero: nothing of the source would reach the "
            "decoder: choose another attention, or --model.bridge last or learned"
        )
    states = config.encoder_hidden * (2 if config.bidirectional else 1)
    if config.bridge == "last" and states != config.decoder_hidden:
        raise ConfigError(
            f"model.bridge last: the encoder gives {states} units, the decoder has "
            f"{config.decoder_hidden}: make them equal, or --model.bridge learned"
        )
    if config.tied == "all" and source_vocabulary != target_vocabulary:
        raise ConfigError(
            f"model.tied all: {source_vocabulary} ids of the source, {target_vocabulary} of the "
            "target: it takes --shared-vocab"
        )
