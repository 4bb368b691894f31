"""Where a long text is cut, by hand, and that nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.models.long_sources import join_texts, split_sentences, split_text
from seqkit.text import (
    ByteTokenizer,
    CharTokenizer,
    SentencePieceTokenizer,
    WhitespaceTokenizer,
    WordTokenizer,
)


@pytest.mark.parametrize(
    "text, most, parts",
    [
        ("short", 9, ["short"]),
        ("One, two. Three four! Five.", 15, ["One, two.", "Three four!", "Five."]),
        ("One, two. Three four! Five.", 22, ["One, two.", "Three four! Five."]),
        ('He said "no." Then: "yes!" Or not?', 20, ['He said "no."', 'Then: "yes!" Or not?']),
        ("3.14 and 2.71 are numbers", 14, ["3.14 and 2.71", "are numbers"]),
        ("a first, a second, a third", 18, ["a first,", "a second, a third"]),
        ("我爱你。你爱我吗？我不知道！", 7, ["我爱你。", "你爱我吗？", "我不知道！"]),
        ("我爱你，你爱我、真的", 6, ["我爱你，", "你爱我、真的"]),
        ("a line\nanother line", 14, ["a line", "another line"]),
        ("abcdefghij", 3, ["ab", "cde", "fg", "hij"]),
        ("e\u0301e\u0301e\u0301", 4, ["e\u0301e\u0301", "e\u0301"]),
        ("  padded text  ", 6, ["padded", "text"]),
        ("", 3, [""]),
        ("ab", 0, ["a", "b"]),
    ],
)
def test_where_it_is_cut(text: str, most: int, parts: list[str]) -> None:
    assert split_text(text, lambda part: len(part) <= most) == parts


@pytest.mark.parametrize(
    "text, most, parts",
    [
        ("One. Two.", 5, ["One.", "Two."]),
        ("One. Two. Three. Four.", 10, ["One. Two.", "Three.", "Four."]),
        ("One, two; three four. Five.", 6, ["One, two; three four.", "Five."]),
        (
            "Five. One, two; three four. Six. Seven.",
            11,
            ["Five.", "One, two; three four.", "Six. Seven."],
        ),
        ('He said "no." Then "yes!" Or?', 16, ['He said "no."', 'Then "yes!" Or?']),
        ("我爱你。你爱我吗？我不知道！", 9, ["我爱你。你爱我吗？", "我不知道！"]),
        (" a line\n\nanother line ", 9, ["a line", "another line"]),
        ("one sentence, however long", 3, ["one sentence, however long"]),
        ("", 3, [""]),
    ],
)
def test_where_sentences_are_parted(text: str, most: int, parts: list[str]) -> None:
    assert split_sentences(text, lambda part: len(part) <= most) == parts


texts = st.text(st.sampled_from("ab .,!?\n\"'。，é\u0301我"), max_size=60)


@given(texts, st.integers(1, 20))
def test_nothing_is_lost_and_everything_fits(text: str, most: int) -> None:
    parts = split_text(text, lambda part: len(part) <= most)
    assert "".join("".join(parts).split()) == "".join(text.split())
    for part in parts:
        assert part == part.strip()
        assert len(part) <= most or len(part.rstrip("\u0301")) <= 1
        assert part or not text.strip()


@given(texts, st.integers(1, 20))
def test_each_part_has_as_many_sentences_as_fit(text: str, most: int) -> None:
    text = " ".join(text.split())
    sentences = split_sentences(text, lambda part: False)
    parts = split_sentences(text, lambda part: len(part) <= most)
    assert "".join("".join(parts).split()) == "".join(text.split())
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        assert part == part.strip() and (len(part) <= most or part in sentences)
        if after is not None:
            first = split_sentences(after, lambda part: False)[0]
            assert len(f"{part} {first}") > most


def test_how_parts_are_joined() -> None:
    for tokenizer in (CharTokenizer(), ByteTokenizer(), WordTokenizer(), WhitespaceTokenizer()):
        assert join_texts(["Yes.", "", "No."], tokenizer) == "Yes. No."
        assert join_texts(["Yes."], tokenizer) == "Yes."
        assert join_texts([], tokenizer) == ""
    assert join_texts(["是。", "不", "ok", "东"], CharTokenizer()) == "是。不 ok 东"
    assert join_texts(["是", "不", "ok"], WordTokenizer()) == "是不 ok"
    assert join_texts(["P R OW", "N AW"], WhitespaceTokenizer()) == "P R OW N AW"


def test_pieces_of_words_are_joined_with_a_space() -> None:
    tokenizer = SentencePieceTokenizer.train(["the cat sat on the mat"] * 30, vocab_size=512)
    assert join_texts(["the cat", "sat"], tokenizer) == "the cat sat"
