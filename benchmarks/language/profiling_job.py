"""Train a preset on made-up words under torch.profiler: what runs in a fresh process."""

import dataclasses
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from language.recipe_loop import LOGGED, watch_training
from language.trace import Shares, read_trace
from seqkit.batching import TokenShards
from seqkit.commands.recipes import configure
from seqkit.models.recurrent_lm import RecurrentLm
from seqkit.nn.devices import pick_device, set_tf32
from seqkit.train.seeding import seed_generators

__all__ = ["profile"]

_VOCABULARY = 10_003
_WARM = 2 * LOGGED


def profile(*, preset: str, device: str, steps: int, out: str) -> dict[str, Any]:
    """Return seconds a step: `wall`, `busy`, `by_part`, and the operators of the `rest`."""
    module, config = configure(
        ["lm", preset, "--device", device, "--epochs", "1", "--out", f"{out}-timed"]
    )
    profiled = clock = _Profiled(steps, Path(f"{out}.json"), device)
    bare = dataclasses.replace(config, cuda_graphs=False, out=f"{out}-profiled")
    _train(module, bare, steps, profiled)
    if device == "cuda":  # the profiler slows the launches down, not the kernels
        clock = _Clock(steps)
        _train(module, config, steps, clock)
    shares = profiled.shares
    return {
        "wall": clock.seconds / steps,
        "busy": shares.busy / steps,
        "by_part": {part: seconds / steps for part, seconds in shares.by_part.items()},
        "rest": {name: seconds / steps for name, seconds in shares.rest.items()},
    }


class _Clock:
    """Times the updates after the first that are logged."""

    def __init__(self, steps: int) -> None:
        self.last, self.seconds = _WARM + steps, 0.0

    def at_step(self, step: int) -> None:
        if step == _WARM:
            self.begin()
            self.started = time.perf_counter()
        elif step == self.last:
            self.seconds = time.perf_counter() - self.started
            self.end()

    def begin(self) -> None:
        """Prepare for what is timed."""

    def end(self) -> None:
        """Gather what was timed."""


class _Profiled(_Clock):
    """Profiles them as well."""

    def __init__(self, steps: int, path: Path, device: str) -> None:
        super().__init__(steps)
        kinds = torch.profiler.ProfilerActivity
        self.path, self.shares = path, Shares({}, {}, 0.0)
        activities = [kinds.CPU, kinds.CUDA] if device == "cuda" else [kinds.CPU]
        self.profiler = torch.profiler.profile(activities=activities)

    def begin(self) -> None:
        self.profiler.start()

    def end(self) -> None:
        self.profiler.stop()
        self.profiler.export_chrome_trace(str(self.path))
        self.shares = read_trace(self.path)


def _train(module: ModuleType, config: Any, steps: int, clock: _Clock) -> None:
    place = pick_device(config.device)
    set_tf32(config.tf32)
    seed_generators(config.seed)
    network = RecurrentLm(config.model, vocabulary=_VOCABULARY).to(place)
    size = (_WARM + steps + LOGGED) * config.batch_size * config.window
    ranks = np.random.default_rng(1).zipf(1.2, size) % (_VOCABULARY - 4)
    tokens = {"train": TokenShards.from_array(ranks + 4)}
    tokens["valid"] = TokenShards.from_array(tokens["train"][:5000])
    watch_training(module, config, network, tokens, at_step=clock.at_step, at_epoch=lambda: None)
