import sys

import pytest
from awkward import any_text, relaxed
from hypothesis import given

from seqkit.errors import ConfigError
from seqkit.text import SpacyTokenizer

spacy = pytest.importorskip("spacy")
pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def english():
    return SpacyTokenizer("en")


def test_cuts_as_spacy_does(english):
    text = "I don't know  Mr. O'Neill's e-mail.\n\nDo you?"
    reference = [token for token in spacy.blank("en")(text) if not token.is_space]
    assert english(text) == [token.text for token in reference]
    assert [start for _, start, _ in english.spans(text)] == [token.idx for token in reference]
    assert english.options() == {"model": "en"} and english.to_files() == {}


@given(text=any_text)
@relaxed
def test_offsets_cover_the_token(english, text):
    spans = english.spans(text)
    assert [token.text for token in spans] == english(text)
    assert all(text[start:end] == token for token, start, end in spans)
    assert "".join(english(text)) == "".join(text.split())


def test_many_is_one_by_one(english):
    texts = ["I can't.", "", "a\ud800b 👩🏽‍🚀", "x y"] * 40
    assert list(english.many(iter(texts))) == [english(text) for text in texts]


def test_join_is_readable(english):
    assert english.join(english("Well, I see!")) == "Well, I see!"


def test_a_megabyte_on_one_line(english):
    assert len(english("word " * 210_000)) == 210_000


def test_another_language():
    assert SpacyTokenizer("zh")("我爱北京") == ["我", "爱", "北", "京"]


def test_an_installed_model(tmp_path, monkeypatch):
    """A package as `spacy download` installs it, with rules of its own."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.tokenizer.rules = {}
    (tmp_path / "en_toy").mkdir()
    nlp.to_disk(tmp_path / "en_toy" / "en_toy-1.0")
    code = (
        "from spacy.util import load_model_from_init_py\n"
        "def load(**overrides):\n"
        "    return load_model_from_init_py(__file__, **overrides)\n"
    )
    (tmp_path / "en_toy" / "__init__.py").write_text(code)
    meta = (tmp_path / "en_toy" / "en_toy-1.0" / "meta.json").read_text()
    meta = meta.replace('"name":"pipeline"', '"name":"toy"').replace('"0.0.0"', '"1.0"')
    (tmp_path / "en_toy" / "meta.json").write_text(meta)
    (tmp_path / "en_toy-1.0.dist-info").mkdir()
    (tmp_path / "en_toy-1.0.dist-info" / "METADATA").write_text("Name: en_toy\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    tokenizer = SpacyTokenizer("en_toy")
    assert tokenizer("I don't") == ["I", "don't"]
    assert tokenizer._nlp.pipe_names == []


def test_a_name_that_is_no_model():
    with pytest.raises(ConfigError, match="spacy model 'en_core_web_xxl': neither") as error:
        SpacyTokenizer("en_core_web_xxl")
    assert "\n" not in str(error.value)


def test_spacy_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ConfigError, match=r'pip install "seqkit\[spacy\]"'):
        SpacyTokenizer()
