"""Word vectors in each format; gensim writes the files that are compared."""

import gzip
import logging
import lzma
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from seqkit import bundle
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.vectors import Coverage, Subwords, read_vectors
from seqkit.vectors.fallbacks import other_forms
from seqkit.vectors.word_vectors import WordVectors

WORDS = ["the", "Cat", "straße", "東京", "1,000"]
VECTORS = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same five vectors in every format."""
    keyed = pytest.importorskip("gensim.models").KeyedVectors(4)
    keyed.add_vectors(WORDS, VECTORS)
    folder = tmp_path_factory.mktemp("vectors")
    paths = {
        "word2vec text": folder / "w2v.txt",
        "word2vec binary": folder / "w2v.bin",
        "word2vec binary by another name": folder / "w2v.model",
        "glove": folder / "glove.txt",
        "fasttext": folder / "wiki.vec",
    }
    keyed.save_word2vec_format(str(paths["word2vec text"]), binary=False)
    for name in ("word2vec binary", "word2vec binary by another name"):
        keyed.save_word2vec_format(str(paths[name]), binary=True)
    keyed.save_word2vec_format(str(paths["glove"]), binary=False, write_header=False)
    lines = paths["word2vec text"].read_bytes().split(b"\n")
    paths["fasttext"].write_bytes(b" \n".join(lines))  # fastText ends its lines with a space
    for name, opener, suffix in (
        ("gz", gzip.open, ".gz"),
        ("xz", lzma.open, ".xz"),
    ):
        for plain in ("fasttext", "word2vec binary"):
            packed = paths[f"{plain} {name}"] = Path(f"{paths[plain]}{suffix}")
            with opener(packed, "wb") as stream:
                stream.write(paths[plain].read_bytes())
    return paths


@pytest.mark.parametrize(
    "name",
    [
        "word2vec text",
        "word2vec binary",
        "word2vec binary by another name",
        "glove",
        "fasttext",
        "fasttext gz",
        "fasttext xz",
        "word2vec binary gz",
        "word2vec binary xz",
    ],
)
def test_every_format_gives_the_vectors_that_gensim_wrote(
    files: dict[str, Path], name: str
) -> None:
    vectors, known, coverage = read_vectors(files[name], ["東京", "unseen", *WORDS[:3], "1,000"])
    assert vectors.dtype == np.float32 and known.dtype == bool
    np.testing.assert_allclose(vectors[[2, 3, 4, 0, 5]], VECTORS, rtol=1e-6)
    assert known.tolist() == [True, False, True, True, True, True]
    assert (vectors[1] == 0).all()
    assert coverage == Coverage(exact=5, words=6)
    assert coverage.share == 5 / 6


def test_a_word_takes_the_vector_of_its_spelling_in_other_letters(files: dict[str, Path]) -> None:
    words = ["The", "THE", "the", "cat", "CAT", "dog"]
    vectors, known, coverage = read_vectors(str(files["glove"]), words)
    np.testing.assert_allclose(vectors[:5], VECTORS[[0, 0, 0, 1, 1]], rtol=1e-6)
    assert known.tolist() == [True] * 5 + [False]
    assert coverage == Coverage(exact=1, case=4, words=6)
    _, known, coverage = read_vectors(files["glove"], words, fallbacks=())
    assert known.tolist() == [False, False, True, False, False, False]
    assert coverage == Coverage(exact=1, words=6)


def test_small_letters_come_before_a_capital_and_capitals(tmp_path: Path) -> None:
    path = text(tmp_path / "v", "US 1\nUs 2\nNATO 3\n")
    assert read_vectors(path, ["us", "uS", "nato"])[0].tolist() == [[2], [2], [3]]
    path = text(tmp_path / "v", "US 1\nUs 2\nus 4\n")
    assert read_vectors(path, ["uS", "US"])[0].tolist() == [[4], [1]]


@pytest.fixture(scope="module")
def lemmas(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A spaCy pipeline that knows two lemmas."""
    nlp = pytest.importorskip("spacy").blank("en")
    ruler = nlp.add_pipe("attribute_ruler")
    for form, lemma in {"dogs": "dog", "Mice": "mouse"}.items():
        ruler.add([[{"ORTH": form}]], {"LEMMA": lemma})
    folder = tmp_path_factory.mktemp("lemmas")
    nlp.to_disk(folder)
    return str(folder)


