import itertools
import re
import time

import pytest
from awkward import MEGABYTES, any_text, ascii_text, relaxed
from hypothesis import given
from hypothesis import strategies as st

from seqkit.text import WordTokenizer, scripts, word
from seqkit.text.links import may_hold_link

TOKENIZER = WordTokenizer()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("Don't stop, it’s O'Neill's!", "Don't|stop|,|it’s|O'Neill's|!"),
        ("'tis the dogs' well-known snake_case", "'|tis|the|dogs|'|well|-|known|snake|_|case"),
        ("$1,000.50 3.5mm v1.2. 1,a 12:30", "$|1,000.50|3.5mm|v1.2|.|1|,|a|12|:|30"),
        (
            "http://x.org/a_(b). (http://x.org/a). WWW.x.org? www.",
            "http://x.org/a_(b)|.|(|http://x.org/a|)|.|WWW.x.org|?|www|.",
        ),
        ("ann.b@x.co.uk, @joe_x @ 5 #win1 #1", "ann.b@x.co.uk|,|@joe_x|@|5|#win1|#|1"),
        (":-) :D :Dog ;p =/ :// x:(", ":-)|:D|:|Dog|;p|=/|:|/|/|x|:("),
        ("<3 </3 <unk> </br> a<b ^_^ -_- --", "<3|</3|<unk>|<|/|br|>|a|<|b|^_^|-_-|-|-"),
        ("👩🏽‍🚀👍🏽👍 ❤️‍🔥 🇫🇷🇩🇪 1️⃣2️⃣ #️⃣", "👩🏽‍🚀|👍🏽|👍|❤️‍🔥|🇫🇷|🇩🇪|1️⃣|2️⃣|#️⃣"),
        ("🏴\U000e0067\U000e0062\U000e007f!", "🏴\U000e0067\U000e0062\U000e007f|!"),
        ("我爱北京。", "我|爱|北|京|。"),
        ("東京タワーを見た", "東|京|タワー|を|見|た"),
        ("ｺﾝﾋﾟｭｰﾀ", "ｺﾝﾋﾟｭｰﾀ"),
        ("한국어 문장", "한국어|문장"),
        ("หิว กำลัง ๒๕", "หิ|ว|กำ|ลั|ง|๒๕"),
        ("ខ្មែរ", "ខ្មែ|រ"),
        ("မြန်မာ သင်္ဘော", "မြ|န်|မာ|သ|င်္ဘော"),
        ("ລາວ ນ້ຳ", "ລ|າ|ວ|ນ້ຳ"),
        ("हिन्दी में", "हिन्दी|में"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("e\u0301té Ｆｕｌｌ", "e\u0301té|Ｆｕｌｌ"),
        ("𐍈𐍉 𝓗i", "𐍈𐍉|𝓗|i"),
        ("a\u200bb\ufeffc", "a|b|c"),
        ("\ud800a\x00", "\ud800|a|\x00"),
        ("看http://x.org/a看 ann@x.org", "看|http://x.org/a|看|ann@x.org"),
    ],
)
def test_hand_worked_examples(text, tokens):
    assert TOKENIZER(text) == (tokens.split("|") if tokens else [])


@given(any_text)
@relaxed
def test_every_character_but_spaces_is_in_one_token(text):
    spans = TOKENIZER.spans(text)
    assert [token.text for token in spans] == TOKENIZER(text)
    assert all(text[start:end] == token for token, start, end in spans)
    assert all(left.end <= right.start for left, right in itertools.pairwise(spans))
    assert "".join(TOKENIZER(text)) == re.sub(r"[\s\u200b\ufeff]", "", text)


@given(ascii_text)
@relaxed
def test_the_quick_paths_give_the_same_tokens(text):
    slowest = word._pattern(False, True).findall(text)
    assert word._pattern(True, True).findall(text) == slowest
    assert TOKENIZER(text) == slowest


@given(any_text)
@relaxed
def test_without_link_signs_the_link_rules_do_nothing(text):
    if not may_hold_link(text):
        assert word._pattern(False, True).findall(text) == TOKENIZER(text)


@given(st.lists(st.sampled_from(["It's", "été", "x2", "Ünï", "привет", "!", "(", "%", "€", "_"])))
@relaxed
def test_plain_text_is_cut_as_by_the_textbook_expression(parts):
    text = " ".join(parts)
    assert TOKENIZER(text) == re.findall(r"[^\W_]+(?:'[^\W_]+)*|[^\s\w]|_", text)


def test_every_letter_has_a_rule():
    for plane in (0, 1, 2, 3):
        letters = re.findall(r"\w", "".join(map(chr, range(plane << 16, (plane + 1) << 16))))
        text = "\n".join(letters)
        assert TOKENIZER(text) == letters
    assert not re.findall(f"[{scripts.basic_letters()}]", "東かカกက\u0301 _-")


@given(st.lists(st.sampled_from(["Well", ",", "東", "京", "(", ")", "!", ":-)", "don't", "1.5"])))
@relaxed
def test_join_reads_back_the_same_words(tokens):
    apart = [token for token in tokens if token not in "(),!"]
    joined = TOKENIZER.join(apart)
    assert TOKENIZER(joined) == apart


def test_join_puts_spaces_as_a_reader_expects():
    text = "Well, 東京 (Tokyo) is big! :-)"
    assert TOKENIZER.join(TOKENIZER(text)) == text


@pytest.mark.parametrize("kind", MEGABYTES)
def test_a_megabyte_on_one_line(kind):
    text = MEGABYTES[kind]
    start = time.perf_counter()
    tokens = TOKENIZER(text)
    word._pattern(False, True).findall(text)
    assert time.perf_counter() - start < 20  # linear is 0.3 s, quadratic is hours
    assert "".join(tokens) == re.sub(r"\s", "", text)
