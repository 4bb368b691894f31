"""Dynamic evaluation: the network goes on learning from the text that it is scored on.

Each window is scored before it is learnt from, so no token helps its own prediction; yet this reads
the test text, from left to right, and a figure with it is comparable only with others that do.
"""

import copy
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from seqkit.batching import Streams
from seqkit.errors import ConfigError, DataError
from seqkit.models.lm_cache import Cache, mixed_windows
from seqkit.models.lm_scoring import Window, exactly, gathered, read_windows
from seqkit.nn.recurrent import RecurrentLayer
from seqkit.nn.state import State, detach

__all__ = [
    "DynamicEvaluation",
    "GradientScale",
    "adapted_log_probs",
    "adapted_stretches",
    "dynamic_log_probs",
    "gradient_scale",
]


_STRETCH = 1 << 16  # tokens, about, whose log-probabilities are kept on the device


@dataclass(frozen=True, kw_only=True)
class DynamicEvaluation:
    """How to learn while being scored (Krause et al. 2018, "Dynamic evaluation of neural sequence
    models"). Choose `lr` and `decay` on validation text; the defaults are for gradients as they
    are, and with a `GradientScale` some 0.001 and 0.005 are a beginning."""

    lr: float = 0.05
    """Learning rate, for the gradient of the mean loss of a window's tokens."""
    decay: float = 0.005
    """Share of the way back to the original weights that each step takes, in [0, 1]."""
    window: int = 5
    """Tokens that are scored, then learnt from, at a time."""

    def __post_init__(self) -> None:
        if not 0 <= self.lr < math.inf:
            raise ConfigError(f"dynamic evaluation, lr {self.lr}: must be 0 or more")
        if not 0 <= self.decay <= 1:
            raise ConfigError(f"dynamic evaluation, decay {self.decay}: lies in [0, 1]")
        if self.window < 1:
            raise ConfigError(f"dynamic evaluation, window {self.window}: must be 1 or more")


@dataclass(frozen=True, kw_only=True, eq=False)
class GradientScale:
    """How large the gradient of each weight was on training text, see `gradient_scale`."""

    rms: Mapping[str, torch.Tensor]
    """Root mean square of the gradient of each weight, by the parameter's name."""
    epsilon: float
    """Added to it, so that weights that hardly learn are not moved at random."""


def adapted_log_probs(
    network: nn.Module,
    tokens: npt.NDArray[np.int64],
    *,
    first: int,
    cache: Cache | None = None,
    dynamic: DynamicEvaluation | None = None,
    scale: GradientScale | None = None,
) -> npt.NDArray[np.float64]:
    """Score a stream by a network that adapts to it: by a cache, by learning, by both or neither.

    This reads the text that it scores: compare the figure only with others that do.

    Args:
        network: a `RecurrentLm`; its weights and mode are left as they are.
        tokens: (N,) ids, or token shards.
        first: the id that stands before the first token.
        cache: see `cached_log_probs`; with `dynamic` it remembers the vectors of the network as it
            was then.
        dynamic: see `dynamic_log_probs`.
        scale: see `dynamic_log_probs`.

    Returns:
        (N,) float64 log-probabilities in nats.

    Raises:
        ConfigError: learning diverged, a scale without `dynamic`, or one of another network.
    """
    stretches = adapted_stretches(
        network, tokens, first=first, cache=cache, dynamic=dynamic, scale=scale
    )
    return np.concatenate([np.zeros(0), *stretches])


