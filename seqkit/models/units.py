"""What the hidden units of a language model do while it reads, and which of them track what.

After Karpathy, Johnson and Fei-Fei (2016), "Visualizing and Understanding Recurrent Networks",
section 4.2, who found units for quotes, line length and indentation by looking at them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from seqkit.errors import ConfigError
from seqkit.models.lm_scoring import exactly

__all__ = ["Reading", "Track", "correlations", "read_units", "strongest"]

_WINDOW = 256  # tokens; the state crosses windows, so it changes nothing but memory


class Reading(NamedTuple):
    """What a network showed while it read N tokens."""

    layers: list[npt.NDArray[np.float32]]
    """Of each layer, (N, H): its outputs once the token was read."""
    log_probs: npt.NDArray[np.float32]
    """(N,): of each token, in nats, before it was read."""


class Track(NamedTuple):
    """A unit and how closely it follows a feature."""

    layer: int
    unit: int
    correlation: float


def read_units(
    network: nn.Module, sequences: Sequence[Sequence[int]], *, first: int, window: int = _WINDOW
) -> Reading:
    """Let a language model read token ids, and keep what each unit of each layer puts out.

    Args:
        network: a `RecurrentLm`; runs in evaluation mode and full float32, and is left as it was.
        sequences: ids, at least one in all; each sequence starts from a zero state.
        first: the id that stands before each sequence: EOS for running text, BOS for lines.
        window: tokens read at a time.

    Raises:
        ConfigError: a window below 1.
    """
    if window < 1:
        raise ConfigError(f"window {window}: must be 1 or more")
    device = network.embedding.weight.device
    outputs, scores = [], []
    with exactly(network), torch.inference_mode():
        for ids in sequences:
            state = network.start(1)
            inputs = torch.tensor([[first, *ids]], device=device)  # (1, n + 1)
            for start in range(0, inputs.shape[1], window):
                hidden, state = network(inputs[:, start : start + window], state)
                gold = inputs[0, start + 1 : start + 1 + window]
                if len(gold):
                    scores.append(network.output.score(hidden.top[0, : len(gold)], gold).cpu())
                read = slice(1 if start == 0 else 0, None)  # `first` is no token of the text
                outputs.append([layer[0, read].float().cpu() for layer in hidden.layers])
    layers = [torch.cat(parts).numpy() for parts in zip(*outputs, strict=True)]
    return Reading(layers, torch.cat(scores).float().numpy())


def correlations(
    features: npt.NDArray[np.floating], units: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Correlate each feature (F, N) with each unit (N, H): Pearson's r, (F, H) float64.

    What does not vary has no correlation: 0.
    """
    return _standardised(features.T).T @ _standardised(units)


def strongest(
    features: npt.NDArray[np.floating], layers: Sequence[npt.NDArray[np.floating]], *, count: int
) -> list[list[Track]]:
    """List for each feature (F, N) the `count` units of all layers that follow it best.

    By absolute correlation; ties go to the lower layer, then the lower unit. Units that do not
    follow it at all are left out, so a feature that the text does not have gets an empty list.
    """
    table = np.concatenate([correlations(features, units) for units in layers], 1)  # (F, all H)
    places = [(layer, unit) for layer, units in enumerate(layers) for unit in range(units.shape[1])]
    order = np.argsort(-np.abs(table), axis=1, kind="stable")[:, :count]
    return [
        [Track(*places[at], float(row[at])) for at in best if row[at]]
        for row, best in zip(table, order, strict=True)
    ]


def _standardised(columns: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Centre each column and make its length 1; one that does not vary becomes 0."""
    centred = columns.astype(np.float64)
    centred -= centred.mean(0) if len(centred) else 0
    lengths = np.linalg.norm(centred, axis=0)
    varies = lengths > 1e-9 * np.linalg.norm(columns, axis=0)  # more than rounding
    return centred / np.where(varies, lengths, np.inf)
