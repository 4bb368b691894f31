"""What a model said of each token of a split, kept on disk until it is mixed with another's."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["KeptLogProbs"]


class KeptLogProbs:
    """Log-probabilities (N,) in a file, 4 bytes each; a slice is read when it is asked for."""

    def __init__(self, path: Path) -> None:
        """Name the file, which `passing` writes."""
        self.path = path

    def passing(
        self, log_probs: Iterable[npt.NDArray[np.floating]]
    ) -> Iterator[npt.NDArray[np.floating]]:
        """Pass stretches (N,) on while they are written."""
        with open(self.path, "wb") as handle:
            for part in log_probs:
                handle.write(np.asarray(part, np.float32).tobytes())
                yield part

    def __len__(self) -> int:
        """Return the number of tokens."""
        return self.path.stat().st_size // 4

    def __getitem__(self, index: slice) -> npt.NDArray[np.float32]:
        """Return those of a slice without a step."""
        start, stop, _ = index.indices(len(self))
        return np.fromfile(self.path, np.float32, count=max(0, stop - start), offset=4 * start)
