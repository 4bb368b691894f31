"""The n-gram recipe on tiny text: pinned perplexities, the run's folder, what its options do."""

import itertools
import json
import math
import shutil
from collections import Counter

import pytest
from conftest import sentences

import seqkit as sk
from seqkit.train import ngram_report

pytest.importorskip("numba", reason="needs the extra ngram")
pytestmark = pytest.mark.usefixtures("no_pictures")

CUT = ["--text.tokenizer", "whitespace", "--order", "3"]
PINNED = {  # perplexity on valid and test, and without the unknown words of test
    "modified-kneser-ney": (2.906548, 3.045803, 2.753072),
    "kneser-ney": (2.775900, 3.016999, 2.694948),
    "absolute": (2.815290, 3.157990, 2.705997),
    "witten-bell": (2.812213, 3.094925, 2.683156),
    "jelinek-mercer": (2.907554, 3.056499, 2.811096),
    "add-k": (5.418536, 5.678002, 5.365266),
}


@pytest.fixture(autouse=True)
def no_pictures_of_ngrams(monkeypatch):
    monkeypatch.setattr(ngram_report, "_pictures", lambda *args: [])


def train(seqkit, corpus, out, *options):
    outcome = seqkit("train", "ngram", "--data.train", corpus, "--out", out, *options)
    assert outcome.code == 0, outcome.err
    return outcome


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def model_files(folder):
    return {
        name: (folder / name).read_bytes()
        for name in json.loads((folder / "bundle.json").read_text())["files"]
    }


@pytest.mark.parametrize("method", PINNED)
def test_perplexities_are_pinned(method, seqkit, corpus, tmp_path):
    train(seqkit, corpus, tmp_path, *CUT, "--smoothing.method", method)
    found = metrics(tmp_path)
    got = [found["valid"]["perplexity"], found["test"]["perplexity"]]
    assert [*got, found["test"]["perplexity_known"]] == pytest.approx(PINNED[method], rel=1e-4)


def test_the_whole_way_against_counting_by_hand(seqkit, corpus, tmp_path):
    """Bigrams with 0.5 added to each count, from the text to the figures, by Counters."""
    test = tmp_path / "test.txt"
    test.write_text("\n".join([*sentences(30, seed=5), "an odd line", ""]) + "\n")
    out = tmp_path / "run"
    options = ["--data.valid", test, "--data.test", test, "--text.tokenizer", "whitespace"]
    options += ["--order", "2", "--smoothing.method", "add-k"]
    train(seqkit, corpus, out, *options, "--smoothing.k", "0.5")

    pairs, contexts, words = Counter(), Counter(), set()
    for line in corpus.read_text().splitlines():
        tokens = ["<s>", *line.split(), "</s>"]
        pairs.update(itertools.pairwise(tokens))
        contexts.update(tokens[:-1])
        words.update(tokens[1:])
    predicted = len(words) + 1  # and any unknown word
    nats, known, unknown = 0.0, 0.0, 0
    for line in test.read_text().splitlines():
        tokens = [w if w in words else "<unk>" for w in line.split()]
        tokens = ["<s>", *tokens, "</s>"]
        for pair in itertools.pairwise(tokens):
            cost = -math.log((pairs[pair] + 0.5) / (contexts[pair[0]] + 0.5 * predicted))
            nats += cost
            known += cost if pair[1] != "<unk>" else 0
            unknown += pair[1] == "<unk>"
    found = metrics(out)["test"]
    assert found["unknown"] == unknown == 3
    assert found["log_prob"] == pytest.approx(-nats, rel=1e-5)
    tokens = found["tokens"]
    assert found["perplexity"] == pytest.approx(math.exp(nats / tokens), rel=1e-5)
    assert found["perplexity_known"] == pytest.approx(math.exp(known / (tokens - 3)), rel=1e-5)

    counts = Counter(w for line in corpus.read_text().splitlines() for w in [*line.split(), "\n"])
    total = counts.total() + len(counts) + 1  # each once more, unknown words too
    log_prob = sum(
        math.log((counts[word] + 1) / total)
        for line in test.read_text().splitlines()
        for word in [*line.split(), "\n"]
    )
    assert metrics(out)["others"]["unigram"]["log_prob"] == pytest.approx(log_prob, rel=1e-5)


