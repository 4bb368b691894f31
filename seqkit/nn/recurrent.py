"""Recurrent layers and stacks: tanh RNN, GRU and LSTM over padded batches, state in and out."""

import math
from typing import Literal, get_args

import torch
from torch import nn

from seqkit.errors import ConfigError, choices
from seqkit.nn.dropout import LockedDropout, check_rate, drop_mask
from seqkit.nn.initialise import initialise_matrix
from seqkit.nn.masking import reverse_sequences

__all__ = ["CELLS", "Cell", "RecurrentLayer", "RecurrentStack", "State"]

Cell = Literal["tanh", "gru", "lstm"]
CELLS: tuple[str, ...] = get_args(Cell)
State = tuple[torch.Tensor, ...]
"""(h,) or (h, c), each (1, B, H): what one layer carries from window to window."""

_GATES = {"tanh": 1, "gru": 3, "lstm": 4}
_FEW = 16  # on a CPU, torch.lstm reorders its weights anew; for one step of so few, that is most


class RecurrentLayer(nn.Module):
    """One layer in one direction, with PyTorch's equations and gate order.

    Its weights lie in one flat parameter, laid out as cuDNN wants them: dropping recurrent weights
    (weight drop, Merity et al. 2018, section 2) masks that one tensor, and no call has to gather
    them anew.
    """

    def __init__(
        self, input_size: int, hidden: int, *, cell: Cell = "lstm", weight_dropout: float = 0.0
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ConfigError(choices("cell", cell, CELLS))
        if input_size < 1 or hidden < 1:
            raise ConfigError(f"{cell} layer of {input_size} x {hidden}: sizes must be 1 or more")
        self.cell, self.input_size, self.hidden = cell, input_size, hidden
        self.weight_dropout = check_rate("weight dropout", weight_dropout)
        rows = _GATES[cell] * hidden
        self.shapes = ((rows, input_size), (rows, hidden), (rows,), (rows,))
        self.weights = nn.Parameter(torch.empty(sum(map(math.prod, self.shapes))))
        nn.init.uniform_(self.weights, -(hidden**-0.5), hidden**-0.5)

    def parts(self, flat: torch.Tensor | None = None) -> list[torch.Tensor]:
        """View the flat weights as weight_ih (G*H, E), weight_hh (G*H, H), bias_ih, bias_hh."""
        flat = self.weights if flat is None else flat
        pieces = flat.split([math.prod(shape) for shape in self.shapes])
        return [piece.view(shape) for piece, shape in zip(pieces, self.shapes, strict=True)]

    def drawn_parts(self) -> list[torch.Tensor]:
        """Return the `parts`, in training with recurrent weights dropped."""
        flat = self.weights
        if self.training and self.weight_dropout:
            before, after = math.prod(self.shapes[0]), 2 * self.shapes[2][0]
            dropped = drop_mask(flat, (math.prod(self.shapes[1]),), self.weight_dropout)
            flat = flat * nn.functional.pad(dropped, (before, after), value=1.0)
        return self.parts(flat)

    @torch.no_grad()
    def initialise(self, scheme: str) -> None:
        """Initialise gate by gate; biases 0, but an LSTM's forget gate 1 in sum."""
        w_ih, w_hh, b_ih, b_hh = self.parts()
        for matrix in (w_ih, w_hh):
            for gate in matrix.split(self.hidden):
                initialise_matrix(gate, scheme)
        b_ih.zero_()
        b_hh.zero_()
        if self.cell == "lstm":
            b_ih[self.hidden : 2 * self.hidden].fill_(1.0)

    def zero_state(self, x: torch.Tensor) -> State:
        """Make the state that a batch `x` (B, T, E) starts from."""
        zeros = x.new_zeros(1, x.shape[0], self.hidden)
        return (zeros, zeros) if self.cell == "lstm" else (zeros,)

    def forward(self, x: torch.Tensor, state: State | None = None) -> tuple[torch.Tensor, State]:
        """Run over time.

        Args:
            x: (B, T, E).
            state: as returned for the window before; None starts from zeros.

        Returns:
            The outputs (B, T, H), and the state after the last column (padding included).
        """
        if state is not None and self._is_small_step(x):
            h, c = torch.lstm_cell(x[:, 0], tuple(part[0] for part in state), *self.parts())
            return h[:, None], (h[None], c[None])
        state = self.zero_state(x) if state is None else state
        weights = self.drawn_parts()
        if self.cell == "lstm":
            h, *last = torch.lstm(x, state, weights, True, 1, 0.0, self.training, False, True)
        else:
            run = torch.gru if self.cell == "gru" else torch.rnn_tanh
            h, *last = run(x, state[0], weights, True, 1, 0.0, self.training, False, True)
        return h, tuple(last)

    def _is_small_step(self, x: torch.Tensor) -> bool:
        """Say whether this is a step of generation that an LSTM takes three times faster alone."""
        plain = self.cell == "lstm" and not self.training and not torch.is_grad_enabled()
        return plain and x.shape[1] == 1 and x.shape[0] <= _FEW and x.device.type == "cpu"


class RecurrentStack(nn.Module):
    """Layers one above the other, each in one direction or both, with dropout in between."""

    def __init__(
        self,
        input_size: int,
        hidden: int,
        *,
        layers: int = 1,
        cell: Cell = "lstm",
        bidirectional: bool = False,
        locked_dropout: float = 0.0,
        weight_dropout: float = 0.0,
        layer_norm: bool = False,
        residual: bool = False,
    ) -> None:
        """Make the stack.

        Args:
            input_size: E.
            hidden: H, of each direction.
            layers: L.
            cell: tanh, gru or lstm.
            bidirectional: give each layer a backward twin; the output is their concatenation.
            locked_dropout: between layers, the same features at each time step.
            weight_dropout: of the recurrent matrices.
            layer_norm: normalise the output of each layer (Ba et al. 2016).
            residual: add to the output of each layer, from the second on, what it read.
        """
        super().__init__()
        if layers < 1:
            raise ConfigError(f"layers {layers}: must be 1 or more")
        self.directions, self.residual = 2 if bidirectional else 1, residual
        self.output_size = hidden * self.directions
        self.layers = nn.ModuleList(
            nn.ModuleList(
                RecurrentLayer(
                    input_size if layer == 0 else self.output_size,
                    hidden,
                    cell=cell,
                    weight_dropout=weight_dropout,
                )
                for _ in range(self.directions)
            )
            for layer in range(layers)
        )
        self.norms = nn.ModuleList(
            nn.LayerNorm(self.output_size) if layer_norm else nn.Identity() for _ in range(layers)
        )
        self.dropout = LockedDropout(locked_dropout)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Run over padded sequences x (B, T, E) of the given lengths. Returns (B, T, D * H).

        What stands at padded positions is not defined; pool with the lengths.
        """
        return self.outputs(x, lengths)[-1]

    def outputs(self, x: torch.Tensor, lengths: torch.Tensor) -> list[torch.Tensor]:
        """Do as `forward`, and return what each of the layers gives."""
        outputs = []
        for depth, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            if depth:
                x = self.dropout(x)
            parts = [layer[0](x)[0]]
            if self.directions == 2:
                backward = layer[1](reverse_sequences(x, lengths))[0]
                parts.append(reverse_sequences(backward, lengths))
            y = norm(torch.cat(parts, -1))  # (B, T, D * H)
            x = x + y if depth and self.residual else y
            outputs.append(x)
        return outputs
