"""What a training loop asks of a run, without its folder: for models fitted by the dozen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["MemoryRun"]


class MemoryRun:
    """Stands where a loop expects a `Run`: keeps the best weights in memory, writes nothing.

    A cross-validation fits dozens of small models. Logs, checkpoints and their flushes to disk
    would take longer than the training, and nobody resumes one of them.
    """

    state = None

    def __init__(self) -> None:
        self.finished: dict[int, int] = {}
        """Number of each network that is trained, and the step of its best weights."""
        self._best: dict[int, dict[str, Tensor]] = {}

    def log(self, event: str, *, step: int, network: int = 0, **values: Any) -> None:
        """Keep no log."""

    def due(self, seconds: float) -> bool:
        """Never ask for a checkpoint."""
        return False

    def checkpoint(
        self, state: Mapping[str, Any], *, step: int, best_step: int, network: int = 0
    ) -> None:
        """Keep no checkpoint: a fit begins and ends in one process."""

    def keep_best(self, weights: Mapping[str, "Tensor"], *, step: int, network: int = 0) -> None:
        """Keep copies of the best weights of a network so far, in place of the best before."""
        self._best[network] = {name: tensor.clone() for name, tensor in weights.items()}

    def best(self, step: int, *, network: int = 0) -> dict[str, "Tensor"]:
        """Hand the weights of a network out, which is asked once."""
        return self._best.pop(network)
