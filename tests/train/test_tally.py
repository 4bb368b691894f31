"""Figures of updates, gathered; against sums by hand."""

import math

import pytest
import torch

from seqkit.errors import SeqkitError
from seqkit.train.progress import Progress
from seqkit.train.tally import Tally
from seqkit.train.window_update import WindowUpdate

CPU = torch.device("cpu")


def update(nats, *, tokens=10, norm=1.0):
    return WindowUpdate(torch.tensor(float(nats)), tokens, torch.tensor(float(norm)), ())


def feed(tally, progress, updates, *, rate=0.1):
    for each in updates:
        progress.advance()
        tally.add(each, progress, rate)


def test_sums_counts_and_clipped_shares_are_those_since_the_last_report():
    tally, progress = Tally(device=CPU, clip=2.0), Progress()
    feed(tally, progress, [update(30, norm=1), update(50, tokens=30, norm=3), update(20, norm=2)])
    assert tally.report() == {"loss": 100 / 50, "grad_norm": 2.0, "clipped": 1 / 3}
    feed(tally, progress, [update(5, norm=9)])
    assert tally.report() == {"loss": 0.5, "grad_norm": 9.0, "clipped": 1.0}
    assert (progress.summed, progress.weight, progress.step) == (105, 60, 4)
    assert progress.loss == 105 / 60


def test_nothing_is_clipped_without_a_limit():
    tally, progress = Tally(device=CPU, clip=None), Progress()
    feed(tally, progress, [update(1, norm=1e9)])
    assert tally.report()["clipped"] == 0


def test_many_small_losses_do_not_wear_off_in_float32():
    tally, progress = Tally(device=CPU, clip=None), Progress()
    progress.add(2.0**25, 1)
    feed(tally, progress, [update(1)] * 64)
    assert progress.summed == 2.0**25 + 64


def test_a_cpu_is_read_at_once_and_a_gpu_now_and_then():
    progress, tally = Progress(), Tally(device=torch.device("cuda"), clip=None)
    feed(tally, progress, [update(1)] * 19)
    assert progress.weight == 0 and len(tally.waiting) == 19
    feed(tally, progress, [update(1)])
    assert progress.weight == 200 and not tally.waiting
    feed(tally, progress, [update(1)])
    tally.settle(progress)
    tally.settle(progress)
    assert progress.weight == 210 and tally.steps == 21

    at_once = Tally(device=CPU, clip=None)
    feed(at_once, progress, [update(1)])
    assert not at_once.waiting


@pytest.mark.parametrize(
    "bad", [{"nats": math.nan}, {"nats": math.inf}, {"norm": math.nan}, {"norm": math.inf}]
)
def test_what_is_not_finite_stops_and_says_which_update_and_why(bad):
    tally, progress = Tally(device=CPU, clip=None), Progress()
    feed(tally, progress, [update(40), update(20)])
    with pytest.raises(SeqkitError) as caught:
        feed(tally, progress, [update(**{"nats": 30, **bad})], rate=0.25)
    said = str(caught.value)
    assert said.startswith("update 3: the training loss is ") and "\n" not in said
    assert "after a mean of 3.000 in this epoch" in said
    assert "the learning rate of 0.25 is too high (--optim.lr, or try --find-lr)" in said
    assert "gradients are not clipped (--optim.clip)" in said


def test_of_several_that_wait_the_first_bad_one_is_named():
    tally, progress = Tally(device=torch.device("cuda"), clip=1.0), Progress()
    feed(tally, progress, [update(1), update(math.nan), update(1), update(math.nan)], rate=0.5)
    with pytest.raises(SeqkitError, match="update 2: ") as caught:
        tally.settle(progress)
    assert "not clipped" not in str(caught.value)


def test_fp16_passes_over_gradients_that_overflow_but_not_over_losses():
    tally, progress = Tally(device=CPU, clip=1.0, lenient=True), Progress()
    feed(tally, progress, [update(1, norm=math.inf), update(1, norm=math.nan)])
    assert progress.weight == 20
    with pytest.raises(SeqkitError, match=r"fp16 has overflowed \(--precision bf16\)"):
        feed(tally, progress, [update(math.nan)])


def test_what_a_checkpoint_holds_is_enough_to_go_on():
    whole, progress = Tally(device=CPU, clip=2.0), Progress()
    parts = [update(30, norm=1), update(50, norm=3)], [update(7, norm=4), update(1, norm=0)]
    feed(whole, progress, parts[0])
    again = Tally(device=CPU, clip=2.0)
    again.load_state_dict(whole.state_dict())
    for tally in (whole, again):
        feed(tally, Progress(), parts[1])
    assert again.report() == whole.report()
