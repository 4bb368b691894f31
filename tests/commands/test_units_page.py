"""The page of `inspect --units`, read back: its text, its tokens, its numbers, any characters."""

import base64
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.commands.units_page import Page, render
from seqkit.models.units import Track
from seqkit.text import ByteTokenizer, CharTokenizer, Vocab, WhitespaceTokenizer, WordTokenizer
from seqkit.text.tokenizer import Token

HOSTILE = (
    "</script><script>alert(1)</script> <!-- & &amp; @@DATA@@ \x00\x1b\x85\u2028 \ud800 א \u202e"
)
TOKENIZERS = [CharTokenizer(), WordTokenizer(), WhitespaceTokenizer(), ByteTokenizer()]


class Reader(HTMLParser):
    """Collects what a browser would: the text of each line, its spans, and the data."""

    def __init__(self, page):
        super().__init__()
        self.lines, self.spans, self.tokens, self.data = [], [], 0, ""
        self.inside, self.foreign = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.foreign += [name for name in ("src", "href", "onclick") if name in attributes]
        if tag == "div" and attributes.get("dir") == "auto":
            self.lines.append("")
            self.inside.append("line")
        elif tag == "span" and "line" in self.inside:
            self.tokens += int(attributes.get("data-n", 1))
            self.spans.append("")
            self.inside.append("span")
        elif tag == "script":
            self.inside.append(attributes.get("id", "code"))

    def handle_endtag(self, tag):
        opened = {"div": "line", "span": "span"}.get(tag)
        if tag == "script" or self.inside[-1:] == [opened]:
            self.inside.pop()

    def handle_data(self, data):
        if "line" in self.inside:
            self.lines[-1] += data
        if "span" in self.inside:
            self.spans[-1] += data
        if "data" in self.inside:
            self.data += data


def made(text, tokenizer, *, line_ends=True):
    """A page of a text with activations of two layers, and what was put in."""
    lines = text.split("\n")
    spans = [tokenizer.spans(line) for line in lines]
    known = Vocab(sorted({token.text for row in spans for token in row if token.text != "rare"}))
    ids = [known.encode((t.text for t in row), eos=line_ends) for row in spans]
    count = sum(map(len, ids))
    rng = np.random.default_rng(1)
    layers = {2: rng.normal(size=(count, 3)), 3: np.zeros((count, 2))}
    page = Page(
        lines=lines,
        spans=spans,
        ids=ids,
        layers={number: units.astype(np.float32) for number, units in layers.items()},
        surprise=np.arange(count, dtype=np.float32),
        tracks={"digit": [Track(2, 1, 0.51239)], "white space": []},
        lags=[[1.0, 0.5, float("inf")], [2.0, 0.0, float("nan")]],
    )
    return page, count


def test_text_and_tokens_come_back():
    page, count = made('He said: "rare 1".\n\n  end', WordTokenizer())
    found = Reader(render(page, about="m reading f").decode())
    assert found.lines == ['He said: "rare 1".↵', "↵", "  end↵"]
    assert " ".join(found.spans) == 'He said : " rare 1 " . ↵ ↵ end ↵'
    assert found.tokens == count == len(found.spans)
    assert found.foreign == []


def test_the_numbers_come_back():
    page, count = made("a b\nc", CharTokenizer())
    data = json.loads(Reader(render(page, about="").decode()).data)
    assert [layer["number"] for layer in data["layers"]] == [2, 3]
    for layer, units in zip(data["layers"], page.layers.values(), strict=True):
        packed = np.frombuffer(base64.b64decode(layer["data"]), np.int8).reshape(-1, count)
        greatest = np.array(layer["greatest"])[:, None]
        assert greatest.ravel() == pytest.approx(np.abs(units).max(0), rel=1e-3)
        assert packed / 127 * greatest == pytest.approx(units.T, abs=float(greatest.max()) / 200)
    assert data["surprise"] == [0, 1, 2, 3, 4, 5]
    assert data["tracks"] == [
        {"feature": "digit", "units": [[2, 1, 0.5124]]},
        {"feature": "white space", "units": []},
    ]
    assert data["lags"] == [[1, 0.5, None], [2, 0, None]]  # JSON has no infinity


def test_the_bytes_of_a_character_are_one_stretch():
    page, count = made("aé中", ByteTokenizer(), line_ends=False)
    found = Reader(render(page, about="").decode())
    assert (found.spans, found.tokens, count) == (["a", "é", "中"], 6, 6)


def test_a_token_that_covers_nothing_goes_with_its_neighbour():
    lines, spans = ["ab", ""], [[Token("▁", 0, 0), Token("ab", 0, 2)], [Token("▁", 0, 0)]]
    page = Page(
        lines=lines,
        spans=spans,
        ids=[[4, 5], [4]],
        layers={1: np.zeros((3, 1), np.float32)},
        surprise=np.zeros(3, np.float32),
        tracks={},
        lags=[],
    )
    found = Reader(render(page, about="").decode())
    assert (found.lines, found.spans, found.tokens) == (["ab", ""], ["ab", ""], 3)


def test_unknown_words_are_marked():
    page, _ = made("a rare b", WordTokenizer())
    assert '<span class="u">rare</span>' in render(page, about="").decode()


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=lambda t: t.name)
def test_hostile_text_stays_text(tokenizer):
    page, count = made(HOSTILE, tokenizer)
    content = render(page, about=HOSTILE).decode()
    found = Reader(content)
    shown = HOSTILE.replace("\x00", "␀").replace("\x1b", "␛").replace("\x85", "\ufffd")
    assert found.lines == [shown.replace("\ud800", "\ufffd") + "↵"]
    assert found.tokens == count
    assert content.count("<script") == 2 and content.count("</script>") == 2
    assert json.loads(found.data)["surprise"][-1] == count - 1


@settings(max_examples=50)
@given(st.text(), st.sampled_from(TOKENIZERS), st.booleans())
def test_any_text(text, tokenizer, line_ends):
    page, count = made(text or "x", tokenizer, line_ends=line_ends)
    if count:
        assert Reader(render(page, about=text).decode()).tokens == count


def test_the_page_needs_no_network_and_its_script_parses(tmp_path):
    content = render(made("a b", WordTokenizer())[0], about="m").decode()
    assert "default-src 'none'" in content and "prefers-color-scheme: dark" in content
    assert set(re.findall(r"https?://[^\"]*", content)) == {"http://www.w3.org/2000/svg"}
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here to parse the script")
    script = tmp_path / "page.js"
    script.write_text(re.findall(r"<script>(.*?)</script>", content, re.DOTALL)[0])
    subprocess.run([node, "--check", script], check=True)
