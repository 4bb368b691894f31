"""The analyser against the plain expression, and on scripts that it leaves in pieces."""

import re

from hypothesis import given
from hypothesis import strategies as st

from seqkit.baselines.analyser import tokens

PLAIN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\s\w]|_")


# İ in lower case is i with a dot above, a mark that the plain expression cuts off, as it does the
# soft hyphen, which stands inside words
@given(st.text(st.characters(max_codepoint=0x17F, exclude_characters="İ\xad")))
def test_latin_text_as_the_plain_expression(text):
    assert tokens(text) == PLAIN.findall(text.lower())


@given(st.text(st.characters()))
def test_every_character_but_space_is_in_one_token(text):
    assert "".join(tokens(text)) == "".join(text.lower().split())


def test_scripts_without_spaces_give_characters():
    assert tokens("我爱你。") == ["我", "爱", "你", "。"]
    assert tokens("タワー2号") == ["タ", "ワ", "ー", "2", "号"]


def test_marks_stay_with_their_letters():
    assert tokens("e\u0301te\u0301") == ["e\u0301te\u0301"]
    assert tokens("हिन्दी भाषा") == ["हिन्दी", "भाषा"]


def test_curly_apostrophe_and_lone_surrogate():
    assert tokens("Don’t\ud83d") == ["don’t", "\ud83d"]


def test_a_megabyte_on_one_line():
    assert len(tokens("ab" * 500_000)) == 1
    assert len(tokens("é'" * 250_000)) == 2