def test_a_word_takes_the_vector_of_its_lemma(tmp_path: Path, lemmas: str) -> None:
    path = text(tmp_path / "v", "dog 1\nmouse 2\nmice 3\n")
    words = ["dog", "dogs", "Mice", "cats", "don't", "\ud83d"]
    vectors, _, coverage = read_vectors(path, words, fallbacks=["lemma"], lemmas=lemmas)
    assert vectors.tolist() == [[1], [1], [2], [0], [0], [0]]
    assert coverage == Coverage(exact=1, lemma=2, words=6)
    both = read_vectors(path, words, fallbacks=["case", "lemma"], lemmas=lemmas)
    assert both[0].tolist() == [[1], [1], [3], [0], [0], [0]]  # in the order that was asked for
    assert both[2] == Coverage(exact=1, case=1, lemma=1, words=6)
    both = read_vectors(path, words, fallbacks=["lemma", "case"], lemmas=lemmas)
    assert both[0].tolist() == [[1], [1], [2], [0], [0], [0]]


def test_fallbacks_that_cannot_be(tmp_path: Path) -> None:
    path = text(tmp_path / "v", "dog 1\n")
    with pytest.raises(ConfigError, match=r"fallback 'lema': choose from case, lemma .*'lemma'"):
        read_vectors(path, ["dog"], fallbacks=["lema"])  # type: ignore[list-item]
    with pytest.raises(ConfigError, match="lemma needs the name of a spaCy pipeline"):
        read_vectors(path, ["dog"], fallbacks=["lemma"])
    with pytest.raises(ConfigError, match="a pipeline needs the fallback lemma"):
        read_vectors(path, ["dog"], lemmas="en_core_web_sm")
    spacy = pytest.importorskip("spacy")
    with pytest.raises(ConfigError, match="lemmas 'en_none': needs an installed pipeline"):
        read_vectors(path, ["dog"], fallbacks=["lemma"], lemmas="en_none")
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(ConfigError, match="this pipeline of spaCy has no lemmatizer"):
        read_vectors(path, ["dog"], fallbacks=["lemma"], lemmas=str(tmp_path / "blank"))


def test_without_spacy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ConfigError, match=r'pip install "seqkit\[spacy\]"'):
        other_forms(["dog"], ["lemma"], "en_core_web_sm")


def test_coverage_in_a_sentence() -> None:
    assert Coverage(words=0).share == 0
    assert Coverage(words=3).sentence() == "0.0% of 3 words have a vector"
    coverage = Coverage(words=2000, exact=1200, case=200, lemma=50, subwords=150)
    assert coverage.known == 1600 and coverage.share == 0.8
    assert coverage.sentence() == (
        "80.0% of 2,000 words have a vector (1,200 by their own spelling, 200 in other letters, "
        "50 by their lemma, 150 from their n-grams)"
    )


def test_a_bundle(tmp_path: Path) -> None:
    subwords = Subwords(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), 3, 3)
    vectors = WordVectors(["the", "Cat"], VECTORS[:2, :2], subwords=subwords)
    vectors.save(tmp_path / "with")
    WordVectors(["the", "Cat"], VECTORS[:2, :2]).save(tmp_path / "without")
    words = ["the", "cat", "unseen", "a"]
    found, known, coverage = read_vectors(tmp_path / "with", words)
    assert np.array_equal(found[:2], VECTORS[:2, :2])
    np.testing.assert_allclose(found[2:], [subwords.vector("unseen"), subwords.vector("a")])
    assert coverage == Coverage(exact=1, case=1, subwords=2, words=4) and known.all()
    assert read_vectors(tmp_path / "without", words)[2] == Coverage(exact=1, case=1, words=4)
    with pytest.raises(DataError, match=r"without: knows none of the vocabulary \(1 word\)"):
        read_vectors(tmp_path / "without", ["unseen"])


def test_a_folder_that_is_no_bundle_of_vectors(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"no bundle\.json in it"):
        read_vectors(tmp_path, ["a"])
    bundle.write(tmp_path, kind="TextClassifier", files={})
    with pytest.raises(DataError, match="a bundle of kind TextClassifier, expected WordVectors"):
        read_vectors(tmp_path, ["a"])


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


