import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.text import Normalizer, TextPipeline, Vocab, WhitespaceTokenizer
from seqkit.text.lexicon import Lexicon

any_char = st.characters(exclude_categories=())
word_lists = st.lists(st.text(any_char | st.sampled_from("ab"), max_size=5), unique=True)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "words.bin"
    Lexicon.from_words(["the", "cat", "théâtre", ""]).write(path)
    return path


@given(word_lists)
def test_it_is_the_vocabulary_of_its_words(words):
    vocab, lexicon = Vocab(words), Lexicon.from_words(words)
    assert len(lexicon) == len(vocab)
    assert lexicon.words() == words
    for word in [*words, "never seen", "\ud800", "<unk>"]:
        assert lexicon.id(word) == vocab.id(word)
    assert [lexicon.word(id) for id in range(len(vocab))] == list(
        map(vocab.word, range(len(vocab)))
    )


def test_an_id_that_is_none():
    lexicon = Lexicon.from_words(["a"])
    assert lexicon.word(np.uint32(4)) == "a"
    for id in (-1, 5):
        with pytest.raises(IndexError, match=f"id {id}: this lexicon has the ids 0 to 4"):
            lexicon.word(id)


@given(word_lists, st.text(st.sampled_from("abé"), max_size=2))
def test_words_with_a_prefix(words, prefix):
    lexicon = Lexicon.from_words(words)
    found = lexicon.with_prefix(prefix)
    assert found.dtype == np.uint32
    assert found.tolist() == [i for i, word in enumerate(words, 4) if word.startswith(prefix)]


@given(
    st.lists(st.text(any_char | st.sampled_from(" \t\u2003é")).map(lambda s: s.replace("\n", "")))
)
def test_sizes_are_those_of_the_text_that_a_pipeline_predicts(lines):
    pipeline = TextPipeline(Normalizer(unicode="none"), WhitespaceTokenizer(), Vocab([]))
    encoded = Lexicon.from_words(["a"]).encode(
        "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
    )
    predicted = [pipeline.predicted(line) + "\n" for line in lines]
    assert encoded.characters.tolist() == list(map(len, predicted))
    assert encoded.bytes.tolist() == [len(t.encode("utf-8", "surrogatepass")) for t in predicted]


def test_sizes_of_a_hand_worked_text():
    encoded = Lexicon.from_words([]).encode(" né  ici\u3000\n\nab\n".encode())
    assert encoded.characters.tolist() == [7, 1, 3]  # "né ici\n"
    assert encoded.bytes.tolist() == [8, 1, 3]


def test_a_line_without_end_is_refused():
    lexicon = Lexicon.from_words(["a"])
    with pytest.raises(ConfigError, match=r"ends with b'a b': every line ends with '\\n'"):
        lexicon.encode(b"a b")
    assert lexicon.encode(b"").ids.tolist() == []


def test_a_repeated_word_is_refused():
    with pytest.raises(DataError, match="the word 'b' comes twice"):
        Lexicon.from_words(["a", "b", "c", "b"])


@given(words=word_lists)
def test_a_file_gives_the_same(words, tmp_path_factory):
    path = tmp_path_factory.mktemp("lexicon") / "words.bin"
    lexicon = Lexicon.from_words(words)
    lexicon.write(path)
    opened = Lexicon.open(path)
    assert opened.words() == words
    text = "".join(f"{word} x {word}\n".replace("\n", " ") for word in words) + "\n"
    content = text.encode("utf-8", "surrogatepass")
    for first, second in zip(lexicon.encode(content), opened.encode(content), strict=True):
        assert np.array_equal(first, second)
    first = path.read_bytes()
    opened.write(path)  # over the file that is mapped
    assert path.read_bytes() == first


def test_a_file_that_cannot_be_used(saved):
    content = saved.read_bytes()
    wrong = {
        "not a lexicon": b"seqkit-vocab 1 words=2 counts=yes\nthe\t3\ncat\t1\n",
        "not a lexicon of seqkit": content[:20],
        "it is damaged": content[:-1],
        r"damaged: restore it": content + b"\0",
        "format 2 is newer than 1: update seqkit": content[:8] + b"\2" + content[9:],
        "for 9 words: it is damaged": content[:12] + b"\x09" + content[13:],
    }
    for message, damaged in wrong.items():
        saved.write_bytes(damaged)
        with pytest.raises(DataError, match=message) as caught:
            Lexicon.open(saved)
        assert str(caught.value).startswith(f"{saved}: ") and "\n" not in str(caught.value)
    saved.unlink()
    with pytest.raises(DataError, match="no such file"):
        Lexicon.open(saved)
