"""Pieces joined are the whole text, for every tokeniser; stop strings wherever the text is cut."""

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.decode import StopStrings, TextPieces
from seqkit.errors import ConfigError
from seqkit.text import (
    ByteTokenizer,
    CharTokenizer,
    SentencePieceTokenizer,
    SpacyTokenizer,
    WhitespaceTokenizer,
    WordTokenizer,
)

TEXT = "Well, (she) said: the cats don't mind 東京タワー, naïve 👩🏽‍🚀 emoji… “so” [1,000.50]! ไทย"
NAMES = ["byte", "char", "sentencepiece", "spacy", "whitespace", "word"]
BYTES = [f"<0x{byte:02X}>" for byte in (0xE6, 0x9D, 0xB1, 0xF0, 0x9F, 0x98, 0x80, 0xFF, 0x41)]


@functools.cache
def tokenizer(name: str):
    if name == "sentencepiece":
        return SentencePieceTokenizer.train([TEXT, "the cat sat on the mat"] * 9, vocab_size=512)
    if name == "spacy":
        pytest.importorskip("spacy")
        return SpacyTokenizer("en")
    kinds = [ByteTokenizer, CharTokenizer, WhitespaceTokenizer, WordTokenizer]
    return next(kind for kind in kinds if kind.name == name)()


def write(tokenizer, before: list[str], tokens: list[str]) -> list[str]:
    """Return the piece after each token, and what was held back."""
    pieces = TextPieces(tokenizer.join, before)
    return [*(pieces.push(token) for token in tokens), pieces.flush()]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=50)
@given(data=st.data())
def test_pieces_joined_are_the_text_of_all_tokens(name: str, data: st.DataObject) -> None:
    made = tokenizer(name)
    units = st.sampled_from([*made(TEXT), *(BYTES if name == "sentencepiece" else [])])
    if name == "byte":  # any but ED, which begins a lone surrogate
        units |= st.sampled_from([chr(byte) for byte in range(256) if byte != 0xED])
    before = made(data.draw(st.sampled_from(["", "The (", "unseen Ωword 京", TEXT])))
    tokens = data.draw(st.lists(units, max_size=40))
    whole, prefix = made.join(before + tokens), made.join(before)
    assert whole.startswith(prefix)
    assert prefix + "".join(write(made, before, tokens)) == whole


@given(st.lists(st.sampled_from([0xED, 0xA0, 0x80, 0xE2, 0x41, 0xF0, 0x9F]), max_size=40))
def test_bytes_of_lone_surrogates_come_as_text_that_can_be_printed(content: list[int]) -> None:
    text = "".join(write(tokenizer("byte"), [], list(map(chr, content))))
    text.encode()  # raises where there is a surrogate
    assert text.count("A") == content.count(0x41)


@pytest.mark.parametrize("name", NAMES)
def test_a_text_is_held_back_by_no_more_than_a_character(name: str) -> None:
    made = tokenizer(name)
    tokens = made(TEXT)
    for at, piece in enumerate(write(made, [], tokens)[:-1]):
        whole = made.join(tokens[: at + 1])
        held = len(whole) - len("".join(write(made, [], tokens[: at + 1])[:-1]))
        assert held == len(whole) - len(whole.rstrip("\ufffd")), piece
        assert "\ufffd" not in piece


def test_half_a_character_waits() -> None:
    assert write(tokenizer("byte"), ["n"], list("Ã©!")) == ["", "é", "!", ""]
    assert write(tokenizer("byte"), [], list("aÃ")) == ["a", "", "\ufffd"]
    made = tokenizer("sentencepiece")
    given = write(made, [], made("the \u03a9"))
    assert made("the \u03a9")[-2:] == ["<0xCE>", "<0xA9>"]
    assert given[-3:] == ["", "\u03a9", ""] and "".join(given) == "the \u03a9"


def test_a_space_belongs_to_the_word_after_it() -> None:
    assert write(tokenizer("word"), ["The"], ["whale", ",", "(", "white", ")"]) == [
        *[" whale", ",", " (", "white", ")", ""]
    ]
    assert write(tokenizer("whitespace"), [], ["a", ","]) == ["a", " ,", ""]
    made = tokenizer("sentencepiece")
    assert "".join(write(made, [], made("the cat"))) == "the cat"
    assert "".join(write(made, made("the"), made("cat"))) == " cat"


def test_a_line_begins_anew() -> None:
    pieces = TextPieces(tokenizer("byte").join, ["x"])
    given = [pieces.push("Ã"), pieces.line_break(), pieces.push("Ã"), pieces.push("©")]
    assert given == ["", "\ufffd\n", "", "é"]
    words = TextPieces(tokenizer("word").join, ["x"])
    assert [words.push("y"), words.line_break(), words.push("z")] == [" y", "\n", "z"]


def test_the_time_for_a_token_does_not_grow() -> None:
    joined = []
    pieces = TextPieces(lambda tokens: joined.append(len(tokens)) or " ".join(tokens))
    for _ in range(5000):
        pieces.push("word")
    assert max(joined) == 2


def by_character(text: str, stops: list[str]) -> str:
    """Cut before the stop string whose end comes first; of two, before the longer."""
    for end in range(len(text) + 1):
        starts = [end - len(stop) for stop in stops if text[:end].endswith(stop)]
        if starts:
            return text[: min(starts)]
    return text


LETTERS = st.text("ab\n", max_size=4)


@given(st.lists(LETTERS, max_size=12), st.lists(LETTERS.filter(bool), max_size=3))
def test_stop_strings_however_the_text_is_cut(pieces: list[str], stops: list[str]) -> None:
    stopper = StopStrings(stops)
    given = [stopper.push(piece) for piece in pieces]
    found = stopper.found
    assert "".join(given) + stopper.flush() == by_character("".join(pieces), stops)
    assert found == any(stop in "".join(pieces) for stop in stops)


def test_only_what_may_begin_a_stop_string_is_held_back() -> None:
    stops = StopStrings(["\n\n", "END"])
    pieces = ["one", "\nE", "N", "d\n", "\n", "more"]
    assert [stops.push(piece) for piece in pieces] == ["one", "\n", "", "ENd", "", ""]
    assert stops.found and stops.flush() == ""


@pytest.mark.parametrize(
    "stops, message",
    [
        ("END", r"stop 'END': give a list of strings, \['END'\]"),
        ([""], "stop '': each"),
        ([3], "3"),
    ],
)
def test_bad_stop_strings(stops: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        StopStrings(stops)
