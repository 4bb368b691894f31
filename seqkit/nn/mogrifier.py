"""The Mogrifier LSTM: the input and the state gate each other before each step."""

from collections.abc import Sequence
from itertools import islice

import torch
from torch import nn
from torch.autograd.function import FunctionCtx, once_differentiable

from seqkit.errors import ConfigError
from seqkit.nn.dropout import check_rate, drop_mask
from seqkit.nn.initialise import initialise_matrix
from seqkit.nn.state import LayerState

__all__ = ["MogrifierLayer"]


class MogrifierLayer(nn.Module):
    """An LSTM whose input and state modulate each other first (Melis et al. 2020, section 2).

    Before each step, x and the h of the step before are scaled in turn, for i = 1 to `rounds`:

        x <- 2 sigmoid(Q^i h) * x  for odd i (eq. 1);  h <- 2 sigmoid(R^i x) * h  for even i (eq. 2)

    What follows is the LSTM step with PyTorch's equations and gate order (input, forget, cell,
    output). With no rounds it is a plain LSTM. The gradient is written out, so that the gradients
    of the weights are one product a window rather than one a step.
    """

    def __init__(
        self,
        input_size: int,
        hidden: int,
        *,
        rounds: int = 5,
        rank: int | None = None,
        weight_dropout: float = 0.0,
    ) -> None:
        """Make the layer.

        Args:
            input_size: E.
            hidden: H.
            rounds: how often x and h gate each other in all.
            rank: makes each Q (E, H) and R (H, E) a product of matrices with this inner size;
                None keeps them whole.
            weight_dropout: of the recurrent matrix (4H, H), one mask a window.
        """
        super().__init__()
        if input_size < 1 or hidden < 1:
            raise ConfigError(
                f"mogrifier layer of {input_size} x {hidden}: sizes must be 1 or more"
            )
        if rounds < 0:
            raise ConfigError(f"mogrifier rounds {rounds}: must be 0 or more")
        if rank is not None and rounds == 0:
            raise ConfigError(f"mogrifier rank {rank}: 0 rounds have no matrices to factor")
        if rank is not None and not 1 <= rank <= min(input_size, hidden):
            raise ConfigError(
                f"mogrifier rank {rank}: must lie between 1 and {min(input_size, hidden)}, "
                f"the smaller size of the layer ({input_size} x {hidden})"
            )
        self.input_size, self.hidden, self.rounds, self.rank = input_size, hidden, rounds, rank
        self.weight_dropout = check_rate("weight dropout", weight_dropout)
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden, hidden))
        self.bias = nn.Parameter(torch.empty(4 * hidden))
        shapes = []
        for number in range(rounds):
            rows, columns = (hidden, input_size) if number % 2 else (input_size, hidden)
            shapes += [(rows, columns)] if rank is None else [(rows, rank), (rank, columns)]
        self.gates = nn.ParameterList(nn.Parameter(torch.empty(shape)) for shape in shapes)
        for weight in self.parameters():
            nn.init.uniform_(weight, -(hidden**-0.5), hidden**-0.5)

    @torch.no_grad()
    def initialise(self, scheme: str) -> None:
        """Initialise gate by gate; biases 0, but the forget gate 1."""
        for weight in (self.weight_ih, self.weight_hh):
            for gate in weight.split(self.hidden):
                initialise_matrix(gate, scheme)
        for matrix in self.gates:
            initialise_matrix(matrix, scheme)
        self.bias.zero_()
        self.bias[self.hidden : 2 * self.hidden].fill_(1.0)

    def zero_state(self, x: torch.Tensor) -> LayerState:
        """Make the state that a batch `x` (B, T, E) starts from."""
        zeros = x.new_zeros(1, x.shape[0], self.hidden)
        return zeros, zeros

    def forward(
        self, x: torch.Tensor, state: LayerState | None = None
    ) -> tuple[torch.Tensor, LayerState]:
        """Run over time.

        Args:
            x: (B, T, E), T >= 1.
            state: (h, c), each (1, B, H), as returned for the window before; None for zeros.

        Returns:
            The outputs (B, T, H), and the state after the last column (padding included). Under
            autocast the products and h have its type, c that of the weights.
        """
        h, c = self.zero_state(x) if state is None else state
        weight_hh = self.weight_hh
        if self.training and self.weight_dropout:
            mask = drop_mask(weight_hh, tuple(weight_hh.shape), self.weight_dropout)
            weight_hh = weight_hh * mask
        kind, dtype = x.device.type, weight_hh.dtype
        if torch.is_autocast_enabled(kind):
            dtype = torch.get_autocast_dtype(kind)
        x, h, weight_ih, weight_hh, bias, *gates = (
            part.to(dtype)
            for part in (x.transpose(0, 1), h[0], self.weight_ih, weight_hh, self.bias, *self.gates)
        )
        x, c = x.contiguous(), c[0].to(self.weight_hh.dtype)
        h, c = _Steps.apply(self.rank is not None, x, h, c, weight_ih, weight_hh, bias, *gates)
        return h.transpose(0, 1), (h[-1:], c[None])


