import sys

import pytest
from awkward import MEGABYTES, any_text, relaxed
from hypothesis import given

from seqkit.text import ByteTokenizer, CharTokenizer, Token, WhitespaceTokenizer

WHITESPACE, CHAR, BYTE = WhitespaceTokenizer(), CharTokenizer(), ByteTokenizer()


@given(any_text)
@relaxed
def test_offsets_cover_the_token(text):
    for tokenizer in (WHITESPACE, CHAR):
        spans = tokenizer.spans(text)
        assert [token.text for token in spans] == tokenizer(text)
        assert all(text[start:end] == token for token, start, end in spans)


@given(any_text)
@relaxed
def test_char_and_byte_give_the_text_back(text):
    assert CHAR.join(CHAR(text)) == text
    assert BYTE.join(BYTE(text)) == text


@given(any_text)
@relaxed
def test_bytes_are_those_of_utf8(text):
    spans = BYTE.spans(text)
    content = text.encode("utf-8", "surrogatepass")
    assert [ord(token) for token in BYTE(text)] == list(content)
    assert [token.text for token in spans] == BYTE(text)
    assert all(token in BYTE(text[start:end]) and end == start + 1 for token, start, end in spans)


def test_whitespace_splits_at_every_kind_of_space():
    spaces = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    for space in spaces:
        assert WHITESPACE.spans(f"a{space}b") == [Token("a", 0, 1), Token("b", 2, 3)]
    assert WHITESPACE("".join(spaces)) == WHITESPACE.spans("") == []
    assert WHITESPACE.join(["a", "<unk>"]) == "a <unk>"


def test_bytes_that_are_no_utf8_are_replaced():
    assert BYTE.join(["n", "Ã"]) == "n\ufffd"
    with pytest.raises(ValueError, match="latin-1"):
        BYTE.join(["Ā"])


@pytest.mark.parametrize("kind", ["letters", "surrogates", "han"])
def test_a_megabyte_on_one_line(kind):
    text = MEGABYTES[kind]
    assert WHITESPACE(text) == [text]
    assert CHAR.join(CHAR(text)) == BYTE.join(BYTE(text)) == text
