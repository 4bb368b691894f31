"""The query language: what each form means, where a fault is, and that it can be written back."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqkit.errors import ConfigError
from seqkit.search.parsing import parse
from seqkit.search.query import All, Bool, Equals, Phrase, Prefix, Range, Term, Words

FIELDS, METADATA = ("title", "text"), ("year", "kind", "pub date")


def read(text):
    return parse(text, fields=FIELDS, metadata=METADATA)


def bag(text):
    words = tuple(Term(word) for word in text.split())
    return words[0] if len(words) == 1 else Bool(should=words)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("jet", Term("jet")),
        ("heat transfer", bag("heat transfer")),
        ("+jet -air wing", Bool(should=[Term("wing")], must=[Term("jet")], must_not=[Term("air")])),
        ('"heat transfer"', Phrase("heat transfer")),
        ('"a \\" b"^2', Phrase('a " b', boost=2)),
        ("aero*", Prefix("aero")),
        ("title:aero*^0.5", Prefix("aero", field="title", boost=0.5)),
        ("title:jet", Term("jet", field="title")),
        ('title:"heat transfer"^3', Phrase("heat transfer", field="title", boost=3)),
        ("title:(jet …)", Bool(should=[Term("jet", field="title"), Term("…", field="title")])),
        ("title:(text:wing)", Term("wing", field="text")),
        ("jet^2.5 wing", Bool(should=[Term("jet", boost=2.5), Term("wing")])),
        ("(jet wing)^2", Bool(should=[Term("jet"), Term("wing")], boost=2)),
        ("(jet^2)^3", Term("jet", boost=6)),
        ("-(jet wing)", Bool(must_not=[bag("jet wing")])),
        ("year:1963", Equals("year", "1963")),
        ("year:-5", Equals("year", "-5")),
        ('kind:"annual report"', Equals("kind", "annual report")),
        ("pub\\ date:x", Equals("pub date", "x")),
        ("year:[1960 TO 1970]", Range("year", 1960, 1970)),
        ("year:{1960 TO *]", Range("year", "1960", None, include_low=False)),
        ('year:[* TO "19 70"}', Range("year", None, "19 70", include_high=False)),
        ("jet year:1963", Bool(should=[Term("jet")], filter=[Equals("year", "1963")])),
        ("+year:1963 jet", Bool(should=[Term("jet")], must=[Equals("year", "1963")])),
        ("jet (-wing)", Bool(should=[Term("jet")], filter=[Bool(must_not=[Term("wing")])])),
        ("jet AND wing", Bool(must=[Term("jet"), Term("wing")])),
        ("jet AND NOT wing", Bool(must=[Term("jet")], must_not=[Term("wing")])),
        ("jet OR wing", bag("jet wing")),
        ("jet OR year:1963", Bool(should=[Term("jet"), Equals("year", "1963")])),
        ("a OR b AND c", Bool(should=[Term("a"), Bool(must=[Term("b"), Term("c")])])),
        ("a b OR c", Bool(should=[Term("a"), bag("b c")])),
        ("-a OR b", Bool(should=[Bool(must_not=[Term("a")]), Term("b")])),
        ("NOT jet", Bool(must_not=[Term("jet")])),
        ("!jet", Bool(must_not=[Term("jet")])),
        ('wing !"a b"', Bool(should=[Term("wing")], must_not=[Phrase("a b")])),
        ("!(jet wing)", Bool(must_not=[bag("jet wing")])),
        ("jet && !wing", Bool(must=[Term("jet")], must_not=[Term("wing")])),
        ("a || b && c", Bool(should=[Term("a"), Bool(must=[Term("b"), Term("c")])])),
        ("*:*", All()),
        ("*:* -jet", Bool(must_not=[Term("jet")], filter=[All()])),
        ("(*:* OR jet)", Bool(should=[All(), Term("jet")])),
        (r"\!jet \&& \|| \*\:\* \--x", bag("!jet && || *:* --x")),
        (r"\+jet \AND title\:x \"c", bag('+jet AND title:x "c')),
        (r"a\ b\*", Term("a b*")),
        ("", Bool()),
        (" \n\t", Bool()),
    ],
)  # fmt: skip
def test_each_form(text, query):
    assert read(text) == query


@pytest.mark.parametrize(
    "text",
    [
        "What's new in 2024, and isn't it fun?",
        "state-of-the-art wi-fi: how it works!",
        "Is C++ faster than C#? See section 3.5.",
        "at 10:30 a plus + a minus - and a dash -- here",
        "see http://example.org/a?b=c or std::vector",
        "a 5\" pipe & an O'Neill [sic] {x} <b> 100% $5 *** ^_^",
        "华为手机 怎么样？",
        "so it goes: and so on",
        "2 * 3 = 6; don't @me #tag a/b a_b a|b ~5",
        "Wow! That's it !!! a != b ! a&&b C++ ++ -- !? &c.",
    ],
)
def test_a_plain_sentence_is_its_words(text):
    assert read(text) == bag(text)


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("jet )", 5, "')' closes no group"),
        ("jet (wing", 5, "'(' is not closed"),
        ("jet ()", 5, "group is empty"),
        ('a "b c', 3, "is not closed"),
        ("AND jet", 1, "AND with nothing before it: write and in small"),
        ("jet OR", 5, "OR with nothing behind it"),
        ("jet AND OR wing", 9, "OR with nothing before"),
        ("jet NOT", 5, "NOT with nothing"),
        ("jet NOT !wing", 5, "NOT with nothing"),
        ("NOT && jet", 1, "NOT with nothing"),
        ("jet ||", 5, "|| with nothing behind it: write \\|| for itself"),
        ("&& jet", 1, "&& with nothing before it: write \\&& for itself"),
        ("jet OR && wing", 8, "&& with nothing before it"),
        ("a --jet", 3, "'--': write one sign, or \\-- for the signs"),
        ("++jet", 1, "'++': write one sign"),
        ("(+-jet)", 2, "'+-': write one sign"),
        ("NOT --jet", 5, "'--': write one sign"),
        ("!!(a b)", 1, "'!!': write one sign"),
        ('a OR -+"b"', 6, "'-+': write one sign"),
        ("*:*^2", 4, "no boost"),
        ("NOT -jet", 1, "NOT with nothing"),
        ("+a OR b", 1, "'+' beside OR"),
        ("jet^", 4, "a boost is a number"),
        ("jet^2x", 4, "a boost is a number"),
        ("jet^0", 4, "above 0"),
        ("jet^1e999", 4, "above 0, finite"),
        ("(jet^1e300)^1e300", 12, "above 0, finite"),
        ("we*ng", 3, "'*' only stands at the end"),
        ("title:*", 7, "letters before it"),
        ('"a b"~3', 6, "'~' behind a phrase is not supported"),
        ("jet~2", 4, "'~' behind a word is not supported"),
        ("wing title:a~\\(b~0.5^2", 17, "'~' behind a word is not supported"),
        ("titel:jet", 1, "choose from kind, pub date, text, title, year (did you mean 'title'?)"),
        ("jet title: x", 10, "nothing behind 'title:'"),
        ("title:[a TO b]", 1, "a range is for metadata"),
        ("year:[1960 to 1970]", 6, "expected year:[1960 TO 1970]"),
        ("year:[1960 TO 1970", 6, "expected year:[1960 TO 1970]"),
        ("year:19*", 1, "'year' is metadata"),
        ("year:(1 2)", 1, "'year' is metadata"),
        ("year:1963^2", 1, "no boost"),
        ("year:[1 TO 2]^2", 14, "no boost"),
        ("(year:1963)^2", 12, "no boost"),
        ("jet \\", 5, "nothing behind '\\'"),
        ("(" * 100 + "a" + ")" * 100, 51, "more than 50 groups"),
    ],
)
def test_a_fault_is_named_with_its_column(text, column, what):
    with pytest.raises(ConfigError) as fault:
        read(text)
    message = str(fault.value)
    assert message.startswith(f"query, column {column}: ") and what in message, message
    assert "\n" not in message


def test_a_tilde_that_stands_for_itself():
    assert parse(r"a~b\~2") == Term("a~b~2")


def test_where_any_name_may_be_metadata():
    assert parse("year:1963", metadata=None) == Equals("year", "1963")


MARKS = [
    "(",
    ")",
    '"',
    "+",
    "-",
    "!",
    "&&",
    "||",
    "*:*",
    "*",
    ":",
    "\\",
    "^2",
    "~2",
    "[",
    "]",
    "2}",
    "'",
    "1.5",
    " ",
    " ",
]
PIECES = [
    "jet",
    "wing",
    "华",
    "AND",
    "OR",
    "NOT",
    "TO",
    "title:",
    "kind:",
    "year:",
    "year:[1 TO 2}",
]
texts = st.lists(st.sampled_from(PIECES + MARKS), max_size=12).map("".join) | st.text(max_size=20)


@given(texts)
@example("(-a) b")
@example("year:1 OR year:2 jet")
@example("a OR (b OR year:1) +c")
@example("-a OR -b OR c d")
@example("*^2")
@example("*:* (*:*)")
@example("-*:* OR !a || *:*")
def test_what_is_written_parses_to_the_same(text):
    try:
        query = read(text)
    except ConfigError as fault:
        assert str(fault).startswith("query, column ")
        return
    assert read(str(query)) == query


leaves = st.one_of(
    st.builds(All),
    st.builds(Term, st.text("!+-&|*:a", min_size=1, max_size=4)),
    st.builds(Term, st.text(min_size=1, max_size=6), field=st.sampled_from([None, "title"])),
    st.builds(Phrase, st.text(max_size=6), field=st.sampled_from([None, "text"])),
    st.builds(Prefix, st.text("ab*:1", min_size=1, max_size=5).filter(lambda t: "a" in t)),
    st.builds(Equals, st.sampled_from(METADATA), st.text(max_size=6)),
    st.builds(
        Range,
        st.sampled_from(METADATA),
        st.none() | st.text(max_size=3).filter(lambda text: text != "*") | st.integers(),
        st.none() | st.floats(allow_nan=False),
        include_low=st.booleans(),
    ),
)


@given(leaves)
def test_a_part_made_in_python_parses_to_the_same(query):
    assert read(str(query)) == query


def test_words_are_written_as_their_words():
    assert str(Words(" ")) == ""
    assert read(str(Words("to be (or) not: AND 2^3"))) == bag("to be (or) not: AND 2^3")


@pytest.mark.parametrize("boost", [0, -1, float("inf"), float("nan"), "2", None, True])
def test_a_boost_is_above_zero(boost):
    with pytest.raises(ConfigError, match=r"boost .* must be a number above 0, finite"):
        Term("a", boost=boost)


def test_a_clause_is_a_query():
    with pytest.raises(ConfigError, match="should holds 'jet', expected a list of queries"):
        Bool(should="jet")
    with pytest.raises(ConfigError, match="must holds 'jet', expected a list of queries"):
        Bool(must=["jet"])
    with pytest.raises(ConfigError, match="must holds None, expected a list of queries"):
        Bool(must=None)
    with pytest.raises(ConfigError, match=r"filter is one query, expected several: filter=\[Equ"):
        Bool(filter=Equals("year", 1960))
    with pytest.raises(ConfigError, match="Term: the text is empty"):
        Term("")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Term(3), "Term: text is 3, expected a string"),
        (lambda: Phrase(["a", "b"]), r"Phrase: text is \['a', 'b'\], expected a string"),
        (lambda: Prefix(None), "Prefix: text is None, expected a string"),
        (lambda: Words(b"a"), "Words: text is b'a', expected a string"),
        (lambda: Term("a", field=1), "Term: field is 1, expected a string"),
        (lambda: Equals("year", None), "Equals: value is None, expected a string or a number"),
        (lambda: Equals("year", True), "Equals: value is True, expected a string or a number"),
        (lambda: Equals(1, "a"), "Equals: name is 1, expected a string"),
        (lambda: Range("year", [1], 2), r"Range: low is \[1\], expected a string or a number"),
    ],
)
def test_what_a_query_holds_is_checked(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_numbers_are_their_text():
    assert Equals("year", 1960) == Equals("year", "1960")
    assert Range("year", 1.5, 2) == Range("year", "1.5", "2")
