"""Exact scoring of text by a recurrent language model: figures that no window or batch changes."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from seqkit.batching import Streams
from seqkit.errors import ConfigError
from seqkit.nn.masking import keep_mask
from seqkit.nn.state import State, concat, select

__all__ = [
    "Window",
    "exactly",
    "full_float32",
    "gathered",
    "read_windows",
    "score_lines",
    "score_stream",
]

_FORGOTTEN = 4e-6  # see score_stream


class Window(NamedTuple):
    """What a model says of consecutive tokens of a stream."""

    top: torch.Tensor
    """(T, E), the vectors that the tokens were predicted from: `Hidden.top`."""
    gold: torch.Tensor
    """(T,) int64, the tokens."""
    log_probs: torch.Tensor
    """(T,) log-probability of each, in nats."""


@contextlib.contextmanager
def exactly(network: nn.Module) -> Iterator[torch.device]:
    """Run a network in evaluation mode and full float32; afterwards all is as it was.

    Yields the network's device; see `full_float32`.
    """
    device, training = next(network.parameters()).device, network.training
    network.eval()
    try:
        with full_float32(device):
            yield device
    finally:
        network.train(training)


def full_float32(device: torch.device) -> contextlib.AbstractContextManager[None]:
    """Compute in full float32 on a device; afterwards all is as it was.

    Without autocast, and without TF32, which cuDNN uses unless told otherwise: with either, what is
    computed for a sequence depends on what else is in its batch. Costs nothing where neither is.
    """
    if device.type == "cpu" and not torch.is_autocast_enabled("cpu"):
        return contextlib.nullcontext()
    return _without_shortcuts(device)


@contextlib.contextmanager
def _without_shortcuts(device: torch.device) -> Iterator[None]:
    products = []
    if device.type == "cuda":
        products = [torch.backends.cuda.matmul, torch.backends.cudnn.rnn]
    precisions = [kind.fp32_precision for kind in products]
    try:
        for kind in products:
            kind.fp32_precision = "ieee"
        with torch.autocast(device.type, enabled=False):
            yield
    finally:
        for kind, precision in zip(products, precisions, strict=True):
            kind.fp32_precision = precision


def score_stream(
    network: nn.Module,
    tokens: npt.NDArray[np.int64],
    *,
    first: int,
    window: int = 256,
    batch: int = 1,
    state: State | None = None,
) -> tuple[npt.NDArray[np.float64], State]:
    """Score every token of a stream, given all before it.

    With `batch` above 1 the stream is cut into as many lanes, which run side by side: first each
    from a zero state, then its beginning again from the state in which the lane before it ended,
    up to a window border where the state is the one already known there. Trained recurrent
    networks forget, so that is a few windows; where one does not, lanes are read again to their
    end, up to `batch` times, which takes about as long as `batch=1` and gives the same.

    A state is known already when none of its numbers is off by more than 4e-6 (1 + its size).
    Rounding alone makes it 1e-6, for a product is summed in another order for another number of
    lanes; what is let pass fades from there on, and changes a perplexity by far less than 1e-6 of
    it. States are kept at the borders of 0, 1, 2, 4, 8 ... windows: few, however long the stream.

    Args:
        network: a `RecurrentLm`; see `exactly`.
        tokens: (N,) ids, or token shards: what has a length, and slices that are such arrays.
        first: the id that stands before the first token; EOS for a corpus.
        window: tokens of a lane that are read at once; bounds the memory.
        batch: lanes; fewer are used where they would be shorter than a window.
        state: of one sequence, to start from; None starts from zeros.

    Returns:
        (N,) float64 log-probabilities in nats, and the state after the last token.

    Raises:
        ConfigError: a window or batch below 1.
    """
    _at_least_1(window=window, batch=batch)
    scored = []
    with exactly(network), torch.inference_mode():
        state = network.start(1) if state is None else state
        lanes = max(1, min(batch, len(tokens) // window))
        while len(tokens):  # twice where the lanes leave a rest
            streams = Streams(tokens, batch=lanes, first=first)
            log_probs, state = _score_lanes(network, streams, state, window=window)
            scored.append(log_probs.flatten())
            done = log_probs.numel()
            first, tokens, lanes = int(tokens[done - 1 : done][0]), tokens[done:], 1
    plain = tuple(tuple(part.clone() for part in layer) for layer in state)  # fit for training too
    return gathered(scored), plain


def _score_lanes(
    network: nn.Module, streams: Streams, begin: State, *, window: int
) -> tuple[torch.Tensor, State]:
    """Score all streams as one, in their order. Returns (B, length) float32 and the last state."""
    lanes = torch.arange(streams.batch, device=begin[0][0].device)
    state = concat([begin, network.start(streams.batch - 1)])
    unknown = tuple(tuple(torch.full_like(part, torch.nan) for part in layer) for layer in state)
    last = len(range(0, streams.length, window))
    borders = {0, last, *(1 << power for power in range(last.bit_length()))}
    known = {border: select(unknown, lanes) for border in borders if border <= last}
    log_probs = torch.empty((streams.batch, streams.length), device=lanes.device)
    for settled in range(streams.batch):  # lanes that began from the right state; now one more does
        rows = lanes[settled:]
        for border in range(last + 1):
            if border in known:
                changed = ~_agree(state, select(known[border], rows))
                rows, state = rows[changed], select(state, changed.nonzero()[:, 0])
                for part, new in _pairs(known[border], state):
                    part[:, rows] = new
            if border == last or not len(rows):
                break
            start = border * window
            ids, gold = (part.to(lanes.device)[rows] for part in streams.window(start, window))
            hidden, state = network(ids, state)
            scores = network.output.score(hidden.top.flatten(0, 1), gold.flatten())
            log_probs[rows, start : start + gold.shape[1]] = scores.view(gold.shape)
        if border == 0:
            break
        state = select(known[last], lanes[settled:-1])
    return log_probs, select(known[last], lanes[-1:])


def _agree(state: State, known: State) -> torch.Tensor:
    """Say for each row, (B,) bool, whether two states are the same but for rounding."""
    near = [
        ((new - old).abs() <= _FORGOTTEN * (1 + old.abs())).all(2)[0]
        for new, old in _pairs(state, known)
    ]
    return torch.stack(near).all(0)


def _pairs(one: State, other: State) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    for layer, its_like in zip(one, other, strict=True):
        yield from zip(layer, its_like, strict=True)


@torch.inference_mode()
def read_windows(
    network: nn.Module, tokens: npt.NDArray[np.int64], *, first: int, window: int
) -> Iterator[Window]:
    """Read a stream from left to right, for what needs the network's vectors too.

    The caller sees to the network's mode, by `exactly`.
    """
    if not len(tokens):
        return
    device, state = next(network.parameters()).device, network.start(1)
    streams = Streams(tokens, batch=1, first=first)
    for start in range(0, streams.length, window):
        ids, gold = (part.to(device) for part in streams.window(start, window))
        hidden, state = network(ids, state)
        top = hidden.top[0]  # (T, E)
        yield Window(top, gold[0], network.output.score(top, gold[0]))


def score_lines(
    network: nn.Module,
    lines: Sequence[Sequence[int]],
    *,
    bos: int,
    eos: int,
    tokens_per_batch: int = 8192,
) -> list[npt.NDArray[np.float64]]:
    """Score lines each for itself: from a zero state, after `bos`, up to and with `eos`.

    Args:
        network: a `RecurrentLm`; see `exactly`.
        lines: ids, without `bos` and `eos`.
        bos: the id that stands before each line.
        eos: the id that ends each line.
        tokens_per_batch: lines of like length are padded into batches of no more positions.

    Returns:
        For each line its (length + 1,) float64 log-probabilities in nats, the last that of `eos`.
        They do not depend on the other lines.

    Raises:
        ConfigError: `tokens_per_batch` below 1.
    """
    _at_least_1(tokens_per_batch=tokens_per_batch)
    results: list[npt.NDArray[np.float64]] = [np.zeros(0)] * len(lines)
    order = sorted(range(len(lines)), key=lambda index: len(lines[index]))
    with exactly(network):
        while order:  # the longest first: memory ends at once or not at all
            width = len(lines[order[-1]]) + 1
            if width > tokens_per_batch:
                index = order.pop()
                ids = np.array([*lines[index], eos])
                results[index], _ = score_stream(network, ids, first=bos, window=tokens_per_batch)
                continue
            rows = tokens_per_batch // width
            part = order[-rows:]
            del order[-rows:]
            scored = _score_padded(network, [lines[index] for index in part], bos=bos, eos=eos)
            for index, log_probs in zip(part, scored, strict=True):
                results[index] = log_probs
    return results


@torch.inference_mode()
def _score_padded(
    network: nn.Module, lines: Sequence[Sequence[int]], *, bos: int, eos: int
) -> list[npt.NDArray[np.float64]]:
    lengths = torch.tensor([len(line) + 1 for line in lines])
    ids = np.full((len(lines), int(lengths.max()) + 1), eos)
    ids[:, 0] = bos
    for row, line in zip(ids, lines, strict=True):
        row[1 : len(line) + 1] = line
    padded = torch.from_numpy(ids).to(next(network.parameters()).device)
    hidden, _ = network(padded[:, :-1], network.start(len(lines)))
    keep = keep_mask(lengths, ids.shape[1] - 1).to(padded.device)  # (B, T)
    log_probs = network.output.score(hidden.top[keep], padded[:, 1:][keep])
    return np.split(gathered([log_probs]), lengths.cumsum(0)[:-1].numpy())


def gathered(log_probs: Sequence[torch.Tensor]) -> npt.NDArray[np.float64]:
    """Bring log-probabilities, kept on their device until now, together in one float64 array."""
    return torch.cat(log_probs).double().cpu().numpy() if log_probs else np.zeros(0)


def _at_least_1(**options: int) -> None:
    for name, value in options.items():
        if value < 1:
            raise ConfigError(f"{name} {value}: must be 1 or more")
