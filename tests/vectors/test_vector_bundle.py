"""Bundles of word vectors: exact or nearly, opened without reading, refused where they are not."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqkit
from seqkit import bundle
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.files import json_bytes
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.word_vectors import WordVectors
from seqkit.vectors.words import Words, words_to_bytes

RNG = np.random.default_rng(2)
WORDS = ["king", "new york", "line\nbreak", "back\\slash", "\\n", "\udc80", "\ud83d\ude00", "", "é"]
VECTORS = RNG.normal(size=(9, 5)).astype(np.float32)
TABLE = RNG.normal(size=(20, 5)).astype(np.float32)
ERROR = {"float32": 0.0, "float16": 2.0**-11, "int8": 0.5 / 127}  # of the largest number


@pytest.fixture
def vectors() -> WordVectors:
    subwords = Subwords(TABLE, minn=2, maxn=3)
    return WordVectors(WORDS, VECTORS, counts=range(9), subwords=subwords, facts={"by": "hand"})


@pytest.mark.parametrize("precision", list(ERROR))
def test_what_is_saved_is_loaded(vectors, tmp_path, precision):
    vectors.save(tmp_path, precision=precision, metrics={"analogies": 0.5})
    loaded = seqkit.load(tmp_path)
    assert loaded.words == WORDS and loaded.facts == {"by": "hand"}
    assert loaded.precision == precision and loaded.counts.tolist() == list(range(9))
    error = ERROR[precision] * np.abs(VECTORS).max(axis=1, keepdims=True) * 1.0001
    assert (np.abs(loaded.rows(slice(None)) - VECTORS) <= error).all()
    np.testing.assert_allclose(
        loaded.lengths, np.linalg.norm(loaded.rows(slice(None)), axis=1), rtol=1e-6
    )
    np.testing.assert_allclose(loaded.vector("kingly"), vectors.vector("kingly"), atol=0.02)
    asked = [word for word in WORDS if word]
    assert loaded.most_similar_many(asked) == [loaded.most_similar(word) for word in asked]
    bundle.read(tmp_path).verify()


def test_saving_what_was_loaded_changes_no_byte(vectors, tmp_path):
    vectors.save(tmp_path / "a", precision="int8")
    seqkit.load(tmp_path / "a").save(tmp_path / "b", precision="int8")
    for path in (tmp_path / "a").iterdir():
        if path.suffix == ".npy" and "scales" not in path.name:
            assert np.array_equal(np.load(path), np.load(tmp_path / "b" / path.name))
    seqkit.load(tmp_path / "a").save(tmp_path / "a", precision="int8")  # over itself
    assert seqkit.load(tmp_path / "a").words == WORDS


def test_arrays_are_numpys_own_and_mapped(vectors, tmp_path):
    vectors.save(tmp_path)
    np.testing.assert_array_equal(np.load(tmp_path / "vectors.npy", allow_pickle=False), VECTORS)
    parts = seqkit.load(tmp_path)._parts
    assert isinstance(parts.matrix.values, np.memmap)
    assert "spelled" not in vars(parts.words), "the words were read before the first question"


@given(st.lists(st.text(st.characters() | st.just("\n") | st.just("\\")), unique=True))
def test_any_words_come_back(tmp_path_factory, words):
    path = tmp_path_factory.getbasetemp() / "words.txt"
    path.write_bytes(words_to_bytes([*words, "one more, for no empty file"]))
    assert Words.open(path, len(words) + 1).spelled[:-1] == words


def test_load_takes_files_and_folders(vectors, tmp_path):
    plain = WordVectors(["a", "b"], np.eye(2, 3))
    plain.export(tmp_path / "x.vec", format="word2vec")
    plain.save(tmp_path / "bundle")
    for path in (tmp_path / "x.vec", tmp_path / "bundle"):
        for load in (seqkit.load, WordVectors.load):
            np.testing.assert_array_equal(load(path).vector("b"), [0, 1, 0])


def test_a_foreign_kind_is_refused(tmp_path):
    bundle.write(tmp_path, kind="TopicModel", files={"a.json": b"{}"})
    with pytest.raises(BundleError, match="holds a TopicModel, no WordVectors"):
        WordVectors.load(tmp_path)


def test_what_cannot_be_saved_is_refused(tmp_path):
    large = WordVectors(["a", "b"], [[1.0], [70000.0]])
    with pytest.raises(DataError, match="row 1: a number beyond the 65504 of float16"):
        large.save(tmp_path, precision="float16")
    with pytest.raises(ConfigError, match="precision 'half': choose from float16, float32, int8"):
        large.save(tmp_path, precision="half")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["vectors.npy", "words.txt", "counts.npy", "subwords.npy"])
def test_damage_is_refused(vectors, tmp_path, name):
    vectors.save(tmp_path)
    content = (tmp_path / name).read_bytes()
    for damaged in (content[:-1], content[:-1] + bytes([content[-1] ^ 1])):
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(BundleError, match=name):
            seqkit.load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [{"words": 8}, {"dim": 4}, {"precision": "float16"}, {"precision": "x"}, {"counts": None}],
)
def test_a_head_that_does_not_fit_is_refused(vectors, tmp_path, change):
    vectors.save(tmp_path / "a")
    saved = bundle.read(tmp_path / "a")
    head = {**json.loads(saved.files()["vectors.json"]), **change}
    if head["counts"] is None:
        del head["counts"]
    mapped = {
        name: (lambda path, name=name: path.write_bytes((tmp_path / "a" / name).read_bytes()))
        for name in saved.index["files"]
        if name != "vectors.json"
    }
    bundle.write(
        tmp_path / "b",
        kind="WordVectors",
        files={"vectors.json": json_bytes(head)},
        mapped=mapped,
    )
    with pytest.raises(BundleError, match="do not fit together"):
        seqkit.load(tmp_path / "b")


@pytest.mark.parametrize("content", [b"a\nb\n", b"a\n\xff\nb\n", b"a\nb\na\n"])
def test_words_that_do_not_fit_are_refused_when_they_are_read(tmp_path, content):
    (tmp_path / "words.txt").write_bytes(content)
    words = Words.open(tmp_path / "words.txt", 3)
    with pytest.raises(BundleError, match=r"words\.txt: damaged"):
        _ = words.rows
