"""The compiled loops against Python's own split and dict."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqkit.text import Vocab
from seqkit.text.lexicon import Lexicon
from seqkit.text.scanning import fill_table

SPACES = [chr(code) for code in range(0x110000) if chr(code).isspace()]
# bytes that begin like the white space above U+007F, and are none
NEIGHBOURS = ["\x84", "\x86", "\x9f", "\xa1", "\u1681", "\u167f", "\u200b", "\u2027", "\u202a"]
NEIGHBOURS += ["\u2030", "\u205e", "\u2060", "\u3001", "\u2fff", "\x00", "\x1b", "\x7f", "\ud83d"]
lines = st.lists(
    st.lists(st.sampled_from([*SPACES, *NEIGHBOURS, "a", "é", "東", "𝓗"]), max_size=12).map("".join)
).map(lambda texts: [text.replace("\n", " ") for text in texts])


def scan(lexicon: Lexicon, texts: list[str]) -> list[int]:
    text = "".join(f"{line}\n" for line in texts)
    return lexicon.encode(text.encode("utf-8", "surrogatepass")).ids.tolist()


def by_split(words: list[str], texts: list[str]) -> list[int]:
    vocab = Vocab(words)
    return [id for line in texts for id in vocab.encode(line.split(), eos=True)]


def test_every_character_is_white_space_or_not_as_split_has_it():
    chars = [chr(code) for code in range(0x110000) if code != ord("\n")]
    texts = [f"a{char}b" for char in chars]
    assert scan(Lexicon.from_words(["a", "b"]), texts) == by_split(["a", "b"], texts)


@given(lines)
def test_words_are_those_of_split(texts):
    words = sorted({word for line in texts for word in line.split()})
    assert scan(Lexicon.from_words(words), texts) == by_split(words, texts)
    some = words[::2]
    assert scan(Lexicon.from_words(some), texts) == by_split(some, texts)


def test_a_hand_worked_text():
    lexicon = Lexicon.from_words(["the", "cat"])
    assert scan(lexicon, ["the cat", "", " the\u2003dog\t", "\u3000"]) == [4, 5, 2, 2, 4, 3, 2, 2]
    assert scan(lexicon, []) == []


def test_a_word_with_the_hash_of_another_is_not_taken_for_it():
    blob, offsets = np.frombuffer(bytearray(b"ab"), np.uint8), np.arange(3)
    table = np.zeros(8, np.uint64)
    assert fill_table(table, offsets, blob, 2) == -1
    wrong = np.where(table > 0, table ^ np.uint64(4 ^ 5), table)  # each hash names the other word
    assert list(map(Lexicon(table, offsets, blob).id, "abc")) == [4, 5, 3]
    assert list(map(Lexicon(wrong, offsets, blob).id, "abc")) == [3, 3, 3]


def test_many_words_that_share_slots():
    words = [f"{number:b}" for number in range(1, 20_000)]  # two letters alone
    lexicon = Lexicon.from_words(words)
    assert scan(lexicon, [" ".join(words)]) == [*range(4, len(lexicon)), 2]
    assert lexicon.id("2") == lexicon.id("01") == Vocab.UNK
