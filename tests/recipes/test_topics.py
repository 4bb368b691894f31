"""The topics recipe on small texts: the run's folder, what its options do, what is refused."""

import json
import sys
from itertools import chain

import numpy as np
import pytest

import seqkit as sk

pytest.importorskip("gensim", reason="needs the extra vectors")

THEMES = {
    "sea": ["ship", "sail", "wave", "harbour", "anchor", "captain"],
    "kitchen": ["oven", "bread", "flour", "butter", "spoon", "recipe"],
}
TINY = ["--lda.topics", "2", "--lda.passes", "4", "--words.max-share", "0.5"]


def lines(count, seed=0):
    rng = np.random.default_rng(seed)
    themes = [*THEMES.values()]
    return [f"The {' '.join(rng.choice(themes[n % 2], 8))}, was it 7 {n}? s" for n in range(count)]


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    path = tmp_path_factory.mktemp("topics") / "texts.txt"
    path.write_text("\n".join([*lines(120), "", "Who is it?"]) + "\n")
    return path


@pytest.fixture(scope="module")
def run(texts):
    """A finished run."""
    from seqkit import cli

    out = texts.parent / "run"
    assert cli.main(["train", "topics", "--data.train", str(texts), "--out", str(out), *TINY]) == 0
    return out


def train(seqkit, out, *options):
    outcome = seqkit("train", "topics", "--out", out, *options)
    assert outcome.code == 0, outcome.err
    return json.loads((out / "metrics.json").read_text())


def test_what_a_run_leaves(run):
    found, model = json.loads((run / "metrics.json").read_text()), sk.load(run)
    assert isinstance(model, sk.TopicModel) and len(model) == 2
    assert found["documents"] + found["test_documents"] == 121  # the empty line is none
    assert found["vocabulary"] == 12 and {*model.words} == {*chain(*THEMES.values())}
    named = [{word for word, _ in topic.words} for topic in model.topics(6)]
    assert sorted(map(sorted, named)) == sorted(map(sorted, THEMES.values()))
    held, unigram = found["test"], found["others"]["unigram"]
    assert held["perplexity"] < unigram["perplexity"] and held["tokens"] == unigram["tokens"]
    low, high = held["intervals"]["perplexity"]
    assert low <= held["perplexity"] <= high
    assert len(found["coherence"]["topics"]) == 2
    saved = json.loads((run / "bundle.json").read_text())
    assert saved["kind"] == "TopicModel" and saved["provenance"]["recipe"] == "topics"
    assert saved["metrics"]["test"] == held
    log = [json.loads(line)["event"] for line in (run / "log.jsonl").read_text().splitlines()]
    assert log == ["read", *["pass"] * 4]
    page = (run / "report.md").read_text()
    assert "2 topics of" in page and "### Topic 1" in page and "| unigram |" in page
    assert any(f"| {line[:20]}" in page for line in lines(120)), "typical documents"
    assert not [path for path in run.iterdir() if path.name.startswith(".")]


def test_typical_documents_are_of_their_topic(run):
    model = sk.load(run)
    _, *sections = (run / "report.md").read_text().split("### Topic ")
    for number, section in enumerate(sections):
        rows = [row for row in section.split("\n## ")[0].splitlines() if row.startswith("| 9")]
        assert len(rows) == 3
        for row in rows:
            _, share, text, _ = map(str.strip, row.split("|"))
            best = model.of(text)[0]
            assert best.topic == number and f"{best.share:.0%}" == share


def test_the_config_of_a_run_gives_the_same_model(run, seqkit):
    assert seqkit("train", run / "config.json").code == 0
    again, first = sk.load(f"{run}-rerun"), sk.load(run)
    assert again.parameters.tobytes() == first.parameters.tobytes()


def test_a_given_test_and_its_leaks(seqkit, texts, tmp_path):
    (tmp_path / "test.txt").write_text("\n".join([*lines(20, seed=1), lines(1)[0]]) + "\n")
    options = ["--data.train", texts, "--data.test", tmp_path / "test.txt", *TINY]
    found = train(seqkit, tmp_path / "run", *options)
    assert found["documents"] == 121 and found["test_documents"] == 21
    page = (tmp_path / "run/report.md").read_text()
    assert "1 test documents repeat one of train" in page