def adapted_stretches(
    network: nn.Module,
    tokens: npt.NDArray[np.int64],
    *,
    first: int,
    cache: Cache | None = None,
    dynamic: DynamicEvaluation | None = None,
    scale: GradientScale | None = None,
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield what `adapted_log_probs` returns, some 65,536 tokens at a time or fewer.

    Raises:
        ConfigError: as there; of learning that diverged, at the end.
    """
    if dynamic is None:
        if scale is not None:
            raise ConfigError("a gradient scale is for dynamic evaluation: give both or neither")
        windows, size = read_windows(network, tokens, first=first, window=256), 256
    else:
        windows = _learn(network, tokens, first=first, dynamic=dynamic, scale=scale)
        size = dynamic.window
    if cache is None:
        blocks = (window.log_probs for window in windows)
    else:
        blocks = mixed_windows(windows, cache)
    total, count = 0.0, max(1, _STRETCH // size)
    while True:
        with exactly(network):  # not while the caller has its turn
            part = gathered(list(itertools.islice(blocks, count)))
        if not len(part):
            break
        total += part.sum()
        yield part
    if dynamic is not None and len(tokens):
        _refuse_diverged(total / len(tokens), math.log(network.vocabulary), dynamic)


def _refuse_diverged(mean: float, guessing: float, dynamic: DynamicEvaluation) -> None:
    if not mean >= -10 * guessing:
        raise ConfigError(
            f"dynamic evaluation diverged: {-mean:.3g} nats a token where guessing takes "
            f"{guessing:.3g}: lower its lr, which is {dynamic.lr:g}"
        )


def dynamic_log_probs(
    network: nn.Module,
    tokens: npt.NDArray[np.int64],
    *,
    first: int,
    dynamic: DynamicEvaluation,
    scale: GradientScale | None = None,
) -> npt.NDArray[np.float64]:
    """Score a stream window by window, learning from each window once it is scored.

    This reads the text that it scores: compare the figure only with others that do.

    After a window with mean loss L, the weights w of a copy of the network, which began as w_0,
    become (Krause et al. 2018, section 5, stochastic gradient descent with a global decay prior)

        w - lr dL/dw + decay (w_0 - w)

    and with a gradient scale, where r is the root mean square gradient of that weight and r_mean
    the mean of all (there with RMS statistics, their best)

        w - lr dL/dw / (r + epsilon) + min(decay r / r_mean, 1) (w_0 - w)

    Gradients reach back to the beginning of the window; the state goes on, as it was computed.

    Args:
        network: a `RecurrentLm`; it is copied, its weights and mode stay as they are.
        tokens: (N,) ids, or token shards.
        first: the id that stands before the first token.
        dynamic: learning rate, decay and window.
        scale: of this network's gradients.

    Returns:
        (N,) float64 log-probabilities in nats, each from weights that had not seen its window.

    Raises:
        ConfigError: learning diverged, or a scale of another network.
    """
    return adapted_log_probs(network, tokens, first=first, dynamic=dynamic, scale=scale)


@torch.inference_mode(False)
@torch.enable_grad()
def gradient_scale(
    network: nn.Module,
    tokens: npt.NDArray[np.int64],
    *,
    first: int,
    window: int = 5,
    batch: int = 64,
    epsilon: float = 0.002,
) -> GradientScale:
    """Measure how large the gradients of a network are on text that it was trained on.

    Args:
        network: a `RecurrentLm`; left as it is.
        tokens: (N,) ids of training text, or token shards; some 100,000 will do.
        first: the id that stands before the first token.
        window: tokens of a gradient, as dynamic evaluation will have.
        batch: streams that a gradient is averaged over.
        epsilon: see `GradientScale`.

    Raises:
        ConfigError: a window or batch below 1, or an epsilon that is not above 0.
        DataError: fewer tokens than streams.
    """
    if window < 1 or batch < 1 or not 0 < epsilon < math.inf:
        raise ConfigError(
            f"gradient scale of window {window}, batch {batch}, epsilon {epsilon}: the first two "
            "must be 1 or more, the last above 0"
        )
    if len(tokens) < batch:
        raise DataError(f"gradient scale: {len(tokens)} tokens for {batch} streams: lower batch")
    streams = Streams(tokens, batch=batch, first=first)
    starts = range(0, streams.length, window)
    with exactly(network) as device:
        learner = _copy_that_learns(network)
        squares = [torch.zeros_like(weight) for weight in learner.parameters()]
        state = learner.start(batch)
        for start in starts:
            ids, gold = (part.to(device) for part in streams.window(start, window))
            hidden, state = learner(ids, detach(state))
            gradients = _gradients(learner, hidden.top, gold)
            for square, gradient in zip(squares, gradients, strict=True):
                square.addcmul_(gradient, gradient)
    names = [name for name, _ in learner.named_parameters()]
    rms = {name: (sum / len(starts)).sqrt() for name, sum in zip(names, squares, strict=True)}
    return GradientScale(rms=rms, epsilon=epsilon)


@torch.inference_mode(False)
@torch.enable_grad()
def _learn(
    network: nn.Module,
    tokens: npt.NDArray[np.int64],
    *,
    first: int,
    dynamic: DynamicEvaluation,
    scale: GradientScale | None,
) -> Iterator[Window]:
    """Yield each window as it is scored, and learn from it before the next."""
    if not len(tokens):
        return
    device = next(network.parameters()).device
    learner = _copy_that_learns(network)
    rates, pulls = _rates(learner, dynamic, scale)
    weights = list(learner.parameters())
    origin = [weight.detach().clone() for weight in weights]
    streams = Streams(tokens, batch=1, first=first)
    state: State = learner.start(1)
    for start in range(0, streams.length, dynamic.window):
        ids, gold = (part.to(device) for part in streams.window(start, dynamic.window))
        hidden, state = learner(ids, detach(state))
        top = hidden.top[0]
        with torch.no_grad():
            log_probs = learner.output.score(top, gold[0])
        yield Window(top.detach(), gold[0], log_probs)
        gradients = _gradients(learner, hidden.top, gold)
        with torch.no_grad():
            for weight, gradient, before, rate, pull in zip(
                weights, gradients, origin, rates, pulls, strict=True
            ):
                weight.lerp_(before, pull).sub_(gradient * rate)


def _copy_that_learns(network: nn.Module) -> nn.Module:
    learner = copy.deepcopy(network).eval().requires_grad_()
    for module in learner.modules():
        if isinstance(module, RecurrentLayer):  # cuDNN goes backward only in training mode
            module.weight_dropout = 0.0  # the one thing in a layer that mode makes random
            module.train()
    return learner


def _gradients(
    network: nn.Module, top: torch.Tensor, gold: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    """Differentiate the mean loss of gold (B, T) given top (B, T, E) by each weight."""
    loss = network.output.loss(top.flatten(0, 1), gold.flatten()) / gold.numel()
    return torch.autograd.grad(loss, list(network.parameters()), materialize_grads=True)


def _rates(
    network: nn.Module, dynamic: DynamicEvaluation, scale: GradientScale | None
) -> tuple[list[torch.Tensor | float], list[torch.Tensor | float]]:
    """Return for each parameter what its gradient and its way back are multiplied by."""
    shapes = {name: weight.shape for name, weight in network.named_parameters()}
    if scale is None:
        return [dynamic.lr] * len(shapes), [dynamic.decay] * len(shapes)
    if shapes != {name: rms.shape for name, rms in scale.rms.items()}:
        raise ConfigError("the gradient scale is that of another network: measure it on this one")
    scales = [scale.rms[name] for name in shapes]
    mean = sum(rms.sum() for rms in scales) / sum(rms.numel() for rms in scales)
    rates = [dynamic.lr / (rms + scale.epsilon) for rms in scales]
    return rates, [(dynamic.decay * rms / mean).clamp(max=1) for rms in scales]
