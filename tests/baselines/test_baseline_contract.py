"""What holds of every baseline, by one table."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.baselines import NAMES, NEED_SKLEARN, Baseline, fit
from seqkit.errors import BundleError, ConfigError, DataError

TEXTS = [
    "win a free prize now",
    "call now to claim your prize",
    "free entry: text WIN to 80086",
    "urgent! claim your free cash",
    "see you at lunch",
    "running late, see you soon",
    "did you eat lunch yet?",
    "ok, call me after lunch",
    "東京 \ud83d don’t",
    "",
]
TWO = ["spam"] * 4 + ["ham"] * 6
THREE = ["spam"] * 4 + ["ham"] * 4 + ["odd"] * 2
ODD = ["", " \n", "zzz qqq", "prize", "lunch lunch lunch", "\ud83d", "😀", "<unk> \x00"]

every = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module", params=[TWO, THREE], ids=["two", "three"])
def fitted(request):
    return {name: fit(name, TEXTS, request.param, min_count=1) for name in trainable()}


def trainable():
    return [name for name in NAMES if name != "majority"]


@every
@pytest.mark.parametrize("labels", [TWO, THREE], ids=["two", "three"])
def test_rows_are_distributions_over_sorted_labels(name, labels):
    model = fit(name, TEXTS, labels)
    assert (model.name, model.labels) == (name, tuple(sorted(set(labels))))
    got = model.probabilities(TEXTS + ODD)
    assert got.shape == (len(TEXTS + ODD), len(model.labels)) and got.dtype == np.float64
    assert np.isfinite(got).all() and (got >= 0).all()
    np.testing.assert_allclose(got.sum(axis=1), 1, atol=1e-12)
    assert model.probabilities([]).shape == (0, len(model.labels))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(TEXTS + ODD) | st.text(max_size=30), max_size=8))
def test_a_batch_equals_one_by_one_to_the_last_digit(fitted, texts):
    for model in fitted.values():
        alone = [model.probabilities([text])[0] for text in texts]
        np.testing.assert_array_equal(
            model.probabilities(texts), np.reshape(alone, (len(texts), len(model.labels)))
        )


def test_a_batch_longer_than_the_chunk_equals_one_by_one(monkeypatch):
    model = fit("knn", TEXTS, TWO)
    whole = model.probabilities(TEXTS * 20)
    monkeypatch.setattr("seqkit.baselines.baseline._BATCH", 7)
    monkeypatch.setattr("seqkit.baselines.neighbours._BATCH", 3)
    np.testing.assert_array_equal(model.probabilities(TEXTS * 20), whole)


@every
@pytest.mark.parametrize("labels", [TWO, THREE], ids=["two", "three"])
def test_restored_is_equal_to_the_last_digit(name, labels):
    model = fit(name, TEXTS, labels)
    files = model.to_files()
    restored = Baseline.from_files(files)
    assert restored.to_files() == files
    assert json.loads(files["baseline.json"])["versions"]["numpy"] == np.__version__
    np.testing.assert_array_equal(
        restored.probabilities(TEXTS + ODD), model.probabilities(TEXTS + ODD)
    )


@every
def test_the_same_data_give_the_same_bytes(name):
    assert fit(name, TEXTS, TWO).to_files() == fit(name, list(TEXTS), list(TWO)).to_files()


@pytest.mark.parametrize("name", ["naive-bayes", "nb-svm", "tfidf-lr", "tfidf-svm", "knn"])
def test_separable_training_texts_are_learnt(name):
    model = fit(name, TEXTS[:8], TWO[:8], min_count=1)
    assert [model.labels[i] for i in model.probabilities(TEXTS[:8]).argmax(axis=1)] == TWO[:8]


def test_no_known_word_means_the_prior_where_there_is_one():
    for name in ("majority", "naive-bayes", "knn"):
        np.testing.assert_allclose(fit(name, TEXTS, TWO).probabilities(["zzz"]), [[0.6, 0.4]])


def test_k_past_the_training_set_takes_all_of_it():
    few = fit("knn", TEXTS, TWO, k=len(TEXTS)).probabilities(ODD)
    np.testing.assert_array_equal(fit("knn", TEXTS, TWO, k=999).probabilities(ODD), few)


@every
def test_classes_of_one_document_each(name):
    model = fit(name, ["a b", "c d", "e f"], ["x", "y", "z"])
    np.testing.assert_allclose(model.probabilities(["a"]).sum(), 1)


@every
def test_bad_training_data(name):
    with pytest.raises(DataError, match="only the label 'x', expected two labels"):
        fit(name, ["a", "b"], ["x", "x"])
    with pytest.raises(DataError, match="no text"):
        fit(name, [], [])
    with pytest.raises(DataError, match="2 texts and 1 labels"):
        fit(name, ["a", "b"], ["x"])
    with pytest.raises(ConfigError, match=r"write \[text\]"):
        fit(name, "ab", ["x", "y"])
    with pytest.raises(ConfigError, match=r"write \[text\]"):
        fit(name, TEXTS, TWO).probabilities("a text")


@pytest.mark.parametrize("name", trainable())
def test_texts_without_a_word(name):
    with pytest.raises(DataError, match="is the text column the right one"):
        fit(name, ["", " "], ["x", "y"])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("tfidf-lt", {}, "baseline 'tfidf-lt': choose from .*did you mean 'tfidf-lr'"),
        ("majority", {"k": 3}, "baseline 'majority' has no setting 'k': it has no settings"),
        ("knn", {"C": 1.0}, "'knn' has no setting 'C': it has k, min_count, ngrams"),
        ("knn", {"k": 0}, "k 0: expected a whole number from 1"),
        ("knn", {"min_count": 1.5}, "min_count 1.5: expected a whole number"),
        ("nb-svm", {"ngrams": (2, 1)}, r"ngrams \(2, 1\): expected \(shortest, longest\)"),
        ("nb-svm", {"ngrams": 2}, "ngrams 2: expected"),
        ("nb-svm", {"alpha": 0}, "alpha 0: expected a number above 0"),
        ("tfidf-svm", {"C": float("nan")}, "C nan: expected a number above 0"),
    ],
)
def test_bad_settings(name, options, message):
    with pytest.raises(ConfigError, match=message):
        fit(name, TEXTS, TWO, **options)


@every
def test_damaged_files_are_refused(name):
    files = fit(name, TEXTS, TWO).to_files()
    other = fit("nb-svm", ["a b", "c d", "e"], ["x", "y", "z"], ngrams=(1, 2)).to_files()
    for file, content in files.items():
        for bad in (content[: len(content) // 2], b"", b"{}", b"[1]", b"null", other[file]):
            if bad != content and not (name == "majority" and file == "features.json"):
                with pytest.raises(BundleError):
                    Baseline.from_files({**files, file: bad})
        with pytest.raises(BundleError, match=f"{file}: missing"):
            Baseline.from_files({key: files[key] for key in files if key != file})


def test_importing_and_predicting_need_no_heavy_library(tmp_path):
    for file, content in fit("nb-svm", TEXTS, TWO).to_files().items():
        (tmp_path / file).write_bytes(content)
    code = (
        "import sys; from pathlib import Path; from seqkit.baselines import Baseline\n"
        f"files = {{p.name: p.read_bytes() for p in Path({str(tmp_path)!r}).iterdir()}}\n"
        "Baseline.from_files(files).probabilities(['win a prize'])\n"
        "print(*{'torch', 'scipy', 'sklearn', 'spacy', 'sentencepiece'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@every
def test_without_scikit_learn_it_works_or_says_what_to_install(name, monkeypatch):
    for module in [m for m in sys.modules if m.split(".")[0] in ("sklearn", "scipy")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr("sys.path", [])  # so that neither is found again

    def use():
        return fit(name, TEXTS, TWO).probabilities(TEXTS)

    if name in NEED_SKLEARN:
        with pytest.raises(ConfigError, match=r'pip install "seqkit\[baselines\]"'):
            use()
    else:
        use()
