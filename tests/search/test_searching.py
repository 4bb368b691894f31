"""Queries of every kind: what they find, against a plain evaluation over Python dicts."""

import math
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.data import Document
from seqkit.errors import ConfigError, DataError
from seqkit.search.analysis import AnalysisConfig
from seqkit.search.config import SearchConfig
from seqkit.search.index import SearchIndex
from seqkit.search.parsing import parse
from seqkit.search.query import All, Bool, Equals, Phrase, Prefix, Range, Term, Words
from seqkit.search.scorers import BM25
from seqkit.search.searching import explain_query, search_each

ANALYSIS = AnalysisConfig(stopwords="english")
K1, B = 1.2, 0.75

# a plain evaluation


def search_one(index, query, **options):
    return search_each(index, [query], **options)[0]


def terms_of(text):
    return [None if word == "the" else word for word in re.findall("[a-z]+", text.lower())]


class Plain:
    """Documents as dicts, queries evaluated on one document at a time."""

    def __init__(self, documents):
        self.documents = {document.id: document for document in documents}
        self.terms = {
            document.id: {"title": terms_of(document.title), "text": terms_of(document.text)}
            for document in documents
        }
        self.lengths = {
            id: sum(term is not None for field in fields.values() for term in field)
            for id, fields in self.terms.items()
        }
        self.df = {}
        self.average = sum(self.lengths.values()) / max(len(self.lengths), 1)

    def tf(self, id, query):
        """Count how often a phrase (a tuple of terms) or a prefix (text) is in a document."""
        kind, what, field = query
        count = 0
        for name, terms in self.terms[id].items():
            if field not in (None, name):
                continue
            if kind == "prefix":
                *before, last = what
                for at in range(len(terms) - len(before)):
                    here, end = terms[at : at + len(before)], terms[at + len(before)]
                    count += (
                        all(w is None or w == h for w, h in zip(before, here, strict=True))
                        and end is not None
                        and end.startswith(last)
                    )
            else:
                for at in range(len(terms) - len(what) + 1):
                    here = terms[at : at + len(what)]
                    count += all(w is None or w == h for w, h in zip(what, here, strict=True))
        return count

    def score(self, id, leaf, boost):
        if leaf not in self.df:
            self.df[leaf] = sum(self.tf(other, leaf) > 0 for other in self.documents)
        df = self.df[leaf]
        tf, n = self.tf(id, leaf), len(self.documents)
        idf = math.log(1 + (n - df + 0.5) / (df + 0.5))
        norm = K1 * (1 - B + B * self.lengths[id] / self.average) if self.average else K1
        return boost * idf * tf / (tf + norm)

    def leaf(self, id, leaf, boost):
        return (self.score(id, leaf, boost) if self.tf(id, leaf) else 0.0), self.tf(id, leaf) > 0

    def evaluate(self, id, query, boost=1.0, exact=False):
        """Return score and whether it matches; None where no term is left."""
        if isinstance(query, All):
            return 0.0, True
        if isinstance(query, Equals):
            return 0.0, self.documents[id].fields.get(query.name) == query.value
        if isinstance(query, Range):
            value = self.documents[id].fields.get(query.name)
            if value is None:
                return 0.0, False
            number = float(value)
            low = -math.inf if query.low is None else float(query.low)
            high = math.inf if query.high is None else float(query.high)
            above = number >= low if query.include_low else number > low
            return 0.0, above and (number <= high if query.include_high else number < high)
        boost *= query.boost
        if isinstance(query, Bool):
            return self.bool(id, query, boost)
        terms = terms_of(query.text)
        if isinstance(query, Prefix) and terms[-1] is not None:
            while terms[0] is None:
                terms.pop(0)
            return self.leaf(id, ("prefix", tuple(terms), query.field), boost)
        kept = [term for term in terms if term]
        if not kept:
            return None
        phrase = isinstance(query, Phrase | Prefix) or (
            isinstance(query, Term) and (exact or query.field)
        )
        if phrase:
            while terms[0] is None:
                terms.pop(0)
            while terms[-1] is None:
                terms.pop()
            return self.leaf(id, ("phrase", tuple(terms), query.field), boost)
        parts = [self.leaf(id, ("phrase", (term,), query.field), boost) for term in kept]
        return sum(score for score, _ in parts), any(found for _, found in parts)

    def bool(self, id, query, boost):
        def parts(name, exact):
            found = [self.evaluate(id, part, boost, exact) for part in getattr(query, name)]
            return [part for part in found if part is not None]

        should, must = parts("should", False), parts("must", True)
        never, also = parts("must_not", True), parts("filter", True)
        if not (should or must or never or also):
            return None
        matches = all(m for _, m in must + also) and not any(m for _, m in never)
        if should and not must:
            matches = matches and any(m for _, m in should)
        scored = sum(score for score, found in should if found) + sum(score for score, _ in must)
        return (scored if matches else 0.0), matches

    def search(self, query):
        """Return (score, id), best first."""
        found = []
        for id in self.documents:
            outcome = self.evaluate(id, query)
            if outcome is not None and outcome[1]:
                found.append((outcome[0], id))
        return sorted(found, key=lambda hit: (-round(hit[0], 6), hit[1]))


