"""The recipes on given word vectors: what is reported, resumed, refused, and loaded again."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import messages, sentences, spellings
from stopped import check, stop_at
from tiny import LM_STATEFUL, STATEFUL, log, losses, result

import seqkit as sk

pytestmark = pytest.mark.usefixtures("no_pictures")

CLASSIFY = [*STATEFUL, "--epochs", "2", "--batch-size", "16"]
LM = [*LM_STATEFUL, "--epochs", "2", "--model.hidden", "6", "--ngram.order", "0"]
PAIR_OPTIONS = """
    --source.tokenizer char --target.tokenizer whitespace --kind sequence --model.dim 6
    --model.encoder-hidden 4 --model.decoder-hidden 8 --optim.lr 0.03 --optim.weight-decay 0.01
    --batch-tokens 512 --epochs 2 --baselines copy --decoding.beam 1 --device cpu
"""
TRANSLATE = PAIR_OPTIONS.split()


def write_vectors(path, words, *, width=6, seed=1):
    rng = np.random.default_rng(seed)
    rows = [f"{word} {' '.join(map(str, rng.normal(size=width).round(3)))}" for word in words]
    path.write_text("\n".join([f"{len(rows)} {width}", *rows]) + "\n")
    return str(path)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Vectors for most words of each data set, of width 6, and wider ones."""
    folder = tmp_path_factory.mktemp("vectors")
    known = {
        "labels": sorted({word for _, text in messages(240) for word in text.split()})[5:],
        "lines": sorted({word for line in sentences(160) for word in line.split()})[5:],
        "letters": list("abcdef"),
        "sounds": sorted({sound for _, text in spellings(240) for sound in text.split()})[1:],
    }
    made = {name: write_vectors(folder / f"{name}.vec", words) for name, words in known.items()}
    for name, words in known.items():
        made[f"wide-{name}"] = write_vectors(folder / f"wide-{name}.vec", words, width=9)
    return made


def report(folder):
    return (folder / "report.md").read_text()


def given_rows(path, words):
    """The vectors that a file has of some words, as ours are scaled."""
    rows = dict(line.split(" ", 1) for line in Path(path).read_text().splitlines()[1:])
    found = {word: np.array(rows[word].split(), float) for word in words if word in rows}
    return found, np.mean([np.linalg.norm(row) for row in found.values()])


@pytest.mark.parametrize("use", ["tuned", "frozen", "projected"])
def test_a_classifier_beside_itself_without_them(use, files, seqkit, spam_file, tmp_path):
    pytest.importorskip("sklearn")
    path = files["wide-labels" if use == "projected" else "labels"]
    options = [*CLASSIFY, "--data.train", spam_file, "--out", tmp_path]
    done = seqkit(
        "train", "classify", *options, "--model.vectors", path, "--model.vectors-use", use
    )
    assert done.code == 0, done.err
    names = ["model", "without", "majority", "sif-lr"]
    assert [line.split()[0] for line in done.out.split("\n\n")[0].splitlines()[1:]] == names
    assert "Without the word vectors the same network is right on" in done.out
    text = report(tmp_path)
    assert f"Word vectors {path}, {use}: " in text and "| without the vectors | " in text
    baselines = json.loads((tmp_path / "metrics.json").read_text())["baselines"]
    assert {"without the vectors", "majority", "sif-lr"} == baselines.keys()

    scorer = sk.load(tmp_path).scorer
    found, mean = given_rows(path, scorer.pipeline.vocab.words)
    table = scorer.network.embedding.weight.detach().numpy()
    kept = [
        np.allclose(table[scorer.pipeline.vocab.id(word)], 6 * row / mean, atol=1e-5)
        for word, row in found.items()
    ]
    assert not any(kept) if use == "tuned" else all(kept)


