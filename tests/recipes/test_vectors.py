"""The word vector recipe on tiny text: pinned facts, the run's folder, what its options do."""

import json
import random
import sys
from collections import Counter

import numpy as np
import pytest

import seqkit as sk
from seqkit.data import read_text
from seqkit.train import vectors_report
from seqkit.vectors.layout import lay_out

pytest.importorskip("gensim", reason="needs the extra vectors")

PINNED = {"words_trained": 318, "cat dog": -0.375662}
TINY = ["--vectors.dim", "8", "--vectors.epochs", "2", "--vectors.deterministic"]


@pytest.fixture(autouse=True)
def a_small_map(monkeypatch):
    def few(vectors, *, count, seed):
        return lay_out(vectors, count=min(count, 12), seed=seed)

    monkeypatch.setattr(vectors_report, "lay_out", few)


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("questions")
    (folder / "analogies.txt").write_text(
        ": who\ncat dog king bird\ncat king dog friend\ncat dog king queen\n"
        ": gram does\nsees hears likes fears\n"
    )
    (folder / "similar.tsv").write_text(
        "cat\tdog\t9\nsees\thears\t8\ncat\thears\t1\nking\tslowly\t2\ncat\tqueen\t3\n"
    )
    return folder


def train(seqkit, corpus, out, *options):
    outcome = seqkit("train", "vectors", "--data.train", corpus, "--out", out, *options)
    assert outcome.code == 0, outcome.err
    return outcome


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def numbers(folder):
    vectors = sk.load(folder)
    return vectors.rows(range(len(vectors)))


def test_what_a_run_leaves(seqkit, corpus, tmp_path):
    outcome = train(seqkit, corpus, tmp_path, *TINY)
    found, vectors = metrics(tmp_path), sk.load(tmp_path)
    lines = [line.split() for line in corpus.read_text().splitlines()]
    total = sum(map(len, lines))
    assert found["lines"] == len(lines) == 160 and found["tokens"] == total
    assert found["distinct"] == len({word for line in lines for word in line})
    assert found["vocabulary"] == len(vectors) == 17
    assert found["covered"] == pytest.approx(1 - 8 / total)  # those that come once
    assert isinstance(vectors, sk.WordVectors) and vectors.dim == 8
    assert vectors.words[0] == "the"
    counts = dict(zip(vectors.words, vectors.counts.tolist(), strict=True))
    assert counts["king"] == sum(line.count("king") for line in lines)
    assert vectors.facts["architecture"] == "skipgram"
    assert found["words_trained"] == vectors.facts["words_trained"] > 0
    saved = json.loads((tmp_path / "bundle.json").read_text())
    assert saved["kind"] == "WordVectors" and saved["provenance"]["recipe"] == "vectors"
    assert saved["provenance"]["data"]["tokens"] == total
    log = (tmp_path / "log.jsonl").read_text().splitlines()
    events = [json.loads(line)["event"] for line in log]
    assert events == ["read", "epoch", "epoch"]
    page = (tmp_path / "report.md").read_text()
    assert f"17 words, which are {found['covered']:.1%} of the {total:,} tokens" in page
    assert "Nothing was measured" in page and "| word | neighbours |" in page
    assert "So little text" in page and "[A map](map.html)" in page
    assert (tmp_path / "map.html").read_bytes().startswith(b"<!")
    steps = ["look at the text", "read", "train", "save", "report and map"]
    assert list(found["steps"]) == steps and all(f"| {step} | " in page for step in steps)
    assert found["steps"]["report and map"] > 0
    assert "seqkit similar" in outcome.out
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_vectors_are_pinned(seqkit, corpus, tmp_path):
    train(seqkit, corpus, tmp_path, *TINY, "--vectors.min-count", "1")
    vectors = sk.load(tmp_path)
    assert vectors.facts["words_trained"] == PINNED["words_trained"]
    assert vectors.similarity("cat", "dog") == pytest.approx(PINNED["cat dog"], abs=1e-3)


def test_the_config_of_a_run_gives_the_same_vectors(seqkit, corpus, tmp_path):
    train(seqkit, corpus, tmp_path / "run", *TINY, "--vectors.sample", "0.01")
    assert seqkit("train", tmp_path / "run/config.json").code == 0
    again = numbers(tmp_path / "run-rerun")
    assert again.tobytes() == numbers(tmp_path / "run").tobytes()


def test_measured_beside_a_baseline(seqkit, corpus, questions, tmp_path):
    files = ["--analogies", questions / "analogies.txt", "--similarity", questions / "similar.tsv"]
    outcome = train(seqkit, corpus, tmp_path, *TINY, *files, "--baseline-words", "16")
    found = metrics(tmp_path)
    assert found["analogies"]["answered"] == 3 and found["analogies"]["questions"] == 4
    assert found["similarity"]["pairs"] == 5 and found["similarity"]["known"] == 4
    assert [*found["others"]] == ["model, 16 words", "PPMI-SVD"]
    part, baseline = found["others"].values()
    assert part["analogies"]["answered"] == baseline["analogies"]["answered"]
    assert baseline["similarity"]["spearman"] is not None
    saved = json.loads((tmp_path / "bundle.json").read_text())["metrics"]
    assert saved["analogies"]["answered"] == 3
    assert "measure" in found["steps"]
    page = (tmp_path / "report.md").read_text()
    assert "| gram does |" in page and "Unknown: queen." in page
    assert "PPMI-SVD" in outcome.out and "model, 16 words" in outcome.out


