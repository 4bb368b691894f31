"""Near-duplicates against a comparison of all pairs, exact."""

import itertools
import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import MinHashes, content_text, join_groups, read_labeled
from seqkit.data.mixing import mix


def shingles(text: str) -> set[tuple[str, ...]]:
    words = content_text(text).split()
    width = min(5, len(words))
    return {tuple(words[at : at + width]) for at in range(len(words) - width + 1)}


def jaccard(a: set, b: set) -> float:
    return len(a & b) / len(a | b)


def edited(words: list[str], edits: int, rng: random.Random) -> str:
    words = list(words)
    for _ in range(edits):
        words[rng.randrange(len(words))] = f"new{rng.randrange(10**6)}"
    return " ".join(words)


def found_and_true(texts: list[str]) -> tuple[set, dict]:
    hashes = MinHashes()
    for text in texts:
        hashes.add(text)
    groups = join_groups(np.arange(len(texts)), hashes.pairs())
    sets = [shingles(text) for text in texts]
    true = {
        pair: jaccard(sets[pair[0]], sets[pair[1]])
        for pair in itertools.combinations(range(len(texts)), 2)
        if sets[pair[0]] & sets[pair[1]]
    }
    found = {pair for pair in true if groups[pair[0]] == groups[pair[1]]}
    return found, true


def test_recall_and_precision_are_what_is_stated():
    rng = random.Random(1)
    texts = []
    for _ in range(200):
        words = [f"w{rng.randrange(5_000)}" for _ in range(60)]
        texts += [" ".join(words), edited(words, rng.randrange(8), rng)]
    found, true = found_and_true(texts)

    def share(low: float, high: float) -> float:
        pairs = [pair for pair, similar in true.items() if low <= similar < high]
        assert len(pairs) >= 20
        return sum(pair in found for pair in pairs) / len(pairs)

    assert share(0.7, 1.01) >= 0.99
    assert share(0.6, 0.7) >= 0.9
    assert share(0.0, 0.4) <= 0.05


def test_recall_on_short_messages():
    texts = list(dict.fromkeys(r.text for r in read_labeled("bundled:spam") if r.label == "spam"))
    found, true = found_and_true(texts)
    near = [pair for pair, similar in true.items() if similar >= 0.6]
    assert len(near) > 50
    assert sum(pair in found for pair in near) >= 0.97 * len(near)


def test_texts_of_a_few_words_and_none():
    hashes = MinHashes()
    for text in ("ok then", "OK, then!", "then ok", "", " ", "ok"):
        hashes.add(text)
    assert join_groups(np.arange(6), hashes.pairs()).tolist() == [0, 0, 2, 3, 3, 5]


def test_a_very_long_text_is_hashed_in_parts():
    words = [f"w{number % 30_000}" for number in range(30_005)]
    hashes = MinHashes()
    hashes.add(" ".join(words))
    hashes.add(" ".join(words[:-100]))
    assert hashes.pairs().tolist() == [[0, 1]]


def test_nothing_added():
    assert MinHashes().pairs().shape == (0, 2)


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=15),
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=10),
)
def test_groups_are_joined_as_by_repeated_merging(groups, pairs):
    pairs = [(a % len(groups), b % len(groups)) for a, b in pairs]
    sets = [{group} for group in set(groups)]
    for a, b in pairs:
        first = next(each for each in sets if groups[a] in each)
        second = next(each for each in sets if groups[b] in each)
        if first is not second:
            sets = [each for each in sets if each is not first and each is not second]
            sets.append(first | second)
    wanted = [min(next(each for each in sets if group in each)) for group in groups]
    array = np.array(groups, dtype=np.uint64)
    joined = join_groups(array, np.array(pairs, dtype=np.int64).reshape(-1, 2))
    assert joined.tolist() == wanted and joined.dtype == array.dtype


def test_mix_is_splitmix64():
    """The first outputs of the published generator from the state 0."""
    state, expected = 0, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    for output in expected:
        assert int(mix(np.array([state], dtype=np.uint64))[0]) == output
        state = (state + 0x9E3779B97F4A7C15) % 2**64


def test_words_in_another_order_are_another_text():
    hashes = MinHashes()
    hashes.add("a b c d e f g")
    hashes.add("b a c d e f g")
    assert len(hashes.pairs()) == 0
