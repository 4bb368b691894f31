"""What every classifier promises, whatever is inside: one table of models x checks."""

import functools
import json
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from classifier_cases import BAGS, CONFIGS, LABELS, SCORERS, TEXTS, make_bag, make_network, pipeline
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import seqkit
from seqkit.batching import pad
from seqkit.models.classifier import Decision, TextClassifier
from seqkit.text import Ragged

every_model = pytest.mark.parametrize("name", SCORERS)
WORDS = sorted({word for text in TEXTS for word in text.split()})
LONG = " ".join(WORDS * 40)  # well beyond the length that texts are cut to
SOME = [*TEXTS, "", "prize", "zzz qqq", LONG, "🙂 \ud83d", "Free  PRIZE\n"]


@functools.cache
def classifier(name: str) -> TextClassifier:
    if name == "knn" or name.startswith("tfidf") or name == "nb-svm":
        pytest.importorskip("sklearn")
    return TextClassifier(SCORERS[name]())


texts = st.one_of(
    st.sampled_from(["", "prize", "zzz", LONG]),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.text(string.ascii_letters + " ", max_size=200),
)


@every_model
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batch=st.lists(texts, min_size=1, max_size=12), data=st.data())
def test_a_prediction_does_not_depend_on_the_batch(
    name: str, batch: list[str], data: st.DataObject
) -> None:
    model = classifier(name)
    alone = [model.predict(text) for text in batch]
    order = data.draw(st.permutations(range(len(batch))))
    together = model.predict_many([batch[i] for i in order])
    for index, prediction in zip(order, together, strict=True):
        expected = alone[index]
        difference = [abs(prediction.scores[k] - expected.scores[k]) for k in LABELS]
        assert max(difference) <= 1e-6
        first, second, _ = sorted(expected.scores.values(), reverse=True)
        assert prediction.label == expected.label or first - second <= 1e-6


@every_model
def test_scores_are_a_distribution(name: str) -> None:
    model = classifier(name)
    for text, prediction in zip(SOME, model.predict_many(SOME), strict=True):
        assert tuple(prediction.scores) == model.labels == LABELS
        assert all(type(score) is float and 0 <= score <= 1 for score in prediction.scores.values())
        assert sum(prediction.scores.values()) == pytest.approx(1, abs=1e-9), text
        assert prediction.score == max(prediction.scores.values())
        assert prediction.score == prediction.scores[prediction.label]


@every_model
def test_a_saved_model_gives_the_same_probabilities_to_the_last_digit(
    name: str, tmp_path: Path
) -> None:
    model = classifier(name)
    model.save(tmp_path)
    restored = seqkit.load(tmp_path)
    assert restored.labels == model.labels
    assert np.array_equal(restored.probabilities(SOME), model.probabilities(SOME))
    restored.save(tmp_path / "again")
    for path in tmp_path.iterdir():
        if path.is_file() and path.name != "bundle.json":
            assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


@every_model
def test_the_folder_holds_json_text_and_safetensors_alone(name: str, tmp_path: Path) -> None:
    classifier(name).save(tmp_path)
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        if path.suffix == ".safetensors":
            size = int.from_bytes(content[:8], "little")
            assert json.loads(content[8 : 8 + size])
        elif path.suffix == ".json":
            json.loads(content)
        else:
            assert path.suffix == ".txt" and content.decode("utf-8") is not None


@every_model
def test_eight_threads_at_once_get_the_same_answers(name: str) -> None:
    model = classifier(name)
    expected = model.probabilities(SOME)
    with ThreadPoolExecutor(8) as pool:
        for got in pool.map(lambda _: model.probabilities(SOME), range(8)):
            np.testing.assert_allclose(got, expected, atol=1e-6, rtol=0)


@every_model
def test_two_labels_and_a_threshold(name: str) -> None:
    three = classifier(name)

    class Two:
        """The model's scores, with ham and work as one label."""

        labels = ("other", "spam")

        def probabilities(self, batch: list[str]) -> np.ndarray:
            spam = three.probabilities(batch)[:, LABELS.index("spam")]
            return np.stack([1 - spam, spam], 1)

        def to_files(self) -> dict[str, bytes]:
            raise NotImplementedError

    spam = Two().probabilities(SOME)[:, 1]
    for threshold in (0.0, float(np.median(spam)), 0.99, 1.01):
        decision = Decision(positive="spam", threshold=threshold, target="a test")
        predictions = TextClassifier(Two(), decision=decision).predict_many(SOME)
        assert [p.label == "spam" for p in predictions] == (spam >= threshold).tolist()


def moved(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The gradient of each parameter after a training step's backward pass."""
    text = pipeline()
    batch = pad(list(Ragged.from_sequences(text.encode_many(TEXTS))))
    logits = network.train()(batch.ids, batch.lengths)
    gold = torch.arange(len(TEXTS)) % 3
    torch.nn.functional.cross_entropy(logits, gold).backward()
    return {name: parameter.grad for name, parameter in network.named_parameters()}


@pytest.mark.parametrize("name", [*BAGS, *CONFIGS])
def test_every_parameter_gets_a_gradient(name: str) -> None:
    vocabulary = len(pipeline().vocab)
    if name in BAGS:
        network = make_bag(BAGS[name], vocabulary=vocabulary)
    else:
        network = make_network(CONFIGS[name], vocabulary=vocabulary)
    for parameter, gradient in moved(network).items():
        assert gradient is not None and torch.isfinite(gradient).all(), parameter
        assert gradient.abs().max() > 0, parameter
    layers = [m for m in network.modules() if hasattr(m, "parts")]
    for layer in layers:  # one flat parameter holds four: each of them must move
        assert all(part.abs().max() > 0 for part in layer.parts(layer.weights.grad))
