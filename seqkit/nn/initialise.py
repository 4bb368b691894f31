"""Initialisation schemes, applied to the weight matrices of a module."""

from typing import Literal, get_args

import torch
from torch import nn

from seqkit.errors import ConfigError, choices

__all__ = ["SCHEMES", "Scheme", "initialise", "initialise_matrix"]

Scheme = Literal["default", "xavier", "kaiming", "orthogonal"]
SCHEMES: tuple[str, ...] = get_args(Scheme)


def initialise(module: nn.Module, scheme: Scheme) -> None:
    """Initialise the linear, convolution and recurrent weights of a module in place.

    `default` leaves what the layers chose. The others set each matrix (a convolution's filters
    count as rows): `xavier` uniform (Glorot and Bengio 2010), `kaiming` uniform for ReLU (He et al.
    2015), `orthogonal` (Saxe et al. 2014; recurrent gates one by one). Biases become zero,
    but an LSTM's forget gate 1 (Jozefowicz et al. 2015). Embeddings are left alone.
    """
    if scheme not in SCHEMES:
        raise ConfigError(choices("initialisation", scheme, SCHEMES))
    if scheme == "default":
        return
    for part in module.modules():
        if isinstance(part, (nn.Linear, nn.Conv1d)):
            initialise_matrix(part.weight, scheme)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif hasattr(part, "initialise"):
            part.initialise(scheme)  # a layer that keeps its weights in a form of its own


@torch.no_grad()
def initialise_matrix(weight: torch.Tensor, scheme: str) -> None:
    """Fill one weight of two or more dimensions in place, by a scheme other than `default`."""
    if scheme == "xavier":
        nn.init.xavier_uniform_(weight)
    elif scheme == "kaiming":
        nn.init.kaiming_uniform_(weight, nonlinearity="relu")
    else:
        nn.init.orthogonal_(weight)
