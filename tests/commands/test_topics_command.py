"""`seqkit topics`, and what `seqkit inspect` says of a topic model."""

import io
import json
import sys
from types import SimpleNamespace

import pytest

from seqkit.text import Normalizer, TextPipeline, Vocab, WordTokenizer
from seqkit.vectors.topics import TopicModel
from seqkit.vectors.word_vectors import WordVectors


@pytest.fixture
def model(tmp_path):
    pipeline = TextPipeline(
        Normalizer(case="lower"), WordTokenizer(), Vocab(["ship", "wave", "oven", "bread"])
    )
    table = [[9, 1], [6, 1], [1, 8], [1, 3]]
    made = TopicModel(table, pipeline, alpha=[0.5, 0.5], eta=1.0, facts={"topics": 2})
    made.save(tmp_path / "model")
    return tmp_path / "model"


def test_a_table_for_texts(seqkit, model):
    outcome = seqkit("topics", model, "Ship ship wave", "xyz", "--words", 2, "--least", 0.2)
    first, second = outcome.out.strip().split("\n\n")
    share, number, *words = first.split()
    assert number == "0" and words == ["ship", "wave"] and float(share.rstrip("%")) > 80
    assert second.startswith("no word of the vocabulary")
    even = seqkit("topics", model, "ship oven", "--least", 0.9).out
    assert even == "no topic has a share of 90.0% or more: lower --least\n"


def test_json(seqkit, model, tmp_path, monkeypatch):
    (tmp_path / "texts.txt").write_text("oven bread\nnothing\n")
    rows = [
        json.loads(line)
        for line in seqkit("topics", model, "--file", tmp_path / "texts.txt").out.splitlines()
    ]
    assert [row["text"] for row in rows] == ["oven bread", "nothing"]
    assert [row["known"] for row in rows] == [2, 0] and rows[1]["topics"] == []
    best = rows[0]["topics"][0]
    assert best["topic"] == 1 and best["words"] == ["oven", "bread", "ship", "wave"]
    assert json.loads(seqkit("topics", model, "oven bread", "--json").out) == rows[0]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"oven bread\n")))
    assert json.loads(seqkit("topics", model).out) == rows[0]


def test_inspect(seqkit, model):
    page = seqkit("inspect", model).out
    assert "TopicModel, bundle format 1" in page and "topics: 2, of 4 words" in page
    assert "ship wave oven bread" in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["a text", "--file", "x"], "give texts or --file, not both"),
        (["a text", "--words", "0"], "--words 0: must be 1 or more"),
        (["a text", "--least", "2"], "--least 2.0: a share lies in [0, 1]"),
        (["a text", "--max-chars", "0"], "--max-chars 0"),
    ],
)
def test_what_is_refused(options, message, refused, model):
    assert message in refused("topics", model, *options)


def test_another_kind(refused, model, tmp_path):
    WordVectors(["a"], [[1.0]]).save(tmp_path / "vectors")
    told = refused("topics", tmp_path / "vectors")
    assert "a WordVectors, expected a TopicModel: seqkit similar" in told
    assert "seqkit topics works with it" in refused("predict", model, "text")
