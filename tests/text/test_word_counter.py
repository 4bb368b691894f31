"""Numbering and counting against Python's dict and Counter."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.text.word_counter import TokenCounter, WordCounter

words = st.text(st.characters(exclude_categories=()), min_size=1, max_size=3).filter(
    lambda word: word.split() == [word]
)
blocks = st.lists(st.lists(st.lists(words | st.sampled_from(["a", "b", "é"]))))


def numbered(texts: list[list[list[str]]]) -> tuple[list[list[int]], list[str], list[int]]:
    numbers: dict[str, int] = {}
    ids = [
        [
            id
            for line in text
            for id in [*(numbers.setdefault(w, len(numbers) + 4) for w in line), 2]
        ]
        for text in texts
    ]
    counts = Counter(word for text in texts for line in text for word in line)
    return ids, list(numbers), [counts[word] for word in numbers]


def content(text: list[list[str]]) -> bytes:
    return "".join(" ".join(line) + "\n" for line in text).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("kind", [WordCounter, TokenCounter])
@given(texts=blocks)
def test_words_get_numbers_as_they_come(kind, texts):
    counter = kind()
    read = [counter.read(content(t) if kind is WordCounter else t).tolist() for t in texts]
    assert (read, counter.words(), counter.counts.tolist()) == numbered(texts)


@pytest.mark.parametrize("kind", [WordCounter, TokenCounter])
def test_it_grows(kind):
    text = [[f"w{i}" for i in range(20_000)], ["long" * 30_000, "w7"], ["w19999", "é" * 100_000]]
    texts = [text, [["new"], *text[::-1]]]
    counter = kind()
    read = [counter.read(content(t) if kind is WordCounter else t).tolist() for t in texts]
    assert (read, counter.words(), counter.counts.tolist()) == numbered(texts)