def test_without_them_it_is_the_run_without_them(files, seqkit, spam_file, tmp_path):
    """The row is that of a run of its own, down to the losses on the way."""
    options = [*CLASSIFY, "--data.train", spam_file, "--folds", "2"]
    given = ["--model.vectors", files["labels"]]
    for name, more in {"plain": [], "given": given}.items():
        assert seqkit("train", "classify", *options, "--out", tmp_path / name, *more).code == 0
    plain, found = (
        json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("plain", "given")
    )
    assert found["baselines"]["without the vectors"] == plain["test"]
    rows = [row for row in log(tmp_path / "given") if row["event"] == "epoch"]
    bare = [row["train_loss"] for row in rows if row.get("network", 0) >= 2]
    assert bare == losses(tmp_path / "plain")[::2]


def test_the_comparison_may_be_left_out(files, seqkit, spam_file, tmp_path):
    options = [*CLASSIFY, "--data.train", spam_file, "--out", tmp_path, "--no-compare-vectors"]
    assert seqkit("train", "classify", *options, "--model.vectors", files["labels"]).code == 0
    assert json.loads((tmp_path / "metrics.json").read_text())["baselines"].keys() == {"majority"}


def test_a_bag_starts_from_them(files, seqkit, refused, spam_file, tmp_path):
    options = ["bag", "--model.bag.dim", "6", "--model.bag.buckets", "50", "--epochs", "1"]
    options += ["--data.train", spam_file, "--device", "cpu", "--baselines", "majority"]
    options += ["--model.vectors", files["labels"]]
    done = seqkit("train", "classify", *options, "--out", tmp_path / "a", "--no-compare-vectors")
    assert done.code == 0 and "Word vectors " in report(tmp_path / "a")
    message = refused("train", "classify", *options, "--model.vectors-use", "frozen")
    assert "a bag trains its table" in message


@pytest.mark.parametrize("use", ["frozen", "projected"])
def test_a_language_model(use, files, seqkit, corpus, tmp_path):
    path = files["wide-lines" if use == "projected" else "lines"]
    options = [*LM, "--data.train", corpus, "--out", tmp_path, "--model.vectors", path]
    options += ["--model.vectors-use", use, *(["--model.no-tied"] if use == "projected" else [])]
    done = seqkit("train", "lm", *options)
    assert done.code == 0, done.err
    assert f"Word vectors {path}, {use}: " in report(tmp_path)
    model = sk.load(tmp_path)
    assert (model.network.projection is None) == (use != "projected")
    assert model.score("the cat sees a dog .").perplexity > 1


PAIRS = {
    "frozen, the target": ("--model.target-vectors sounds", "frozen target"),
    "projected": ("--model.vectors wide-letters --model.target-vectors sounds", "projected none"),
    "all": ("--shared-vocab --source.tokenizer whitespace --model.vectors sounds", "frozen all"),
}


@pytest.mark.parametrize("case", PAIRS)
def test_a_translator(case, files, seqkit, pairs_file, tmp_path):
    given, (use, tied) = PAIRS[case][0], PAIRS[case][1].split()
    own = [option for option in TRANSLATE if "shared" not in given or "target" not in option]
    if "shared" in given:
        own.remove("whitespace")
    options = [*own, *(files.get(option, option) for option in given.split())]
    options += ["--model.vectors-use", use, "--model.tied", tied, "--data.train", pairs_file]
    done = seqkit("train", "translate", *options, "--out", tmp_path)
    assert done.code == 0, done.err
    sides = {"all": ["both sides"], "projected": ["the source", "the target"]}
    for side in sides.get(case, ["the target" if "target-" in given else "the source"]):
        assert f"Word vectors of {side} " in report(tmp_path)
    assert isinstance(sk.load(tmp_path).translate("abc"), str)


RESUMED = {
    "classify": ([*CLASSIFY, "--no-compare-vectors"], "labels"),
    "lm": (LM, "lines"),
    "translate": (TRANSLATE, "letters"),
}


