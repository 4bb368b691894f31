"""`seqkit export` of word vectors: what it writes says the same, and what it refuses."""

import re

import numpy as np
import pytest
from vector_files import PLANE, plane, save_plane

import seqkit as sk
from seqkit import bundle
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.word_vectors import WordVectors


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return save_plane(tmp_path_factory.mktemp("vectors"))


def same(first, second, **tolerance):
    assert first.words == second.words
    assert first.rows(slice(None)) == pytest.approx(second.rows(slice(None)), **tolerance)


@pytest.mark.parametrize(
    ("format", "name"),
    [
        ("word2vec", "plane.vec"),
        ("word2vec", "plane.txt.gz"),
        ("word2vec-binary", "plane.bin"),
        ("glove", "plane.txt"),
        ("fasttext", "plane.vec.xz"),
    ],
)
def test_a_file_and_back(format, name, paths, seqkit, tmp_path):
    outcome = seqkit("export", paths[0], "--format", format, "--out", tmp_path / name)
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith(f"{tmp_path / name}: ")
    same(sk.load(tmp_path / name), plane())
    outcome = seqkit("export", tmp_path / name, "--format", "bundle", "--out", tmp_path / "back")
    assert outcome.code == 0, outcome.err
    same(sk.load(tmp_path / "back"), plane())
    provenance = bundle.read(tmp_path / "back").index["provenance"]
    assert provenance["exported_from"] == str(tmp_path / name)


def test_a_fasttext_model(seqkit, tmp_path):
    table = np.random.default_rng(1).normal(size=(9, 3)).astype(np.float32)
    vectors = plane(counts=[6, 5, 4, 3, 2, 1], subwords=Subwords(table, minn=2, maxn=3))
    vectors.save(tmp_path / "bundle")
    options = ["--format", "fasttext-binary", "--out", tmp_path / "plane.bin"]
    assert seqkit("export", tmp_path / "bundle", *options).code == 0
    back = sk.load(tmp_path / "plane.bin")
    same(back, vectors, abs=1e-5)
    assert back.vector("kinng") == pytest.approx(vectors.vector("kinng"), abs=1e-6)


@pytest.mark.parametrize(("precision", "tolerance"), [("float16", 1e-2), ("int8", 0.1)])
def test_a_smaller_bundle(precision, tolerance, paths, seqkit, refused, tmp_path):
    options = ["--format", "bundle", "--precision", precision, "--out"]
    assert seqkit("export", paths[0], *options, tmp_path / "small").code == 0
    small = sk.load(tmp_path / "small")
    assert small.precision == precision
    same(small, plane(), abs=tolerance)
    assert small.facts == {"method": "by hand"}
    message = refused("export", tmp_path / "small", *options, tmp_path / "again")
    assert f"is a bundle of {precision} already" in message
    options = ["--format", "bundle", "--out", tmp_path / "larger"]
    message = refused("export", tmp_path / "small", *options)
    assert f"is kept as {precision} already: --precision {precision}" in message


def test_the_most_frequent_words(seqkit, tmp_path):
    counts = [1, 2, 3, 4, 5, 6]
    plane(counts=counts).save(tmp_path / "bundle")
    options = ["--words", "2", "--format", "bundle", "--out", tmp_path / "two"]
    assert seqkit("export", tmp_path / "bundle", *options).code == 0
    two = sk.load(tmp_path / "two")
    assert two.words == ["aunt", "uncle"]
    assert two.counts.tolist() == [6, 5]
    assert two.vector("uncle").tolist() == PLANE["uncle"]


def test_a_map(paths, seqkit, tmp_path):
    out = tmp_path / "map.html"
    outcome = seqkit("export", paths[1], "--format", "map", "--words", "3", "--out", out)
    assert outcome.code == 0, outcome.err
    assert outcome.out.endswith("; the 3 most frequent of 6 words\n")
    page = out.read_text()
    assert '"words":["man","woman","king"]' in page
    assert "plane.vec: the 3 most frequent of 6 words" in page
    assert not re.search("@@[A-Z]", page)


def test_the_projector(paths, seqkit, tmp_path):
    outcome = seqkit("export", paths[0], "--format", "projector", "--out", tmp_path / "logs")
    assert outcome.code == 0, outcome.err
    assert f"tensorboard --logdir {tmp_path / 'logs'}" in outcome.out
    assert (tmp_path / "logs" / "metadata.tsv").read_text().startswith("word\tcount\nman\t60\n")


def test_a_spacy_pipeline(paths, seqkit, refused, tmp_path):
    spacy = pytest.importorskip("spacy")
    options = ["--format", "spacy", "--language", "de", "--out", tmp_path / "pipeline"]
    assert seqkit("export", paths[0], *options).code == 0
    nlp = spacy.load(tmp_path / "pipeline")
    assert nlp.lang == "de"
    assert nlp("queen")[0].vector.tolist() == PLANE["queen"]
    message = refused("export", paths[0], *options[:2], "--language", "qq1", "--out", "x")
    assert message.startswith("--language qq1: not one of spaCy's")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--format arpa --out OUT", "arpa"),
        ("--format glove", "Missing"),
        ("--format glove --out FULL", "is a folder, expected the name of a file"),
        ("--format projector --out FULL", "exists already, expected a new folder"),
        ("--format glove --out OUT --precision int8", "--precision has no effect without --format"),
        ("--format glove --out OUT --language de", "--language has no effect without --format"),
        ("--format bundle --out OUT", "is a bundle of float32 already"),
        ("--format map --out OUT --words 0", "--words 0: must be 1 or more"),
        ("--format fasttext-binary --out OUT", "holds n-grams"),
    ],
)
def test_what_cannot_be(words, message, paths, refused, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    words = words.replace("OUT", f"{tmp_path}/out").replace("FULL", f"{tmp_path}/full").split()
    assert message in refused("export", paths[0], *words)
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_words_that_a_format_cannot_hold(refused, tmp_path):
    WordVectors(["new york", "rome"], np.eye(2)).save(tmp_path / "bundle")
    options = ["--format", "word2vec", "--out", tmp_path / "x.vec"]
    assert "new york" in refused("export", tmp_path / "bundle", *options)
    assert not (tmp_path / "x.vec").exists()
