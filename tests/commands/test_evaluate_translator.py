"""`seqkit evaluate` of a translator: figures worked by hand, and sacrebleu."""

import json

import pytest
from translators import save_indifferent

import seqkit as library

PAIRS = "source\ttarget\na\tx\nb\ty\nb\tx\nc\ty\nc\ty y\n"
ONE = ["--beam", "1", "--max-tokens", "1"]  # the answer is always x


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text(PAIRS)
    return path


@pytest.fixture
def model(tmp_path):
    config = {"kind": "sequence", "bleu_tokenizer": "char"}
    return save_indifferent(tmp_path / "model", provenance={"config": config})


def test_sequences_by_hand(seqkit, model, pairs):
    """Three sources, x is among the answers to two of them; one edit to the three nearest."""
    heading, row = seqkit("evaluate", model, "--data", pairs, *ONE).out.splitlines()
    assert "sequences wrong %" in heading and "p (" not in heading
    assert row.startswith(str(model)) and "33.33 (" in row
    figures = json.loads(seqkit("evaluate", model, "--data", pairs, *ONE, "--json").out)
    assert figures["wer"] == pytest.approx(1 / 3) and figures["per"] == pytest.approx(1 / 3)
    assert figures["texts"] == 3


def test_translations_as_sacrebleu_measures_them(seqkit, model, pairs, tmp_path):
    sacrebleu = pytest.importorskip("sacrebleu", reason="needs the extra metrics")
    path = tmp_path / "pairs.jsonl"
    rows = [("a b c", "x x x x"), ("b a", "x x x y"), ("c", "x x y x x")]
    path.write_text("".join(json.dumps({"en": s, "de": t}) + "\n" for s, t in rows))
    options = ["--source-column", "en", "--target-column", "de", "--kind", "translation"]
    options += ["--beam", "1", "--max-tokens", "4", "--bleu-tokenizer", "13a"]
    out = seqkit("evaluate", model, "--data", path, *options).out
    wanted = sacrebleu.corpus_bleu(["x x x x"] * 3, [[target for _, target in rows]])
    assert f"{wanted.score:.2f} (" in out.splitlines()[1]
    assert "bleu: nrefs:1|case:mixed" in out and "tok:13a" in out and "chrf: nrefs:1" in out
    figures = json.loads(seqkit("evaluate", model, "--data", path, *options, "--json").out)
    assert figures["bleu"] == pytest.approx(wanted.score)
    # as it was trained, where nothing is said
    del options[-2:]
    assert "tok:char" in seqkit("evaluate", model, "--data", path, *options).out


def test_sentences_that_bleu_would_take_for_words_are_told(seqkit, model, tmp_path, caplog):
    pytest.importorskip("sacrebleu", reason="needs the extra metrics")
    path = tmp_path / "pairs.tsv"
    path.write_text("source\ttarget\na\t你看见安娜。\nb\t一只狗找到房子。\n")
    options = ["--data", path, *ONE, "--kind", "translation"]
    assert seqkit("evaluate", model, *options, "--bleu-tokenizer", "13a").code == 0
    (warning,) = caplog.messages
    assert "BLEU with the tokeniser 13a counts whole sentences as words" in warning
    caplog.clear()
    assert seqkit("evaluate", model, *options).code == 0 and not caplog.messages  # char, as trained
    assert seqkit("evaluate", model, "--data", path, *ONE).code == 0 and not caplog.messages


def test_decoding_options_reach_the_model(seqkit, model, pairs):
    found = [
        json.loads(seqkit("evaluate", model, "--data", pairs, *options, "--json").out)["wer"]
        for options in (ONE, ["--length-penalty", "0"])
    ]
    translator = library.load(model)
    assert translator.translate("a", length_penalty=0) == ""
    assert found == [pytest.approx(1 / 3), 1.0]


def test_pairs_without_a_side_are_left_out_and_told(seqkit, refused, model, tmp_path, caplog):
    path = tmp_path / "pairs.tsv"
    path.write_text("source\ttarget\na\tx\n\ty\nb\t \nc\tx\n")
    outcome = seqkit("evaluate", model, "--data", path, *ONE, "--json")
    assert json.loads(outcome.out)["texts"] == 2
    assert caplog.messages == [
        f"2 of 4 pairs are left out, a side of which is empty, the first at {path}:3"
    ]
    path.write_text("source\ttarget\n\ty\nb\t \n")
    message = refused("evaluate", model, "--data", path)
    assert message == f"{path}: none of its 2 pairs has text on both sides"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--beam", "0"], "beam 0: its width must be 1 or more"),
        (["--beam", "1", "--length-penalty", "1"], "length_penalty 1.0: beam 1 ranks nothing"),
        (["--bleu-tokenizer", "char"], "--bleu-tokenizer has no effect with answers that are"),
        (["--max-chars", "0"], "evaluate: --max-chars 0: must be 1 or more"),
        (["--label-column", "x"], "unknown option --label-column"),
        (["--kind", "sequences"], "did you mean 'sequence'?"),
    ],
)
def test_what_cannot_be(refused, model, pairs, options, message):
    assert message in refused("evaluate", model, "--data", pairs, *options)


def test_files_of_unequal_length(refused, model, tmp_path):
    (tmp_path / "t.en").write_text("a\nb\n")
    (tmp_path / "t.de").write_text("x\n")
    message = refused("evaluate", model, "--data", f"{tmp_path}/t.en,{tmp_path}/t.de")
    assert "t.en: 2 lines, and " in message and "t.de has 1" in message