# documents and queries

WORDS = ["jet", "wing", "heat", "the", "aero", "aerial", "jet-wing", "aero.", "Heat"]
words = st.sampled_from(WORDS)
contents = st.tuples(
    st.lists(words, max_size=3).map(" ".join),
    st.lists(words, max_size=9).map(" ".join),
    st.fixed_dictionaries({}, optional={"year": st.integers(1960, 1964).map(str)}),
)
fields = st.sampled_from([None, None, "title", "text"])
boosts = st.sampled_from([1.0, 1.0, 2.5])
filters = st.one_of(
    st.builds(All),
    st.builds(Equals, st.just("year"), st.integers(1960, 1964)),
    st.builds(
        Range,
        st.just("year"),
        st.none() | st.integers(1959, 1964),
        st.none() | st.integers(1960, 1965),
        include_low=st.booleans(),
        include_high=st.booleans(),
    ),
)
beginnings = st.sampled_from(
    ["a", "Aer", "j", "x", "heat", "jet-w", "the-j", "Jet the-ae", "jet wing-the", "wing-jet-"]
)
leaves = st.one_of(
    st.builds(Term, words, field=fields, boost=boosts),
    st.builds(Phrase, st.lists(words, max_size=3).map(" ".join), field=fields, boost=boosts),
    st.builds(Prefix, beginnings, field=fields, boost=boosts),
    st.builds(Words, st.lists(words, max_size=4).map(" ".join), field=fields, boost=boosts),
)


def bools(parts):
    some = st.lists(parts, max_size=2).map(tuple)
    return st.builds(Bool, should=some, must=some, must_not=some, filter=some, boost=boosts)


def clauses(parts):
    """One of several, each with conditions of its own: it scores only where they are met."""
    some = st.lists(parts, min_size=1, max_size=2).map(tuple)
    inner = st.builds(Bool, should=some, must=some) | st.builds(Bool, should=some, must_not=some)
    inner |= st.builds(Bool, should=some, filter=some, boost=boosts)
    return st.builds(Bool, should=st.tuples(inner | parts, parts))


queries = st.recursive(leaves | filters, bools, max_leaves=6)
queries |= clauses(leaves | filters) | clauses(clauses(leaves))


