"""Bags of words in files, against Counter."""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import DataError
from seqkit.vectors.bags import choose_bag_words, select_bags, word_counts, write_bags

DOCUMENTS = st.lists(st.lists(st.sampled_from("abcdé本"), max_size=8), max_size=12)


def as_counters(bags):
    found = []
    for ids, counts in bags:
        words = [bags.words[id] for id in ids.tolist()]
        found.append(Counter(dict(zip(words, counts.tolist(), strict=True))))
    return found


@given(DOCUMENTS)
def test_the_bags_are_those_of_counter(documents):
    with tempfile.TemporaryDirectory() as folder:
        bags = write_bags(documents, Path(folder))
        assert len(bags) == len(documents)
        assert as_counters(bags) == [Counter(tokens) for tokens in documents]
        rows = np.arange(len(bags))[::2]
        held = [Counter(tokens) for tokens in documents[::2]]
        within, times = word_counts(bags, rows)
        for id, word in enumerate(bags.words):
            assert times[id] == sum(bag[word] for bag in held)
            assert within[id] == sum(word in bag for bag in held)


@given(DOCUMENTS, st.sets(st.sampled_from("abcd")))
def test_selected_bags_have_the_words_that_stay(documents, staying):
    with tempfile.TemporaryDirectory() as folder:
        bags = write_bags(documents, Path(folder))
        words = [id for id, word in enumerate(bags.words) if word in staying]
        part, rows = select_bags(bags, np.arange(len(bags)), words, Path(folder), name="part")
        kept = [Counter(word for word in tokens if word in staying) for tokens in documents]
        assert as_counters(part) == [bag for bag in kept if bag]
        assert rows.tolist() == [row for row, bag in enumerate(kept) if bag]


def test_words_are_chosen_by_documents(tmp_path):
    documents = [["all", "two", "two"], ["all", "two", "b"], ["all", "b"], ["all", "once"]]
    bags = write_bags(documents, tmp_path)

    def chosen(**options):
        ids = choose_bag_words(bags, np.arange(4), min_documents=2, **options)
        return [bags.words[id] for id in ids]

    assert chosen() == ["two", "b"]
    assert chosen(max_share=1.0) == ["all", "two", "b"]
    assert chosen(max_share=1.0, max_vocab=1) == ["all"]
    assert chosen(max_share=1.0, keep=lambda word: word != "two") == ["all", "b"]
    with pytest.raises(DataError, match=r"no word is left: documents: 4, distinct words: 4;"):
        chosen(keep=lambda word: False)
    with pytest.raises(DataError, match="one word is left, two are needed"):
        chosen(keep=lambda word: word == "b")  # it tells no topics apart


def test_words_of_one_frequency_are_ordered_by_spelling(tmp_path):
    bags = write_bags([["b", "a", "c"], ["c", "b", "a"], ["x"], ["y"]], tmp_path)
    ids = choose_bag_words(bags, np.arange(4), min_documents=2)
    assert [bags.words[id] for id in ids] == ["a", "b", "c"]
