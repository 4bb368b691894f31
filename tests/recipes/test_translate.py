"""The recipe translate on tiny pairs: pinned losses, the run's folder, what its options do."""

import json
import math

import pytest
from stopped import check, stop_at
from tiny import PAIR_STATEFUL, log, losses, result

import seqkit as sk

pytestmark = pytest.mark.usefixtures("no_pictures")

WORDS = """
    --source.tokenizer char --target.tokenizer whitespace --kind sequence --model.dim 6
    --model.encoder-hidden 4 --model.decoder-hidden 8 --model.dropout 0.1 --optim.lr 0.03
    --batch-tokens 256 --epochs 2 --baselines copy lexicon --decoding.beam 2 --device cpu
"""
KINDS = {
    "general": f"{WORDS} --model.attention general --model.no-input-feeding --model.cell gru",
    "fed": f"{WORDS} --model.attention dot --model.bridge last --average.ema 0.8",
    "none": f"{WORDS} --model.attention none --model.bridge last --model.cell tanh",
    "fixed": f"{WORDS} --model.attention fixed --model.tied none --label-smoothing 0",
    "stateful": " ".join(PAIR_STATEFUL),
}
PINNED: dict[str, list[float]] = {
    "general": [2.372821, 2.156720, 2.200332, 2.074255],
    "fed": [2.386045, 2.204723, 2.219163, 2.102540],
    "none": [2.388430, 2.216089, 2.228824, 2.134818],
    "fixed": [2.326275, 2.104570, 2.113291, 2.078541],
    "stateful": [2.292809, 2.018500, 2.100683, 1.876155, 2.056866, 1.719992, 1.982849, 1.703367],
}


def train(seqkit, pairs_file, out, *options):
    outcome = seqkit("train", "translate", "--data.train", pairs_file, "--out", out, *options)
    assert outcome.code == 0, outcome.err
    return outcome


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


@pytest.mark.parametrize("kind", KINDS)
def test_losses_are_pinned(kind, seqkit, pairs_file, tmp_path):
    train(seqkit, pairs_file, tmp_path, *KINDS[kind].split())
    assert losses(tmp_path) == pytest.approx(PINNED[kind], rel=1e-4)


def test_a_rerun_repeats_it_to_the_last_digit(seqkit, pairs_file, tmp_path):
    folder = tmp_path / "run"
    train(seqkit, pairs_file, folder, *PAIR_STATEFUL)
    assert seqkit("train", folder / "config.json").code == 0
    assert result(tmp_path / "run-rerun") == result(folder)


def test_what_a_run_leaves(seqkit, pairs_file, tmp_path, caplog):
    caplog.set_level("INFO", logger="seqkit")
    train(seqkit, pairs_file, tmp_path, *KINDS["general"].split())
    figures = metrics(tmp_path)
    assert {"valid", "test", "baselines", "audit", "filtered", "seconds"} <= set(figures)
    assert {"wer", "per", "exact", "intervals", "texts"} <= set(figures["test"])
    assert set(figures["baselines"]) == {"copy", "lexicon"}
    assert "% padding" in caplog.text and "0 of train filtered out" in caplog.text
    report = (tmp_path / "report.md").read_text()
    assert "sequences wrong %" in report and "lexicon" in report and "## Samples" in report
    bundle = json.loads((tmp_path / "bundle.json").read_text())
    assert bundle["kind"] == "Translator" and bundle["metrics"]["test"] == figures["test"]
    model = sk.load(tmp_path)
    assert (model.max_tokens, model.usual, model.ratio) == (6, 6, 1.0)
    answers = model.translate_many(["abba", "", "cafe"], beam=2)
    assert [answer.source for answer in answers] == ["abba", "", "cafe"] and not answers[1].text


def test_a_model_learns_the_rules(seqkit, pairs_file, tmp_path):
    options = [*KINDS["general"].split(), "--epochs", "30", "--batch-tokens", "128"]
    sizes = ["--model.dim", "16", "--model.encoder-hidden", "16", "--model.decoder-hidden", "32"]
    train(seqkit, pairs_file, tmp_path, *options, *sizes)
    figures = metrics(tmp_path)
    assert figures["test"]["per"] < 0.3 < figures["baselines"]["copy"]["per"]


def test_translations_have_bleu_with_its_signature(seqkit, pairs_file, tmp_path):
    pytest.importorskip("sacrebleu")
    options = KINDS["general"].replace("--kind sequence", "--metric bleu").split()
    outcome = train(seqkit, pairs_file, tmp_path, *options, "--bleu-tokenizer", "none")
    figures = metrics(tmp_path)["test"]
    assert "tok:none" in figures["signatures"]["bleu"] in outcome.out
    assert 0 <= figures["bleu"] <= 100 and figures["intervals"]["bleu"][0] <= figures["bleu"]
    rows = [row for row in log(tmp_path) if row["event"] == "epoch"]
    assert all({"valid_bleu", "valid_chrf", "valid_loss"} <= set(row) for row in rows)


