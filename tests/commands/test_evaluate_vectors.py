"""`seqkit evaluate` of word vectors beside what the library says, and `seqkit inspect`."""

import json

import numpy as np
import pytest
from vector_files import plane, save_plane

from seqkit import bundle
from seqkit.vectors.analogies import measure_analogies
from seqkit.vectors.similarity import measure_similarity
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.word_vectors import WordVectors


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vectors")
    (folder / "questions.txt").write_text(
        ": family\nMan Woman King Queen\nman woman uncle aunt\n: gram1\nman king aunt prince\n"
    )
    (folder / "pairs.txt").write_text("man king 5\nman aunt 2\nking queen 9\nuncle aunt 8\nx y 1\n")
    return (*save_plane(folder), folder / "questions.txt", folder / "pairs.txt")


@pytest.mark.parametrize("which", [0, 1], ids=["bundle", "file"])
def test_figures(which, paths, seqkit):
    _, _, questions, pairs = paths
    options = ["--analogies", questions, "--similarity", pairs, "--json"]
    outcome = seqkit("evaluate", paths[which], *options)
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out) == {
        "analogies": measure_analogies(plane(), questions).metrics(),
        "similarity": {str(pairs): measure_similarity(plane(), pairs).metrics()},
    }


def test_tables(paths, seqkit):
    _, vectors, questions, pairs = paths
    outcome = seqkit("evaluate", vectors, "--analogies", questions, "--similarity", pairs, pairs)
    first, second = outcome.out.split("\n\n")
    assert first.splitlines()[1].split()[:2] == ["section", "accuracy"]
    assert [line.split()[0] for line in first.splitlines()[2:]] == [
        *("family", "gram1", "semantic", "syntactic", "total")
    ]
    assert second.splitlines()[0] == str(pairs)
    assert second.splitlines()[-1] == "words without a vector: 2"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "give --analogies FILE, --similarity FILE, or both"),
        ("--similarity PAIRS --most-frequent 9", "--most-frequent has no effect without --ana"),
        ("--analogies QUESTIONS --no-subwords", "--subwords has no effect without --similarity"),
        ("--analogies QUESTIONS --most-frequent 0", "0: expected 1 or more"),
        ("--analogies PAIRS", "pairs.txt:1: words: 3, expected 4"),
        ("--similarity QUESTIONS", "questions.txt:2: expected two words and a number"),
        ("--similarity NONE", "NONE: no such file"),
    ],
)
def test_what_cannot_be(words, message, paths, refused):
    _, vectors, questions, pairs = paths
    words = words.replace("PAIRS", str(pairs)).replace("QUESTIONS", str(questions)).split()
    assert message in refused("evaluate", vectors, *words)


def test_inspect(paths, seqkit):
    bundle, vectors, *_ = paths
    outcome = seqkit("inspect", bundle)
    assert "words: 6, with counts; vectors of 3 numbers in float32, " in outcome.out
    assert "subwords: none" in outcome.out
    assert "made: method by hand\n" in outcome.out
    outcome = seqkit("inspect", vectors)
    assert outcome.out.startswith("words: 6, without counts; vectors of 3 numbers in float32, ")
    facts = json.loads(seqkit("inspect", vectors, "--json").out)
    assert facts["words"] == 6 and facts["subwords"] is None
    assert facts["bytes"] == vectors.stat().st_size
    assert json.loads(seqkit("inspect", bundle, "--json").out)["kind"] == "WordVectors"


def test_inspect_of_few(seqkit, tmp_path):
    subwords = Subwords(np.ones((1, 1), np.float32), 3, 3)
    WordVectors(["a"], [[1.0]], subwords=subwords).save(tmp_path / "one")
    out = seqkit("inspect", tmp_path / "one").out
    assert "vectors of 1 number in float32" in out
    assert "3 characters in 1 row, of which" in out
    assert "made:" not in out and "provenance:" not in out


@pytest.mark.parametrize(
    "words",
    [
        "similar nope.vec king",
        "inspect nope.vec",
        "evaluate nope.vec --analogies q",
        "export nope.vec --format map --out x.html",
        "export --format map --out x.html nope.vec",
    ],
)
def test_a_path_that_is_not_there(words, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message = refused(*words.split())
    assert message.startswith("nope.vec: no such file or folder: give the folder of a saved model")
    assert not [*tmp_path.iterdir()]


def test_models_of_other_kinds_have_no_analogies(paths, refused, tmp_path):
    bundle.write(tmp_path / "spam", kind="TextClassifier", files={})
    message = refused("evaluate", tmp_path / "spam", "--analogies", paths[2])
    assert message == (
        "evaluate: --analogies: questions about words, for word vectors; this is a TextClassifier"
    )


def test_inspect_of_a_damaged_file(refused, tmp_path):
    path = tmp_path / "bad.vec"
    path.write_text("3 2\na 1 2\nb 1\n")
    assert "bad.vec:3" in refused("inspect", path)
