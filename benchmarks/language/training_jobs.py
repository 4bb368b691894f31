"""Train on the Penn Treebank and clock it: what runs in a fresh process, seqkit's and the peer's.

Both jobs return `tokens_a_second`, of training alone and from update 20 on; after whole epochs the
`perplexity` of the valid split and its `tokens`; and `gpu_mb`, the most memory of a GPU.
"""

import time
from collections.abc import Sequence
from typing import Any

import torch

from language import corpus, plain_torch
from language.perplexity import exact_perplexity
from language.recipe_loop import LOGGED, watch_training
from seqkit.batching import TokenShards, write_shards
from seqkit.commands.recipes import configure
from seqkit.data import load_text
from seqkit.nn.devices import pick_device, set_tf32
from seqkit.text import Vocab
from seqkit.train.seeding import seed_generators

__all__ = ["plain", "recipe"]


class Stopwatch:
    """Adds up the time between marks; a pause is left out."""

    def __init__(self) -> None:
        self.steps, self.seconds = 0, 0.0
        self._last: tuple[int, float] | None = None

    def mark(self, step: int) -> None:
        """Note that so many updates are done."""
        now = time.perf_counter()
        if self._last is not None:
            self.steps += step - self._last[0]
            self.seconds += now - self._last[1]
        self._last = step, now

    def pause(self) -> None:
        """Do not count what passes until the next mark."""
        self._last = None


def recipe(
    *,
    settings: Sequence[str],
    data: str,
    out: str,
    device: str,
    steps: int | None = None,
    epochs: int = 1,
) -> dict[str, Any]:
    """Train the preset ptb-small with other `settings`: so many updates, or whole epochs."""
    options = [*corpus.recipe_options(data), "--device", device, "--epochs", str(epochs)]
    module, config = configure(["lm", "ptb-small", *options, "--out", out, *settings])
    place = pick_device(device)
    set_tf32(config.tf32)
    splits = load_text(config.data, seed=config.seed)
    seed_generators(config.seed)
    network, pipeline, _ = module.prepare(config, splits.train, place)
    tokens = {
        name: write_shards(
            f"{out}-{name}", module.encoded(split, pipeline), vocabulary=len(pipeline.vocab)
        )
        for name, split in (("train", splits.train), ("valid", splits.valid))
    }
    if steps is not None:
        size = (steps + LOGGED) * config.batch_size * config.window
        tokens["train"] = TokenShards.from_array(tokens["train"][:size])
        tokens["valid"] = TokenShards.from_array(tokens["valid"][:2000])
    watch = Stopwatch()
    watch_training(module, config, network, tokens, at_step=watch.mark, at_epoch=watch.pause)
    speed = watch.steps * config.batch_size * config.window / watch.seconds
    figures = {"tokens_a_second": speed, "gpu_mb": _gpu_mb(place)}
    if steps is None:
        network.eval()

        def read(inputs: torch.Tensor, targets: torch.Tensor, state: Any) -> tuple:
            hidden, state = network(inputs[None], state)
            return network.output.score(hidden.top[0], targets), state

        ids = tokens["valid"][:].tolist()
        figures["tokens"] = len(ids)
        figures["perplexity"] = exact_perplexity(
            read, ids, first=Vocab.EOS, state=network.start(1), device=place
        )
    return figures


def plain(
    *, bf16: bool, data: str, device: str, steps: int | None = None, epochs: int = 1
) -> dict[str, Any]:
    """Train the peer: so many updates, or whole epochs."""
    torch.manual_seed(1)
    place = pick_device(device)
    set_tf32(True)
    vocabulary, end, (train, valid) = corpus.plain_ids(data, ("train", "valid"))
    if steps is not None:
        train = train[: ((steps + LOGGED) * plain_torch.WINDOW + 1) * plain_torch.BATCH]
    length = len(train) // plain_torch.BATCH
    streams = torch.tensor(train[: length * plain_torch.BATCH]).view(plain_torch.BATCH, length)
    streams = streams.t().contiguous().to(place)  # (length, B)
    model = plain_torch.PlainLm(vocabulary).to(place)
    read = _reader(model)
    watch, rate, best, done = Stopwatch(), plain_torch.RATE, float("inf"), 0
    for _ in range(epochs):
        done = plain_torch.train_epoch(
            model, streams, rate=rate, bf16=bf16, at_step=watch.mark, step=done
        )
        watch.pause()
        if steps is None:
            model.eval()
            now = exact_perplexity(read, valid, first=end, state=model.start(1), device=place)
            best, rate = min(best, now), rate if now < best else rate / 4
    tokens = watch.steps * plain_torch.BATCH * plain_torch.WINDOW
    figures = {"tokens_a_second": tokens / watch.seconds, "gpu_mb": _gpu_mb(place)}
    return figures if steps is not None else {**figures, "perplexity": best, "tokens": len(valid)}


def _reader(model: plain_torch.PlainLm) -> Any:
    def read(inputs: torch.Tensor, targets: torch.Tensor, state: Any) -> tuple:
        log_probs, state = model(inputs[:, None], state)
        return log_probs.gather(1, targets[:, None])[:, 0], state

    return read


def _gpu_mb(device: torch.device) -> float | None:
    return torch.cuda.max_memory_allocated(device) / 1e6 if device.type == "cuda" else None
