"""The audit of documents beside one in plain Python."""

from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import Document, DocumentAuditor, content_key

TEXTS = st.sampled_from(["", " \n", "Heat!", "heat", "jet engine", "jet\ufffd"])


def audited(documents, fields=("title", "text")):
    auditor = DocumentAuditor(fields)
    assert list(auditor.watch(iter(documents))) == documents
    return auditor.result(lambda: iter(documents))


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=12))
def test_against_counting(texts):
    documents = [Document(str(n), *pair, {"year": "1"}) for n, pair in enumerate(texts)]
    found = audited(documents)
    contents = ["\n".join(filter(None, pair)) for pair in texts]
    seen: dict[int, str] = {}
    pairs = []
    for number, content in enumerate(contents):
        if content.strip():
            first = seen.setdefault(content_key(content), str(number))
            pairs += [(first, str(number))] if first != str(number) else []
    assert found.documents == len(texts)
    assert found.empty == sum(not content.strip() for content in contents)
    assert found.repeats == len(pairs) and found.examples == tuple(pairs[:5])
    assert found.characters == sum(map(len, contents))
    assert found.undecodable == sum("\ufffd" in content for content in contents)
    had = {"title": sum(bool(title) for title, _ in texts)}
    had["text"] = sum(bool(text) for _, text in texts)
    assert found.fields == had | ({"year": len(texts)} if texts else {})
    if contents:
        longest = max(map(len, contents))
        assert found.longest == (longest, str([*map(len, contents)].index(longest)))


def test_what_is_told():
    documents = [Document("a", "", "heat", {}), Document("b", "", "Heat", {})]
    documents.append(Document("c", "", "caf\ufffd", {}))
    documents.append(Document("d", "", "", {}))
    found = audited(documents, ("text", "body"))
    told = "\n".join(found.lines())
    assert "- 4 documents, 12 characters; the longest, 'a', has 4." in told
    assert "    - 'b' repeats 'a'" in told and "text 3, body 0" in told
    warnings = "\n".join(found.warnings())
    assert "no document has the field 'body'" in warnings
    assert "1 of 4 documents (25.0%) are empty" in warnings
    assert "repeat an earlier one" in warnings and "hold U+FFFD" in warnings
    assert found.to_dict()["repeats"] == 1
