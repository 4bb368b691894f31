import copy
import logging
import pickle
import sys

import numpy as np
import pytest
from conftest import messages

pytest.importorskip("sklearn")

import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import seqkit
from seqkit import baselines, cli
from seqkit.errors import ConfigError, DataError
from seqkit.plugins.estimator import SeqkitClassifier

LABELS, TEXTS = map(list, zip(*messages(240), strict=True))
OTHERS = ["free cash w1", "", "thanks w2 see you later", "🙂 win win win", "home"]
SMALL = {"model.bag.dim": 4, "model.bag.buckets": 100, "optim.lr": 0.5}
NETWORK = {"model.cnn.channels": 4, "model.cnn.dim": 8}


def small(**options) -> SeqkitClassifier:
    return SeqkitClassifier(**{"options": SMALL, **options})


def probabilities(classifier, texts) -> np.ndarray:
    """As the classifier of a bundle gives them, in the order of its labels."""
    return np.array([list(p.scores.values()) for p in classifier.predict_many(texts)])


@pytest.mark.parametrize(
    ("preset", "options", "arguments"),
    [
        ("bag", SMALL, ["--model.bag.dim", "4", "--model.bag.buckets", "100", "--optim.lr", "0.5"]),
        ("cnn", NETWORK, ["--model.cnn.channels", "4", "--model.cnn.dim", "8"]),
        (
            "spam",  # with a threshold
            {"model.rnn.dim": 8, "model.rnn.hidden": 8},
            ["--model.rnn.dim", "8", "--model.rnn.hidden", "8"],
        ),
        (
            "sentiment",  # folds that vote, each with a baseline
            {"model.rnn.dim": 8, "model.rnn.hidden": 8, "folds": 2},
            ["--model.rnn.dim", "8", "--model.rnn.hidden", "8", "--folds", "2"],
        ),
    ],
)
def test_it_is_what_the_recipe_trains(
    preset, options, arguments, spam_file, tmp_path, no_pictures, capsys
):
    model = SeqkitClassifier(preset, epochs=2, seed=5, options=options, device="cpu")
    model.fit(TEXTS, LABELS)
    folded = ["--data.valid-share", "0.01"] if "folds" in options else []
    paths = ["--data.train", spam_file, "--data.test", spam_file, "--out", tmp_path / "run"]
    arguments = [preset, *paths, *arguments, *folded, "--epochs", "2", "--seed", "5"]
    arguments += ["--device", "cpu", "--baselines", "majority"]
    assert cli.main(["train", "classify", *map(str, arguments)]) == 0
    recipe = seqkit.load(tmp_path / "run")
    if folded:  # the recipe has put train and valid together in another order
        assert model.classifier_.labels == recipe.labels
        assert len(model.classifier_.scorer.members) == len(recipe.scorer.members)
        return
    assert model.classifier_.decision == recipe.decision
    np.testing.assert_array_equal(model.predict_proba(OTHERS), probabilities(recipe, OTHERS))
    assert model.predict(TEXTS).tolist() == [p.label for p in recipe.predict_many(TEXTS)]


def test_a_baseline_learns_from_all_texts():
    model = SeqkitClassifier("nb-svm").fit(TEXTS, LABELS)
    same = baselines.fit("nb-svm", TEXTS, LABELS, seed=1)
    np.testing.assert_array_equal(model.predict_proba(OTHERS), same.probabilities(OTHERS))


@pytest.mark.parametrize(
    ("ham", "spam"),
    [("ham", "spam"), (10, 2), (False, True), (-1.0, 1.0), (np.int8(3), np.int8(11))],
)
def test_labels_of_any_type_come_back(ham, spam):
    y = np.array([spam if label == "spam" else ham for label in LABELS])
    model = SeqkitClassifier("naive-bayes").fit(TEXTS, y)
    predicted = model.predict(TEXTS)
    assert predicted.dtype == y.dtype == model.classes_.dtype
    assert model.classes_.tolist() == np.unique(y).tolist()
    assert (predicted == y).mean() == model.score(TEXTS, y) > 0.9
    scores = model.predict_proba(TEXTS)
    np.testing.assert_array_equal(model.classes_[scores.argmax(1)], predicted)
    named = baselines.fit("naive-bayes", TEXTS, LABELS, seed=1)
    column = list(model.classes_).index(spam)
    expected = named.probabilities(TEXTS)[:, named.labels.index("spam")]
    np.testing.assert_allclose(scores[:, column], expected, rtol=1e-12)