def check(index, plain, query):
    expected = plain.search(query)
    found = search_one(index, query, k=100, scorer=BM25(k1=K1, b=B))
    by_score = sorted(found, key=lambda hit: (-round(hit.score, 6), hit.id))
    assert [hit.id for hit in by_score] == [id for _, id in expected]
    assert [hit.score for hit in found] == pytest.approx([score for score, _ in expected], abs=1e-6)
    assert [hit.rank for hit in found] == list(range(1, len(expected) + 1))
    assert found.total == len(expected)
    for hit in found[:2]:
        explanation = explain_query(index, query, hit.id, scorer=BM25(k1=K1, b=B))
        assert explanation.score == hit.score == sum(part.score for part in explanation.shares)
    part = search_one(index, query, k=2, offset=1)
    assert [(hit.id, hit.score, hit.rank) for hit in part] == [
        (hit.id, hit.score, hit.rank) for hit in found[1:3]
    ]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """40 documents in four segments, and what is deleted and replaced since."""
    rng = random.Random(1)

    def document(number):
        title, text = (" ".join(rng.choices(WORDS, k=rng.randint(0, n))) for n in (3, 12))
        year = {"year": str(rng.randint(1960, 1964))} if rng.random() < 0.8 else {}
        return Document(f"d{number}", title, text, year)

    index = SearchIndex.create(tmp_path_factory.mktemp("index"), SearchConfig(analysis=ANALYSIS))
    there = {}
    for first in range(0, 40, 10):
        with index.writer() as writer:
            added = [document(number) for number in range(first, first + 10)]
            writer.add(added)
            there |= {each.id: each for each in added}
            if first:
                gone = rng.sample(sorted(there), 3)
                writer.delete(gone[:2])
                changed = document(gone[2][1:])
                writer.update([changed])
                there[gone[2]] = changed
                for id in gone[:2]:
                    del there[id]
    index.refresh()
    return index, Plain(there.values())


@given(queries)
@settings(max_examples=200)
def test_a_query_finds_what_a_plain_evaluation_finds(filled, query):
    check(*filled, query)


@given(st.lists(contents, max_size=6), st.lists(queries, min_size=1, max_size=3))
@settings(max_examples=25)
def test_any_documents_any_queries(tmp_path_factory, drawn, asked):
    documents = [Document(f"d{number}", *content) for number, content in enumerate(drawn)]
    folder = tmp_path_factory.mktemp("index")
    index = SearchIndex.create(folder, SearchConfig(analysis=ANALYSIS))
    with index.writer() as writer:
        writer.add(documents)
    index.refresh()
    for query in asked:
        try:
            check(index, Plain(documents), query)
        except ConfigError as error:  # no document happens to have a year
            assert "no document of this index has any metadata" in str(error)
            assert not any(document.fields for document in documents)


@given(st.lists(st.sampled_from([*WORDS, "-wing", "+jet", '"jet wing"', "title:aer*"]), max_size=5))
def test_a_text_is_its_objects(filled, words):
    index, _ = filled
    text = " ".join(words)
    found = search_one(index, text, k=100)
    if not set(text) & set('+-":'):
        assert [(h.id, h.score) for h in found] == [
            (h.id, h.score) for h in search_one(index, text, k=100, syntax=False)
        ]
    assert [(h.id, h.score) for h in found] == [
        (h.id, h.score) for h in search_one(index, parse(text), k=100)
    ]


# by hand


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    index = SearchIndex.create(tmp_path_factory.mktemp("small"), SearchConfig(analysis=ANALYSIS))
    with index.writer() as writer:
        writer.add(
            [
                Document("1", "Statue of", "the Liberty & more", {"year": "1886"}),
                Document(
                    "2", "", "The statue of Liberty", {"year": "1886", "kind": "annual report"}
                ),
                Document("3", "华为手机", "很好的手机", {}),
                Document("4", "A wi-fi jet", "wi and fi", {"year": "1963"}),
                Document("5", "jet", "fi wi", {"year": "1970"}),
            ]
        )
    index.refresh()
    return index


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ('"statue of liberty"', ["2"]),  # not over the border of two fields
        ("华为手机", ["3"]),
        ('"华为手机"', ["3"]),
        ("+华为手机", ["3"]),
        ("+为手", ["3"]),
        ("title:手机", ["3"]),
        ("text:手机", ["3"]),
        ("text:华为", []),
        ("+wi-fi", ["4"]),  # a phrase where it must match
        ("title:wi-fi", ["4"]),
        ("text:wi-fi", []),
        ("wi-fi", ["4", "5"]),  # a bag of words where it ranks
        ("jet -wi-fi", ["5"]),
        ('kind:"annual report"', ["2"]),
        ("year:[1886 TO 1963]", ["1", "2", "4"]),
        ("year:{1886 TO *]", ["4", "5"]),
        ("-year:[* TO *]", ["3"]),
        ("-jet", ["1", "2", "3"]),
        ("jet year:1970", ["5"]),
        ("+year:[1963 TO 1970] 手机", ["4", "5"]),
        ("jet AND (fi OR x)", ["4", "5"]),
        ("jet AND NOT wi-fi", ["5"]),
        ("wi-f*", ["4"]),
        ("text:wi-f*", []),
        ("statue-of-lib*", ["2"]),
        ("statue-of*", ["1", "2"]),  # the place of a stop word is open, as in a phrase
        ("华为手*", ["3"]),
        ("华为手机*", ["3"]),
        ("很好的手机*", ["3"]),
        ("华手*", []),
        ("手*", ["3"]),
        ("*:*", ["1", "2", "3", "4", "5"]),
        ("*:* !jet", ["1", "2", "3"]),
        ("*:* jet", ["4", "5"]),
        ("+*:* jet", ["1", "2", "3", "4", "5"]),
        ("*:* OR jet", ["1", "2", "3", "4", "5"]),
        ("-*:*", []),
        ("jet && !wi-fi", ["5"]),
        ("liberty||jet", ["1", "2", "4", "5"]),
    ],
)
def test_what_is_found(small, query, ids):
    found = search_one(small, query)
    assert sorted(hit.id for hit in found) == ids
    assert found.total == len(ids) and found.note is None


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("the of", "nothing to look for: the words"),
        ("+the -of", "nothing to look for: the words"),
        ("?!", "nothing to look for: the words"),
        (" ", "the query is empty"),
    ],
)
def test_nothing_to_look_for(small, query, note):
    found = search_one(small, query)
    assert found.hits == [] and found.total == 0 and found.note.startswith(note)


