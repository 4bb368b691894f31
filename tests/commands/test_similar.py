"""`seqkit similar` beside the object it asks."""

import io
import json
import sys

import numpy as np
import pytest
from vector_files import plane, save_plane

from seqkit import bundle
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.word_vectors import WordVectors


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return save_plane(tmp_path_factory.mktemp("vectors"))


@pytest.fixture
def typed(monkeypatch):
    """Put lines on stdin."""

    def put(text):
        stream = io.TextIOWrapper(io.BytesIO(text.encode()))
        monkeypatch.setattr(sys, "stdin", stream)

    return put


@pytest.mark.parametrize("which", [0, 1], ids=["bundle", "file"])
def test_words_together(which, paths, seqkit):
    outcome = seqkit("similar", paths[which], "king", "woman", "--minus", "man", "-k", "2")
    assert outcome.code == 0, outcome.err
    expected = plane().most_similar(["king", "woman"], "man", k=2)
    assert [line.split() for line in outcome.out.splitlines()] == [
        [near.word, f"{near.score:.4f}"] for near in expected
    ]
    assert outcome.out.startswith("queen")


def test_json(paths, seqkit):
    outcome = seqkit("similar", paths[0], "king", "--minus", "man", "--k", "1", "--json")
    row = json.loads(outcome.out)
    (near,) = plane().most_similar("king", "man", k=1)
    assert row == {
        "plus": ["king"],
        "minus": ["man"],
        "neighbours": [{"word": near.word, "score": pytest.approx(near.score, abs=1e-6)}],
    }


@pytest.mark.parametrize("batch", [1, 2, 1024])
def test_each_line_of_stdin(batch, paths, seqkit, typed, caplog):
    typed("king\nkinng\nqueen\n\n")
    outcome = seqkit("similar", paths[0], "--batch", batch, "-k", "2")
    assert outcome.code == 0
    rows = [json.loads(line) for line in outcome.out.splitlines()]
    assert [row["word"] for row in rows] == ["king", "kinng", "queen", ""]
    for row in rows[::2][:2]:
        expected = plane().most_similar(row["word"], k=2)
        assert [(n["word"], n["score"]) for n in row["neighbours"]] == [
            (near.word, pytest.approx(near.score, abs=1e-6)) for near in expected
        ]
    assert rows[1]["error"].startswith("'kinng' has no vector; nearest spellings: king")
    assert "words without a vector: 2 of 4" in caplog.text


def test_the_lower_case_form_of_a_word_that_is_not_there(paths, seqkit, typed, caplog):
    expected = seqkit("similar", paths[0], "king", "--minus", "man").out
    outcome = seqkit("similar", paths[0], "King", "--minus", "MAN")
    assert outcome.out == expected
    assert caplog.messages == [
        "'King' has no vector of its own: 'king' is asked",
        "'MAN' has no vector of its own: 'man' is asked",
    ]
    row = json.loads(seqkit("similar", paths[0], "King", "queen", "--json").out)
    assert row["plus"] == ["King", "queen"] and row["as"] == {"King": "king"}
    typed("King\nking\nKinng\n")
    rows = [json.loads(line) for line in seqkit("similar", paths[0]).out.splitlines()]
    assert rows[0] == {"word": "King", "as": "king", "neighbours": rows[1]["neighbours"]}
    assert rows[1].keys() == {"word", "neighbours"}
    assert rows[2]["error"].startswith("'Kinng' has no vector")


def test_a_word_composed_from_subwords_is_told(seqkit, tmp_path, typed, caplog):
    table = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    vectors = plane(subwords=Subwords(table, 3, 6))
    vectors.save(tmp_path / "sub")
    outcome = seqkit("similar", tmp_path / "sub", "qx", "king", "King", "-k", "2")
    assert [line.split()[0] for line in outcome.out.splitlines()] == [
        near.word for near in vectors.most_similar(["qx", "king", "king"], k=2)
    ]
    assert caplog.messages == [
        "'King' has no vector of its own: 'king' is asked",
        "'qx' has no vector of its own: composed from its subwords",
    ]
    row = json.loads(seqkit("similar", tmp_path / "sub", "qx", "king", "--json").out)
    assert row["composed"] == ["qx"] and "as" not in row
    typed("qx\nKing\n")
    rows = [json.loads(line) for line in seqkit("similar", tmp_path / "sub").out.splitlines()]
    assert [row.get("composed") for row in rows] == [True, None]
    assert [row.get("as") for row in rows] == [None, "king"]


def test_words_of_a_file(paths, seqkit, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("man\naunt\n")
    outcome = seqkit("similar", paths[1], "--file", path)
    assert [json.loads(line)["word"] for line in outcome.out.splitlines()] == ["man", "aunt"]
    assert outcome.err == ""


def test_what_would_steer_a_terminal_is_escaped(seqkit, tmp_path):
    WordVectors(["a", "b\x1b[2J"], np.eye(2)).save(tmp_path / "odd")
    outcome = seqkit("similar", tmp_path / "odd", "a")
    assert outcome.out == "b\\x1b[2J  0.0000\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("kinng", "'kinng' has no vector; nearest spellings: king"),
        ("king --minus mann", "'mann' has no vector; nearest spellings: man"),
        ("king --file x", "give words or --file, not both"),
        ("king --k 0", "--k 0: must be 1 or more"),
        ("--batch 0", "--batch 0: must be 1 or more"),
        ("king --batch 3", "--batch has no effect without --file"),
        ("king --minu man", "unknown option --minu: did you mean --minus?"),
    ],
)
def test_what_cannot_be(words, message, paths, refused):
    assert message in refused("similar", paths[0], *words.split())


def test_no_vectors(refused, tmp_path):
    bundle.write(tmp_path / "lm", kind="LanguageModel", files={"model.json": b"{}"})
    expected = "a LanguageModel, expected a WordVectors: seqkit generate"
    assert expected in refused("similar", tmp_path / "lm", "king")
    path = tmp_path / "page.vec"
    path.write_text("<html>\n<body>\n")
    assert "page.vec" in refused("similar", path, "king")


def test_other_commands_say_what_they_are_for(paths, refused):
    expected = "a WordVectors, expected a TextClassifier: seqkit similar, evaluate and export"
    for path in paths:
        assert expected in refused("predict", path, "king")
