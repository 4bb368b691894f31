"""Optimisers by name, gradient clipping, L1: the parts of an update that a loop calls."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch

from seqkit.errors import ConfigError, choices

__all__ = [
    "OPTIMIZERS",
    "OptimConfig",
    "add_l1",
    "clip_gradients",
    "make_optimizer",
    "takes_sparse",
]

OptimizerName = Literal["sgd", "adagrad", "rmsprop", "adam", "adamw"]
OPTIMIZERS: tuple[str, ...] = get_args(OptimizerName)


@dataclass(frozen=True, kw_only=True)
class OptimConfig:
    """How weights are updated."""

    name: OptimizerName = "adam"
    """Optimiser, of torch.optim."""
    lr: float = 1e-3
    """Peak learning rate."""
    momentum: float = 0.0
    """Of sgd and rmsprop."""
    nesterov: bool = False
    """Look-ahead momentum (sgd)."""
    weight_decay: float = 0.0
    """L2 penalty; decoupled from the gradient with adamw."""
    l1: float = 0.0
    """L1 penalty on every weight."""
    clip: float | None = 5.0
    """Largest norm of the gradient, all weights together; None leaves it."""


def make_optimizer(
    config: OptimConfig,
    parameters: Iterable[torch.nn.Parameter],
    *,
    undecayed: Iterable[torch.nn.Parameter] = (),
) -> torch.optim.Optimizer:
    """Make the optimiser that a configuration names, over the parameters that want gradients.

    On CUDA sgd, adam and adamw take torch's fused kernels; the others, and a plain sgd, whose
    gradients may be sparse, its multi-tensor ones.

    Args:
        config: name, rates and penalties.
        parameters: all that are trained.
        undecayed: those of them that weight decay leaves alone, such as an embedding: its rare
            rows would be drawn to zero at each update and pushed back at few.

    Raises:
        ConfigError: an unknown name, a value out of range, or an option that this optimiser lacks.
    """
    if config.name not in OPTIMIZERS:
        raise ConfigError(choices("optimiser", config.name, OPTIMIZERS))
    if not 0 < config.lr < math.inf:
        raise ConfigError(f"optim.lr {config.lr}: must be above 0")
    for name in ("momentum", "weight_decay", "l1"):
        if not 0 <= getattr(config, name) < math.inf:
            raise ConfigError(f"optim.{name} {getattr(config, name)}: must be 0 or more")
    if config.clip is not None and not config.clip > 0:
        raise ConfigError(f"optim.clip {config.clip}: must be above 0, or None for no clipping")
    if config.momentum and config.name not in ("sgd", "rmsprop"):
        raise ConfigError(f"optim.momentum: {config.name} has none; set it to 0, or use sgd")
    if config.nesterov and (config.name != "sgd" or not config.momentum):
        raise ConfigError("optim.nesterov needs optim.name sgd and a momentum above 0")
    weights = [p for p in parameters if p.requires_grad]
    decay = config.weight_decay
    fused = all(p.is_cuda for p in weights)
    groups = _groups(weights, {id(p) for p in undecayed} if decay else set())
    if config.name == "sgd":
        return torch.optim.SGD(
            groups,
            config.lr,
            momentum=config.momentum,
            nesterov=config.nesterov,
            weight_decay=decay,
            # the fused kernel takes no sparse gradient; None leaves the choice to torch
            fused=(fused and not takes_sparse(config)) or None,
        )
    if config.name == "adagrad":
        return torch.optim.Adagrad(groups, config.lr, weight_decay=decay)
    if config.name == "rmsprop":
        return torch.optim.RMSprop(groups, config.lr, momentum=config.momentum, weight_decay=decay)
    if config.name == "adam":
        return torch.optim.Adam(groups, config.lr, weight_decay=decay, fused=fused)
    return torch.optim.AdamW(groups, config.lr, weight_decay=decay, fused=fused)


def _groups(weights: list[torch.nn.Parameter], undecayed: set[int]) -> list[dict[str, Any]]:
    """Part the weights; one group where all are treated alike."""
    bare = [p for p in weights if id(p) in undecayed]
    groups = [{"params": [p for p in weights if id(p) not in undecayed]}]
    return [*groups, {"params": bare, "weight_decay": 0.0}] if bare else groups


def takes_sparse(config: OptimConfig) -> bool:
    """Say whether the optimiser can update a table by the rows that a batch touched."""
    plain = not (config.momentum or config.weight_decay or config.l1)
    return plain and config.name in ("sgd", "adagrad")


def clip_gradients(parameters: Iterable[torch.nn.Parameter], limit: float | None) -> float:
    """Scale the gradients, sparse ones too, so that their joint L2 norm is at most `limit`.

    Returns:
        The norm before clipping (Pascanu et al. 2013, algorithm 1).
    """
    gradients = []
    for parameter in parameters:
        if parameter.grad is None:
            continue
        if parameter.grad.is_sparse:
            parameter.grad = parameter.grad.coalesce()
            gradients.append(parameter.grad.values())
        else:
            gradients.append(parameter.grad)
    if not gradients:
        return 0.0
    norm = float(torch.linalg.vector_norm(torch.stack([g.float().norm() for g in gradients])))
    if limit is not None and norm > limit:
        for gradient in gradients:
            gradient.mul_(limit / norm)
    return norm


@torch.no_grad()
def add_l1(parameters: Iterable[torch.nn.Parameter], strength: float) -> None:
    """Add the gradient of `strength` times the sum of absolute weights, in place."""
    for parameter in parameters:
        if strength and parameter.grad is not None:
            parameter.grad = parameter.grad + strength * parameter.sign()
