"""TextClassifier over a scorer whose numbers are known."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

import seqkit
from seqkit import bundle
from seqkit.errors import BundleError, ConfigError
from seqkit.models.bag import BagScorer
from seqkit.models.classifier import Decision, Prediction, TextClassifier
from seqkit.text import Normalizer, TextPipeline, Vocab, WhitespaceTokenizer


class Lengths:
    """Spam by the length of the text: a tenth a character."""

    labels = ("ham", "spam")

    def __init__(self) -> None:
        self.batches: list[int] = []

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        self.batches.append(len(texts))
        spam = np.array([len(text) / 10 for text in texts])
        return np.stack([1 - spam, spam], 1).reshape(-1, 2)

    def to_files(self) -> dict[str, bytes]:
        return {}


def decision(threshold: float) -> Decision:
    return Decision(positive="spam", threshold=threshold, target="a test")


def test_a_prediction_holds_label_score_and_scores() -> None:
    assert TextClassifier(Lengths()).predict("1234567") == Prediction(
        "spam", 0.7, {"ham": pytest.approx(0.3), "spam": 0.7}
    )
    assert TextClassifier(Lengths()).labels == ("ham", "spam")


@pytest.mark.parametrize(
    ("threshold", "label"), [(0.69, "spam"), (0.7, "spam"), (0.71, "ham"), (1.0, "ham")]
)
def test_the_threshold_decides_from_equal_on(threshold: float, label: str) -> None:
    prediction = TextClassifier(Lengths(), decision=decision(threshold)).predict("1234567")
    assert prediction.label == label
    assert prediction.score == prediction.scores[label]


def test_a_threshold_below_a_half_and_for_the_first_label() -> None:
    assert TextClassifier(Lengths(), decision=decision(0.2)).predict("123").label == "spam"
    first = Decision(positive="ham", threshold=0.9, target="a test")
    assert TextClassifier(Lengths(), decision=first).predict("12").label == "spam"
    assert TextClassifier(Lengths(), decision=first).predict("1").label == "ham"


def test_a_tie_takes_the_first_label() -> None:
    assert TextClassifier(Lengths()).predict("12345").label == "ham"


def test_a_stream_is_read_in_chunks_and_answered_in_order() -> None:
    scorer = Lengths()
    read = 0

    def source() -> Iterator[str]:
        nonlocal read
        for size in (1, 9, 2, 8, 3):
            read += 1
            yield "x" * size

    stream = TextClassifier(scorer).stream(source(), chunk=2)
    assert next(stream).label == "ham" and read == 2
    assert [prediction.label for prediction in stream] == ["spam", "ham", "spam", "ham"]
    assert scorer.batches == [2, 2, 1]


def test_no_texts_have_no_predictions() -> None:
    assert TextClassifier(Lengths()).predict_many([]) == []
    assert TextClassifier(Lengths()).probabilities([]).shape == (0, 2)


def test_any_iterable_of_strings_will_do() -> None:
    classifier = TextClassifier(Lengths())
    expected = classifier.predict_many(["a", "12345678"])
    array = np.array(["a", "12345678"])
    assert classifier.predict_many(array) == expected
    assert classifier.predict_many(text for text in array) == expected
    assert classifier.predict(np.str_("a")) == expected[0]
    assert np.array_equal(
        classifier.probabilities(text for text in ["a", "b"]), classifier.probabilities(["a", "b"])
    )


def test_what_is_no_list_of_strings_is_refused() -> None:
    classifier = TextClassifier(Lengths())
    for method in (classifier.predict_many, classifier.stream, classifier.probabilities):
        with pytest.raises(ConfigError, match="expected a list of texts, got one str"):
            method("a text")
    for wrong, kind in ((b"bytes", "int"), ([None], "NoneType"), (["a", 3], "int")):
        with pytest.raises(ConfigError, match=f"a text is a str, got {kind}"):
            classifier.predict_many(wrong)
    with pytest.raises(ConfigError, match="got bytes b'a'"):
        classifier.predict(b"a")
    with pytest.raises(ConfigError, match="chunk 0"):
        classifier.stream(["a"], chunk=0)


def test_a_decision_must_fit_the_labels() -> None:
    with pytest.raises(ConfigError, match="did you mean 'spam'"):
        TextClassifier(
            Lengths(), decision=Decision(positive="spaM", threshold=0.5, target="a test")
        )
    three = Lengths()
    three.labels = ("a", "b", "spam")
    with pytest.raises(ConfigError, match="a threshold needs two labels, there are 3"):
        TextClassifier(three, decision=decision(0.5))


def test_a_scorer_that_no_reader_knows_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a classifier over Lengths cannot be saved"):
        TextClassifier(Lengths()).save(tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def bag() -> TextClassifier:
    pipeline = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(["a", "b"]))
    table = np.arange(12, dtype=np.float32).reshape(6, 2) / 10
    scorer = BagScorer(pipeline, table, np.zeros(2, np.float32), labels=["ham", "spam"], ngrams=1)
    return TextClassifier(scorer, decision=decision(0.9))


def test_the_decision_is_saved(bag: TextClassifier, tmp_path: Path) -> None:
    bag.save(tmp_path, metrics={"accuracy": 0.5}, provenance={"seed": 1})
    restored = seqkit.load(tmp_path)
    assert isinstance(restored, seqkit.TextClassifier)
    assert restored.decision == bag.decision
    assert restored.predict("a b") == bag.predict("a b")
    assert bundle.read(tmp_path).index["metrics"] == {"accuracy": 0.5}
    assert seqkit.load(tmp_path, device="cuda").predict("a") == bag.predict("a")  # arrays: no GPU


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("classifier.json", b"{}", r"classifier\.json: not what this seqkit writes"),
        ("classifier.json", b"nonsense", r"classifier\.json: not what this seqkit writes"),
        ("classifier.json", b'{"scorer": "oracle", "decision": null}', "oracle"),
        ("classifier.json", b'{"scorer": "network", "decision": null}', "do not fit together"),
        ("model.json", b"{}", "do not fit together"),
        ("weights.safetensors", b"nonsense", "do not fit together"),
        ("vocab.txt", Vocab(list("abcdefgh")).to_bytes(), "do not fit together .*bag: table"),
        ("vocab.txt", b"nonsense", "do not fit together"),
    ],
)
def test_files_that_do_not_fit_together(
    bag: TextClassifier, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    bag.save(tmp_path)
    files = {**bundle.read(tmp_path).files(), name: content}
    bundle.write(tmp_path, kind="TextClassifier", files=files)
    with pytest.raises(BundleError, match=message) as caught:
        seqkit.load(tmp_path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)
