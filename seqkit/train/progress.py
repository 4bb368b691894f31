"""How far a training has come, and everything that a checkpoint has to hold."""

import hashlib
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from tqdm import tqdm

from seqkit.errors import DataError, SeqkitError
from seqkit.text import Ragged
from seqkit.train.bar import show_bar
from seqkit.train.run import Run
from seqkit.train.seeding import generator_states, restore_generators

__all__ = ["Checkpointed", "Progress", "Stateful", "progress_bar"]


class Stateful(Protocol):
    """Anything with a state that can be saved and restored."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> Any:
        """Take a state back."""
        ...


class Progress:
    """Position in the data and sums over the epoch so far, of one network of a run."""

    def __init__(self, network: int = 0, *, epoch: int = 0, batch: int = 0, step: int = 0) -> None:
        self.network, self.epoch, self.batch, self.step = network, epoch, batch, step
        self.summed = self.weight = 0.0

    def count(self, summed: float, weight: float) -> None:
        """Count one update and its summed loss."""
        self.advance()
        self.add(summed, weight)

    def advance(self) -> None:
        """Count one update, whose loss is not known yet."""
        self.batch, self.step = self.batch + 1, self.step + 1

    def add(self, summed: float, weight: float) -> None:
        """Count a summed loss."""
        self.summed, self.weight = self.summed + summed, self.weight + weight

    @property
    def loss(self) -> float:
        """Mean loss of the epoch so far."""
        return self.summed / self.weight if self.weight else 0.0

    def next_epoch(self) -> None:
        """Begin the next epoch."""
        self.epoch, self.batch, self.summed, self.weight = self.epoch + 1, 0, 0.0, 0.0

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` restores."""
        return dict(vars(self))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a saved one was."""
        vars(self).update(state)


def progress_bar(steps: Sequence[Any], progress: Progress) -> tqdm:
    """Show an epoch on stderr while iterating over those of its steps that are still to do."""
    return show_bar(
        steps[progress.batch :],
        desc=f"epoch {progress.epoch + 1}",
        initial=progress.batch,
        total=len(steps),
    )


class Checkpointed:
    """The parts of a training by name; saved and restored together with torch's generators."""

    def __init__(self, **parts: Stateful) -> None:
        """Name the parts: network, which all have, optimizer, schedule, ..."""
        self.parts = parts
        self.data = ""

    def restore(
        self, run: Run, *, network: int = 0, data: Sequence[Ragged | np.ndarray | str]
    ) -> Progress:
        """Go on where the run's checkpoint is, or begin.

        Args:
            run: a resumed run has a state.
            network: which of the run's networks this is.
            data: the encoded splits, their labels and the vectors given, or fingerprints of them,
                whose hash must be that of the stopped run.

        Raises:
            DataError: the data have changed since.
        """
        self.data = _hash(data)
        progress = Progress(network)
        if run.state is None or run.state["progress"]["network"] != network:
            return progress
        if run.state["data"] != self.data:
            raise DataError(
                "--resume: the data, what they are encoded to, or the word vectors changed since "
                f"the run in {run.folder} was stopped: begin anew without --resume"
            )
        progress.load_state_dict(run.state["progress"])
        self.set_state(run.state["parts"])
        return progress

    def save(self, run: Run, progress: Progress, *, best_step: int) -> None:
        """Write a checkpoint of all parts.

        Raises:
            SeqkitError: a weight of the network is not finite: nothing can go on from it.
        """
        states = self._states()
        if not _finite(states["network"]):
            raise SeqkitError(
                f"update {progress.step}: the weights have overflowed; lower --optim.lr, or set "
                "--optim.clip"
            )
        state = {"data": self.data, "progress": progress.state_dict(), "parts": states}
        run.checkpoint(state, network=progress.network, step=progress.step, best_step=best_step)

    def state(self) -> dict[str, Any]:
        """Return copies of the states of the parts and of the generators."""
        return _copy_state(self._states())

    def _states(self) -> dict[str, Any]:
        states = {name: part.state_dict() for name, part in self.parts.items()}
        return {**states, "generators": generator_states()}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` returned."""
        for name, part in self.parts.items():
            part.load_state_dict(state[name])
        restore_generators(state["generators"])


def _hash(data: Sequence[Ragged | np.ndarray | str]) -> str:
    digest = hashlib.sha256()
    for part in data:
        if isinstance(part, str):
            digest.update(part.encode())
            continue
        for array in (part.offsets, part.flat) if isinstance(part, Ragged) else (part,):
            digest.update(array.tobytes())
    return digest.hexdigest()


def _finite(weights: dict[str, torch.Tensor]) -> bool:
    return bool(torch.stack([value.isfinite().all() for value in weights.values()]).all())


def _copy_state(state: Any) -> Any:
    """Copy a nested state, tensors included, so that training on does not change it."""
    if isinstance(state, torch.Tensor):
        return state.detach().clone()
    if isinstance(state, dict):
        return {name: _copy_state(value) for name, value in state.items()}
    if isinstance(state, (list, tuple)):
        return type(state)(_copy_state(value) for value in state)
    return state