def test_a_vocabulary_for_both_sides(seqkit, pairs_file, tmp_path):
    options = [*WORDS.split(), "--shared-vocab", "--model.tied", "all"]
    options[options.index("--target.tokenizer") : options.index("--kind")] = []
    train(seqkit, pairs_file, tmp_path, *options)
    model = sk.load(tmp_path)
    assert model.source is model.target
    network = model.network
    assert network.source_embedding.weight is network.output.weight


def test_the_check_before_training_changes_nothing(seqkit, pairs_file, tmp_path, caplog):
    caplog.set_level("INFO", logger="seqkit")
    options = KINDS["general"].replace("--model.dropout 0.1", "--model.dropout 0").split()
    train(seqkit, pairs_file, tmp_path / "plain", *options)
    train(seqkit, pairs_file, tmp_path / "checked", *options, "--check")
    assert "one batch learnt by heart" in caplog.text
    assert losses(tmp_path / "checked") == losses(tmp_path / "plain")


def test_micro_batches_give_the_same_losses(seqkit, pairs_file, tmp_path):
    options = KINDS["general"].replace("--model.dropout 0.1", "--model.dropout 0").split()
    train(seqkit, pairs_file, tmp_path / "one", *options)
    train(seqkit, pairs_file, tmp_path / "three", *options, "--accumulate", "3")
    assert losses(tmp_path / "three") == pytest.approx(losses(tmp_path / "one"), rel=1e-4)


def test_filters_leave_valid_and_test_whole(seqkit, pairs_file, tmp_path, caplog):
    caplog.set_level("INFO", logger="seqkit")
    options = [*KINDS["general"].split(), "--filter.max-tokens", "4"]
    train(seqkit, pairs_file, tmp_path, *options)
    figures = metrics(tmp_path)
    assert figures["filtered"]["source too long"] > 0
    assert f"{figures['filtered']['source too long']} source too long" in caplog.text
    assert figures["audit"] and figures["test"]["texts"] > 10
    assert sk.load(tmp_path).max_tokens == 4


@pytest.mark.parametrize("step", [3, 14])
def test_a_stopped_run_goes_on_as_if_it_had_not(step, seqkit, pairs_file, tmp_path, monkeypatch):
    options = ["train", "translate", *PAIR_STATEFUL, "--data.train", pairs_file]
    assert seqkit(*options, "--out", tmp_path / "whole").code == 0
    with monkeypatch.context() as patch:
        stop_at(patch, step)
        stopped = seqkit(*options, "--out", tmp_path / "cut", "--checkpoint-seconds", "0")
    assert stopped.code == 130
    assert seqkit(*options, "--out", tmp_path / "cut", "--resume").code == 0
    check(result(tmp_path / "whole"), tmp_path / "cut")


def test_the_stateful_run_has_every_state(seqkit, pairs_file, tmp_path):
    """Or the tests of resuming would prove little."""
    train(seqkit, pairs_file, tmp_path, *PAIR_STATEFUL)
    rates = [row["lr"] for row in log(tmp_path) if row["event"] == "step"]
    assert rates and all(map(math.isfinite, rates))
    assert len(losses(tmp_path)) == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--baselines moses", "--baselines 'moses': choose from copy, lexicon, nearest"),
        ("--epochs 0", "--epochs 0: must be 1 or more"),
        ("--label-smoothing 1", "--label-smoothing 1.0: must lie in [0, 1)"),
        ("--metric wer", "--metric wer: with --kind translation it is loss, bleu, chrf"),
        ("--average.ema 0.9 --average.last 2", "only one average can be evaluated"),
        ("--model.attention none --model.bridge zero", "nothing of the source would reach"),
        ("--model.residual", "--model.residual has no effect with one layer"),
        ("--decoding.beam 1 --decoding.length-penalty 0.5", "has no effect with --decoding.beam 1"),
        ("--average.last 1", "--average.last 1: the last epoch alone is no average"),
        ("--model.tied all", "--model.tied all: the two sides share one table"),
        ("--shared-vocab --target.tokenizer char", "--target.*: with --shared-vocab"),
        ("--decoding.beam 0", "beam 0"),
        ("--model.attention none --decoding.coverage-penalty 0.2", "none covers nothing"),
        ("--model.attention fixed --decoding.unknown source", "does not tell which token"),
        ("--model.attention none --model.no-input-feeding", "--model.input-feeding has no effect"),
        ("--model.attention dot --model.attention-hidden 9", "--model.attention-hidden"),
        ("--kind sequence --bleu-tokenizer zh", "--bleu-tokenizer"),
        ("--batch-tokens 0", "batch_tokens 0"),
        ("--filter.max-tokens 0", "--filter.max-tokens 0: must be 1 or more"),
        ("--model.attention dot --model.decoder-hidden 100", "attention dot multiplies"),
        ("--precision fp16 --device cpu", "precision fp16 is for GPUs"),
    ],
)
def test_what_is_refused_before_any_work(options, message, refused, tmp_path):
    line = refused("train", "translate", "--out", tmp_path / "run", *options.split())
    assert message in line
    assert not (tmp_path / "run").exists()
