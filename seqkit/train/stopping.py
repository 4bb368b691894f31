"""Early stopping on a validation score."""

import math
from typing import Any

from seqkit.errors import ConfigError, SeqkitError

__all__ = ["EarlyStopping"]


class EarlyStopping:
    """Remembers the best score and counts the validations since."""

    def __init__(self, patience: int | None) -> None:
        """Stop after `patience` validations without improvement; None never stops."""
        if patience is not None and patience < 1:
            raise ConfigError(f"patience {patience}: must be 1 or more, or None")
        self.patience, self.best, self.best_step, self.bad = patience, -math.inf, -1, 0

    def observe(self, score: float, step: int) -> bool:
        """Tell a score, higher is better; returns whether it is the best so far.

        Raises:
            SeqkitError: the score is not finite: the weights have overflowed.
        """
        if not math.isfinite(score):
            raise SeqkitError(
                f"after update {step} the score on valid is {score}: the weights have "
                "overflowed; lower --optim.lr, or set --optim.clip"
            )
        if score > self.best:
            self.best, self.best_step, self.bad = score, step, 0
            return True
        self.bad += 1
        return False

    @property
    def stop(self) -> bool:
        """Whether patience has run out."""
        return self.patience is not None and self.bad >= self.patience

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` restores."""
        return {"best": self.best, "best_step": self.best_step, "bad": self.bad}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a saved one was."""
        self.best, self.best_step, self.bad = state["best"], state["best_step"], state["bad"]
