"""Dynamic evaluation: nothing is learnt before it is scored, and each step is the paper's."""

import copy
import math

import numpy as np
import pytest
import torch

from seqkit.errors import ConfigError, DataError
from seqkit.models.lm_cache import Cache, cached_log_probs
from seqkit.models.lm_dynamic import (
    DynamicEvaluation,
    GradientScale,
    adapted_log_probs,
    dynamic_log_probs,
    gradient_scale,
)
from seqkit.models.lm_scoring import score_stream
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.nn.state import detach

EOS, VOCABULARY = 2, 12
TOKENS = np.random.default_rng(3).integers(2, VOCABULARY, 60)


def network(**options: object) -> RecurrentLm:
    """A network in training mode with every dropout on."""
    torch.manual_seed(4)
    config = RecurrentLmConfig(
        **{"dim": 8, "hidden": (8,), "weight_dropout": 0.4, "word_dropout": 0.2, **options}
    )
    return RecurrentLm(config, vocabulary=VOCABULARY)


def by_hand(
    model: RecurrentLm,
    tokens: np.ndarray,
    dynamic: DynamicEvaluation,
    scale: GradientScale | None = None,
) -> np.ndarray:
    """The update rules of the paper, on a copy without dropout, with `backward`."""
    model = copy.deepcopy(model).eval()
    origin = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    ids = torch.tensor([EOS, *tokens.tolist()])
    state, found = model.start(1), []
    for start in range(0, len(tokens), dynamic.window):
        inputs = ids[start : min(start + dynamic.window, len(tokens))]
        gold = ids[start + 1 : start + 1 + len(inputs)]
        hidden, state = model(inputs[None], detach(state))
        log_probs = model.output.log_probs(hidden.top[0])[range(len(gold)), gold]
        found += log_probs.tolist()
        model.zero_grad()
        (-log_probs.mean()).backward()
        with torch.no_grad():
            for name, weight in model.named_parameters():
                back, gradient = origin[name] - weight, weight.grad
                if scale is None:
                    weight += dynamic.decay * back - dynamic.lr * gradient
                    continue
                rms = scale.rms[name]
                mean = torch.cat([part.flatten() for part in scale.rms.values()]).mean()
                share = torch.minimum(dynamic.decay * rms / mean, torch.ones(()))
                weight += share * back - dynamic.lr * gradient / (rms + scale.epsilon)
    return np.array(found)


@pytest.mark.parametrize("cell", ["tanh", "gru", "lstm", "minlstm", "mogrifier"])
@pytest.mark.parametrize("window", [1, 5, 7, 100])
def test_each_step_is_that_of_the_paper(cell: str, window: int) -> None:
    model, dynamic = network(cell=cell), DynamicEvaluation(lr=0.5, decay=0.1, window=window)
    log_probs = dynamic_log_probs(model, TOKENS, first=EOS, dynamic=dynamic)
    assert log_probs.dtype == np.float64
    np.testing.assert_allclose(log_probs, by_hand(model, TOKENS, dynamic), atol=1e-4)


@pytest.mark.parametrize("decay", [0.01, 0.9])  # the greater is more than the whole way for some
def test_with_the_gradients_scaled(decay: float) -> None:
    model = network()
    scale = gradient_scale(model, TOKENS, first=EOS, batch=3)
    dynamic = DynamicEvaluation(lr=0.01, decay=decay)
    log_probs = dynamic_log_probs(model, TOKENS, first=EOS, dynamic=dynamic, scale=scale)
    np.testing.assert_allclose(log_probs, by_hand(model, TOKENS, dynamic, scale), atol=1e-4)


def test_the_scale_is_the_root_mean_square_of_the_gradients() -> None:
    model = network()
    scale = gradient_scale(model, TOKENS[:11], first=EOS, window=3, batch=2, epsilon=0.5)
    assert model.training and scale.epsilon == 0.5
    quiet = copy.deepcopy(model).eval()
    ids = torch.tensor([[EOS, *TOKENS[:5].tolist()], TOKENS[4:10].tolist()])
    squares, state = 0.0, quiet.start(2)
    for inputs, gold in [(ids[:, :3], ids[:, 1:4]), (ids[:, 3:5], ids[:, 4:6])]:
        hidden, state = quiet(inputs, detach(state))
        quiet.zero_grad()
        (quiet.output.loss(hidden.top.flatten(0, 1), gold.flatten()) / gold.numel()).backward()
        squares = squares + quiet.output.bias.grad**2
    torch.testing.assert_close(scale.rms["output.bias"], (squares / 2).sqrt())
    assert list(scale.rms) == [name for name, _ in model.named_parameters()]


def test_without_learning_it_is_the_network() -> None:
    log_probs = dynamic_log_probs(
        network(), TOKENS, first=EOS, dynamic=DynamicEvaluation(lr=0.0, decay=0.3)
    )
    expected, _ = score_stream(network(), TOKENS, first=EOS)
    np.testing.assert_allclose(log_probs, expected, atol=1e-5)


