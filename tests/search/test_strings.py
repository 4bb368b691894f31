import bisect

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqkit.search.strings import Strings, merge_strings

any_text = st.text(st.characters(), max_size=4)  # lone surrogates too
close_text = st.text("aé\U0001f600", max_size=3)


@given(st.lists(any_text | close_text), st.lists(any_text | close_text, max_size=5))
def test_strings_are_found_as_in_a_sorted_list(words, others):
    order = np.array(sorted(range(len(words)), key=words.__getitem__), np.uint32)
    lying = Strings.from_list(words)
    found = Strings(lying.offsets, lying.blob, order)
    assert list(found) == words and len(found) == len(words)
    ascending = sorted(words)
    assert list(found.in_order()) == ascending
    for word in [*words, *others]:
        last = max((i for i, other in enumerate(words) if other == word), default=-1)
        assert found.find(word) == last
        assert found.below(word) == bisect.bisect_left(ascending, word)
        assert found.below(word, equal=True) == bisect.bisect_right(ascending, word)
        places = found.with_prefix(word)
        assert [ascending[i] for i in places] == [w for w in ascending if w.startswith(word)]


@given(st.lists(st.lists(close_text), min_size=1, max_size=5))
def test_merging_gives_the_sorted_set(parts):
    joined, places = merge_strings([Strings.from_list(sorted(part)) for part in parts])
    assert list(joined) == sorted({word for part in parts for word in part})
    for part, place in zip(parts, places, strict=True):
        assert [joined[i] for i in place.tolist()] == sorted(part)


def test_wide_offsets_are_read_too():
    words = Strings.from_list(["a", "b", "bc"])
    wide = Strings(words.offsets.astype(np.int64), words.blob)
    assert words.offsets.dtype == np.uint32
    assert [wide.find(word) for word in ["bc", "c", "a"]] == [2, -1, 0]
    assert list(merge_strings([wide, words])[0]) == ["a", "b", "bc"]