def test_of_a_word_that_stands_twice_the_first_row_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = text(tmp_path / "v", "a 1 2\nc 9 9\nc 9 9\na 3 4\nb 5 6\na 1 2\n")
    with caplog.at_level(logging.WARNING):
        assert read_vectors(path, ["b", "a"])[0].tolist() == [[5, 6], [1, 2]]
    (message,) = caplog.messages
    assert f"rows that repeat a word: 2, the first at {path}:4 ('a')" in message
    caplog.clear()
    assert read_vectors(path, ["b"])[0].tolist() == [[5, 6]]
    assert not caplog.messages


def test_words_with_spaces_as_in_glove(tmp_path: Path) -> None:
    path = text(tmp_path / "v", "a 1 2\n. . . 3 4\r\nb 5 6")
    vectors, known, _ = read_vectors(path, [". . .", "b", "."])
    assert vectors.tolist() == [[3, 4], [5, 6], [0, 0]]
    assert known.tolist() == [True, True, False]
    text(path, "a 1 2\nb 5 6 7\n")
    with pytest.raises(DataError, match=r"v:2: 3 values, expected 2$"):
        read_vectors(path, ["a"])  # a row that is not asked for, too


def test_a_lone_surrogate_is_a_word_that_no_file_has(tmp_path: Path) -> None:
    path = text(tmp_path / "v", "a 1 2\n")
    assert read_vectors(path, ["a", "\ud83d"])[1].tolist() == [True, False]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a 1 2\nb 3\n", r"v:2: 1 value, expected 2"),
        ("2 3\na 1 2 3\nb 1 2 3 4\n", r"v:3: 4 values, expected 3"),
        ("2 3\na 1 2\n", r"v:2: 2 values, expected 3"),
        ("a\n", r"v:1: 0 values, expected some"),
        ("a 1 x\n", r"v:1: 'x' is no number: expected a word and its numbers"),
        ("b 1 2\na 1 nan\n", r"v:2: the vector of 'a' has .* not finite .*: take the word out"),
        ("a 1 1e39\n", r"v:1: .* not finite in float32"),
        ("c 1 2\n", r"v: knows none of the vocabulary \(1 word\)"),
        ("", r"v: empty: expected word vectors"),
        ("3 2\na 1 2\nb 1 2\n", r"its header says 3 vectors, the file has 2"),
    ],
)
def test_a_text_file_that_cannot_be_used(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_vectors(text(tmp_path / "v", content), ["a"])


def binary(path: Path, rows: dict[str, list[float]], *, header: str) -> Path:
    body = b"".join(
        word.encode() + b" " + struct.pack(f"<{len(row)}f", *row) + b"\n"
        for word, row in rows.items()
    )
    path.write_bytes(header.encode() + b"\n" + body)
    return path


def test_a_binary_file_by_hand(tmp_path: Path) -> None:
    path = binary(tmp_path / "v.bin", {"a": [1, 2], "b": [3, 4]}, header="2 2")
    assert read_vectors(path, ["b", "a"])[0].tolist() == [[3, 4], [1, 2]]


@pytest.mark.parametrize(
    ("header", "values", "message"),
    [
        ("3 2", [1, 2], r"its header says 3 vectors, the file has 2"),
        ("2 2", [1, float("nan")], r"vector 1: .* not finite"),
        ("2 2", [1, float("inf")], r"vector 1: .* not finite"),
        ("2 0", [1, 2], r"v\.bin:1: vectors of 0 values"),
    ],
)
def test_a_binary_file_that_cannot_be_used(
    tmp_path: Path, header: str, values: list[float], message: str
) -> None:
    path = binary(tmp_path / "v.bin", {"a": values, "b": [3, 4]}, header=header)
    with pytest.raises(DataError, match=message):
        read_vectors(path, ["a"])


def test_files_that_are_no_vectors(tmp_path: Path, files: dict[str, Path]) -> None:
    with pytest.raises(DataError, match="missing: no such file of word vectors"):
        read_vectors(tmp_path / "missing", ["a"])
    for name in ("fasttext gz", "fasttext xz"):
        cut = tmp_path / files[name].name
        cut.write_bytes(files[name].read_bytes()[:-20])
        with pytest.raises(DataError, match="damaged or cut short"):
            read_vectors(cut, ["the"])
    (tmp_path / "v.gz").write_text("the 1 2\n")  # not packed, whatever its name says
    assert read_vectors(tmp_path / "v.gz", ["the"])[0].tolist() == [[1, 2]]
