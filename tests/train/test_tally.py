"""Figures of updates, gathered; against sums by hand."""

import math

import pytest
import torch

from seqkit.errors import SeqkitError
from seqkit.train.progress import Progress
from seqkit.train.tally import Tally
from seqkit.train.window_update import WindowUpdate


def tally_of(device="cpu", *, vocabulary=1000, **options):
    return Tally(device=torch.device(device), vocabulary=vocabulary, **options)


def update(nats, *, tokens=10, norm=1.0):
    return WindowUpdate(torch.tensor(float(nats)), tokens, torch.tensor(float(norm)), ())


def feed(tally, progress, updates, *, rate=0.1):
    for each in updates:
        progress.advance()
        tally.add(each, progress, rate)


def test_sums_counts_and_clipped_shares_are_those_since_the_last_report():
    tally, progress = tally_of(clip=2.0), Progress()
    feed(tally, progress, [update(30, norm=1), update(50, tokens=30, norm=3), update(20, norm=2)])
    assert tally.report() == {"loss": 100 / 50, "grad_norm": 2.0, "clipped": 1 / 3}
    feed(tally, progress, [update(5, norm=9)])
    assert tally.report() == {"loss": 0.5, "grad_norm": 9.0, "clipped": 1.0}
    assert (progress.summed, progress.weight, progress.step) == (105, 60, 4)
    assert progress.loss == 105 / 60


def test_nothing_is_clipped_without_a_limit():
    tally, progress = tally_of(clip=None), Progress()
    feed(tally, progress, [update(1, norm=1e9)])
    assert tally.report()["clipped"] == 0


def test_many_small_losses_do_not_wear_off_in_float32():
    tally, progress = tally_of(clip=None), Progress()
    progress.add(2.0**25, 1)
    feed(tally, progress, [update(1)] * 64)
    assert progress.summed == 2.0**25 + 64


def test_a_cpu_is_read_at_once_and_a_gpu_now_and_then():
    progress, tally = Progress(), tally_of("cuda", clip=None)
    feed(tally, progress, [update(1)] * 19)
    assert progress.weight == 0 and len(tally.waiting) == 19
    feed(tally, progress, [update(1)])
    assert progress.weight == 200 and not tally.waiting
    feed(tally, progress, [update(1)])
    tally.settle(progress)
    tally.settle(progress)
    assert progress.weight == 210 and tally.steps == 21

    at_once = tally_of(clip=None)
    feed(at_once, progress, [update(1)])
    assert not at_once.waiting


@pytest.mark.parametrize(
    "bad", [{"nats": math.nan}, {"nats": math.inf}, {"norm": math.nan}, {"norm": math.inf}]
)
def test_what_is_not_finite_stops_and_says_which_update_and_why(bad):
    tally, progress = tally_of(clip=None), Progress()
    feed(tally, progress, [update(40), update(20)])
    with pytest.raises(SeqkitError) as caught:
        feed(tally, progress, [update(**{"nats": 30, **bad})], rate=0.25)
    said = str(caught.value)
    assert said.startswith("update 3: the training loss is ") and "\n" not in said
    assert "after a mean of 3.000 in this epoch" in said
    assert "the learning rate of 0.25 is too high (--optim.lr, or try --find-lr)" in said
    assert "gradients are not clipped (--optim.clip)" in said


def test_of_several_that_wait_the_first_bad_one_is_named():
    tally, progress = tally_of("cuda", clip=1.0), Progress()
    feed(tally, progress, [update(1), update(math.nan), update(1), update(math.nan)], rate=0.5)
    with pytest.raises(SeqkitError, match="update 2: ") as caught:
        tally.settle(progress)
    assert "not clipped" not in str(caught.value)


def scaler(scale=2.0**16):
    return torch.amp.GradScaler("cpu", init_scale=scale)


