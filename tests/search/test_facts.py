"""What is told of an index, beside its files and plain counting."""

from collections import Counter

import numpy as np
from small_index import WORDS, document, filled

from seqkit.search.facts import frequent_terms, index_facts, length_quantiles


def some(count, start=0):
    return [
        document(
            f"d{n}", " ".join(WORDS[(n * k) % len(WORDS)] for k in range(1, 2 + n % 5)), year="1"
        )
        for n in range(start, start + count)
    ]


def test_bytes_are_those_of_the_files(tmp_path):
    index = filled(tmp_path / "index", some(30), some(20, 30))
    with index.writer() as writer:
        writer.delete(["d3", "d31"])
    facts = index_facts(index)
    files = sum(path.stat().st_size for path in (tmp_path / "index").glob("seg-*.bin"))
    assert sum(facts["bytes"].values()) == files
    assert {"postings", "positions", "terms", "ids", "metadata", "stored text"} <= facts[
        "bytes"
    ].keys()
    assert "other" not in facts["bytes"]
    assert facts["documents"] == 48 == sum(part["documents"] for part in facts["segments"])
    assert facts["generation"] == index.snapshot.generation


def test_frequent_terms_and_lengths(tmp_path):
    documents = some(40)
    index = filled(tmp_path / "index", documents[:25], documents[25:])
    with index.writer() as writer:
        writer.delete(["d7"])
    left = [one for one in documents if one.id != "d7"]
    texts = [[word for word in one.text.split() if word != "the"] for one in left]
    df = Counter(word for words in texts for word in {*words})
    cf = Counter(word for words in texts for word in words)
    wanted = sorted(((word, df[word], cf[word]) for word in df), key=lambda row: (-row[1], row[0]))
    assert frequent_terms(index.snapshot, 4) == wanted[:4]
    lengths = sorted(map(len, texts))
    found = length_quantiles(index.snapshot)
    assert found["least"] == lengths[0] and found["most"] == lengths[-1]
    assert found["median"] in (int(np.floor(np.median(lengths))), int(np.ceil(np.median(lengths))))
    assert length_quantiles(filled(tmp_path / "none").snapshot) == {}
