"""Analogies: gensim's counts on the same vectors, a hand-made plane, and files with faults."""

import gzip

import numpy as np
import pytest

from seqkit.errors import ConfigError, DataError
from seqkit.vectors import analogies
from seqkit.vectors.analogies import measure_analogies, read_analogies
from seqkit.vectors.word_vectors import WordVectors

PLANE = {  # queen = king - man + woman, to the digit
    "man": [1, 0, 1],
    "woman": [1, 1, 1],
    "king": [4, 0, 1],
    "queen": [4, 1, 1],
    "uncle": [2, 0, 9],
    "aunt": [2, 1, 9],
}
QUESTIONS = """\
: family
man woman king queen
man woman uncle aunt
man woman king princess
: gram1-odd
man uncle king queen
"""


@pytest.fixture
def vectors():
    return WordVectors(list(PLANE), np.array([*PLANE.values()], np.float32))


@pytest.fixture
def questions(tmp_path):
    path = tmp_path / "questions.txt"
    path.write_text(QUESTIONS)
    return path


def test_a_plane_by_hand(vectors, questions):
    scores = measure_analogies(vectors, questions)
    family, odd = scores.sections
    assert (family.correct, family.answered, family.questions) == (2, 2, 3)
    assert (odd.correct, odd.answered, odd.questions) == (0, 1, 1)
    assert scores.total.accuracy == pytest.approx(2 / 3)
    assert scores.total.coverage == 0.75
    assert scores.semantic.correct == 2
    assert scores.syntactic.accuracy == 0


def test_rows_and_metrics(vectors, questions):
    scores = measure_analogies(vectors, questions)
    rows = scores.rows()
    assert [row[0] for row in rows[1:]] == ["family", "gram1-odd", "semantic", "syntactic", "total"]
    assert rows[1] == ["family", "100.0%", "34.2% to 100.0%", "2", "2", "3", "67%"]
    metrics = scores.metrics()
    assert metrics["sections"]["family"]["correct"] == metrics["semantic"]["correct"] == 2
    assert metrics["questions"] == 4


def gensim_of(vectors):
    models = pytest.importorskip("gensim.models")
    keyed = models.KeyedVectors(vectors.dim)
    keyed.add_vectors(vectors.words, vectors.rows(slice(None)))
    return keyed


@pytest.mark.parametrize("fold_case", [True, False])
@pytest.mark.parametrize("most_frequent", [300, 120])
def test_counts_are_gensims(tmp_path, monkeypatch, fold_case, most_frequent):
    monkeypatch.setattr(analogies, "_WORDS", 64)
    monkeypatch.setattr(analogies, "_QUESTIONS", 50)
    generator = np.random.default_rng(1)
    stems = [f"{letter}{number}" for letter in "abcd" for number in range(40)]
    # x0 and y0, x1 and y1, ... lie about the same way apart
    base, steps = generator.normal(size=(40, 6)), generator.normal(size=(4, 6))
    grid = (steps[:, None] + 0.6 * base + 0.4 * generator.normal(size=(4, 40, 6))).reshape(-1, 6)
    words = stems + [stem.upper() for stem in stems[::2]]
    both = np.concatenate([grid, grid[::2] + 0.3 * generator.normal(size=(80, 6))])
    order = generator.permutation(len(words))
    vectors = WordVectors([words[i] for i in order], both[order])
    lines = []
    for section, (x, y) in {"one": "ab", "gram-two": "cd", "three": "ad"}.items():
        lines.append(f": {section}")
        for first, second in generator.integers(0, 44, (150, 2)):  # some have no vector
            lines.append(f"{x}{first} {y}{first} {x.upper()}{second} {y}{second}")
    path = tmp_path / "questions.txt"
    path.write_text("\n".join(lines))
    scores = measure_analogies(vectors, path, most_frequent=most_frequent, fold_case=fold_case)
    _, theirs = gensim_of(vectors).evaluate_word_analogies(
        str(path), restrict_vocab=most_frequent, case_insensitive=fold_case
    )
    expected = {
        part["section"]: (len(part["correct"]), len(part["correct"]) + len(part["incorrect"]))
        for part in theirs
    }
    found = {part.name: (part.correct, part.answered) for part in scores.sections}
    found["Total accuracy"] = (scores.total.correct, scores.total.answered)
    assert found == expected
    assert 0 < scores.total.correct < scores.total.answered < scores.total.questions


def test_the_counts_say_what_is_frequent():
    words = ["a", "b", "c", "d", "rare"]
    grid = np.array([[1, 0], [0, 1], [1, 0.1], [0.1, 1], [0, 1.0]])
    question = {"one": [("a", "b", "c", "d")]}
    vectors = WordVectors(words, grid, counts=[9, 8, 7, 6, 10])
    assert measure_analogies(vectors, question, most_frequent=4).total.answered == 0
    vectors = WordVectors(words, grid, counts=[9, 8, 7, 6, 1])
    assert measure_analogies(vectors, question, most_frequent=4).total.correct == 1


def test_no_question_known(vectors):
    scores = measure_analogies(vectors, {"one": [("x", "y", "z", "man")]})
    assert scores.total.accuracy is None
    assert scores.metrics()["interval"] is None
    assert scores.rows()[1][1] == "-"
    assert scores.semantic is scores.syntactic is None


def test_nothing_but_the_words_of_the_question():
    vectors = WordVectors(["a", "b", "c"], np.eye(3))
    scores = measure_analogies(vectors, {"one": [("a", "b", "c", "a")]})
    assert (scores.total.correct, scores.total.answered) == (0, 1)


def test_read_gz_comments_and_repeated_sections(tmp_path):
    path = tmp_path / "questions.txt.gz"
    text = "# note\n// note\n: one\na b c d\n\n: two\ne\tf g h\n:one\ni j k l\n: empty\n"
    path.write_bytes(gzip.compress(text.encode()))
    assert read_analogies(path) == {
        "one": [("a", "b", "c", "d"), ("i", "j", "k", "l")],
        "two": [("e", "f", "g", "h")],
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b": one\na b c\n", "questions.txt:2: words: 3, expected 4"),
        (b"a b c d\n", "questions.txt:1: a question before the first section"),
        (b": one\n", "has no questions"),
        (b"", "has no questions"),
        (b": one\na b c \xff\n", "questions.txt:2: not UTF-8 at byte 6"),
        (b"x" * 200_000, "questions.txt:1: a line of more than"),
    ],
)
def test_files_with_faults(tmp_path, content, message):
    path = tmp_path / "questions.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_analogies(path)


def test_no_file_and_a_damaged_one(tmp_path, vectors):
    with pytest.raises(DataError, match="no such file"):
        read_analogies(tmp_path / "none.txt")
    path = tmp_path / "cut.txt.gz"
    path.write_bytes(gzip.compress(QUESTIONS.encode())[:-9])
    with pytest.raises(DataError, match="damaged or cut short"):
        read_analogies(path)
    with pytest.raises(ConfigError, match="expected 1 or more"):
        measure_analogies(vectors, {"one": [("man", "woman", "king", "queen")]}, most_frequent=0)
