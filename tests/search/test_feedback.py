"""RM3 beside its definition, written out over plain counts."""

import math
from collections import Counter
from fractions import Fraction

import pytest

from seqkit.data import Document
from seqkit.errors import ConfigError
from seqkit.search.analysis import AnalysisConfig
from seqkit.search.config import SearchConfig
from seqkit.search.feedback import RM3
from seqkit.search.index import SearchIndex
from seqkit.search.query import Words

TEXTS = {
    "a": ("Cats", "the cats sat with the kittens and the cat food"),
    "b": ("", "the kitten played with a cat's toy, a toy for kittens"),
    "c": ("Dogs", "the dogs ran with the wolf"),
    "d": ("", "the the with and a for"),
    "e": ("", "a wolf and the dogs of the wood"),
}


def make_index(folder, texts=TEXTS, **config):
    pytest.importorskip("Stemmer")
    analysis = AnalysisConfig(stemmer="english")
    index = SearchIndex.create(folder, SearchConfig(analysis=analysis, **config))
    with index.writer() as writer:
        writer.add(Document(id, title, text, {}) for id, (title, text) in texts.items())
    index.refresh()
    return index


def by_definition(index, text, rm3):
    """Weight of each term, from the equations."""
    counts = {
        id: Counter(term for field in fields for term in index.analyzer.query(field))
        for id, fields in TEXTS.items()
    }
    collection = sum(counts.values(), Counter())
    hits = index.search(Words(text), k=rm3.documents).hits
    total = sum(hit.score for hit in hits)
    model = Counter()
    for hit in hits:
        length = sum(counts[hit.id].values())
        for term, tf in counts[hit.id].items():
            model[term] += hit.score / total * tf / length

    def gain(term):
        return model[term] * math.log(model[term] / (collection[term] / collection.total()))

    best = sorted(model, key=gain, reverse=True)[: rm3.terms]
    query = Counter(index.analyzer.query(text))
    weights = Counter()
    for term, tf in query.items():
        weights[term] += rm3.weight * tf / query.total()
    for term in best:
        weights[term] += (1 - rm3.weight) * model[term] / sum(model[term] for term in best)
    return weights


@pytest.mark.parametrize("rm3", [RM3(), RM3(documents=2, terms=3, weight=0.6), RM3(weight=0.0)])
def test_weights_by_definition(tmp_path, rm3):
    index = make_index(tmp_path / "index")
    query = rm3.expand(index, "cats, Cats and food")
    found = {}
    for term in query.should:
        (analysed,) = index.analyzer.query(term.text)
        found[analysed] = term.boost
    expected = by_definition(index, "cats, Cats and food", rm3)
    assert found == pytest.approx({term: w for term, w in expected.items() if w > 0})
    assert math.fsum(found.values()) == pytest.approx(1)
    boosts = [term.boost for term in query.should]
    assert boosts == sorted(boosts, reverse=True)


def test_it_finds_what_shares_no_word_with_the_query(tmp_path):
    index = make_index(tmp_path / "index")
    assert "b" not in {hit.id for hit in index.search(Words("food"))}
    query = RM3(documents=1, terms=9).expand(index, "food")
    assert "kittens" in {term.text for term in query.should}
    assert "b" in {hit.id for hit in index.search(query)}


def test_hand_worked(tmp_path):
    index = make_index(tmp_path / "index", {"x": ("", "red red blue"), "y": ("", "green green")})
    query = RM3(documents=1, terms=2, weight=0.25).expand(index, "red")
    weights = {term.text: Fraction(term.boost).limit_denominator(100) for term in query.should}
    assert weights == {
        "red": Fraction(1, 4) + Fraction(3, 4) * Fraction(2, 3),
        "blue": Fraction(3, 4) * Fraction(1, 3),
    }


def test_nothing_to_learn_from(tmp_path):
    index = make_index(tmp_path / "index")
    for text in ("zebra", "", "?!"):
        assert RM3().expand(index, text) == Words(text)
    bare = make_index(tmp_path / "bare", store=False)
    with pytest.raises(ConfigError, match=r"bare: feedback reads the texts .* store=True"):
        RM3().expand(bare, "cat")


@pytest.mark.parametrize("options", [{"documents": 0}, {"terms": 0}, {"weight": 1.5}])
def test_options_that_cannot_be(options):
    (name,) = options
    with pytest.raises(ConfigError, match=f"RM3: {name} "):
        RM3(**options)
