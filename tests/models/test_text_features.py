"""Features of a text by hand, for tokens of characters, words and bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.models.text_features import FEATURES, text_features
from seqkit.text import ByteTokenizer, CharTokenizer, WhitespaceTokenizer, WordTokenizer


def features(text, tokenizer, *, line_ends=True):
    lines = text.split("\n")
    spans = [tokenizer.spans(line) for line in lines]
    table = text_features(lines, spans, line_ends=line_ends)
    return dict(zip(FEATURES, table.tolist(), strict=True))


def marks(text, name, tokenizer=None):
    """The feature of each character as a digit, the line's end included."""
    row = features(text, tokenizer or CharTokenizer())[name]
    return "".join(str(int(value)) for value in row)


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ('a "b c" d', "0011110000"),
        ('"a\nb" c', "111" + "10000"),  # quotes cross lines
        ('"a\n\nb"', "111" + "0" + "000"),  # but not an empty one; closing what is closed is closed
        ("“a” «b»", "11001100"),
        ("`` a '' b", "0111110000"),
        ('" a " b', "11110000"),  # white space on both sides: what is due
        ('say "no," or', "0000111100000"[:13]),
    ],
)
def test_double_quotes(text, inside):
    assert marks(text, "inside double quotes") == inside


def test_parentheses_nest_and_close_at_an_empty_line():
    assert marks("a(b(c)d)e)f(", "inside parentheses") == "0111111000011"
    assert marks("(a\n\nb", "inside parentheses") == "111" + "0" + "00"


def test_place_in_the_line_and_indentation():
    assert marks("ab\n  c", "position in the line") == "120" + "1230"
    assert marks("ab\n  c d", "indentation") == "000" + "122220"
    assert marks("\tx", "indentation") == "440"


def test_kinds_of_characters():
    text = "A b1, É!"
    assert marks(text, "capital letter") == "100000100"
    assert marks(text, "digit") == "000100000"
    assert marks(text, "white space") == "010001001"
    assert marks(text, "punctuation") == "000010010"


def test_the_start_of_a_sentence():
    assert marks('He is. "No!" 3.5 of', "sentence start") == "1000000" + "0100001000000"
    words = features("He left. Then, etc", WordTokenizer())
    assert words["sentence start"] == [1, 0, 0, 1, 0, 0, 0]


def test_words_carry_what_stands_in_them():
    row = features("It cost 3,50 (or MORE)", WordTokenizer())
    assert row["capital letter"] == [1, 0, 0, 0, 0, 1, 0, 0]
    assert row["digit"] == [0, 0, 1, 0, 0, 0, 0, 0]
    assert row["position in the line"] == [2, 7, 12, 14, 16, 21, 22, 0]
    assert row["inside parentheses"] == [0, 0, 0, 1, 1, 1, 0, 0]


def test_the_bytes_of_a_character_are_all_that_character():
    row = features("É1", ByteTokenizer())
    assert row["capital letter"] == [1, 1, 0, 0]
    assert row["position in the line"] == [1, 1, 2, 0]


def test_no_text():
    assert text_features([], [], line_ends=True).shape == (len(FEATURES), 0)
    assert text_features([""], [[]], line_ends=False).shape == (len(FEATURES), 0)


@given(st.text(), st.sampled_from([CharTokenizer(), WhitespaceTokenizer(), WordTokenizer()]))
def test_any_text_has_a_row_for_each_token(text, tokenizer):
    lines = text.split("\n")
    spans = [tokenizer.spans(line) for line in lines]
    table = text_features(lines, spans, line_ends=True)
    assert table.shape == (len(FEATURES), sum(map(len, spans)) + len(lines))
    flags = [FEATURES.index(name) for name in FEATURES if "position" not in name]
    flags.remove(FEATURES.index("indentation"))
    assert set(table[flags].ravel().tolist()) <= {0.0, 1.0}
