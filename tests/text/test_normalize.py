import html.parser
import itertools
import time
import unicodedata

import pytest
from awkward import MEGABYTES, any_text, relaxed
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError
from seqkit.text import Normalizer

OFF = Normalizer(unicode="none")


@pytest.mark.parametrize(
    ("switches", "text", "expected"),
    [
        ({}, "e\u0301 ﬁ Ａ", "é ﬁ Ａ"),
        ({"unicode": "nfkc"}, "e\u0301 ﬁ Ａ x²", "é fi A x2"),
        ({"unicode": "none"}, "e\u0301", "e\u0301"),
        ({"case": "lower"}, "Straße ΑΣ İ", "straße ας i̇"),
        ({"case": "fold"}, "Straße", "strasse"),
        ({"whitespace": True}, "\t a \u3000 b\r\n", "a b"),
        ({"html": True}, "a<br />b &lt;i&gt; AT&amp;T&#33; <p class='x'>", "a b <i> AT&T!  "),
        ({"html": True}, "1 < 2 and 3 > 2, a<b", "1 < 2 and 3 > 2, a<b"),
        ({"html": True}, "x<!-- a <b>c</b> -->y<!DOCTYPE html>z <!-- open", "x y z <!-- open"),
        ({"html": True}, "&nosuchthing; &copy &#x110000;", "&nosuchthing; © \ufffd"),
        ({"urls": True}, "see https://x.org/a?b=(c). or", "see <url>. or"),
        ({"urls": True}, "Www.x.org, ann.b+c@x.co.uk!", "<url>, <url>!"),
        ({"urls": True}, "看http://x.org/a看", "看<url>看"),
        ({"urls": True}, "a@b ww. :// www. x@.org", "a@b ww. :// www. x@.org"),
        ({"numbers": True}, "$1,000.50, 12:30, covid19, ٣٤.", "$0, 0:0, covid0, 0."),
    ],
)
def test_hand_worked_examples(switches, text, expected):
    assert Normalizer(**switches)(text) == expected


def test_steps_run_in_the_documented_order():
    every = Normalizer(
        unicode="nfkc", case="fold", whitespace=True, html=True, urls=True, numbers=True
    )
    assert every("<b>&#87;WW.X.org/1</b>  １２ &nbsp; ẞ") == "<url> 0 ss"


@given(any_text)
@relaxed
def test_unicode_and_case_agree_with_the_standard_library(text):
    assert OFF(text) == text
    assert Normalizer()(text) == unicodedata.normalize("NFC", text)
    assert Normalizer(unicode="nfkc")(text) == unicodedata.normalize("NFKC", text)
    assert Normalizer(unicode="none", case="lower")(text) == text.lower()
    assert Normalizer(unicode="none", case="fold")(text) == text.casefold()
    assert Normalizer(unicode="none", whitespace=True)(text) == " ".join(text.split())


@given(any_text, st.data())
@relaxed
def test_idempotent_without_html(text, data):
    normalizer = Normalizer(
        unicode=data.draw(st.sampled_from(["none", "nfc", "nfkc"])),
        case=data.draw(st.sampled_from(["keep", "lower", "fold"])),
        whitespace=data.draw(st.booleans()),
        urls=data.draw(st.booleans()),
        numbers=data.draw(st.booleans()),
    )
    once = normalizer(text)
    assert normalizer(once) == once


def test_unicode_and_case_are_idempotent_on_every_character():
    every = "\n".join(map(chr, itertools.chain(range(0x20000), range(0xE0000, 0xE0200))))
    for form, case in itertools.product(["nfc", "nfkc"], ["keep", "lower", "fold"]):
        normalizer = Normalizer(unicode=form, case=case)
        once = normalizer(every)
        assert normalizer(once) == once


class _Reference(html.parser.HTMLParser):
    """The standard library's parser, putting a space for each tag."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.out = []
        self.feed(text)
        self.close()

    def handle_data(self, data):
        self.out.append(data)

    def handle_starttag(self, tag, attrs):
        self.out.append(" ")

    def handle_startendtag(self, tag, attrs):
        self.out.append(" ")

    def handle_endtag(self, tag):
        self.out.append(" ")

    def handle_comment(self, data):
        self.out.append(" ")


@given(
    st.lists(
        st.sampled_from(
            ["<b>", "</b>", "<br/>", '<a href="x.org">', "<!-- c -->", "&amp;", "&#33;", "&eacute;"]
        )
        | st.text("abc .!", max_size=5)
    ).map("".join)
)
@relaxed
def test_html_agrees_with_the_standard_parser(text):
    assert Normalizer(html=True)(text) == "".join(_Reference(text).out)


def test_a_reference_of_many_digits_is_left_alone():
    text = "&#" + "1" * 5000 + ";"
    assert "1" * 4000 in Normalizer(html=True)(text)


@pytest.mark.parametrize("kind", MEGABYTES)
def test_a_megabyte_on_one_line(kind):
    normalizer = Normalizer(
        unicode="nfkc", case="fold", whitespace=True, html=True, urls=True, numbers=True
    )
    start = time.perf_counter()
    normalizer(MEGABYTES[kind])
    normalizer(MEGABYTES[kind][:-3] + "-->")
    assert time.perf_counter() - start < 20  # linear is 0.3 s, quadratic is hours


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"case": "lowr"}, "case 'lowr': choose from fold, keep, lower (did you mean 'lower'?)"),
        ({"unicode": "NFC"}, "unicode 'NFC': choose from nfc, nfkc, none"),
        ({"html": "yes"}, "html 'yes': give True or False"),
    ],
)
def test_a_wrong_switch_fails_at_construction(switches, message):
    with pytest.raises(ConfigError) as error:
        Normalizer(**switches)
    assert str(error.value) == message