def test_fp16_passes_over_gradients_that_overflow_but_not_over_losses():
    tally, progress = tally_of(clip=1.0, scaler=scaler()), Progress()
    feed(tally, progress, [update(1, norm=math.inf), update(1, norm=math.nan)])
    assert progress.weight == 20
    with pytest.raises(SeqkitError, match=r"fp16 has overflowed \(--precision bf16\)"):
        feed(tally, progress, [update(math.nan)])


def test_an_update_that_fp16_skips_is_not_one_that_was_clipped():
    tally, progress = tally_of(clip=2.0, scaler=scaler()), Progress()
    feed(tally, progress, [update(1, norm=n) for n in (3, math.inf, 1, math.nan)])
    assert tally.report() == {"loss": 0.1, "grad_norm": 1.0, "clipped": 0.25, "skipped": 0.5}
    off = torch.amp.GradScaler("cpu", enabled=False)
    feed(plain := tally_of(clip=2.0, scaler=off), progress, [update(1)])
    assert "skipped" not in plain.report()
    with pytest.raises(SeqkitError, match="its gradient's norm inf"):
        feed(plain, progress, [update(1, norm=math.inf)])


def test_a_scale_that_only_falls_is_reported():
    falling, tally, progress = scaler(4.0), None, Progress()
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    tally = tally_of(clip=1.0, scaler=falling)

    def overflow():
        weight.grad = torch.tensor([math.inf])
        falling.scale(torch.ones(1))  # a scaler is made ready by its first use
        falling.unscale_(optimizer)
        falling.step(optimizer)
        falling.update()
        feed(tally, progress, [update(1, norm=math.inf)])

    overflow()
    overflow()
    with pytest.raises(SeqkitError) as caught:
        overflow()
    said = str(caught.value)
    assert said.startswith("update 3: fp16 has overflowed so often that its loss scale has fallen")
    assert "to 0.5," in said and said.endswith("--precision bf16, or a lower --optim.lr")


HOPELESS, FINE = math.log(1.6 * 20), math.log(1.4 * 20)  # a token, of 20 ids


def reported(tally, *losses):
    """A report of ten updates at each loss."""
    for loss in losses:
        feed(tally, Progress(), [update(10 * loss)] * 10)
        tally.report()


def test_a_training_is_lost_after_five_hopeless_reports_in_a_row():
    tally = tally_of(clip=None, vocabulary=20)
    reported(tally, *[HOPELESS] * 4)
    assert not tally.lost
    reported(tally, HOPELESS)
    assert tally.lost
    spiky = tally_of(clip=None, vocabulary=20)
    reported(spiky, *([*[1e4] * 4, FINE] * 3))
    assert not spiky.lost


def test_a_training_stays_as_lost_as_it_was_when_it_is_resumed():
    tally, again = tally_of(clip=None, vocabulary=20), tally_of(clip=None, vocabulary=20)
    reported(tally, *[HOPELESS] * 4)
    again.load_state_dict(tally.state_dict())
    reported(again, HOPELESS)
    assert again.lost


def test_the_loss_is_the_mean_of_the_last_report_and_since():
    tally = tally_of(clip=None)
    assert math.isnan(tally.loss)
    feed(tally, Progress(), [update(10)])
    assert tally.loss == 1.0
    reported(tally, 5.0)
    feed(tally, Progress(), [update(90)])  # one bad window
    assert tally.loss == pytest.approx((10 + 10 * 50 + 90) / 120)
    reported(tally, 2.0)
    assert tally.loss == pytest.approx((90 + 10 * 20) / 110)


def test_what_a_checkpoint_holds_is_enough_to_go_on():
    whole, progress = tally_of(clip=2.0), Progress()
    parts = [update(30, norm=1), update(50, norm=3)], [update(7, norm=4), update(1, norm=0)]
    feed(whole, progress, parts[0])
    again = tally_of(clip=2.0)
    again.load_state_dict(whole.state_dict())
    for tally in (whole, again):
        feed(tally, Progress(), parts[1])
    assert again.loss == whole.loss
    assert again.report() == whole.report()