def test_fasttext_has_vectors_for_unknown_words(seqkit, corpus, tmp_path):
    options = ["--vectors.method", "fasttext", "--vectors.buckets", "200"]
    train(seqkit, corpus, tmp_path, *TINY, *options, "--precision", "float16")
    vectors = sk.load(tmp_path)
    assert "kings" not in vectors and np.abs(vectors.vector("kings")).sum() > 0
    assert vectors.subwords is not None and vectors.precision == "float16"


def test_phrases(seqkit, tmp_path):
    rng = random.Random(0)
    words = [f"w{n}" for n in range(20)]
    lines = [" ".join(["New York", *rng.choices(words, k=4)]) for _ in range(60)]
    (tmp_path / "text.txt").write_text("\n".join(lines) + "\n")
    options = ["--vectors.phrases", "1", "--vectors.phrase-threshold", "0.5"]
    train(seqkit, tmp_path / "text.txt", tmp_path / "run", *TINY, *options)
    assert "new_york" in sk.load(tmp_path / "run")
    assert "phrases" in metrics(tmp_path / "run")["steps"]
    found = metrics(tmp_path / "run")["phrases"][0]
    assert found["frequent"]["new_york"] == 60 and found["phrases"] >= 1
    assert "| new\\_york | 60 |" in (tmp_path / "run/report.md").read_text()


def test_bundled_text(seqkit, tmp_path):
    options = ["--vectors.dim", "16", "--vectors.epochs", "1", "--out", tmp_path]
    options += ["--text.tokenizer", "whitespace"]
    assert seqkit("train", "vectors", "cbow", *options).code == 0
    found, vectors = metrics(tmp_path), sk.load(tmp_path)
    counts = Counter(w for line in read_text("bundled:glosses") for w in line.lower().split())
    known = {word: count for word, count in counts.items() if count >= 5}
    assert (found["tokens"], found["vocabulary"]) == (counts.total(), len(known))
    assert dict(zip(vectors.words, vectors.counts.tolist(), strict=True)) == known
    assert vectors.similarity("he", "she") > 0.5


@pytest.mark.parametrize("tokenizer", ["char", "byte", "whitespace"])
def test_any_tokenizer(tokenizer, seqkit, corpus, tmp_path):
    train(seqkit, corpus, tmp_path, *TINY, "--text.tokenizer", tokenizer)
    assert (" " in sk.load(tmp_path)) == (tokenizer != "whitespace")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data.valid", "x"], "--data.valid: word vectors learn from all of the text"),
        (["--data.test", "x"], "--data.test: word vectors learn from all of the text"),
        (["--data.valid-share", "0.1"], "--data.valid-share has no effect where nothing is cut"),
        (["--device", "cuda"], "trained on the CPU"),
        (["--seed", "-1"], "--seed -1"),
        (["--text.min-count", "2"], "give --vectors.min-count"),
        (["--vectors.buckets", "10"], "no effect without --vectors.method fasttext"),
        (
            ["--vectors.objective", "hierarchical", "--vectors.negatives", "9"],
            "--vectors.negatives has no effect without --vectors.objective negative",
        ),
        (["--vectors.phrase-scoring", "npmi"], "no effect without --vectors.phrases"),
        (["--baseline-words", "5"], "no effect without --analogies or --similarity"),
        (["--vectors.dim", "0"], "vectors.dim 0: must be 1 or more"),
        (["--analogies", "nowhere"], "nowhere"),
        (["--resume"], "unknown option --resume"),
        (["--vectors.min-count", "999"], "no word comes 999 times"),
        (["--vectors.window", "2000"], "and the window takes 2000 on each side"),
    ],
)
def test_what_is_refused(options, message, refused, corpus, tmp_path):
    out = tmp_path / "run"
    assert message in refused("train", "vectors", "--data.train", corpus, "--out", out, *options)
    assert not out.exists()


def test_without_gensim(refused, corpus, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim", None)
    told = refused("train", "vectors", "--data.train", corpus, "--out", tmp_path / "run")
    assert told.endswith('pip install "seqkit[vectors]"') and "recipe vectors needs gensim" in told


def test_ctrl_c_leaves_no_model(seqkit, corpus, tmp_path, monkeypatch):
    def stop(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("gensim.models.word2vec.Word2Vec.train", stop)
    out = tmp_path / "run"
    assert seqkit("train", "vectors", "--data.train", corpus, "--out", out, *TINY).code == 130
    left = {path.name for path in out.iterdir()}
    assert left <= {"config.json", "log.jsonl", "tensorboard"}
