"""A training that has diverged without a number that is not finite: told from one that overfits."""

import logging
import math

from seqkit import metrics
from seqkit.errors import SeqkitError

__all__ = ["divergence", "hopeless"]

logger = logging.getLogger(__name__)

_MARGIN = 1.5  # times the vocabulary: an untrained network has a perplexity of a little more


def hopeless(loss: float, vocabulary: int) -> bool:
    """Say whether a mean loss in nats is clearly worse than that of a model that knows nothing.

    To know nothing of a vocabulary costs its logarithm.
    """
    return loss > math.log(_MARGIN * vocabulary)


def divergence(
    *,
    epoch: int,
    train_loss: float,
    valid_loss: float,
    best: float,
    vocabulary: int,
    stopped: bool = False,
) -> str | None:
    """Say in a line for the report that a language model has diverged, or None.

    It has where it is clearly worse than a model that knows nothing, both on valid and on what it
    trains on: one that has learnt a small text by heart may be as bad on valid alone. And it has
    where training was as bad for so long that the epoch was stopped.

    Args:
        epoch: its number, from 1.
        train_loss: mean loss of a token, in nats, of the last updates: `Tally.loss`.
        valid_loss: the same on valid, after them.
        best: lowest `valid_loss` so far, that of this epoch included.
        vocabulary: number of ids.
        stopped: the epoch was ended for it, see `Tally.lost`.

    Raises:
        SeqkitError: it has, and no epoch before was of use.
    """
    bad = hopeless(valid_loss, vocabulary)
    if not stopped and not (bad and hopeless(train_loss, vocabulary)):
        return None
    split, loss = ("valid", valid_loss) if bad else ("training", train_loss)
    said = (
        f"diverged in epoch {epoch}: a {split} perplexity of {metrics.perplexity(loss, 1):,.0f}, "
        f"worse than the {vocabulary:,} of a model that knows nothing; lower --optim.lr or "
        "--optim.clip"
    )
    if hopeless(best, vocabulary):
        raise SeqkitError(f"the run {said}, or try --find-lr")
    logger.warning("the run %s; the best epoch before is kept", said)
    return f"**The run {said}.** The best epoch before is what was measured and saved."
