"""`seqkit inspect --units` from a saved model to the page."""

import base64
import io
import json
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from language_models import TEXT, save_model
from test_units_page import Reader

import seqkit as library
from seqkit.models.text_features import FEATURES


@pytest.fixture(scope="module")
def chars(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("models") / "chars", units="char")


@pytest.fixture
def inspected(seqkit, tmp_path):
    """Run the command; returns what it prints as JSON, the page read back, and its data."""

    def run(folder, text=TEXT, *options):
        (tmp_path / "text.txt").write_text(text)
        out = tmp_path / "page.html"
        where = ["--units", "--text", tmp_path / "text.txt", "--out", out]
        outcome = seqkit("inspect", folder, *where, "--json", *options)
        assert outcome.code == 0, outcome.err
        page = Reader(out.read_text())
        return json.loads(outcome.out), page, json.loads(page.data)

    return run


def values(data, layer, unit):
    """The activations of a unit, as the page has them."""
    packed = next(one for one in data["layers"] if one["number"] == layer)
    grid = np.frombuffer(base64.b64decode(packed["data"]), np.int8)
    grid = grid.reshape(len(packed["greatest"]), -1)
    return grid[unit] / 127 * packed["greatest"][unit]


def test_the_colours_are_the_states_after_each_token(inspected, chars):
    found, page, data = inspected(chars)
    model = library.load(chars)
    state, expected, surprises = model.start(1), [], []
    ids = [model.pipeline.vocab.encode(line, eos=True) for line in TEXT.splitlines()]
    log_probs, state = model.read(state, torch.tensor([[model.first]]))
    for id in [id for row in ids for id in row]:
        surprises.append(-log_probs[0, id].item() / np.log(2))
        log_probs, state = model.step(state, torch.tensor([id]))
        expected.append([state[0][0][0, 0, 3].item(), state[1][0][0, 0, 7].item()])
    assert found["tokens"] == page.tokens == len(expected) == len(TEXT)
    for column, (layer, unit) in enumerate([(1, 3), (2, 7)]):
        exact = np.array(expected)[:, column]
        assert values(data, layer, unit) == pytest.approx(exact, abs=abs(exact).max() / 200)
    assert data["surprise"] == pytest.approx(surprises, abs=0.006)
    assert page.lines == [line + "↵" for line in TEXT.splitlines()]


def test_line_breaks_of_a_table_end_lines_too(seqkit, chars, tmp_path):
    table, plain, out = tmp_path / "t.jsonl", tmp_path / "t.txt", tmp_path / "page.html"
    table.write_text(json.dumps({"text": TEXT}) + "\n")
    plain.write_text(TEXT)
    read = []
    for path in (table, plain):
        outcome = seqkit("inspect", chars, "--units", "--text", path, "--out", out, "--json")
        read.append((json.loads(outcome.out), Reader(out.read_text()).lines))
    assert read[0] == read[1]


def test_the_list_of_units(inspected, chars, seqkit, tmp_path):
    found, _, data = inspected(chars)
    assert [row["feature"] for row in found["features"]] == [*FEATURES, "surprise"]
    quotes = np.array([0] * 9 + [1] * 16 + [0] * (len(TEXT) - 25))
    best = found["features"][0]["units"]
    strengths = [abs(unit["correlation"]) for unit in best]
    assert strengths == sorted(strengths, reverse=True) and len(best) == 5
    top = best[0]
    exact = np.corrcoef(values(data, top["layer"], top["unit"]), quotes)[0, 1]
    assert top["correlation"] == pytest.approx(exact, abs=0.02)
    where = ["--units", "--text", tmp_path / "text.txt", "--out", tmp_path / "p.html"]
    page = seqkit("inspect", chars, *where).out
    line = next(line for line in page.splitlines() if "inside double quotes" in line)
    assert f"{top['layer']}:{top['unit']} {top['correlation']:+.2f}" in line


@pytest.mark.parametrize("units", ["word", "byte", "sentencepiece"])
@pytest.mark.parametrize("sentences", [False, True])
def test_every_kind_of_token(units, sentences, inspected, tmp_path):
    folder = save_model(tmp_path / "m", units=units, sentences=sentences)
    text = "The  cat, \x1b</script>é中🎉 \u202e\n\nunseen & ran\n"
    found, page, _ = inspected(folder, text)
    assert page.tokens == found["tokens"]
    shown = [line.rstrip("↵").replace("␛", "\x1b") for line in page.lines]
    assert shown == text.splitlines()
    assert len(page.spans) <= page.tokens


def test_gradient_by_lag(inspected, chars):
    _, _, data = inspected(chars)
    assert len(data["lags"]) == 2
    assert all(norm > 0 for norm in data["lags"][1][:5])


def test_a_text_too_short_for_the_gradient(inspected, tmp_path):
    folder = save_model(tmp_path / "m", sentences=True)
    found, _, data = inspected(folder, "cat\nThe\n")
    assert found["tokens"] == 2 and data["lags"] == []


def test_one_layer(inspected, chars):
    found, _, data = inspected(chars, TEXT, "--layer", "2")
    assert [layer["number"] for layer in data["layers"]] == [2]
    units = [unit for row in found["features"] for unit in row["units"]]
    assert {unit["layer"] for unit in units} == {2}


@pytest.mark.parametrize("most", [2, 25, 26, 27, 28, 29, len(TEXT), len(TEXT) + 1])
def test_the_beginning_of_a_long_text(most, inspected, chars, tmp_path):
    found, page, _ = inspected(chars, TEXT, "--max-tokens", most)
    count = min(most, len(TEXT))
    assert found["tokens"] == page.tokens == count
    assert "".join(page.spans).replace("↵", "\n") == TEXT[:count]
    heading = re.search(r"<p>(.*?)</p>", (tmp_path / "page.html").read_text())[1]
    assert ("the beginning of" in heading) == (count < len(TEXT))


def test_text_from_stdin(seqkit, chars, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"The cat\n")))
    where = ["--units", "--text", "-", "--out", tmp_path / "p.html"]
    assert "8 tokens" in seqkit("inspect", chars, *where).out


def test_what_cannot_be(refused, chars, saved_bag, tmp_path):
    (tmp_path / "t.txt").write_text("cat\n")
    (tmp_path / "empty.txt").write_text("\n")
    units = ["--units", "--text", tmp_path / "t.txt"]
    assert "give one with --text FILE" in refused("inspect", chars, "--units")
    assert "--text has no effect without --units" in refused("inspect", chars, "--text", "x")
    assert "--layer has no effect without" in refused("inspect", chars, "--layer", "1")
    assert "the layers 1 to 2" in refused("inspect", chars, *units, "--layer", "3")
    assert "--max-tokens 1" in refused("inspect", chars, *units, "--max-tokens", "1")
    assert "expected a LanguageModel" in refused("inspect", saved_bag, *units)
    short = ["--units", "--text", tmp_path / "empty.txt"]
    assert "fewer than 2 tokens" in refused("inspect", chars, *short)


def test_inspect_of_a_language_model_without_units(seqkit, chars):
    page = seqkit("inspect", chars).out
    assert page.startswith("LanguageModel, bundle format 1")
    assert "test: perplexity 2.5000" in page