def test_what_a_run_leaves(seqkit, corpus, tmp_path):
    outcome = train(seqkit, corpus, tmp_path, *CUT, "--prompt", "the king", "--by-order")
    table, said, sample = outcome.out.split("\n\n", 2)
    assert [line.split()[0] for line in table.splitlines()] == ["perplexity", "model", "unigram"]
    assert "line ends included" in said and "the best baseline, unigram" in said
    assert sample.startswith("the king") and f"report: {tmp_path}/report.md" in sample
    names = {path.name for path in tmp_path.iterdir()}
    files = {"bundle.json", "config.json", "log.jsonl", "metrics.json", "report.md", "tensorboard"}
    assert names == files | {*("model.json", "text.json", "vocab.txt", "ngrams.bin", "lexicon.bin")}
    saved = json.loads((tmp_path / "bundle.json").read_text())
    found = metrics(tmp_path)
    assert saved["kind"] == "NgramModel" and saved["metrics"]["test"] == found["test"]
    assert len(saved["provenance"]["data"]["train_sha256"]) == 64
    assert found["bytes"] == sum(entry["bytes"] for entry in saved["files"].values())
    assert sum(part["tokens"] for part in found["hits"].values()) == found["test"]["tokens"]
    assert list(found["ngrams"]) == ["1", "2", "3"] and found["pruned"] == [0, 0, 0]
    assert {"read", "count", "estimate", "pack", "evaluate"} <= found["steps"].keys()
    assert found["peak_memory"] > 2**20
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_bytes().splitlines()]
    assert [row["event"] for row in rows] == ["count", "result"]
    report = (tmp_path / "report.md").read_text()
    for part in ("unigram", "## The data", "From “the king”:", "| length | n-grams | discount"):
        assert part in report
    for part in ("| order 3 |", "| order 1 |", "## Most surprising tokens", "on disk"):
        assert part in report


@pytest.mark.parametrize("tokenizer", ["word", "char", "byte"])
def test_figures_are_those_of_the_saved_model(tokenizer, seqkit, corpus, tmp_path):
    test = tmp_path / "test.txt"
    test.write_text("\n".join([*sentences(30, seed=5), "an odd line", ""]) + "\n")
    options = ["--data.valid", test, "--data.test", test, "--text.tokenizer", tokenizer]
    train(seqkit, corpus, tmp_path / "run", *options)
    found, score = (
        metrics(tmp_path / "run")["test"],
        sk.load(tmp_path / "run").score(test.read_text()),
    )
    for name in ("perplexity", "bits_per_character", "bits_per_byte", "tokens", "unknown"):
        assert found[name] == pytest.approx(getattr(score, name), rel=1e-5), name


def test_a_rerun_repeats_it_to_the_last_bit(seqkit, corpus, tmp_path):
    train(seqkit, corpus, tmp_path / "run", *CUT)
    assert seqkit("train", tmp_path / "run" / "config.json").code == 0
    again = tmp_path / "run-rerun"
    assert model_files(again) == model_files(tmp_path / "run")
    assert metrics(again)["test"] == metrics(tmp_path / "run")["test"]
    train(seqkit, corpus, tmp_path / "run", *CUT, "--order", "2")  # in its place
    assert metrics(tmp_path / "run")["ngrams"].keys() == {"1", "2"}


def test_lower_orders_are_measured_as_models_of_their_own(seqkit, corpus, tmp_path):
    train(seqkit, corpus, tmp_path / "all", *CUT, "--by-order")
    orders = metrics(tmp_path / "all")["orders"]
    assert orders["test"]["3"] == metrics(tmp_path / "all")["test"]
    for order in (1, 2):
        train(seqkit, corpus, tmp_path / "one", *CUT, "--order", order)
        for split in ("valid", "test"):
            assert orders[split][str(order)] == metrics(tmp_path / "one")[split]


@pytest.mark.parametrize("bits", [8, 4])
def test_a_quantised_model_states_its_loss(bits, seqkit, corpus, tmp_path):
    train(seqkit, corpus, tmp_path / "plain", *CUT)
    outcome = train(seqkit, corpus, tmp_path / "small", *CUT, "--quantize", bits)
    plain, found = metrics(tmp_path / "plain"), metrics(tmp_path / "small")
    assert found["others"]["not quantised"] == plain["test"]
    before, after = plain["test"]["perplexity"], found["test"]["perplexity"]
    assert (
        f"Quantised to {bits} bits: the test perplexity goes from {before:.3f} to {after:.3f}"
        in (outcome.out)
    )
    assert after == pytest.approx(before, rel=0.001 if bits == 8 else 0.1)
    sizes = [(tmp_path / name / "ngrams.bin").stat().st_size for name in ("plain", "small")]
    assert sizes[1] < sizes[0]
    assert "## Quantised" in (tmp_path / "small" / "report.md").read_text()


def test_a_model_without_smoothing_has_an_infinite_perplexity(seqkit, corpus, tmp_path):
    outcome = train(seqkit, corpus, tmp_path, *CUT, "--smoothing.method", "mle")
    found = metrics(tmp_path)["test"]
    assert found["perplexity"] is found["log_prob"] is found["perplexity_low"] is None
    assert 0 < found["impossible"] < found["tokens"] and found["perplexity_possible"] > 1
    assert "infinite" in outcome.out
    assert f"gives {found['impossible']} of them no probability at all" in outcome.out
    assert metrics(tmp_path)["others"]["unigram"]["perplexity"] > 1


