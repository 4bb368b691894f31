"""Checks before training: is the loss where it must be, and can the model learn at all?"""

import logging
from collections.abc import Callable

from seqkit.errors import SeqkitError

__all__ = ["check_first_loss", "check_overfits"]

logger = logging.getLogger(__name__)

_FAR = 0.5
_LEARNT = 0.25


def check_first_loss(loss: float, expected: float) -> bool:
    """Say whether the loss of the untrained model is near that of guessing; warn if it is not.

    Args:
        loss: mean over some batch.
        expected: log(classes) for cross-entropy.
    """
    near = abs(loss - expected) <= _FAR * expected
    if not near:
        logger.warning(
            "before training the loss is %.3f, of a model that knows nothing %.3f is expected: "
            "the output weights start too large (--model.init), or the vectors given are very long",
            loss,
            expected,
        )
    return near


def check_overfits(update: Callable[[], float], *, least: float = 0.0, steps: int = 200) -> int:
    """Train on one batch until three quarters of its loss are gone.

    Args:
        update: makes one update on that batch and returns its mean loss.
        least: what the loss cannot fall below, which is more than 0 with label smoothing.
        steps: how many are allowed.

    Returns:
        The number of updates that it took.

    Raises:
        SeqkitError: the loss did not fall that far, with the likely cause.
    """
    first = update()
    loss, goal = first, least + _LEARNT * (first - least)
    for step in range(2, steps + 1):
        loss = update()
        if loss < goal:
            return step
    if loss > 1.02 * first:
        cause = "it rose: the learning rate is too high"
    elif loss > 0.98 * first:
        cause = "it hardly moved: the learning rate is too low, or no weight is trained"
    else:
        cause = "it fell slowly: raise the learning rate, lower the dropouts, or widen the model"
    raise SeqkitError(
        f"--check: {steps} updates on one batch took its loss from {first:.3f} to {loss:.3f}, "
        f"expected below {goal:.3f}: {cause}; or equal texts have different labels"
    )