def test_records_and_joined_lines_and_folders_are_documents(seqkit, tmp_path):
    texts = lines(60)
    rows = [json.dumps({"text": f"{text}\nsecond line"}) for text in texts]
    (tmp_path / "table.jsonl").write_text("\n".join(rows) + "\n")
    (tmp_path / "folder").mkdir()
    for number, text in enumerate(texts):
        (tmp_path / "folder" / f"{number}.txt").write_text(f"{text}\n\n{text}\n")
    for source, join, expected in [
        ("table.jsonl", 1, 60),
        ("table.jsonl", 3, 20),
        ("folder", 1, 60),
    ]:
        options = ["--data.train", tmp_path / source, "--data.join", join, *TINY]
        found = train(seqkit, tmp_path / "run", *options, "--words.max-share", 1)
        assert found["documents"] + found["test_documents"] == expected


def test_words_that_stay(seqkit, texts, tmp_path):
    (tmp_path / "stop.txt").write_text("ship bread\n")
    options = ["--words.stopwords", tmp_path / "stop.txt", "--words.max-share", "1"]
    options += ["--words.max-vocab", "15", "--words.no-letters"]
    train(seqkit, tmp_path / "run", "--data.train", texts, *TINY, *options)
    words = {*sk.load(tmp_path / "run").words}
    assert {"the", "?", "7", "s"} <= words and not {"ship", "bread"} & words


def test_stop_words_among_pieces_of_words(seqkit, tmp_path):
    options = ["--text.tokenizer", "sentencepiece", "--text.subwords", "600"]
    options += ["--lda.topics", "2", "--lda.passes", "1", "--words.max-share", "1"]
    train(seqkit, tmp_path, "--data.train", "bundled:sentiment", *options)
    words = {*sk.load(tmp_path).words}
    assert "▁love" in words and not {"▁the", "▁and", "▁i"} & words


def test_replaced_bytes_are_told(seqkit, texts, tmp_path):
    (tmp_path / "texts.txt").write_bytes(texts.read_bytes() + b"ship \xff\n")
    options = ["--data.train", tmp_path / "texts.txt", "--data.encoding-errors", "replace"]
    train(seqkit, tmp_path / "run", *options, *TINY)
    page = (tmp_path / "run/report.md").read_text()
    assert "1 lines held bytes that are not UTF-8, which were replaced" in page


def test_bundled_text(seqkit, tmp_path):
    found = train(seqkit, tmp_path, "--lda.passes", "1", "--lda.topics", "4")
    assert (found["documents"], found["test_documents"]) == (1399, 156)  # 31,095 verses, by twenty
    assert found["test"]["perplexity"] < found["others"]["unigram"]["perplexity"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lda.topics", "200"], "fewer than the 200 topics"),
        (["--words.min-documents", "100"], "no word is left: documents: 109"),
        (["--words.stopwords", "nowhere.txt"], "stopwords 'nowhere.txt'"),
        (["--words.max-share", "0"], "words.max_share 0.0: must lie in (0, 1]"),
        (["--lda.alpha", "autos"], "autos"),
        (["--data.join", "0"], "data.join 0: must be 1 or more"),
        (["--words.max-vocab", "1"], "words.max_vocab 1: must be 2 or more"),
        (["--data.test-share", "1"], "a share lies between 0 and 1"),
        (["--data.test", "x", "--data.test-share", "0.2"], "no effect where nothing is cut"),
        (["--data.test-share", "0.001"], "test: 0 documents with a word of the vocabulary"),
        (["--text.min-count", "2"], "give --words.min-documents"),
        (["--device", "cuda"], "trained on the CPU"),
        (["--seed", "-1"], "--seed -1"),
        (["--resume"], "unknown option --resume"),
    ],
)
def test_what_is_refused(options, message, refused, texts, tmp_path):
    out = tmp_path / "run"
    told = refused("train", "topics", "--data.train", texts, "--out", out, *TINY, *options)
    assert message in told


@pytest.mark.parametrize("options", [["--lda.topics", "200"], ["--data.test-share", "0.001"]])
def test_data_that_do_not_do_leave_an_earlier_run_as_it_was(options, refused, texts, run):
    before = sorted((path.name, path.read_bytes()) for path in run.iterdir() if path.is_file())
    refused("train", "topics", "--data.train", texts, "--out", run, *TINY, *options)
    after = sorted((path.name, path.read_bytes()) for path in run.iterdir() if path.is_file())
    assert after == before


def test_nothing_to_read(refused, tmp_path):
    (tmp_path / "empty.txt").write_text("\n\n")
    told = refused(
        "train", "topics", "--data.train", tmp_path / "empty.txt", "--out", tmp_path / "r"
    )
    assert "empty.txt" in told


def test_without_gensim(refused, texts, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim", None)
    told = refused("train", "topics", "--data.train", texts, "--out", tmp_path / "run")
    assert told.endswith('pip install "seqkit[vectors]"') and "recipe topics needs gensim" in told
