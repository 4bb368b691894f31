"""A diverged training is told from an overfitted one, and from one that ends."""

import logging
import math

import pytest

from seqkit.errors import SeqkitError
from seqkit.train.divergence import divergence, hopeless

V = 20
GOOD, BAD = math.log(5), math.log(2 * V)


def judged(train, valid, *, best=GOOD, **options):
    return divergence(
        epoch=3, train_loss=train, valid_loss=valid, best=best, vocabulary=V, **options
    )


def test_hopeless_is_clearly_worse_than_knowing_nothing():
    assert not hopeless(math.log(V), V) and not hopeless(math.log(1.49 * V), V)
    assert hopeless(math.log(1.51 * V), V) and not hopeless(math.nan, V)


@pytest.mark.parametrize(("train", "valid"), [(GOOD, GOOD), (GOOD, BAD), (BAD, GOOD)])
def test_both_must_be_hopeless(train, valid):
    assert judged(train, valid) is None


def test_what_is_said_and_that_the_best_is_kept(caplog):
    caplog.set_level(logging.WARNING, logger="seqkit")
    note = judged(BAD, BAD)
    assert note.startswith("**The run diverged in epoch 3: a valid perplexity of 40, worse than")
    assert "the run diverged in epoch 3" in caplog.text and "The best epoch before" in note


def test_an_epoch_that_was_stopped_has_diverged_whatever_an_average_says_on_valid():
    note = judged(BAD, GOOD, stopped=True)
    assert "diverged in epoch 3: a training perplexity of 40, worse than the 20 of" in note
    assert "a valid perplexity of 40" in judged(BAD, BAD, stopped=True)


@pytest.mark.parametrize("stopped", [False, True])
def test_without_an_epoch_of_use_there_is_no_result(stopped):
    with pytest.raises(SeqkitError, match=r"lower --optim.lr or --optim.clip, or try --find-lr$"):
        judged(BAD, BAD, best=BAD, stopped=stopped)
