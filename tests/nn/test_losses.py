"""Losses against torch's, against their papers by hand, and over any partition."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from seqkit.errors import ConfigError
from seqkit.nn import ClassificationLoss

LOGITS = torch.tensor([[2.0, 0.5, -1.0], [0.0, 1.0, 0.2], [3.0, -2.0, 0.1]])
GOLD = torch.tensor([0, 2, 1])
WEIGHTS = torch.tensor([0.5, 2.0, 1.5])
ALL = [
    ClassificationLoss(),
    ClassificationLoss(label_smoothing=0.1),
    ClassificationLoss(class_weights=WEIGHTS),
    ClassificationLoss("focal", focal_gamma=2.0, class_weights=WEIGHTS),
    ClassificationLoss("hinge", class_weights=WEIGHTS),
]


def test_cross_entropy_is_torch_s() -> None:
    for smoothing in (0.0, 0.1):
        torch.testing.assert_close(
            ClassificationLoss(label_smoothing=smoothing)(LOGITS, GOLD),
            functional.cross_entropy(LOGITS, GOLD, reduction="sum", label_smoothing=smoothing),
        )


def test_class_weights_are_torch_s() -> None:
    loss = ClassificationLoss(class_weights=WEIGHTS)
    torch.testing.assert_close(
        loss(LOGITS, GOLD) / loss.weight(GOLD),
        functional.cross_entropy(LOGITS, GOLD, weight=WEIGHTS),
    )
    assert loss.weight(GOLD) == 0.5 + 1.5 + 2.0
    assert ClassificationLoss().weight(GOLD) == 3.0


def test_smoothing_by_hand() -> None:
    p = torch.softmax(LOGITS, 1)
    target = torch.full((3, 3), 0.3 / 3)
    target[range(3), GOLD] += 0.7
    torch.testing.assert_close(
        ClassificationLoss(label_smoothing=0.3)(LOGITS, GOLD), -(target * p.log()).sum()
    )


def test_focal_by_hand() -> None:
    p = torch.softmax(LOGITS, 1)[range(3), GOLD]
    expected = ((1 - p) ** 1.5 * -p.log()).sum()
    torch.testing.assert_close(ClassificationLoss("focal", focal_gamma=1.5)(LOGITS, GOLD), expected)
    torch.testing.assert_close(
        ClassificationLoss("focal", focal_gamma=0.0)(LOGITS, GOLD),
        ClassificationLoss()(LOGITS, GOLD),
    )


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_focal_has_a_finite_gradient_where_the_model_is_certain(gamma: float) -> None:
    logits = torch.tensor([[200.0, 0.0], [0.0, 200.0]], requires_grad=True)
    loss = ClassificationLoss("focal", focal_gamma=gamma)(logits, torch.tensor([0, 0]))
    loss.backward()
    assert loss.item() == pytest.approx(200.0)
    assert torch.isfinite(logits.grad).all()
    assert (logits.grad[0] == 0).all()


def test_hinge_by_hand_and_torch_s() -> None:
    expected = 0.0  # Weston and Watkins: every class that comes within 1 of the gold one
    for row, gold in zip(LOGITS.tolist(), GOLD.tolist(), strict=True):
        expected += sum(max(0.0, 1 - row[gold] + z) for j, z in enumerate(row) if j != gold)
    loss = ClassificationLoss("hinge")(LOGITS, GOLD)
    assert loss.item() == pytest.approx(expected, rel=1e-6)
    torch.testing.assert_close(
        loss, 3 * functional.multi_margin_loss(LOGITS, GOLD, reduction="sum")
    )


def test_half_precision_logits_are_summed_in_float32() -> None:
    for loss in ALL:
        assert loss(LOGITS.bfloat16(), GOLD).dtype == torch.float32
        expected = loss(LOGITS, GOLD)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert torch.equal(loss(LOGITS, GOLD), expected)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.integers(1, 6), st.integers(0, 2**32))
def test_the_sum_over_any_partition_is_the_sum_over_all(size: int, parts: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(size, 3, generator=generator) * 4
    gold = torch.randint(0, 3, (size,), generator=generator)
    for loss in ALL:
        pieces = list(zip(logits.chunk(parts), gold.chunk(parts), strict=True))
        summed = sum(loss(a, b).item() for a, b in pieces)
        assert summed == pytest.approx(loss(logits, gold).item(), rel=1e-5, abs=1e-5)
        assert sum(loss.weight(b) for _, b in pieces) == pytest.approx(loss.weight(gold))


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("name", ["cross-entropy", "focal", "hinge"])
def test_at_start_is_the_mean_loss_of_equal_logits(name: str, classes: int) -> None:
    loss, gold = ClassificationLoss(name), torch.arange(classes)
    mean = loss(torch.zeros(classes, classes), gold).item() / classes
    assert loss.at_start(classes) == pytest.approx(mean)
    if name == "cross-entropy":
        assert loss.at_start(classes) == math.log(classes)


def test_options_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean 'hinge'"):
        ClassificationLoss("hinj")
    with pytest.raises(ConfigError, match=r"label smoothing 1\.0"):
        ClassificationLoss(label_smoothing=1.0)
    with pytest.raises(ConfigError, match="not for focal"):
        ClassificationLoss("focal", label_smoothing=0.1)
    with pytest.raises(ConfigError, match="focal gamma -1"):
        ClassificationLoss("focal", focal_gamma=-1)


@pytest.mark.parametrize("classes", [2, 5])
def test_the_least_smoothed_loss_is_the_entropy_of_the_target(classes: int) -> None:
    loss = ClassificationLoss(label_smoothing=0.1)
    target = torch.full((classes,), 0.1 / classes)
    target[1] += 0.9
    reached = loss(target.log()[None], torch.tensor([1])).item()  # softmax of it is the target
    assert loss.at_best(classes) == pytest.approx(reached)
    assert ClassificationLoss("hinge").at_best(classes) == 0.0
