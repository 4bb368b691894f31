"""Train and clock it: what runs in a fresh process, seqkit's loop and JoeyNMT's.

Both clocked jobs return `seconds` of so many `updates`, in which `pairs` pairs were read, of so
many `source` and `target` tokens, ends included. The first updates are not counted.
"""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.commands.recipes import configure
from seqkit.data import Pair
from seqkit.models.seq2seq import Seq2Seq
from seqkit.models.translator import Translator
from seqkit.nn.devices import pick_device
from seqkit.train.run import Run
from seqkit.train.seeding import seed_generators
from translation import corpus
from translation.shape import BATCH, LOGGED, SETTINGS, joeynmt_config

__all__ = ["joeynmt", "model", "recipe"]

Batches = Sequence[npt.NDArray[np.int64]]
"""The pairs of each batch, by their number."""


class InOrder:
    """Stands in for the recipe's sampler: 64 pairs after 64, as JoeyNMT takes them."""

    def __init__(
        self,
        source_lengths: npt.NDArray[np.int64],
        target_lengths: npt.NDArray[np.int64],
        *,
        batch_tokens: int,
        seed: int,
    ) -> None:
        self.count = len(source_lengths)

    def batches(self, epoch: int) -> Batches:
        """Return the batches of an epoch, each time the same."""
        return np.split(np.arange(self.count), range(BATCH, self.count, BATCH))

    def steps(self, epochs: int) -> int:
        """Count the batches of the first epochs."""
        return epochs * len(self.batches(0))


def recipe(*, folder: str, out: str, precision: str, same: bool, steps: int) -> dict[str, Any]:
    """Run the loop of recipes/translate.py over the pairs of so many updates, 20 before them.

    Args:
        folder: of the corpus.
        out: of the run.
        precision: of the forward pass.
        same: in JoeyNMT's batches, else in those of its own sampler, of about as many pairs.
        steps: updates that are timed; with its own sampler about as many.
    """
    pairs, tokens = _pairs(folder, steps)
    positions = str(round(tokens.sum(1).mean() * BATCH))
    module, config = configure(
        [
            *("translate", *SETTINGS, "--precision", precision, "--batch-tokens", positions),
            *("--epochs", "1", "--out", out),
        ]
    )
    if same:
        module.TokenSampler = InOrder  # type: ignore[attr-defined]
    sampler = module.TokenSampler(
        tokens[:, 0], tokens[:, 1] - 1, batch_tokens=config.batch_tokens, seed=config.seed
    )
    marks: dict[int, float] = {}
    _train(module, config, folder, pairs, at_step=lambda step: _mark(marks, step))
    return _measured(marks, sampler.batches(0), tokens)


def joeynmt(*, folder: str, out: str, place: str | None, steps: int) -> dict[str, Any]:
    """Run JoeyNMT's loop over the same pairs, 64 after 64.

    Args:
        folder: of the corpus.
        out: of the run.
        place: the folder that JoeyNMT is in, where it is not installed.
        steps: updates that are timed.

    Raises:
        SystemExit: it read other pairs.
    """
    from translation import joeynmt_peer

    pairs, tokens = _pairs(folder, steps)
    Path(out).mkdir(parents=True)
    corpus.write_pairs(Path(out, "train"), pairs)
    corpus.write_pairs(Path(out, "dev"), pairs[:1])
    marks: dict[int, float] = {}
    read = joeynmt_peer.train(
        joeynmt_config(folder, out, updates=steps + LOGGED),
        place,
        at_step=lambda step: _mark(marks, step),
    )
    if read != tokens[:, 1].sum():
        raise SystemExit(f"JoeyNMT read {read} target tokens, expected {tokens[:, 1].sum()}")
    order = InOrder(tokens[:, 0], tokens[:, 1], batch_tokens=0, seed=0)
    return _measured(marks, order.batches(0), tokens)


def model(*, folder: str, out: str, epochs: int) -> None:
    """Train seqkit for a few epochs, and save below `out` a model that JoeyNMT can take over.

    JoeyNMT has no bias in its output layer and in its attention: there they stay zero.
    """
    module, config = configure(
        [
            *("translate", *SETTINGS, "--precision", "bf16", "--epochs", str(epochs)),
            *("--out", f"{out}/run"),
        ]
    )
    pairs = list(corpus.open_pairs(folder, "train"))
    _train(module, config, folder, pairs, biased=False).save(f"{out}/model")


def _pairs(folder: str, steps: int) -> tuple[list[Pair], npt.NDArray[np.int64]]:
    """Return the first pairs, and their tokens (N, 2), the ends of both sides counted."""
    pairs = list(itertools.islice(corpus.open_pairs(folder, "train"), (steps + LOGGED) * BATCH))
    lengths = [(len(pair.source.split()), len(pair.target.split()) + 1) for pair in pairs]
    return pairs, np.array(lengths)


def _train(
    module: ModuleType,
    config: Any,
    folder: str,
    pairs: Sequence[Pair],
    *,
    at_step: Callable[[int], None] = lambda step: None,
    biased: bool = True,
) -> Translator:
    """Run the recipe's loop: sampler, padding, schedule, update, log, checkpoints, validation."""
    seed_generators(config.seed)
    source, target = corpus.open_pipelines(folder)
    network = Seq2Seq(
        config.model, source_vocabulary=len(source.vocab), target_vocabulary=len(target.vocab)
    )
    if not biased:
        for bias in (network.output.bias, network.attention.key.bias):  # type: ignore[union-attr]
            bias.requires_grad_(False).zero_()
    device = pick_device(config.device)
    trained = Translator(network, source, target, device=device)
    ids = {
        "train": module.encode(pairs, source, target),
        "valid": module.encode(pairs[:2], source, target),  # the clock has stopped by then
    }
    with Run(config.out, config=config, recipe="translate") as run:
        log = run.log

        def logged(event: str, **values: Any) -> None:
            log(event, **values)
            if event == "step":
                at_step(values["step"])

        run.log = logged  # type: ignore[method-assign]
        module.train(config, run, trained, ids, module.group_references(pairs[:2]), device)
    return trained


def _mark(marks: dict[int, float], step: int) -> None:
    marks[step] = time.perf_counter()


def _measured(
    marks: Mapping[int, float], batches: Batches, tokens: npt.NDArray[np.int64]
) -> dict[str, Any]:
    """Sum up what was read between the first and the last mark."""
    first, last = min(marks), max(marks)
    read = np.concatenate(batches[first:last])
    source, target = tokens[read].sum(0).tolist()
    return {
        "seconds": marks[last] - marks[first],
        "updates": last - first,
        "pairs": len(read),
        "source": source,
        "target": target,
    }
