"""Output layers of language models: full and adaptive softmax, losses as sums.

Both give `loss(h, gold)`, `score(h, gold)` and `log_probs(h)` for hidden states h (N, H).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from seqkit.errors import ConfigError

__all__ = ["AdaptiveSoftmax", "FullSoftmax", "linear_cross_entropy"]

_CPU_LOGITS, _GPU_LOGITS = 1 << 22, 1 << 28
"""Logits that exist at once, whatever batch and window: 8 MB of bf16 on the CPU, 512 on a GPU."""
_CPU_ROWS = 64  # a softmax over so many rows stays in the cache
_FEW = 64  # rows up to which oneDNN multiplies faster than MKL: twice as fast from 16 on


class FullSoftmax(nn.Module):
    """A linear layer and a softmax over the whole vocabulary."""

    def __init__(self, input_size: int, vocabulary: int) -> None:
        """Make the layer for H = input_size and V = vocabulary.

        Its `weight` (V, H) may be made that of the embedding (Press and Wolf 2017).
        """
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocabulary, input_size))
        nn.init.uniform_(self.weight, -0.1, 0.1)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def loss(
        self, h: torch.Tensor, gold: torch.Tensor, *, label_smoothing: float = 0.0
    ) -> torch.Tensor:
        """Sum the negative log-probabilities of gold (N,) int64 given h (N, H): a float32 scalar.

        The logits (N, V) never exist at once. Under autocast they are computed in its dtype. With
        `label_smoothing` it is the smoothed cross-entropy; see `linear_cross_entropy`.
        """
        kind = h.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else None
        return linear_cross_entropy(
            h, self.weight, self.bias, gold, dtype=dtype, label_smoothing=label_smoothing
        )

    def score(self, h: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
        """Return the log-probability of each gold id, (N,) float32."""
        rows = _rows(h, self.weight.shape[0])
        parts = [
            -functional.cross_entropy(self._logits(piece), target, reduction="none")
            for piece, target in zip(h.split(rows), gold.split(rows), strict=True)
        ]
        return torch.cat(parts) if parts else h.new_zeros(0, dtype=torch.float32)

    def log_probs(self, h: torch.Tensor) -> torch.Tensor:
        """Return the log-probabilities of every id, (N, V) float32."""
        return functional.log_softmax(self._logits(h), 1)

    def _logits(self, h: torch.Tensor) -> torch.Tensor:
        if 1 < len(h) <= _FEW and _is_plain_inference(h, self.weight):
            return functional.linear(h.to_mkldnn(), self.weight, self.bias).to_dense()
        return functional.linear(h, self.weight, self.bias).float()


class AdaptiveSoftmax(nn.Module):
    """A softmax in clusters by frequency, for large vocabularies (Grave et al. 2017).

    Ids must be in the order of falling frequency, as those of `Vocab` are. A word of a rare cluster
    costs the frequent ones plus a narrow product over its own cluster alone.
    """

    def __init__(
        self, input_size: int, vocabulary: int, *, cutoffs: Sequence[int], divide: float = 4.0
    ) -> None:
        """Make the layer.

        Args:
            input_size: H.
            vocabulary: V.
            cutoffs: ids at which a new cluster begins, rising, below V.
            divide: each cluster's inner width is this many times less than that of the one before.
        """
        super().__init__()
        rising = list(cutoffs) == sorted(set(cutoffs))
        if not cutoffs or not rising or cutoffs[0] < 1 or cutoffs[-1] >= vocabulary:
            raise ConfigError(
                f"cutoffs {', '.join(map(str, cutoffs)) or 'none'}: give rising ids between 1 and "
                f"{vocabulary - 1} (the vocabulary has {vocabulary})"
            )
        if not divide >= 1:
            raise ConfigError(f"adaptive softmax divided by {divide}: must be 1 or more")
        if input_size // divide ** len(cutoffs) < 1:
            raise ConfigError(
                f"{len(cutoffs)} cutoffs for {input_size} units: the rarest cluster would have an "
                f"inner width of {input_size} / {divide:g}^{len(cutoffs)}, less than 1: fewer "
                "cutoffs, or more units"
            )
        self.clusters = nn.AdaptiveLogSoftmaxWithLoss(
            input_size, vocabulary, list(cutoffs), div_value=divide, head_bias=True
        )

    def loss(self, h: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
        """Sum the negative log-probabilities of gold (N,) int64 given h (N, H), a float32."""
        return -self.score(h, gold).sum()

    def score(self, h: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
        """Return the log-probability of each gold id, (N,) float32."""
        with torch.autocast(h.device.type, enabled=False):
            return self.clusters(h.float(), gold).output

    def log_probs(self, h: torch.Tensor) -> torch.Tensor:
        """Return the log-probabilities of every id, (N, V) float32."""
        with torch.autocast(h.device.type, enabled=False):
            return self.clusters.log_prob(h.float())


def linear_cross_entropy(
    h: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    gold: torch.Tensor,
    *,
    dtype: torch.dtype | None = None,
    label_smoothing: float = 0.0,
) -> torch.Tensor:
    """Sum the cross-entropies of softmax(h W^T + b), and their gradients in the same pass.

    Since the gradient of a logit is its probability less the gold one, it takes the place of the
    logits as soon as these are known: they are neither kept for the backward pass nor computed
    twice, and only a chunk of rows exists at a time.

    Args:
        h: (N, H).
        weight: (V, H).
        bias: (V,).
        gold: (N,) int64.
        dtype: of logits and products; None takes that of h. Probabilities and the sum are float32,
            or float64 where this is.
        label_smoothing: share of the target that is spread over all V ids, the gold one too
            (Szegedy et al. 2016, section 7).

    Returns:
        The sum, a scalar, differentiable once. Without smoothing an id counts at most 87 nats (of
        the least probability that a float32 holds); its gradient is exact there too.

    Raises:
        ConfigError: `label_smoothing` is not in [0, 1).
    """
    if not 0.0 <= label_smoothing < 1.0:
        raise ConfigError(f"label smoothing {label_smoothing}: must lie in [0, 1)")
    return _LinearCrossEntropy.apply(h, weight, bias, gold, dtype or h.dtype, label_smoothing)


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        h: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
        gold: torch.Tensor,
        dtype: torch.dtype,
        smoothing: float,
    ) -> torch.Tensor:
        rows = _rows(h, weight.shape[0])
        wide = torch.promote_types(dtype, torch.float32)
        total = torch.zeros((), dtype=wide, device=h.device)
        w, b = weight.to(dtype), bias.to(dtype)
        d_h, d_w, d_b = torch.empty_like(h), None, None
        with torch.autocast(h.device.type, enabled=False):
            for first in range(0, len(h), rows):
                piece = h[first : first + rows].to(dtype)
                z = torch.addmm(b, piece, w.t())  # (rows, V): logits, then their gradients
                total += _replace_by_gradients(z, gold[first : first + rows], smoothing)
                d_h[first : first + rows] = z @ w
                part_w, part_b = z.t() @ piece, z.sum(0, dtype=wide)
                d_w = part_w.to(wide) if d_w is None else d_w.add_(part_w)
                d_b = part_b if d_b is None else d_b.add_(part_b)
        ctx.save_for_backward(d_h, d_w, d_b)
        ctx.dtypes = weight.dtype, bias.dtype
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        d_h, d_w, d_b = ctx.saved_tensors
        if d_w is None:  # no rows
            return d_h, *[None] * 5
        for_weight, for_bias = ctx.dtypes
        return d_h * grad, (d_w * grad).to(for_weight), (d_b * grad).to(for_bias), *[None] * 3


def _replace_by_gradients(z: torch.Tensor, gold: torch.Tensor, smoothing: float) -> torch.Tensor:
    """Turn logits (N, V) in place into d loss / d logits; return the summed loss."""
    wide = torch.promote_types(z.dtype, torch.float32)
    total = torch.zeros((), dtype=wide, device=z.device)
    step = _CPU_ROWS if z.device.type == "cpu" else len(z)
    for first in range(0, len(z), step):
        rows = z[first : first + step]
        p = functional.softmax(rows, 1, dtype=wide)
        target = gold[first : first + step, None]
        of_gold = p.gather(1, target)
        if smoothing:
            total += _smoothed(rows, p, rows.gather(1, target), smoothing)
            p.scatter_(1, target, of_gold - (1 - smoothing)).sub_(smoothing / z.shape[1])
        else:
            total -= of_gold.clamp_min(torch.finfo(wide).tiny).log().sum()
            p.scatter_(1, target, of_gold - 1)
        rows.copy_(p)
    return total


def _smoothed(
    z: torch.Tensor, p: torch.Tensor, of_gold: torch.Tensor, smoothing: float
) -> torch.Tensor:
    """Sum the smoothed losses of logits z (N, V), (N, 1) of them gold, with probabilities p.

    The logarithm of the partition function is had from the likeliest id: of all the probabilities
    its own never underflows.
    """
    partition = z.amax(1).to(p.dtype) - p.amax(1).log()  # (N,)
    expected = (1 - smoothing) * of_gold[:, 0].to(p.dtype) + smoothing * z.mean(1, dtype=p.dtype)
    return (partition - expected).sum()


def _is_plain_inference(h: torch.Tensor, weight: torch.Tensor) -> bool:
    """Say whether this is float32 on a CPU for which torch has oneDNN, and without gradients."""
    plain = h.dtype == weight.dtype == torch.float32 and not torch.is_grad_enabled()
    plain = plain and h.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
    return plain and torch.backends.mkldnn.is_available()


def _rows(h: torch.Tensor, vocabulary: int) -> int:
    limit = _CPU_LOGITS if h.device.type == "cpu" else _GPU_LOGITS
    return max(1, limit // vocabulary)
