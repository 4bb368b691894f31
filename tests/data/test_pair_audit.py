"""The audit of pairs, against faults counted by hand and a comparison of all with all."""

import json

from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import Pair, audit_pairs, content_text


def pairs(name: str, sides) -> list[Pair]:
    return [Pair(*side, f"{name}.tsv", line) for line, side in enumerate(sides, 1)]


TRAIN = pairs("train", [("Go.", "Va !"), ("Go.", "Vas-y."), ("Go.", "Va !"), ("Run!", "Cours !")])
VALID = pairs(
    "valid", [("go", "va"), ("Go.", "Allez."), ("I go.", "Va !"), ("Stop", "Halte\ufffd")]
)
TEST = pairs("test", [("STOP!", "Arrêtez.")])


def test_counts_by_hand():
    train, valid, test = audit_pairs({"train": TRAIN, "valid": VALID, "test": TEST}).splits
    assert (train.pairs, train.repeats, train.alternatives) == (4, 1, 1)
    assert (train.source.distinct, train.source.words, train.source.longest) == (2, 4, 4)
    assert (train.target.distinct, train.target.words, train.target.longest) == (3, 7, 7)
    assert train.target.characters == sum(len(pair.target) for pair in TRAIN)
    assert (valid.repeats, valid.alternatives, valid.undecodable) == (0, 0, 1)
    assert test.source.distinct == 1


def test_leaks_by_hand():
    found = audit_pairs({"train": TRAIN, "valid": VALID, "test": TEST})
    told = [(x.split, x.against, x.pairs, x.sources, x.exact, x.targets) for x in found.leaks]
    assert told == [
        ("valid", "train", 1, 2, 1, 2),
        ("test", "train", 0, 0, 0, 0),
        ("test", "valid", 0, 1, 0, 0),
    ]
    assert found.leaks[0].examples == (("valid.tsv:1", "go"), ("valid.tsv:2", "Go."))
    remedy = "flatter the model; leave them out of one of the two"
    assert found.warnings() == [
        "2 of 4 valid pairs (50.0%) have a source that stands in train too, 1 to the letter, 1 "
        f"with the same target: figures on valid {remedy}",
        "1 of 1 test pairs (100.0%) have a source that stands in valid too, 0 to the letter, 0 "
        f"with the same target: figures on test {remedy}",
        "1 of 4 valid pairs hold U+FFFD, the mark of bytes that were not UTF-8",
    ]
    lines = found.lines()
    assert "| train | 4 | 2 | 3 | 1 | 1 | 4 / 7 | 4 / 7 | 0 |" in lines
    assert (
        "- 0 of 1 test pairs have a source that stands in train too; 0 have a target that does."
        in lines
    )
    assert "    - valid.tsv:2: 'Go.'" in lines and all("\n" not in line for line in lines)
    assert json.loads(json.dumps(found.to_dict()))["leaks"][0]["sources"] == 2


def test_a_target_that_stands_in_train_is_told_and_not_warned_of():
    found = audit_pairs(
        {"train": pairs("a", [("two", "T UW")]), "test": pairs("b", [("too", "T UW")])}
    )
    assert found.leaks[0].targets == 1 and found.warnings() == []
    assert found.lines()[-1].endswith("; 1 have a target that does (100.0%).")


def test_an_empty_split():
    found = audit_pairs({"train": TRAIN, "valid": []})
    assert found.splits[1].source.distinct == 0 and found.leaks[0].share == 0.0


text = st.sampled_from(["a", "A!", "b", "a b", "A, b.", "c"])
some = st.lists(st.tuples(text, text), max_size=12)


@given(some, some)
def test_as_a_comparison_of_all_with_all(first, second):
    found = audit_pairs({"train": pairs("a", first), "valid": pairs("b", second)})
    for split, sides in zip(found.splits, (first, second), strict=True):
        assert split.source.distinct == len({source for source, _ in sides})
        earlier = [sides[:at] for at in range(len(sides))]
        assert split.repeats == sum(x in before for x, before in zip(sides, earlier, strict=True))
        assert split.pairs == split.source.distinct + split.alternatives + split.repeats
    same = [[content_text(a) == content_text(x) for a, _ in first] for x, _ in second]
    same_target = [[content_text(b) == content_text(y) for _, b in first] for _, y in second]
    (leak,) = found.leaks
    assert leak.sources == sum(map(any, same)) and leak.targets == sum(map(any, same_target))
    assert leak.exact == sum(any(x == a for a, _ in first) for x, _ in second)
    both = [any(map(all, zip(*each, strict=True))) for each in zip(same, same_target, strict=True)]
    assert leak.pairs == sum(both)
