"""What every language model promises, whatever is inside: one table of models x checks."""

import functools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from language_model_cases import CONFIGS, TEXT, make_model, make_network

import seqkit
from seqkit.models.language_model import LanguageModel
from seqkit.nn.state import concat
from seqkit.text import Vocab

every_network = pytest.mark.parametrize("name", CONFIGS)
# in use, those with dropouts must be like those without
every_model = pytest.mark.parametrize("name", [n for n in CONFIGS if n.endswith("-dropped")])
GOOD = {"atol": 2e-6, "rtol": 0.0}


@functools.cache
def language_model(name: str, *, sentences: bool = False) -> LanguageModel:
    return make_model(name, sentences=sentences)


def parts(state) -> list[torch.Tensor]:
    return [part for layer in state for part in layer]


def assert_near(state, other) -> None:
    for part, its_like in zip(parts(state), parts(other), strict=True):
        torch.testing.assert_close(part, its_like, **GOOD)


def some_ids(model: LanguageModel, count: int, time: int, *, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(Vocab.EOS, model.vocabulary, (count, time), generator=generator)


# the Stepper


@every_model
@settings(max_examples=5)
@given(
    count=st.integers(1, 70), time=st.integers(1, 9), cut=st.integers(0, 8), seed=st.integers(0, 99)
)
def test_reading_is_stepping_and_may_be_cut_anywhere(name, count, time, cut, seed):
    model = language_model(name)
    ids = some_ids(model, count, time, seed=seed)
    whole, state = model.read(model.start(count), ids)
    assert whole.shape == (count, model.vocabulary) and whole.dtype == torch.float32
    assert not whole.requires_grad
    stepped = model.start(count)
    for column in ids.unbind(1):
        last, stepped = model.step(stepped, column)
    torch.testing.assert_close(last, whole, **GOOD)
    assert_near(stepped, state)
    if 0 < cut < time:
        _, between = model.read(model.start(count), ids[:, :cut])
        last, after = model.read(between, ids[:, cut:])
        torch.testing.assert_close(last, whole, **GOOD)
        assert_near(after, state)


@every_model
@settings(max_examples=5)
@given(count=st.integers(1, 70), data=st.data())
def test_a_sequence_is_alone_what_it_is_in_any_batch(name, count, data):
    model = language_model(name)
    ids = some_ids(model, count, 4)
    together, state = model.read(model.start(count), ids)
    row = data.draw(st.integers(0, count - 1))
    alone, its_state = model.read(model.start(1), ids[row : row + 1])
    torch.testing.assert_close(together[row : row + 1], alone, **GOOD)
    assert_near(model.select(state, torch.tensor([row])), its_state)


@every_model
def test_selected_rows_go_on_as_themselves(name):
    model = language_model(name)
    _, state = model.read(model.start(5), some_ids(model, 5, 3))
    rows, tokens = torch.tensor([4, 0, 0, 3]), some_ids(model, 5, 1, seed=1)[:, 0]
    expected, after = model.step(state, tokens)
    chosen, its_state = model.step(model.select(state, rows), tokens[rows])
    torch.testing.assert_close(chosen, expected[rows], **GOOD)
    assert_near(its_state, model.select(after, rows))
    joined = concat([model.select(state, torch.tensor([row])) for row in range(5)])
    assert all(map(torch.equal, parts(joined), parts(state)))


@every_model
def test_a_state_that_was_passed_in_stays_as_it_was(name):
    model = language_model(name)
    _, state = model.read(model.start(2), some_ids(model, 2, 3))
    before = [part.clone() for part in parts(state)]
    model.read(state, some_ids(model, 2, 4))
    model.step(state, some_ids(model, 2, 1)[:, 0])
    assert all(map(torch.equal, parts(state), before))


@every_network
def test_probabilities_are_a_distribution_and_nothing_is_random(name):
    model, ids = language_model(name), some_ids(language_model(name), 3, 5)
    first, _ = model.read(model.start(3), ids)
    again, _ = model.read(model.start(3), ids)
    assert torch.equal(first, again)
    torch.testing.assert_close(first.exp().sum(1), torch.ones(3))


# text in, figures and text out


@every_model
@pytest.mark.parametrize("sentences", [False, True])
def test_a_score_is_what_steps_add_up_to(name, sentences):
    model = language_model(name, sentences=sentences)
    lines = [[*model.pipeline.encode(line), Vocab.EOS] for line in TEXT.split("\n")]
    total = 0.0
    state, before = model.start(1), model.first
    for line in lines:
        if sentences:
            state, before = model.start(1), model.first
        for token in line:
            log_probs, state = model.step(state, torch.tensor([before]))
            total, before = total + float(log_probs[0, token]), token
    score = model.score(TEXT)
    assert score.log_prob == pytest.approx(total, abs=1e-4)
    assert score.tokens == sum(map(len, lines)) == len(model.token_scores(TEXT))


@every_model
def test_texts_together_are_what_they_are_alone(name):
    model = language_model(name)
    texts = [TEXT, "", "it was", "the worst of unknown words", TEXT.replace("\n", " ")]
    for score, text in zip(model.score_many(texts), texts, strict=True):
        alone = model.score(text)
        assert score.log_prob == pytest.approx(alone.log_prob, abs=1e-4)
        assert (score.tokens, score.unknown) == (alone.tokens, alone.unknown)
    prompts = ["", "it was", "the age of wisdom, it"]
    together = model.generate_many(prompts, num=2, max_tokens=12, seed=3)
    alone = [
        g for prompt in prompts for g in model.generate_many([prompt], num=2, max_tokens=12, seed=3)
    ]
    assert [g.text for g in together] == [g.text for g in alone]


@every_model
def test_eight_threads_at_once_get_the_same_answers(name):
    model = language_model(name)
    expected = model.score(TEXT).log_prob, model.generate("it", max_tokens=10, seed=2)
    with ThreadPoolExecutor(8) as pool:
        for score, text in pool.map(
            lambda _: (model.score(TEXT).log_prob, model.generate("it", max_tokens=10, seed=2)),
            range(8),
        ):
            assert score == pytest.approx(expected[0], abs=1e-5) and text == expected[1]


# the bundle


@every_model
def test_a_saved_model_is_the_same_to_the_last_digit(name, tmp_path):
    model = language_model(name)
    model.save(tmp_path, metrics={"test": {"perplexity": 3.5}})
    torch.manual_seed(5)
    before = torch.get_rng_state()
    restored = seqkit.load(tmp_path)
    assert torch.equal(torch.get_rng_state(), before), "loading moved the generator"
    assert isinstance(restored, LanguageModel) and not restored.network.training
    assert restored.network.config == model.network.config
    assert restored.score(TEXT) == model.score(TEXT)
    assert restored.generate("it was", max_tokens=8) == model.generate("it was", max_tokens=8)
    for key, value in model.network.state_dict().items():
        assert torch.equal(restored.network.state_dict()[key], value)
    restored.save(tmp_path / "again")
    for path in tmp_path.iterdir():
        if path.is_file() and path.name != "bundle.json":
            assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


@every_model
def test_the_folder_holds_json_text_and_safetensors_alone(name, tmp_path: Path):
    model = language_model(name)
    model.save(tmp_path)
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        if path.suffix == ".safetensors":
            size = int.from_bytes(content[:8], "little")
            header = json.loads(content[8 : 8 + size])
            assert ("output.weight" in header) == (
                CONFIGS[name].output == "softmax" and not CONFIGS[name].tied
            )
        elif path.suffix == ".json":
            json.loads(content)
        else:
            assert path.suffix == ".txt" and content.decode("utf-8") is not None


# training


@every_network
def test_every_parameter_gets_a_gradient_and_tied_ones_move_as_one(name, tmp_path):
    language_model(name).save(tmp_path)
    network = seqkit.load(tmp_path).network.train()  # after a load, so that a lost tie would show
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    torch.manual_seed(2)
    ids = torch.arange(4 * network.vocabulary).remainder(network.vocabulary).view(4, -1)
    hidden, _ = network(ids, network.start(4))
    network.output.loss(hidden.top.flatten(0, 1), ids.roll(-1, 1).flatten()).backward()
    for key, parameter in network.named_parameters():
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), key
        assert parameter.grad.abs().max() > 0, key
    for layer in (m for m in network.modules() if hasattr(m, "parts")):
        assert all(part.abs().max() > 0 for part in layer.parts(layer.weights.grad))
    optimizer.step()
    if CONFIGS[name].tied:
        assert network.output.weight is network.embedding.weight


@every_network
def test_dropouts_act_in_training_alone(name):
    network = make_network(CONFIGS[name])
    ids = torch.arange(3, 15).view(2, 6)

    def top(training: bool) -> np.ndarray:
        with torch.no_grad():
            return network.train(training)(ids, network.start(2))[0].top.numpy()

    still, twice = top(False), [top(True), top(True)]
    assert np.array_equal(still, top(False))
    dropped = name.endswith("-dropped")
    assert np.array_equal(*twice) != dropped
    assert np.allclose(still, twice[0], atol=1e-6) != dropped
