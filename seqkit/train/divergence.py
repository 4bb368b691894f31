"""A training that has diverged without a number that is not finite: told from one that overfits."""

import logging
import math

from seqkit import metrics
from seqkit.errors import SeqkitError

__all__ = ["divergence"]

logger = logging.getLogger(__name__)

_MARGIN = 1.5  # times the vocabulary: an untrained network has a perplexity of a little more


def divergence(
    *, epoch: int, train_loss: float, valid_loss: float, best: float, vocabulary: int
) -> str | None:
    """Say in a line for the report that a language model has diverged, or None.

    It has where it is clearly worse than a model that knows nothing, both on valid and on what it
    trains on: one that has learnt a small text by heart may be as bad on valid alone.

    Args:
        epoch: its number, from 1.
        train_loss: mean loss of a token, in nats, at the end of the epoch.
        valid_loss: the same on valid.
        best: lowest `valid_loss` so far, that of this epoch included.
        vocabulary: number of ids; to know nothing costs its logarithm.

    Raises:
        SeqkitError: it has, and no epoch before was of use.
    """
    hopeless = math.log(_MARGIN * vocabulary)
    if min(train_loss, valid_loss) <= hopeless:
        return None
    said = (
        f"diverged in epoch {epoch}: a valid perplexity of {metrics.perplexity(valid_loss, 1):,.0f}"
        f", worse than the {vocabulary:,} of a model that knows nothing; lower --optim.lr or "
        "--optim.clip"
    )
    if best > hopeless:
        raise SeqkitError(f"the run {said}, or try --find-lr")
    logger.warning("the run %s; the best epoch before is kept", said)
    return f"**The run {said}.** The best epoch before is what was measured and saved."
