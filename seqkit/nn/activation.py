"""Activation regularisation: outputs that are small (AR) and change slowly (TAR)."""

import torch

from seqkit.errors import ConfigError

__all__ = ["activation_penalty"]


def activation_penalty(
    dropped: torch.Tensor,
    raw: torch.Tensor,
    *,
    alpha: float,
    beta: float,
    keep: torch.Tensor | None = None,
) -> torch.Tensor:
    """Compute what activation regularisation adds to the mean loss of a token.

    AR = alpha * mean(dropped_t^2), TAR = beta * mean((raw_t - raw_(t-1))^2): Merity et al. 2017,
    "Revisiting activation regularization for language RNNs", section 2, with the means over all
    elements that its authors' program takes for the L2 norms.

    Args:
        dropped: (B, T, H), the last layer's output after dropout.
        raw: (B, T, H), the same before dropout.
        alpha: weight of AR; 2 in AWD-LSTM.
        beta: weight of TAR; 1 in AWD-LSTM.
        keep: (B, T) bool, False where padding stands, at the ends of rows; None keeps all.

    Returns:
        A float32 scalar; differences across windows are left out, so a window of 1 has no TAR.

    Raises:
        ConfigError: a negative weight.

    >>> raw = torch.tensor([[[1.0], [3.0]]])
    >>> activation_penalty(2 * raw, raw, alpha=2, beta=1).item()  # 2 * (4 + 36) / 2 + (3 - 1)^2
    44.0
    """
    if alpha < 0 or beta < 0:
        raise ConfigError(f"activation regularisation {alpha}, {beta}: must be 0 or more")
    penalty = dropped.new_zeros((), dtype=torch.float32)
    if alpha:
        penalty = penalty + alpha * _mean_square(dropped.float(), keep)
    if beta and raw.shape[1] > 1:
        changes = raw.float().diff(dim=1)
        penalty = penalty + beta * _mean_square(changes, None if keep is None else keep[:, 1:])
    return penalty


def _mean_square(x: torch.Tensor, keep: torch.Tensor | None) -> torch.Tensor:
    if keep is None:
        return x.square().mean()
    kept = x[keep]
    return kept.square().sum() / max(1, kept.numel())
