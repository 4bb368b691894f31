"""References joined, against a naive search."""

from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import Alternatives, Pair, group_references

letters = st.sampled_from("abc")


def test_by_hand():
    pairs = [("a", "AH"), ("b", "B IY"), ("a", "EY"), ("a", "AH"), ("A", "EY")]
    found = group_references(Pair(*pair, "x.tsv", line) for line, pair in enumerate(pairs, 1))
    assert found == [
        Alternatives("a", ("AH", "EY"), "x.tsv", 1),
        Alternatives("b", ("B IY",), "x.tsv", 2),
        Alternatives("A", ("EY",), "x.tsv", 5),
    ]
    assert group_references([]) == []


@given(st.lists(st.tuples(letters, letters)))
def test_as_a_naive_search(sides):
    pairs = [Pair(source, target, "x", line) for line, (source, target) in enumerate(sides, 1)]
    wanted = []
    for pair in pairs:
        if pair.source in [source for source, _ in wanted]:
            continue
        targets = []
        for other in pairs:
            if other.source == pair.source and other.target not in targets:
                targets.append(other.target)
        wanted.append((pair.source, tuple(targets)))
    assert [(each.source, each.references) for each in group_references(pairs)] == wanted
