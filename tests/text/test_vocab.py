import logging
import re
from collections import Counter

import pytest
from awkward import any_text, relaxed
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.text import Vocab

documents = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12), max_size=12)


def test_hand_worked_example():
    vocab = Vocab.build([["the", "cat", "<unk>"], ["the", "<pad>", "cat"], ["a"]])
    assert vocab.words == ["cat", "the", "<pad>", "<unk>", "a"]
    assert vocab.counts == [2, 2, 1, 1, 1]
    assert len(vocab) == 9
    assert (vocab.PAD, vocab.BOS, vocab.EOS, vocab.UNK) == (0, 1, 2, 3)
    assert vocab.id("<unk>") == 7 and vocab.id("never") == vocab.UNK
    assert "<pad>" in vocab and "<bos>" not in vocab and "never" not in vocab
    ids = vocab.encode(["the", "never", "<unk>"], bos=True, eos=True)
    assert ids == [1, 5, 3, 7, 2]
    assert vocab.decode(ids) == ["the", "<unk>"]
    assert vocab.decode(ids, specials=True) == ["<bos>", "the", "<unk>", "<unk>", "<eos>"]
    assert vocab.word(0) == "<pad>" and len(vocab) == 9  # looking up adds nothing


@given(documents, st.integers(1, 4), st.none() | st.integers(1, 5))
@relaxed
def test_build_agrees_with_a_count_of_all(docs, min_count, max_size):
    counts = Counter(word for doc in docs for word in doc)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    expected = [item for item in ranked if item[1] >= min_count][:max_size]
    vocab = Vocab.build(docs, min_count=min_count, max_size=max_size)
    assert list(zip(vocab.words, vocab.counts, strict=True)) == expected
    assert (
        vocab.to_bytes()
        == Vocab.build(iter(docs[::-1]), min_count=min_count, max_size=max_size).to_bytes()
    )


@given(documents, st.integers(2, 6))
@relaxed
def test_bounded_counting_keeps_its_promise(docs, max_distinct):
    records = []
    logger, handler = logging.getLogger("seqkit.text.vocab"), logging.Handler()
    handler.emit = records.append
    logger.addHandler(handler)
    try:
        vocab = Vocab.build(docs, max_distinct=max_distinct)
    finally:
        logger.removeHandler(handler)
    bound = records[0].args[1] if records else 0
    kept = dict(zip(vocab.words, vocab.counts, strict=True))
    truth = Counter(word for doc in docs for word in doc)
    assert len(kept) <= max_distinct
    assert all(truth[word] - bound <= kept.get(word, 0) <= truth[word] for word in truth)


def test_bounded_counting_warns(caplog):
    with caplog.at_level(logging.WARNING):
        vocab = Vocab.build([["a", "a"], ["b", "c"], ["d", "e"]], max_distinct=4)
    assert vocab.words == ["a", "b"]
    assert "more than 4 distinct words" in caplog.text and "up to 1 too low" in caplog.text


@given(st.lists(any_text, unique=True), st.booleans())
@relaxed
def test_saved_words_come_back_whatever_they_hold(words, counted):
    vocab = Vocab(words, range(len(words)) if counted else None)
    content = vocab.to_bytes()
    again = Vocab.from_bytes(content)
    assert (again.words, again.counts) == (vocab.words, vocab.counts)
    assert again.to_bytes() == content and again.hash() == vocab.hash()
    assert content.decode().count("\n") == len(words) + 1
    assert again.decode(again.encode(words)) == words


def test_saved_form_is_readable():
    vocab = Vocab(["the", "\ud83d\ude00", "a\tb", "\\n", "😀"], [9, 4, 3, 2, 1])
    assert vocab.to_bytes().decode() == (
        "seqkit-vocab 1 words=5 counts=yes\nthe\t9\n\\ud83d\\ude00\t4\na\\tb\t3\n\\\\n\t2\n😀\t1\n"
    )


def test_the_hash_is_of_words_order_and_counts():
    hashes = {Vocab(*given).hash() for given in [("ab",), ("ba",), ("ab", [2, 1]), ("ab", [3, 1])]}
    assert len(hashes) == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "vocabulary:1: '' is not the header"),
        (b"\xff", "vocabulary: invalid UTF-8 at byte 0"),
        (b"seqkit-vocab 2 words=0 counts=no\n", "format 2 is newer than 1: update seqkit"),
        (b"seqkit-vocab 1 words=2 counts=no\na\n", "1 whole lines, expected 2"),
        (b"seqkit-vocab 1 words=2 counts=no\na\nb", "1 whole lines, expected 2"),
        (b"seqkit-vocab 1 words=2 counts=no\na\na\n", "the word 'a' comes 2 times"),
        (b"seqkit-vocab 1 words=1 counts=no\na\t1\n", "vocabulary:2: expected one word"),
        (b"seqkit-vocab 1 words=1 counts=yes\na\n", "vocabulary:2: expected word<TAB>count"),
        (b"seqkit-vocab 1 words=1 counts=yes\na\t-1\n", "vocabulary:2: expected word<TAB>count"),
        (b"seqkit-vocab 1 words=1 counts=no\n\\q\n", "vocabulary:2: damaged escape"),
        (b"seqkit-vocab 1 words=1 counts=no\n\\U00110000\n", "vocabulary:2: damaged escape"),
        ("seqkit-vocab 1 words=1 counts=no\né\\n\n".encode(), "vocabulary:2: damaged escape"),
    ],
)
def test_damage_is_named(content, message):
    with pytest.raises(DataError, match=re.escape(message)) as error:
        Vocab.from_bytes(content)
    assert "\n" not in str(error.value)


def test_wrong_arguments():
    with pytest.raises(DataError, match="the word 'b' comes 2 times, expected once"):
        Vocab(["a", "b", "b"])
    with pytest.raises(DataError, match="1 counts for 2 words"):
        Vocab(["a", "b"], [1])
    for limits in ({"min_count": 0}, {"max_size": 0}, {"max_distinct": 1}):
        with pytest.raises(ConfigError, match="or more"):
            Vocab.build([], **limits)
    for id in (-1, 5):
        with pytest.raises(IndexError, match="ids 0 to 4"):
            Vocab(["a"]).decode([id])