def test_a_beginning_that_is_a_stop_word(small):
    assert search_one(small, "o*").note is None  # no stop word
    for query in ("the*", "the* OR of*"):
        found = search_one(small, query)
        assert not found.hits and found.note.startswith("nothing to look for: the words")
    assert [hit.id for hit in search_one(small, "a*")] == []  # a stop word too
    found = search_one(small, "the* jet", offset=9)
    assert not found.hits and found.note is None


@pytest.mark.parametrize("query", ["kind:[1 TO 5]", "jet kind:[* TO 5}", "+kind:{1 TO *]"])
def test_a_range_of_numbers_where_there_are_none(small, query):
    found = search_one(small, query)
    assert not found.hits and found.note.startswith("'kind' holds no numbers, and kind:")
    assert search_one(small, "kind:[x TO y]").note is None
    assert search_one(small, "year:[1 TO 2]").note is None


def test_a_filter_beside_the_query(small):
    assert search_one(small, "*:*", filter="jet").total == 2
    assert search_one(small, "+jet", filter="*:*").total == 2
    assert [hit.id for hit in search_one(small, "jet", filter="year:1970")] == ["5"]
    filter = Bool(must_not=[Equals("year", 1970)])
    assert [hit.id for hit in search_one(small, "+jet", filter=filter)] == ["4"]
    with pytest.raises(ConfigError, match="filter 'the': nothing to look for"):
        search_one(small, "jet", filter="the")
    with pytest.raises(ConfigError, match=r"^filter: column 1: field 'yaer'"):
        search_one(small, "the", filter="yaer:1")


def test_which_of_several_queries_cannot_be(small):
    with pytest.raises(ConfigError, match=r"^query 3: column 1: '\(' is not closed"):
        small.search_many(["jet", "wing", "(fi"])
    with pytest.raises(ConfigError, match=r"^query 2: text field 'x': choose from"):
        small.search_many(["jet", Term("a", field="x")])
    with pytest.raises(ConfigError, match=r"^filter: column 1: field 'x'"):
        small.search_many(["jet", "wing"], filter="x:1")
    for one in ("jet", Term("jet")):
        with pytest.raises(ConfigError, match=r"^queries .*: give a list of them"):
            small.search_many(one)
    assert [found.total for found in small.search_many(iter(["jet", "+wi-fi"]))] == [2, 1]