@pytest.mark.parametrize("recipe", RESUMED)
def test_a_run_that_was_stopped(
    recipe, files, seqkit, refused, monkeypatch, tmp_path, spam_file, corpus, pairs_file
):
    own, name = RESUMED[recipe]
    data = {"classify": spam_file, "lm": corpus, "translate": pairs_file}[recipe]
    path = tmp_path / "own.vec"
    content = Path(files[name]).read_text()
    path.write_text(content)
    options = ["train", recipe, *own, "--data.train", data, "--model.vectors", path]
    options += ["--model.vectors-use", "frozen"]
    assert seqkit(*options, "--out", tmp_path / "whole").code == 0
    with monkeypatch.context() as patch:
        stop_at(patch, 1)
        assert seqkit(*options, "--out", tmp_path / "run").code == 130
    row = content.splitlines()[2]
    path.write_text(content.replace(row, f"{row.rsplit(' ', 1)[0]} 0.125"))
    message = refused(*options, "--out", tmp_path / "run", "--resume")
    assert "or the word vectors changed" in message
    path.write_text(content)
    assert seqkit(*options, "--out", tmp_path / "run", "--resume").code == 0
    check(result(tmp_path / "whole"), tmp_path / "run")


def test_a_comparison_that_was_stopped(files, seqkit, monkeypatch, spam_file, tmp_path):
    options = [
        "train",
        "classify",
        *CLASSIFY,
        "--data.train",
        spam_file,
        "--checkpoint-seconds",
        "0",
    ]
    options += ["--model.vectors", files["labels"]]
    assert seqkit(*options, "--out", tmp_path / "whole").code == 0
    from seqkit.train.run import Run

    write = Run.checkpoint

    def pressed(run, state, **where):
        write(run, state, **where)
        if where["network"] == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Run, "checkpoint", pressed)
        assert seqkit(*options, "--out", tmp_path / "run").code == 130
    assert (tmp_path / "run" / "bundle.json").exists(), "the model is saved before it"
    assert seqkit(*options, "--out", tmp_path / "run", "--resume").code == 0
    check(result(tmp_path / "whole"), tmp_path / "run")


REFUSED = [
    ("classify", "--model.vectors labels --model.rnn.dim 5", "--model.rnn.dim is 5: set it to 6, "
     "or --model.vectors-use projected"),
    ("classify", "--model.vectors labels --model.vectors-use frozen --optim.l1 0.1", "--optim.l1"),
    ("classify", "--model.vectors gone.vec", "gone.vec: no such file or folder"),
    ("classify", "--model.vectors sounds", "knows none of the"),
    ("classify", "--model.family naive-bayes --model.vectors labels", "when a baseline is the"),
    ("lm", "--model.vectors wide-lines --model.hidden 6", "--model.dim is 200: set it to 9, or "
     "--model.vectors-use projected with --model.no-tied"),
    ("lm", "--model.vectors lines --model.vectors-use projected", "with --model.tied: the output"),
    ("lm", "--start-from x --model.vectors lines", "has no effect with --start-from"),
    ("translate", "--model.target-vectors sounds --model.vectors-use projected",
     "--model.vectors-use projected with --model.tied target"),
    ("translate", "--shared-vocab --model.tied all --model.target-vectors sounds",
     "--model.target-vectors with --model.tied all"),
    ("translate", "--model.vectors-use frozen", "without --model.vectors PATH or --model.target"),
]  # fmt: skip


@pytest.mark.parametrize(("recipe", "options", "message"), REFUSED)
def test_what_cannot_be_done(
    recipe, options, message, files, refused, tmp_path, spam_file, corpus, pairs_file
):
    if "is 200" in message:
        options = options.replace("--model.hidden 6", "--model.hidden 200")
    data = {"classify": spam_file, "lm": corpus, "translate": pairs_file}[recipe]
    given = [files.get(option, option) for option in options.split()]
    out = tmp_path / "out"
    got = refused("train", recipe, *given, "--data.train", data, "--out", out, "--device", "cpu")
    assert message in got and not out.exists()