def test_stupid_backoff_is_told_to_be_no_probability(seqkit, corpus, tmp_path):
    train(seqkit, corpus, tmp_path, *CUT, "--smoothing.method", "stupid-backoff")
    report = (tmp_path / "report.md").read_text()
    assert "**Before you trust this:** stupid-backoff gives scores that do not sum to 1" in report


def test_pruning_is_counted(seqkit, corpus, tmp_path):
    options = ["--smoothing.prune", "0", "0", "1"]
    train(seqkit, corpus, tmp_path, *CUT, *options)
    pruned, kept = metrics(tmp_path)["pruned"], metrics(tmp_path)["ngrams"]["3"]
    assert pruned[:2] == [0, 0] and 0 < pruned[2] < kept
    assert "| pruned |" in (tmp_path / "report.md").read_text()


def test_temporary_files_go_where_they_are_sent_and_away(seqkit, corpus, tmp_path):
    (tmp_path / "tmp").mkdir()
    train(seqkit, corpus, tmp_path / "run", *CUT, "--tmp", tmp_path / "tmp", "--memory", "16M")
    assert not any((tmp_path / "tmp").iterdir())
    assert sk.load(tmp_path / "run").score("the cat sees a dog .").perplexity < 20


# counting in parts


@pytest.fixture
def parts(seqkit, corpus, tmp_path):
    """Two folders of counts, of the halves of the corpus."""
    lines = corpus.read_text().splitlines(keepends=True)
    folders = []
    for number, half in enumerate((lines[:70], lines[70:])):
        (tmp_path / f"{number}.txt").write_text("".join(half))
        folders.append(tmp_path / f"part-{number}")
        outcome = train(seqkit, tmp_path / f"{number}.txt", folders[-1], *CUT, "--count-only")
        assert outcome.out.startswith(f"counts: {folders[-1]}/counts")
    return folders


@pytest.mark.parametrize("more", [[], ["--text.min-count", "2"], ["--text.max-vocab", "9"]])
def test_merged_counts_make_the_same_model(more, parts, seqkit, corpus, tmp_path):
    test = tmp_path / "test.txt"
    test.write_text("\n".join(sentences(30, seed=5)) + "\n")
    options = ["--data.valid", test, "--data.test", test, "--order", "3", *more]
    whole = ["--data.train", corpus, "--text.tokenizer", "whitespace"]
    assert seqkit("train", "ngram", *whole, *options, "--out", tmp_path / "whole").code == 0
    outcome = seqkit(
        "train",
        "ngram",
        "--merge",
        parts[0],
        parts[1] / "counts",
        *options,
        "--out",
        tmp_path / "m",
    )
    assert outcome.code == 0, outcome.err
    assert model_files(tmp_path / "m") == model_files(tmp_path / "whole")
    assert metrics(tmp_path / "m")["test"] == metrics(tmp_path / "whole")["test"]
    report = (tmp_path / "m" / "report.md").read_text()
    assert "**Before you trust this:** merged counts hold no text" in report


def test_counts_that_are_added_twice_are_told(parts, seqkit, corpus, tmp_path, caplog):
    shutil.copytree(parts[1] / "counts", tmp_path / "copy")
    folders = [parts[0], parts[1], parts[1] / "counts", tmp_path / "copy"]
    options = ["--order", "3", "--data.test", corpus, "--out", tmp_path / "m"]
    assert seqkit("train", "ngram", "--merge", *folders, *options).code == 0
    told = [line for line in caplog.messages if "counted twice" in line]
    same = f"of --merge holds the same as {parts[1]}"
    assert told == [f"counted twice: {name} {same}" for name in folders[2:]]
    assert (tmp_path / "m" / "report.md").read_text().count("trust this:** counted twice") == 2
    caplog.clear()
    options = ["--order", "3", "--count-only", "--out", tmp_path / "sum"]
    assert seqkit("train", "ngram", "--merge", *parts, *options).code == 0
    assert not any("twice" in line or "valid and test" in line for line in caplog.messages)
    assert seqkit("train", "ngram", "--merge", parts[0], parts[0], *options).code == 0
    assert sum(f"counted twice: {parts[0]}" in line for line in caplog.messages) == 1


def test_counts_can_be_merged_step_by_step_and_lowered(parts, seqkit, corpus, tmp_path):
    merged = tmp_path / "merged"
    options = ["--order", "3", "--count-only", "--out", merged]
    assert seqkit("train", "ngram", "--merge", *parts, *options).code == 0
    train(seqkit, corpus, tmp_path / "whole", *CUT, "--count-only")
    for path in (tmp_path / "whole" / "counts").iterdir():
        assert (merged / "counts" / path.name).read_bytes() == path.read_bytes()
    options = ["--data.test", corpus, "--order", "2", "--out", tmp_path / "low"]
    assert seqkit("train", "ngram", "--merge", merged, *options).code == 0
    assert metrics(tmp_path / "low")["ngrams"].keys() == {"1", "2"}
    assert "valid" not in metrics(tmp_path / "low")
