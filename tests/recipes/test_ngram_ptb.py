"""The published figures of KenLM on the Penn Treebank, through the whole recipe."""

import json
import os

import pytest

pytest.importorskip("numba", reason="needs the extra ngram")

FIGURES = {  # perplexity of KenLM's modified Kneser-Ney by order: valid, test
    "3": (157.765, 148.281),
    "5": (148.007, 141.186),
}


@pytest.mark.skipif("SEQKIT_DATA" not in os.environ, reason="SEQKIT_DATA is not set")
def test_perplexities_are_those_of_kenlm(seqkit, tmp_path, no_pictures):
    folder = f"{os.environ['SEQKIT_DATA']}/ptb"
    options = [
        part
        for name in ("train", "valid", "test")
        for part in (f"--data.{name}", f"{folder}/ptb.{name}.txt.gz")
    ]
    outcome = seqkit("train", "ngram", "ptb", *options, "--by-order", "--out", tmp_path)
    assert outcome.code == 0, outcome.err
    orders = json.loads((tmp_path / "metrics.json").read_text())["orders"]
    for order, (valid, test) in FIGURES.items():
        assert orders["valid"][order]["perplexity"] == pytest.approx(valid, abs=0.01)
        assert orders["test"][order]["perplexity"] == pytest.approx(test, abs=0.01)
        assert orders["test"][order]["tokens"] == 82_430
        assert orders["test"][order]["unknown"] == 0
