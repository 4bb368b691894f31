"""What the report of an n-gram model says and draws."""

import math

import numpy as np
import pytest

from seqkit.errors import DataError
from seqkit.train import ngram_report
from seqkit.train.language_report import language_headline
from seqkit.train.language_result import LanguageResult, TokenSum, language_rows
from seqkit.train.ngram_evaluation import Hits
from seqkit.train.ngram_report import ngram_sections, quantising_loss
from seqkit.train.plots import plot_hits, plot_orders


def result(name="model", *, nats=1.0, **options):
    tokens = np.full(50, 4)
    return LanguageResult(
        name=name,
        split="test",
        nats_by_line=tokens * (nats + np.linspace(-0.1, 0.1, 50)),
        tokens_by_line=tokens,
        characters=800,
        bytes=900,
        unknown=options.pop("unknown", 10),
        **options,
    )


def hits():
    tokens, nats = np.zeros(9, np.int64), np.zeros(9)
    tokens[[1, 3]], nats[[1, 3]] = [50, 150], [100 * math.log(10), math.inf]
    return Hits(tokens, nats)


def sections(folder, **options):
    given = {
        "sizes": [9, 1234],
        "facts": {"discounts": [[0.5, 1.0, 1.5], [0.25, 0.5, 0.75]], "pruned": [0, 7]},
        "hits": hits(),
        "orders": {},
        "plain": None,
        "model": result(),
        "seconds": {"read": 1.234},
        "disk": 2_500_000,
        "memory": 400_000_000,
    }
    return "\n".join(ngram_sections(folder, **given | options))


def test_what_it_tells(tmp_path, monkeypatch):
    monkeypatch.setattr(ngram_report, "_pictures", lambda *args: [])
    text = sections(tmp_path)
    assert "| 2 | 1,234 | 7 | 0.2500 | 0.5000 | 0.7500 |" in text
    assert "| 1 | 50 | 25.0% | 100.00 |" in text
    assert "| 3 | 150 | 75.0% | inf |" in text
    assert "| read | 1.23 |" in text
    assert "The model takes 2.5 MB on disk; the process held 400.0 MB at most." in text
    assert "By order" not in text and "Quantised" not in text
    assert "on disk." in sections(tmp_path, memory=None)
    shares = sections(tmp_path, facts={"shares": [[0.5], [0.25, 0.125]], "pruned": [0, 0]})
    assert "- 2: 0.250, 0.125" in shares and "pruned" not in shares and "discount" not in shares


def test_orders_are_compared_with_the_highest(tmp_path, monkeypatch):
    monkeypatch.setattr(ngram_report, "_pictures", lambda *args: [])
    orders = {"test": {1: result("order 1", nats=2.0), 2: result("order 2")}}
    rows = [line for line in sections(tmp_path, orders=orders).splitlines() if "order" in line]
    assert "p (against order 2)" in rows[-3]
    assert rows[-2].startswith("| order 2 |") and rows[-1].startswith("| order 1 |")


def test_the_loss_of_quantising():
    said = quantising_loss(result(nats=1.0), result(nats=1.1), bits=4, log_sum=math.log(1.01))
    assert said.startswith("Quantised to 4 bits: the test perplexity goes from 2.718 to 3.004 ")
    assert "(difference +0.286, 95% interval +0." in said
    assert said.endswith(
        "sum to 1.0100 on average of some contexts: with that set right it is about 3.03."
    )


def test_unknown_and_impossible_tokens_have_columns_where_there_are_some():
    known = TokenSum(190, 95.0)
    assert "without" not in str(language_rows([result(unknown=0, known=TokenSum(200, 200.0))]))
    rows = language_rows([result(known=known), result("unigram", impossible=40)])
    cells = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert cells[0]["perplexity without unknown"] == f"{math.exp(0.5):.2f} over 190"
    assert cells[1]["perplexity"] == cells[1]["bits/byte"] == "infinite"
    assert cells[1]["perplexity without impossible"].endswith("over 160")
    assert cells[1][rows[0][-1]] == "", "nothing to compare"


def test_a_headline_without_a_finite_perplexity():
    said = language_headline([result(impossible=40), result("unigram")])
    assert "no finite perplexity, for it gives 40 of them no probability at all" in said
    assert "the model is" not in said


# pictures

image = pytest.importorskip("PIL.Image", reason="Pillow comes with matplotlib")
pytest.importorskip("matplotlib", reason="needs the extra plot")


def drawn(path):
    with image.open(path) as picture:
        return picture.format == "PNG" and np.asarray(picture.convert("L")).std() > 1


def test_pictures(tmp_path):
    orders = {"test": {1: result("order 1", nats=2.0), 2: result("order 2")}}
    text = sections(tmp_path, orders=orders)
    for name in ("hits.png", "orders.png"):
        assert name in text and drawn(tmp_path / name)
    infinite = {"test": {1: result(impossible=3)}}
    assert "orders.png" not in sections(tmp_path, orders=infinite)


@pytest.mark.parametrize("values", [{1: math.inf, 2: 5.0}, {3: 7.0}])
def test_orders(values, tmp_path):
    plot_orders({"valid": values, "test": {1: 3.0}}, tmp_path / "orders.png")
    assert drawn(tmp_path / "orders.png")


def test_hits_that_cost_nothing_or_everything(tmp_path):
    plot_hits({1: 0.5, 2: 0.5}, {1: math.inf, 2: 1.0}, tmp_path / "hits.png")
    plot_hits({1: 1.0}, {1: math.inf}, tmp_path / "hits.png")
    assert drawn(tmp_path / "hits.png")


def test_nothing_to_draw(tmp_path):
    with pytest.raises(DataError, match="no finite perplexity"):
        plot_orders({"test": {1: math.inf}}, tmp_path / "x.png")
    with pytest.raises(DataError, match="no token"):
        plot_hits({}, {}, tmp_path / "x.png")
