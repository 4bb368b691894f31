"""The baselines of translation: EM written as in the paper, cosines by scikit-learn."""

import random

import numpy as np
import pytest

from seqkit.baselines import lexicon, nearest_source
from seqkit.baselines.translation import TRANSLATION_BASELINES, fit_translation_baseline
from seqkit.errors import ConfigError, DataError

HOUSE = [("das Haus", "the house"), ("das Buch", "the book"), ("ein Buch", "a book")]


def tokens(pairs):
    return [a.split() for a, _ in pairs], [b.split() for _, b in pairs]


def made_up(count, *, seed=0):
    """Pairs of a language and its translation word by word, in another order."""
    rng = random.Random(seed)
    words = [f"w{i}" for i in range(40)]
    sources = [rng.choices(words, k=rng.randint(1, 9)) for _ in range(count)]
    targets = [[word.replace("w", "t") for word in source] for source in sources]
    for target in targets:
        rng.shuffle(target)
    return sources, targets


def model1(sources, targets, iterations):
    """EM over sentence pairs, in the words of Brown et al. 1993."""
    t = {}
    for source, target in zip(sources, targets, strict=True):
        t |= {(f, e): 1.0 for f in target for e in [*source, None]}
    for _ in range(iterations):
        count, total = dict.fromkeys(t, 0.0), {}
        for source, target in zip(sources, targets, strict=True):
            for f in target:
                norm = sum(t[f, e] for e in [*source, None])
                for e in [*source, None]:
                    count[f, e] += t[f, e] / norm
                    total[e] = total.get(e, 0.0) + t[f, e] / norm
        t = {(f, e): count[f, e] / total[e] for f, e in t}
    return t


@pytest.mark.parametrize("pairs", [tokens(HOUSE), made_up(60), made_up(60, seed=1)])
def test_the_lexicon_holds_what_em_finds_likeliest(pairs):
    t = model1(*pairs, iterations=5)
    model = fit_translation_baseline("lexicon", *pairs)
    for source in {token for each in pairs[0] for token in each}:
        [[found]] = model.translate_many([[source]])
        assert t[found, source] >= max(p for (_, e), p in t.items() if e == source) - 1e-9


def test_the_lexicon_learns_a_language_word_by_word():
    sources, targets = made_up(500)
    model = fit_translation_baseline("lexicon", sources, targets)
    assert model.translate_many([["w3", "w11", "x"], []]) == [["t3", "t11", "x"], []]


def test_the_lexicon_reads_a_part_of_what_is_too_much(monkeypatch):
    sources, targets = made_up(500)
    monkeypatch.setattr(lexicon, "_MOST", 10_000)
    assert fit_translation_baseline("lexicon", sources, targets).best["w3"] == "t3"


def test_the_lexicon_leaves_out_what_cannot_be_aligned(caplog):
    long = ["a"] * 201
    model = fit_translation_baseline("lexicon", [long, ["b"], []], [["x"], [], []])
    assert model.translate_many([["a", "b"]]) == [["a", "b"]]
    assert "no pair with 1 to 200 tokens" in caplog.text


def test_the_nearest_is_that_of_scikit_learn():
    text = pytest.importorskip("sklearn.feature_extraction.text", reason="needs scikit-learn")
    sources, targets = made_up(200)
    asked = [source for source, _ in zip(*made_up(60, seed=5), strict=True)]

    def ngrams(source):
        marked = ["<s>", *source, "</s>"]
        found = [tuple(marked[i : i + n]) for n in (1, 2, 3) for i in range(len(marked) - n + 1)]
        return [each for each in found if each not in (("<s>",), ("</s>",))]

    vectors = text.TfidfVectorizer(analyzer=ngrams, sublinear_tf=True, smooth_idf=False)
    rows = vectors.fit_transform(sources)
    cosines = (vectors.transform(asked) @ rows.T).toarray()
    found = fit_translation_baseline("nearest", sources, targets).translate_many(asked)
    for answer, row in zip(found, cosines, strict=True):
        near = np.flatnonzero(row >= row.max() - 1e-6)
        assert answer in [targets[i] for i in near]


def test_the_nearest_of_equals_is_the_first_and_nothing_is_near_nothing():
    model = fit_translation_baseline("nearest", [["a"], ["a"], ["b"]], [["1"], ["2"], ["3"]])
    assert model.translate_many([["a"], ["b"], ["c"]]) == [["1"], ["3"], []]


def test_of_too_many_sources_a_part_is_kept(monkeypatch):
    monkeypatch.setattr(nearest_source, "_MOST", 10)
    sources = [[str(number)] for number in range(100)]
    model = fit_translation_baseline("nearest", sources, sources)
    assert [target for (target,) in model.targets] == [str(11 * i) for i in range(10)]
    assert model.translate_many([["33"], ["34"]])[0] == ["33"]


def test_what_too_many_sources_hold_is_left_out():
    sources = [["e", str(i % 700), str(i % 3)] for i in range(1400)]
    model = fit_translation_baseline("nearest", sources, sources)
    holders = np.diff(model.starts)
    assert holders[model.numbers["e",]] == 0 and holders[model.numbers["7",]] == 2
    assert model.translate_many([["e", "699", "0"]]) == [["e", "699", "0"]]


@pytest.mark.parametrize("name", TRANSLATION_BASELINES)
def test_letters_and_phones_in_order_and_none_depends_on_another(name):
    words = ["pro", "cat", "rope", "trace", "top", "car"]
    phones = ["P R OW", "K AE T", "R OW P", "T R EY S", "T AA P", "K AA R"]
    sources, targets = [list(word) for word in words], [each.split() for each in phones]
    model = fit_translation_baseline(name, sources, targets)
    together = model.translate_many([*sources, []])
    assert together == [model.translate_many([source])[0] for source in [*sources, []]]
    assert together[-1] == []
    if name != "lexicon":
        assert together[:-1] == {"copy": sources, "nearest": targets}[name]


@pytest.mark.parametrize("name", TRANSLATION_BASELINES)
def test_pairs_that_do_not_fit_are_refused(name):
    for sources, targets, said in [([], [], "0 sources"), ([["a"]], [], "1 sources and 0")]:
        with pytest.raises(DataError, match=said):
            fit_translation_baseline(name, sources, targets)


def test_a_baseline_that_is_not_there():
    with pytest.raises(ConfigError, match=r"baseline 'lexikon': choose from .*'lexicon'"):
        fit_translation_baseline("lexikon", [["a"]], [["b"]])