class _Steps(torch.autograd.Function):
    """The steps of a window: x (T, B, E), h (B, H), c (B, H) -> outputs (T, B, H), last c (B, H).

    Round n, from 0, gates x where n is even and h where it is odd. `values[n % 2]` holds what is
    gated, before and after each of its rounds; `tanhs[n % 2]` the gates, as 2 sigmoid(z) =
    1 + tanh(z / 2). `chains[n]` is (Q,) or (R,), or the two factors, with `middles[n]` in between.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        factored: bool,
        x: torch.Tensor,
        h: torch.Tensor,
        c: torch.Tensor,
        weight_ih: torch.Tensor,
        weight_hh: torch.Tensor,
        bias: torch.Tensor,
        *gates: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        (time, batch, _), hidden = x.shape, h.shape[1]
        chains = _chains(gates, factored)
        outputs, cells = x.new_empty(time + 1, batch, hidden), c.new_empty(time + 1, batch, hidden)
        outputs[0], cells[0] = h, c
        values, tanhs = [[x], [outputs[:-1]]], [[], []]
        for n in range(len(chains)):
            values[n % 2].append(torch.empty_like(values[n % 2][0]))
            tanhs[n % 2].append(torch.empty_like(values[n % 2][0]))
        middles = [x.new_empty(time, batch, len(chain[-1])) for chain in chains if factored]
        acts, squashed = x.new_empty(time, batch, 4 * hidden), torch.empty_like(cells[1:])

        rounds = [  # views made once, not at each step
            (
                [matrix.T for matrix in chain],
                values[1 - n % 2][(n + 1) // 2].unbind(0),
                middles[n].unbind(0) if factored else (),
                tanhs[n % 2][n // 2].unbind(0),
                values[n % 2][n // 2].unbind(0),
                values[n % 2][n // 2 + 1].unbind(0),
            )
            for n, chain in enumerate(chains)
        ]
        gated_x, gated_h, sums = values[0][-1].unbind(0), values[1][-1].unbind(0), acts.unbind(0)
        both = acts[:, :, : 2 * hidden].unbind(0)
        i, f, g, o = (part.unbind(0) for part in acts.chunk(4, 2))
        ih, hh, cell = weight_ih.T, weight_hh.T, cells.unbind(0)
        for t in range(time):
            for matrices, source, middle, gate, before, after in rounds:
                factor = torch.mm(source[t], matrices[1], out=middle[t]) if factored else source[t]
                gate[t].addmm_(factor, matrices[0], beta=0, alpha=0.5).tanh_()
                torch.addcmul(before[t], before[t], gate[t], out=after[t])
            torch.addmm(bias, gated_x[t], ih, out=sums[t]).addmm_(gated_h[t], hh)
            both[t].sigmoid_()  # of i and f
            g[t].tanh_()
            o[t].sigmoid_()
            torch.mul(f[t], cell[t], out=cell[t + 1]).addcmul_(i[t], g[t])
            torch.mul(o[t], torch.tanh(cell[t + 1], out=squashed[t]), out=outputs[t + 1])
        ctx.factored, ctx.rounds = factored, len(chains)
        kept = (*gates, *middles, *values[0], *values[1], *tanhs[0], *tanhs[1])
        ctx.save_for_backward(weight_ih, weight_hh, acts, cells, squashed, *kept)
        return outputs[1:], cells[-1]

    @staticmethod
    @once_differentiable
    def backward(
        ctx: FunctionCtx, grad_h: torch.Tensor, grad_c: torch.Tensor
    ) -> tuple[torch.Tensor | None, ...]:
        weight_ih, weight_hh, acts, cells, squashed, *rest = ctx.saved_tensors
        kept = iter(rest)
        per_side = ((ctx.rounds + 1) // 2, ctx.rounds // 2)
        chains = _chains(list(islice(kept, ctx.rounds * (1 + ctx.factored))), ctx.factored)
        middles = list(islice(kept, ctx.rounds * ctx.factored))
        values = [list(islice(kept, 1 + count)) for count in per_side]
        tanhs = [list(islice(kept, count)) for count in per_side]

        # derivatives that need no gradient yet, of all steps at once
        i, f, g, o = acts.chunk(4, 2)
        of_c = (g * i * (1 - i), cells[:-1] * f * (1 - f), i * (1 - g * g))
        c_slopes = torch.stack(of_c, 2).unbind(0)  # (B, 3, H) each, by the sums of i, f, g
        o_slopes = (squashed * o * (1 - o)).unbind(0)
        h_slopes = (o * (1 - squashed * squashed)).unbind(0)  # of h by c
        d_acts, d_x = torch.empty_like(acts), torch.empty_like(values[0][0])
        d_middles = [torch.empty_like(middle) for middle in middles]
        d_gates, rounds = [], []
        for n, chain in enumerate(chains):
            gate, after = tanhs[n % 2][n // 2], values[n % 2][n // 2 + 1]
            slope = after * (1 - gate) * 0.5
            d_gates.append(torch.empty_like(slope))
            d_middle = d_middles[n].unbind(0) if ctx.factored else ()
            views = (part.unbind(0) for part in (slope, d_gates[n], gate))
            rounds.append((n % 2, chain, d_middle, *views))

        d_sums = d_acts.unbind(0)
        d_ifg = d_acts.unflatten(2, (4, -1))[:, :, :3].unbind(0)
        d_o = d_acts.chunk(4, 2)[3].unbind(0)
        f, grads, d_inputs = f.unbind(0), grad_h.unbind(0), d_x.unbind(0)
        d_h, d_c = torch.zeros_like(grads[0]), grad_c
        for t in reversed(range(len(acts))):
            d_h = d_h + grads[t]
            d_c = torch.addcmul(d_c, d_h, h_slopes[t])
            torch.mul(d_c[:, None], c_slopes[t], out=d_ifg[t])
            torch.mul(d_h, o_slopes[t], out=d_o[t])
            d_c = d_c * f[t]
            d_h = torch.mm(d_sums[t], weight_hh)
            both = (torch.mm(d_sums[t], weight_ih, out=d_inputs[t]), d_h)
            for side, chain, d_middle, slope, d_gate, gate in reversed(rounds):
                d_factor = torch.mul(both[side], slope[t], out=d_gate[t])
                if ctx.factored:
                    d_factor = torch.mm(d_factor, chain[0], out=d_middle[t])
                both[1 - side].addmm_(d_factor, chain[-1])
                both[side].addcmul_(both[side], gate[t])

        d_chains = []
        for n, d_gate in enumerate(d_gates):
            source = values[1 - n % 2][(n + 1) // 2]
            if ctx.factored:
                d_chains += [_outer(d_gate, middles[n]), _outer(d_middles[n], source)]
            else:
                d_chains.append(_outer(d_gate, source))
        d_ih, d_hh = _outer(d_acts, values[0][-1]), _outer(d_acts, values[1][-1])
        return None, d_x, d_h, d_c, d_ih, d_hh, d_acts.sum((0, 1)), *d_chains


def _chains(gates: Sequence[torch.Tensor], factored: bool) -> list[Sequence[torch.Tensor]]:
    return [gates[k : k + 1 + factored] for k in range(0, len(gates), 1 + factored)]


def _outer(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Sum the outer products of (T, B, M) and (T, B, N) over time and batch: (M, N)."""
    return left.flatten(0, 1).T @ right.flatten(0, 1)