def test_texts_may_come_as_any_iterable():
    pandas = pytest.importorskip("pandas")
    expected = SeqkitClassifier("nb-svm").fit(TEXTS, LABELS).predict_proba(OTHERS)
    for made in (tuple, iter, np.array, pandas.Series, lambda t: np.array(t, object)):
        model = SeqkitClassifier("nb-svm").fit(
            made(TEXTS), made(LABELS) if made != iter else LABELS
        )
        np.testing.assert_array_equal(model.predict_proba(made(OTHERS)), expected)
    assert small(epochs=1).fit(TEXTS, LABELS).predict_proba([]).shape == (0, 2)


def test_it_takes_word_vectors(tmp_path):
    path = tmp_path / "words.vec"
    words = sorted({word for text in TEXTS for word in text.split()})
    values = np.random.default_rng(1).normal(size=(len(words), 4))
    rows = [f"{w} {' '.join(map(str, row))}" for w, row in zip(words, values, strict=True)]
    path.write_text("\n".join([f"{len(words)} 4", *rows]) + "\n")
    bare = small(epochs=1).fit(TEXTS, LABELS)
    model = small(epochs=1, options={**SMALL, "model.vectors": str(path)}).fit(TEXTS, LABELS)
    assert (model.predict_proba(OTHERS) != bare.predict_proba(OTHERS)).any()
    path.unlink()  # a fitted one needs it no longer
    same = pickle.loads(pickle.dumps(model)).predict_proba(OTHERS)
    np.testing.assert_array_equal(same, model.predict_proba(OTHERS))


@pytest.mark.parametrize("preset", ["bag", "cnn", "nb-svm", "spam-vote"])
def test_a_copy_predicts_the_same(preset):
    options = {"bag": SMALL, "cnn": NETWORK, "nb-svm": {}}
    options["spam-vote"] = {"model.rnn.dim": 8, "model.rnn.hidden": 8, "folds": 2}
    epochs = None if preset == "nb-svm" else 1
    model = SeqkitClassifier(preset, options=options[preset], epochs=epochs).fit(TEXTS, LABELS)
    before = dict(vars(model))
    content = pickle.dumps(model)
    assert vars(model) == before and model.classifier_ is before["classifier_"]
    assert b"torch" not in content and b"seqkit.models" not in content  # files, no objects
    for other in (pickle.loads(content), copy.deepcopy(model)):
        np.testing.assert_array_equal(other.predict_proba(OTHERS), model.predict_proba(OTHERS))
        np.testing.assert_array_equal(other.predict(TEXTS), model.predict(TEXTS))
        assert other.classifier_.decision == model.classifier_.decision
        assert other.get_params() == model.get_params()
    fresh = clone(model)
    assert fresh.get_params() == model.get_params() and not hasattr(fresh, "classes_")
    assert pickle.loads(pickle.dumps(fresh)).get_params() == model.get_params()