def test_a_window_is_scored_before_it_is_learnt() -> None:
    dynamic = DynamicEvaluation(lr=1.0, window=10)
    expected = dynamic_log_probs(network(), TOKENS, first=EOS, dynamic=dynamic)
    static, _ = score_stream(network(), TOKENS, first=EOS)
    np.testing.assert_allclose(expected[:10], static[:10], atol=1e-5)
    assert abs(expected[10:20] - static[10:20]).max() > 1e-3
    for place in (20, 25, 29):  # all in the third window: what stands before it is as it was
        changed = TOKENS.copy()
        changed[place] = 2 + (changed[place] - 1) % 10
        log_probs = dynamic_log_probs(network(), changed, first=EOS, dynamic=dynamic)
        np.testing.assert_array_equal(log_probs[:place], expected[:place])
        assert abs(log_probs[30:] - expected[30:]).max() > 1e-3


def test_a_text_that_repeats_itself_gets_better() -> None:
    text = np.concatenate([TOKENS[:20]] * 30)
    dynamic = DynamicEvaluation(lr=1.0, decay=0.001)
    static, _ = score_stream(network(), text, first=EOS)
    learnt = dynamic_log_probs(network(), text, first=EOS, dynamic=dynamic)
    assert learnt.sum() > static.sum() + 50
    assert learnt[-20:].mean() > learnt[:20].mean() + 0.5
    without = Cache(weight=0.0)
    both = adapted_log_probs(network(), text, first=EOS, cache=without, dynamic=dynamic)
    np.testing.assert_array_equal(both, learnt)


def test_the_network_is_left_as_it_was() -> None:
    model = network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    dynamic = DynamicEvaluation(lr=1.0)
    with torch.inference_mode():  # as an app may have it
        first = dynamic_log_probs(model, TOKENS, first=EOS, dynamic=dynamic)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.training and model.layers[0].weight_dropout == 0.4
    assert all(weight.grad is None for weight in model.parameters())
    again = dynamic_log_probs(model.requires_grad_(False), TOKENS, first=EOS, dynamic=dynamic)
    assert np.array_equal(first, again)
    assert not any(weight.requires_grad for weight in model.parameters())


def test_one_entry_for_all_of_them() -> None:
    model, cache = network(), Cache(size=20)
    static = adapted_log_probs(model, TOKENS, first=EOS)
    np.testing.assert_allclose(static, score_stream(model, TOKENS, first=EOS)[0], atol=1e-6)
    cached = cached_log_probs(model, TOKENS, first=EOS, cache=cache)
    np.testing.assert_array_equal(adapted_log_probs(model, TOKENS, first=EOS, cache=cache), cached)
    still = DynamicEvaluation(lr=0.0)
    both = adapted_log_probs(model, TOKENS, first=EOS, cache=cache, dynamic=still)
    np.testing.assert_allclose(both, cached, atol=1e-5)
    for dynamic in (None, still):
        assert adapted_log_probs(model, TOKENS[:0], first=EOS, dynamic=dynamic).shape == (0,)


def test_an_adaptive_softmax_learns_too() -> None:
    model = network(output="adaptive", cutoffs=(4, 8), tied=False, hidden=(32,))
    dynamic = DynamicEvaluation(lr=0.5)
    log_probs = dynamic_log_probs(model, TOKENS, first=EOS, dynamic=dynamic)
    np.testing.assert_allclose(log_probs, by_hand(model, TOKENS, dynamic), atol=1e-4)


def test_what_diverges_says_so() -> None:
    for lr in (30.0, 1e38):  # numbers that are far too large, and no numbers
        with pytest.raises(
            ConfigError, match=r"nats a token where guessing takes 2\.48: lower its lr"
        ):
            dynamic_log_probs(network(), TOKENS, first=EOS, dynamic=DynamicEvaluation(lr=lr))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -1.0}, "lr -1.0"),
        ({"lr": math.inf}, "lr inf"),
        ({"decay": 1.5}, r"decay 1.5: lies in \[0, 1\]"),
        ({"decay": math.nan}, "decay nan"),
        ({"window": 0}, "window 0"),
    ],
)
def test_options_out_of_range(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        DynamicEvaluation(**options)


def test_scales_that_do_not_fit() -> None:
    scale = gradient_scale(network(hidden=(9, 8)), TOKENS, first=EOS, batch=2)
    with pytest.raises(ConfigError, match="that of another network"):
        dynamic_log_probs(network(), TOKENS, first=EOS, dynamic=DynamicEvaluation(), scale=scale)
    with pytest.raises(ConfigError, match="give both or neither"):
        adapted_log_probs(network(), TOKENS, first=EOS, scale=scale)
    with pytest.raises(ConfigError, match="window 0, batch 64, epsilon"):
        gradient_scale(network(), TOKENS, first=EOS, window=0)
    with pytest.raises(ConfigError, match=r"epsilon 0\.0"):
        gradient_scale(network(), TOKENS, first=EOS, epsilon=0.0)
    with pytest.raises(DataError, match="60 tokens for 64 streams"):
        gradient_scale(network(), TOKENS, first=EOS)


@pytest.mark.gpu
def test_on_a_gpu_too() -> None:
    scale = gradient_scale(network(), TOKENS, first=EOS, batch=3)
    dynamic = DynamicEvaluation(lr=0.01)
    expected = by_hand(network(), TOKENS, dynamic, scale)
    model = network().cuda()
    scale = gradient_scale(model, TOKENS, first=EOS, batch=3)
    log_probs = dynamic_log_probs(model, TOKENS, first=EOS, dynamic=dynamic, scale=scale)
    np.testing.assert_allclose(log_probs, expected, atol=1e-3)
