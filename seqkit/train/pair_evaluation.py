"""The loss of a sequence-to-sequence model on pairs: every token of each target, and its end."""

import torch
from torch import nn

from seqkit.batching import TokenSampler, pad_pairs
from seqkit.text import Ragged

__all__ = ["pair_loss"]

_POSITIONS = 1 << 13  # a batch, for speed and memory: what is measured does not depend on it


@torch.inference_mode()
def pair_loss(
    network: nn.Module, source: Ragged, target: Ragged, *, device: torch.device
) -> tuple[float, int]:
    """Sum the negative log-probabilities of targets given their sources, in nats, unsmoothed.

    Args:
        network: (source ids (B, S), lengths (B,), inputs (B, T)) -> hidden (B, T, H), with the
            `output` layer that scores them; in training or not, it is left as it was.
        source: N sequences of ids.
        target: theirs, without BOS and EOS.
        device: where the network is.

    Returns:
        The sum, and the number of tokens, each target's end counted.
    """
    sampler = TokenSampler(source.lengths, target.lengths, batch_tokens=_POSITIONS, seed=0)
    nats = torch.zeros((), dtype=torch.float64, device=device)
    training = network.training
    network.eval()
    for chosen in sampler.batches(0):
        batch = pad_pairs([source[i] for i in chosen], [target[i] for i in chosen]).to(device)
        keep = batch.keep
        hidden = network(batch.source.ids, batch.source.lengths, batch.inputs)
        nats -= network.output.score(hidden[keep], batch.gold[keep]).sum(dtype=torch.float64)
    network.train(training)
    return nats.item(), int(target.lengths.sum()) + len(target)