def test_as_deep_as_queries_go(small):
    """What can be made can be run, written and compared; a text is less deep than that."""
    for name in ("should", "must", "must_not", "filter"):
        query = Term("jet")
        for _ in range(161):
            query = Bool(**{name: [Term("statue"), query]})
        assert query == query and str(query) and hash(query)
        assert search_one(small, query).total >= 0
        with pytest.raises(ConfigError, match="more than 160 inside each other"):
            Bool(must=[query])
    text = "a x OR b AND (" * 50 + "c" + ")" * 50
    assert parse(text).depth <= 160 and search_one(small, text).total == 0


def test_hits_show_what_is_kept(small):
    hit = search_one(small, "jet", filter=Equals("year", "1963"))[0]
    assert hit.fields == {"title": "A wi-fi jet", "text": "wi and fi", "year": "1963"}
    assert hit.snippet() == "A wi-fi <b>jet</b>" and hit.snippet("text") == "wi and fi"
    assert hit.snippet("title", before="[", after="]") == "A wi-fi [jet]"


def test_an_explanation_names_its_shares(small):
    query = 'jet +title:wi-fi "the statue of liberty" aer*'
    explanation = explain_query(small, query, "4")
    assert [share.name for share in explanation.shares] == [
        "jet",
        'title:"wi fi"',
        '"statue _ liberty"',
    ]
    assert [share.tf for share in explanation.shares] == [1, 1, 0]
    absent = explain_query(small, query, "5")
    assert (absent.score, absent.shares) == (0.0, ())
    with pytest.raises(DataError, match="no document with the id 'x'"):
        explain_query(small, query, "x")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("jet )", "query, column 5: "),
        ("titel:jet", "^query, column 1: field 'titel': choose from kind, text, title, year"),
        (["jet"], r"query \['jet'\]: expected a text"),
        (Term("jet", field="titel"), "text field 'titel': choose from text, title"),
        ("jet^2\\\n3", r"^query, column 4: '\^2\\ 3': a boost is a number [^\n]*$"),
        (Bool(must=[Equals("yaer", "1")]), r"metadata 'yaer': choose from kind, year \(did you"),
    ],
)
def test_what_is_refused(small, query, message):
    with pytest.raises(ConfigError, match=message):
        search_one(small, query)


def test_metadata_is_that_of_the_documents_that_live(tmp_path):
    """Whether a name is known does not depend on what a merge has not removed yet."""
    index = SearchIndex.create(tmp_path)
    with index.writer() as writer:
        writer.add([Document("1", "", "jet", {"kind": "x"}), Document("2", "", "jet", {"n": "1"})])
    assert search_one(index, "kind:x").total == 1
    with index.writer() as writer:
        writer.delete(["1"])
    assert len(index.segments[0].segment.columns) == 2
    with pytest.raises(ConfigError, match="field 'kind': choose from n, text, title"):
        search_one(index, "kind:x")
    assert search_one(index, "n:1").total == 1


def test_delta_changes_the_order_of_bm25l_alone(filled):
    orders = {"bm25+": set(), "bm25l": set()}
    for variant, found in orders.items():
        for delta in (0, 1, 9):
            scorer = BM25(variant=variant, delta=delta)
            hits = search_one(filled[0], "jet wing heat", k=40, scorer=scorer)
            found.add(tuple(hit.id for hit in hits))
    assert len(orders["bm25+"]) == 1 < len(orders["bm25l"])


@pytest.mark.parametrize("scorer", ["bm25", BM25, 3])
def test_a_scorer_is_one(small, scorer):
    with pytest.raises(ConfigError, match=r"scorer .*: expected one such as BM25\(\)"):
        search_one(small, "jet", scorer=scorer)
    with pytest.raises(ConfigError, match="scorer "):
        explain_query(small, "jet", "4", scorer=scorer)


@pytest.mark.parametrize(("k", "offset"), [(0, 0), (1, -1), (1.5, 0), (1, 0.5), ("3", 0)])
def test_k_and_offset_are_checked(small, k, offset):
    with pytest.raises(ConfigError, match="k is 1 or more, offset 0 or more"):
        search_one(small, "jet", k=k, offset=offset)


def test_an_empty_index(tmp_path):
    index = SearchIndex.create(tmp_path / "index")
    for query in ("jet", "year:1963", "-jet", '"a b"', "a*"):
        found = search_one(index, query)
        assert found.hits == [] and found.total == 0
        assert found.note == "the index has no documents"