def test_model_selection_and_pipelines():
    model = make_pipeline(FunctionTransformer(lambda texts: [t.lower() for t in texts]), small())
    scores = cross_val_score(model, TEXTS, LABELS, cv=3)
    assert scores.mean() > 0.8
    np.testing.assert_array_equal(scores, cross_val_score(model, TEXTS, LABELS, cv=3))
    grid = {"seqkitclassifier__epochs": np.array([1, 8]), "seqkitclassifier__options": [SMALL]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(TEXTS, LABELS)
    assert search.best_params_["seqkitclassifier__epochs"] == 8
    assert search.score(TEXTS, LABELS) > 0.9


def test_threads_do_not_draw_from_each_other():
    joblib = pytest.importorskip("joblib")
    model = small(options={**SMALL, "model.bag.dropout": 0.5})
    alone = cross_val_predict(model, TEXTS, LABELS, cv=4, method="predict_proba")
    with joblib.parallel_backend("threading"):
        together = cross_val_predict(model, TEXTS, LABELS, cv=4, method="predict_proba", n_jobs=4)
    np.testing.assert_array_equal(alone, together)


@pytest.mark.slow
def test_processes_give_the_same():
    alone = cross_val_predict(small(), TEXTS, LABELS, cv=2)
    assert alone.tolist() == cross_val_predict(small(), TEXTS, LABELS, cv=2, n_jobs=2).tolist()


def test_a_fit_leaves_no_traces(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    small().fit(TEXTS, LABELS).predict(OTHERS)
    assert torch.equal(torch.rand(3), expected)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_fit_shows_no_bar_on_a_terminal(caplog, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with caplog.at_level(logging.WARNING, "seqkit"):  # as it is in an app
        small(epochs=2).fit(TEXTS, LABELS)
    assert capsys.readouterr() == ("", "")
    with caplog.at_level(logging.INFO, "seqkit"):  # as the command has it
        small(epochs=2).fit(TEXTS, LABELS)
    assert "epoch 2" in capsys.readouterr().err


def test_it_is_saved_for_apps(tmp_path):
    model = small().fit(TEXTS, LABELS)
    model.classifier_.save(tmp_path)
    assert probabilities(seqkit.load(tmp_path), OTHERS).tolist() == (
        model.predict_proba(OTHERS).tolist()
    )


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("one text", r"X: expected a list of texts, got one str: write \[text\]"),
        (b"one", "X: expected a list of texts, got one bytes"),
        (np.array([["a"], ["b"]]), "X: expected one text a sample, got 2 dimensions"),
        (["a", None], r"X\[1\]: a text is a str, got NoneType None"),
        (["a", b"b"], r"X\[1\]: a text is a str, got bytes"),
    ],
)
def test_what_is_no_text(X, message):
    with pytest.raises(DataError, match=message):
        small().fit(X, ["x", "y"])
    with pytest.raises(DataError, match=message):
        SeqkitClassifier("majority").fit(TEXTS, LABELS).predict(X)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (TEXTS, LABELS[1:], "inconsistent numbers of samples"),
        (TEXTS, np.linspace(0, 1, 240), "Unknown label type"),
        (TEXTS, ["ham"] * 240, "y: 1 class, ham: a classifier needs at least two classes"),
        ([], [], "y: no labels: a classifier needs at least two classes"),
        (["a", "b"], [0, 1], "the split 'valid' .* would be empty"),
    ],
)
def test_labels_that_cannot_be_learnt(X, y, message):
    with pytest.raises(ValueError, match=message):
        small().fit(X, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"preset": "bagg"}, r"preset 'bagg': choose from .* \(did you mean 'bag'\?\)"),
        ({"options": {"model.bag.dims": 3}}, r"option 'model.bag.dims'.*did you mean 'model.bag.d"),
        ({"options": {"model.bag.dim": "3"}}, "options: model.bag.dim is '3', expected int"),
        ({"options": {"out": "runs/x"}}, "option 'out': choose from"),
        ({"options": {"seed": 3}}, "option 'seed': set the parameter seed instead"),
        ({"options": {"model.rnn.dim": 3}}, "--model.rnn.dim has no effect without"),
        ({"preset": "nb-svm", "epochs": 3}, "--epochs has no effect when a baseline is the model"),
        ({"epochs": 0}, "--epochs 0: must be 1 or more"),
        ({"seed": -1}, "--seed -1: must be 0 or more"),
        ({"device": "gpu"}, "device 'gpu': choose from"),
        ({"valid_share": 0}, "--data.valid-share 0.0: a share lies between 0 and 1"),
    ],
)
def test_parameters_that_cannot_be_used(parameters, message):
    model = SeqkitClassifier(**parameters)  # as in scikit-learn, nothing is checked yet
    with pytest.raises(ConfigError, match=message):
        model.fit(TEXTS, LABELS)
