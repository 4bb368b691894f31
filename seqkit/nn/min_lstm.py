"""The minLSTM: a recurrent layer whose window is one product and one scan."""

import torch
from torch import nn
from torch.nn import functional

from seqkit.errors import ConfigError
from seqkit.nn.initialise import initialise_matrix
from seqkit.nn.scan import linear_scan
from seqkit.nn.state import LayerState

__all__ = ["MinLstmLayer"]


class MinLstmLayer(nn.Module):
    """A minimal LSTM (Feng et al. 2024, "Were RNNs All We Needed?", section 3.2).

    Its gates see x alone, never h, so all steps are computed at once:

        f = sigmoid(W_f x + b_f),  i = sigmoid(W_i x + b_i),  f' = f / (f + i),  i' = i / (f + i)
        h_t = f' * h_(t-1) + i' * g(W_h x + b_h),  with g(z) = z + 0.5 where z >= 0, else sigmoid(z)

    g is that of the paper's appendix B, where it keeps logarithms defined. The scan here needs
    none, but with g it learns characters faster than without (h is then linear in its candidates)
    or with tanh. b_f = -b_i runs evenly from -2 to 4 over the units, so f' begins between 0.12 and
    0.98: some units follow the last token, others average over some fifty.
    """

    def __init__(self, input_size: int, hidden: int) -> None:
        super().__init__()
        if input_size < 1 or hidden < 1:
            raise ConfigError(f"minlstm layer of {input_size} x {hidden}: sizes must be 1 or more")
        self.input_size, self.hidden = input_size, hidden
        self.weight = nn.Parameter(torch.empty(3 * hidden, input_size))  # of f, i and the candidate
        self.bias = nn.Parameter(torch.empty(3 * hidden))
        nn.init.uniform_(self.weight, -(hidden**-0.5), hidden**-0.5)
        self._reset_bias()

    @torch.no_grad()
    def initialise(self, scheme: str) -> None:
        """Initialise gate by gate; biases as at construction."""
        for gate in self.weight.split(self.hidden):
            initialise_matrix(gate, scheme)
        self._reset_bias()

    @torch.no_grad()
    def _reset_bias(self) -> None:
        remember = torch.linspace(-2, 4, self.hidden)  # sigmoid of it is f', where W x is 0
        self.bias.copy_(torch.cat([remember, -remember, torch.zeros(self.hidden)]))

    def zero_state(self, x: torch.Tensor) -> LayerState:
        """Make the state that a batch `x` (B, T, E) starts from."""
        return (x.new_zeros(1, x.shape[0], self.hidden),)

    def forward(
        self, x: torch.Tensor, state: LayerState | None = None
    ) -> tuple[torch.Tensor, LayerState]:
        """Run over time.

        Args:
            x: (B, T, E), T >= 1.
            state: as returned for the window before; None starts from zeros.

        Returns:
            The outputs (B, T, H), float32 under autocast too, and the state after the last column.
        """
        (start,) = self.zero_state(x) if state is None else state
        gates = functional.linear(x, self.weight, self.bias).to(self.weight.dtype)  # (B, T, 3H)
        forget, enter, candidate = gates.chunk(3, 2)
        # f / (f + i) = sigmoid(log f - log i), which no small gate can turn into 0 / 0
        forget = torch.sigmoid(functional.logsigmoid(forget) - functional.logsigmoid(enter))
        candidate = torch.where(candidate >= 0, candidate + 0.5, torch.sigmoid(candidate))
        h = linear_scan(forget, (1 - forget) * candidate, start[0])  # (B, T, H)
        return h, (h[None, :, -1],)
