"""Snippets: by hand, and what holds for any text."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError
from seqkit.search.analysis import AnalysisConfig, Analyzer
from seqkit.search.parsing import parse
from seqkit.search.snippets import highlight

ENGLISH = Analyzer(AnalysisConfig(stopwords="english", stemmer="english"))


def show(text, query, **options):
    marks = {"before": "[", "after": "]", "html": False}
    return highlight(text, parse(query), ENGLISH, **marks | options)


@pytest.mark.parametrize(
    ("text", "query", "snippet"),
    [
        ("A jet engine. Jets!", "jets", "A [jet] engine. [Jets]!"),
        ("a\n\n jet \t wing ", "wing", "a jet [wing]"),
        ("nothing here", "jet", "nothing here"),
        ("", "jet", ""),
        ("heat and heat transfer", '"heat transfer"', "heat and [heat] [transfer]"),
        ("statue of liberty, statue", '"statue of liberty"', "[statue] of [liberty], statue"),
        ("aeroelastic air", "aero*", "[aeroelastic] air"),
        ("wife, wi fi, wi-fis", "wi-f*", "wife, [wi] [fi], [wi]-[fis]"),
        ("state of the arts of state", "state-of-the-ar*", "[state] of the [arts] of state"),
        ("我的华为手机很好", "华为手*", "我的[华为手]机很好"),
        ("jet wing", "+jet -wing", "[jet] wing"),
        ("jet wing", "(jet OR year) title:wing", "[jet] [wing]"),
        ("我的华为手机很好", "华为手机", "我的[华为手机]很好"),
        ("Jet & <b>", "jet", "[Jet] & <b>"),
    ],
)  # fmt: skip
def test_by_hand(text, query, snippet):
    assert show(text, query) == snippet


def test_markup_of_the_text_is_escaped():
    shown = highlight("a jet < b & c > d", "jet", ENGLISH)
    assert shown == "a <b>jet</b> &lt; b &amp; c &gt; d"


def test_the_window_with_most_of_the_query_is_shown():
    text = "jet jet " + "and so on " * 40 + "heat in a jet engine " + "and so on " * 40
    snippet = show(text, "jet heat engine", width=60)
    assert "[heat] in a [jet] [engine]" in snippet
    assert snippet.startswith("…") and snippet.endswith("…")
    assert re.sub(r"[\[\]…]", "", snippet) in text
    assert len(re.sub(r"[\[\]…]", "", snippet)) <= 60


def test_plain_text_is_a_query_without_syntax():
    assert highlight("a jet", 'no) "jet', ENGLISH, before="[", after="]") == "a [jet]"


def test_only_the_beginning_of_a_long_text_is_read():
    assert "[" not in show("a " * 100_000 + "jet", "jet")


@given(
    st.lists(st.sampled_from(["jet", "wing", "and", "long" * 9, "\n", "华为", "é"]), max_size=60),
    st.sampled_from(["jet", "wing jet", '"jet wing"', "华为", "lon*", "x"]),
    st.integers(1, 80),
)
def test_a_snippet_is_a_part_of_the_text(words, query, width):
    text = " ".join(words)
    plain = re.sub(r"[\[\]…]", "", show(text, query, width=width))
    assert plain in " ".join(text.split())
    longest = max((len(word) for word in words), default=0)
    assert len(plain) <= max(width, longest + 4)


@given(st.text("jet <&>\n", max_size=40))
def test_without_the_marks_it_is_the_escaped_text(text):
    snippet = highlight(text, "jet", ENGLISH)
    plain = html.unescape(snippet.replace("<b>", "").replace("</b>", ""))
    assert plain.split() == text.split()


def test_a_width_is_above_zero():
    with pytest.raises(ConfigError, match="width 0"):
        show("jet", "jet", width=0)
