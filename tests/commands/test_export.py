"""`seqkit export`: what it writes says the same, and what it refuses."""

import gzip
import json
import math

import pytest

import seqkit as sk
from seqkit import bundle, cli
from seqkit.train import language_report, ngram_report

pytest.importorskip("numba", reason="needs the extra ngram")

TEXTS = ["the cat sees a dog .", "a dog", "every zebra fears\nthe king !", ""]


@pytest.fixture(scope="module")
def saved(corpus, tmp_path_factory):
    """A run of the recipe, finished: a model of trigrams of words between blanks."""
    folder = tmp_path_factory.mktemp("runs") / "ngram"
    options = ["--data.train", str(corpus), "--out", str(folder), "--order", "3"]
    with pytest.MonkeyPatch.context() as patch:
        for module in (language_report, ngram_report):
            patch.setattr(module, "_pictures", lambda *args: [])
        assert cli.main(["train", "ngram", "--text.tokenizer", "whitespace", *options]) == 0
    return folder


def log_probs(model):
    return [score.log_prob for score in model.score_many(TEXTS)]


@pytest.mark.parametrize("name", ["model.arpa", "model.arpa.gz"])
def test_an_arpa_file_and_back(name, saved, seqkit, tmp_path):
    path = tmp_path / name
    outcome = seqkit("export", saved, "--format", "arpa", "--out", path)
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith(f"{path}: ") and outcome.out.count("kB") == 2
    content = path.read_bytes()
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    assert content.startswith(b"\\data\\\nngram 1=") and content.endswith(b"\\end\\\n")

    outcome = seqkit("export", path, "--format", "bundle", "--out", tmp_path / "back")
    assert outcome.code == 0, outcome.err
    model, back = sk.load(saved), sk.load(tmp_path / "back")
    assert log_probs(back) == pytest.approx(log_probs(model), abs=1e-3)
    assert log_probs(back) == pytest.approx(log_probs(sk.load(path)), abs=1e-4)
    assert bundle.read(tmp_path / "back").index["provenance"]["exported_from"] == str(path)


def test_kenlm_gives_the_same_scores(saved, seqkit, tmp_path):
    kenlm = pytest.importorskip("kenlm")
    path = tmp_path / "model.arpa"
    assert seqkit("export", saved, "--format", "arpa", "--out", path).code == 0
    other, model = kenlm.Model(str(path)), sk.load(saved)
    for text in TEXTS[:2]:
        assert other.score(text) == pytest.approx(
            model.score(text).log_prob / math.log(10), abs=1e-4
        )


def test_a_smaller_bundle(saved, seqkit, tmp_path):
    for bits, source in ((8, saved), (4, tmp_path / "8")):
        out = tmp_path / str(bits)
        options = ["--format", "bundle", "--out", out, "--quantize", bits]
        assert seqkit("export", source, *options).code == 0
        assert log_probs(sk.load(out)) == pytest.approx(log_probs(sk.load(saved)), rel=0.1)
    sizes = [(f / "ngrams.bin").stat().st_size for f in (saved, tmp_path / "8", tmp_path / "4")]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 3
    provenance = bundle.read(tmp_path / "8").index["provenance"]
    assert provenance["provenance"]["recipe"] == "ngram" and provenance["quantize"] == 8
    assert json.loads((tmp_path / "8" / "bundle.json").read_text())["metrics"] == {}
    assert {path.name for path in tmp_path.iterdir()} == {"8", "4"}, "nothing else is left"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--format arpa", "Missing"),
        ("--format arpa --out FULL", "is a folder, expected the name of a file"),
        ("--format arpa --out OUT --quantize 8", "--quantize has no effect with --format arpa"),
        ("--format bundle --out FULL --quantize 8", "exists already, expected a new folder"),
        ("--format bundle --out OUT", "is a bundle already: --quantize makes a smaller one"),
        ("--format bundle --out OUT --quantize 3", "--quantize"),
        ("--format onnx --out OUT", "onnx"),
    ],
)
def test_what_cannot_be(options, message, saved, refused, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    words = options.replace("OUT", f"{tmp_path}/out").replace("FULL", f"{tmp_path}/full").split()
    assert message in refused("export", saved, *words)
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_quantised_already(saved, seqkit, refused, tmp_path):
    options = ["--format", "bundle", "--quantize", "8", "--out"]
    assert seqkit("export", saved, *options, tmp_path / "8").code == 0
    message = refused("export", tmp_path / "8", *options, tmp_path / "9")
    assert message == f"--quantize 8: {tmp_path}/8 is quantised to 8 bits already"


def test_other_kinds_of_models(saved_lm, refused, tmp_path):
    message = refused("export", saved_lm, "--format", "arpa", "--out", tmp_path / "x.arpa")
    assert message.startswith(f"{saved_lm}: a LanguageModel, expected an n-gram model")
    assert not any(tmp_path.iterdir())


def test_no_model(refused, tmp_path):
    options = ["--format", "bundle", "--out", tmp_path / "x"]
    assert "no such file or folder" in refused("export", tmp_path / "none", *options)
    (tmp_path / "bad.arpa").write_text("once upon a time\n")
    assert "bad.arpa" in refused("export", tmp_path / "bad.arpa", *options)
    assert not (tmp_path / "x").exists()
