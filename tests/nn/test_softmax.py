"""Output layers against torch's own cross-entropy and adaptive softmax."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from seqkit.errors import ConfigError
from seqkit.nn import softmax
from seqkit.nn.softmax import AdaptiveSoftmax, FullSoftmax, linear_cross_entropy

N, H, V = 23, 9, 31
CUTOFFS = (5, 12, 25)


def leaves(*, n=N, dtype=torch.float32, scale=1.0):
    torch.manual_seed(3)
    h, weight, bias = torch.randn(n, H), torch.randn(V, H), torch.randn(V)
    parts = [(scale * part).to(dtype).requires_grad_() for part in (h, weight, bias)]
    return *parts, torch.randint(V, (n,))


def gradients(loss, *parts):
    return torch.autograd.grad(1.7 * loss, parts)  # not 1: the factor must reach them


def reference(h, weight, bias, gold, smoothing=0.0):
    logits = functional.linear(h, weight, bias)
    return functional.cross_entropy(logits, gold, reduction="sum", label_smoothing=smoothing)


@settings(max_examples=60)
@given(
    n=st.integers(1, 40),
    limit=st.integers(1, 45 * V),
    cached=st.integers(1, 9),
    smoothing=st.sampled_from([0.0, 0.1, 0.9]),
)
def test_value_and_gradients_are_those_of_cross_entropy_over_any_chunks(
    n, limit, cached, smoothing
):
    h, weight, bias, gold = leaves(n=n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(softmax, "_CPU_LOGITS", limit)
        patch.setattr(softmax, "_CPU_ROWS", cached)
        loss = linear_cross_entropy(h, weight, bias, gold, label_smoothing=smoothing)
    expected = reference(h, weight, bias, gold, smoothing)
    assert loss.shape == () and loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected, atol=1e-4, rtol=1e-6)
    found = gradients(loss, h, weight, bias)
    for got, wanted in zip(found, gradients(expected, h, weight, bias), strict=True):
        torch.testing.assert_close(got, wanted, atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_in_float64(smoothing, monkeypatch):
    monkeypatch.setattr(softmax, "_CPU_LOGITS", 4 * V)
    h, weight, bias, gold = leaves(n=9, dtype=torch.float64)

    def loss(*parts):
        return linear_cross_entropy(*parts, gold, label_smoothing=smoothing)

    expected = reference(h, weight, bias, gold, smoothing)
    assert loss(h, weight, bias).dtype == torch.float64
    torch.testing.assert_close(loss(h, weight, bias), expected, atol=0, rtol=1e-12)
    found = gradients(loss(h, weight, bias), h, weight, bias)
    for got, wanted in zip(found, gradients(expected, h, weight, bias), strict=True):
        torch.testing.assert_close(got, wanted, atol=1e-13, rtol=1e-12)
    assert torch.autograd.gradcheck(loss, (h, weight, bias))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_products_in_bf16_stay_near(smoothing):
    h, weight, bias, gold = leaves(n=400, scale=0.5)
    loss = linear_cross_entropy(
        h, weight, bias, gold, dtype=torch.bfloat16, label_smoothing=smoothing
    )
    expected = reference(h, weight, bias, gold, smoothing)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected, atol=0, rtol=3e-3)
    found = gradients(loss, h, weight, bias)
    for got, wanted in zip(found, gradients(expected, h, weight, bias), strict=True):
        assert got.dtype == torch.float32
        assert (got - wanted).norm() < 1e-2 * wanted.norm()


def test_no_gradient_is_lost_where_a_probability_underflows():
    h = torch.tensor([[200.0]], requires_grad=True)
    weight, bias, gold = torch.tensor([[1.0], [-1.0]]), torch.zeros(2), torch.tensor([1])
    loss = linear_cross_entropy(h, weight, bias, gold)
    torch.testing.assert_close(loss, torch.tensor(-math.log(torch.finfo(torch.float32).tiny)))
    loss.backward()
    assert h.grad.tolist() == [[2.0]]  # 1 * weight[0] + (0 - 1) * weight[1]


def test_smoothing_by_hand():
    """Of four ids, half of the target is spread over all: the gold one has 5 eighths of it."""
    bias = torch.tensor([0.1, 0.2, 0.3, 0.4]).log().requires_grad_()
    h, weight = torch.zeros(1, 1), torch.zeros(4, 1)
    loss = linear_cross_entropy(h, weight, bias, torch.tensor([3]), label_smoothing=0.5)
    shares = [0.125, 0.125, 0.125, 0.625]
    expected = -sum(q * math.log(p) for q, p in zip(shares, (0.1, 0.2, 0.3, 0.4), strict=True))
    assert loss.item() == pytest.approx(expected, rel=1e-6)
    loss.backward()
    torch.testing.assert_close(bias.grad, torch.tensor([-0.025, 0.075, 0.175, -0.225]))


def test_smoothing_is_exact_where_probabilities_underflow():
    h = torch.tensor([[200.0]], requires_grad=True)
    weight, bias, gold = torch.tensor([[1.0], [-1.0]]), torch.zeros(2), torch.tensor([0])
    loss = linear_cross_entropy(h, weight, bias, gold, label_smoothing=0.1)
    assert loss.item() == pytest.approx(0.05 * 400)
    loss.backward()
    assert h.grad.item() == pytest.approx(0.05 * 2)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_smoothing_out_of_range(smoothing):
    h, weight, bias, gold = leaves()
    with pytest.raises(ConfigError, match=rf"label smoothing {smoothing}: must lie in \[0, 1\)"):
        linear_cross_entropy(h, weight, bias, gold, label_smoothing=smoothing)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_no_rows_cost_nothing(smoothing):
    h, weight, bias, gold = leaves(n=0)
    loss = linear_cross_entropy(h, weight, bias, gold, label_smoothing=smoothing)
    assert loss.item() == 0
    loss.backward()
    assert h.grad.shape == (0, H) and weight.grad is None


class Largest(TorchDispatchMode):
    """Sees the number of elements of the largest tensor that any operation returns."""

    elements = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for part in result if isinstance(result, (tuple, list)) else [result]:
            if isinstance(part, torch.Tensor):
                self.elements = max(self.elements, part.numel())
        return result


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_logits_of_all_rows_never_exist(smoothing, monkeypatch):
    monkeypatch.setattr(softmax, "_CPU_LOGITS", 10 * 500)
    layer = FullSoftmax(H, 500)
    h, gold = torch.randn(300, H, requires_grad=True), torch.randint(500, (300,))
    with Largest() as seen:
        layer.loss(h, gold, label_smoothing=smoothing).backward()
    assert seen.elements == 10 * 500
    with Largest() as seen, torch.no_grad():
        layer.score(h, gold)
    assert seen.elements == 10 * 500


def test_autocast_chooses_the_type_of_the_logits(monkeypatch):
    seen = []
    spied = softmax._replace_by_gradients
    monkeypatch.setattr(
        softmax, "_replace_by_gradients", lambda z, *rest: seen.append(z.dtype) or spied(z, *rest)
    )
    layer, h, gold = FullSoftmax(H, V), torch.randn(N, H), torch.randint(V, (N,))
    layer.loss(h, gold)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        layer.loss(h, gold)
    assert seen == [torch.float32, torch.bfloat16]


def test_the_full_softmax_smooths():
    layer, h, gold = FullSoftmax(H, V), torch.randn(N, H), torch.randint(V, (N,))
    expected = reference(h, layer.weight, layer.bias, gold, 0.3)
    torch.testing.assert_close(layer.loss(h, gold, label_smoothing=0.3), expected)
    assert torch.equal(layer.loss(h, gold, label_smoothing=0.0), layer.loss(h, gold))


@pytest.mark.parametrize("n", [0, 1, 2, 64, 65, 200])
@pytest.mark.parametrize("grad", [False, True])
def test_the_full_softmax_scores_as_torch_does(n, grad):
    torch.manual_seed(4)
    layer, h, gold = FullSoftmax(H, V), torch.randn(n, H), torch.randint(V, (n,))
    logits = functional.linear(h, layer.weight, layer.bias)
    expected = functional.log_softmax(logits, 1)
    with torch.set_grad_enabled(grad):
        log_probs, scores = layer.log_probs(h), layer.score(h, gold)
    assert log_probs.shape == (n, V) and log_probs.dtype == scores.dtype == torch.float32
    assert log_probs.requires_grad == grad and log_probs.layout == torch.strided
    torch.testing.assert_close(log_probs, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(scores, expected.gather(1, gold[:, None])[:, 0], atol=1e-5, rtol=0)


@pytest.mark.parametrize("n", [1, 2, 50])
def test_a_row_does_not_depend_on_the_others(n):
    layer, h = FullSoftmax(H, V), torch.randn(n, H)
    with torch.inference_mode():
        together = layer.log_probs(h)
        alone = torch.cat([layer.log_probs(row) for row in h.split(1)])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)


def adaptive():
    torch.manual_seed(5)
    layer = AdaptiveSoftmax(H, V, cutoffs=CUTOFFS, divide=2.0)
    theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(H, V, list(CUTOFFS), div_value=2.0, head_bias=True)
    theirs.load_state_dict(layer.clusters.state_dict())
    return layer, theirs


@pytest.mark.parametrize("n", [1, 2, 60])
def test_the_adaptive_softmax_is_torch_s(n):
    layer, theirs = adaptive()
    h, gold = torch.randn(n, H, requires_grad=True), torch.randint(V, (n,))
    scored, mean = theirs(h, gold)
    torch.testing.assert_close(layer.score(h, gold), scored)
    torch.testing.assert_close(layer.loss(h, gold), n * mean)
    torch.testing.assert_close(layer.log_probs(h), theirs.log_prob(h))
    (ours,) = torch.autograd.grad(layer.loss(h, gold), h)
    (expected,) = torch.autograd.grad(n * mean, h)
    torch.testing.assert_close(ours, expected)


def test_the_adaptive_softmax_is_a_distribution_that_its_scores_come_from():
    layer, _ = adaptive()
    h = torch.randn(V, H)
    log_probs = layer.log_probs(h)
    torch.testing.assert_close(log_probs.exp().sum(1), torch.ones(V))
    torch.testing.assert_close(layer.score(h, torch.arange(V)), log_probs.diagonal())


def test_the_adaptive_softmax_stays_in_float32_under_autocast():
    layer, _ = adaptive()
    h, gold = torch.randn(9, H), torch.randint(V, (9,))
    expected = layer.loss(h, gold)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(layer.loss(h, gold), expected)
        assert layer.log_probs(h.bfloat16()).dtype == torch.float32


@pytest.mark.parametrize("cutoffs", [(), (0,), (3, 3), (5, 4), (31,), (10, 40)])
def test_cutoffs_must_rise_within_the_vocabulary(cutoffs):
    with pytest.raises(ConfigError, match=r"give rising ids between 1 and 30 .*has 31"):
        AdaptiveSoftmax(H, V, cutoffs=cutoffs)


@pytest.mark.parametrize("divide", [0.0, 0.5, float("nan")])
def test_clusters_must_not_grow(divide):
    with pytest.raises(ConfigError, match=f"divided by {divide}: must be 1 or more"):
        AdaptiveSoftmax(H, V, cutoffs=[5], divide=divide)


def test_clusters_must_have_a_width():
    with pytest.raises(ConfigError, match=r"3 cutoffs for 9 units: .* 9 / 4\^3, less than 1"):
        AdaptiveSoftmax(H, V, cutoffs=CUTOFFS)
    AdaptiveSoftmax(H, V, cutoffs=CUTOFFS[:1])
