"""Modified Kneser-Ney beside what KenLM's lmplz makes of the same text."""

import gzip
import math
import os

import pytest
from counted import BOS, EOS, UNK, BackOff, count, nats

from seqkit.ngram.estimate import SmoothingConfig, estimate

IDS = {"<s>": BOS, "</s>": EOS, "<unk>": UNK, "a": 4, "b": 5, "c": 6}
LINES = ["a b", "a", "b a b c", "a b c", "c c a", "a b a b"]
UNIGRAMS = {"<unk>": -1, "</s>": -0.6264193, "a": -0.6264193, "b": -0.7191734, "c": -0.6264193}
# log10 of probabilities and back-off weights: lmplz -o 3 --discount_fallback 0.5 1 1.5 --prune ...
WHOLE = {
    "a </s>": (-0.43393767, 0),
    "c </s>": (-0.5453861, 0),
    "<s> a": (-0.28806505, -0.06694678),
    "a b": (-0.4616091, -0.120822154),
    "<s> c": (-0.74036264, -0.3679768),
    "b c": (-0.61406887, -0.076090164),
    "<s> a </s>": (-0.33871603, None),
    "c a </s>": (-0.13714094, None),
    "b c </s>": (-0.39817506, None),
    "<s> a b": (-0.52855587, None),
    "b a b": (-0.34616125, None),
    "<s> c c": (-0.15894943, None),
}
TRIGRAMS = {
    "<s> a": (-0.28806505, 0),
    "a b": (-0.4616091, -0.059768185),
    "<s> c": (-0.74036264, 0),
    "b c": (-0.61406887, -0.076090164),
    "a b </s>": (-0.5587743, None),
    "b c </s>": (-0.39817506, None),
    "<s> a b": (-0.4616091, None),
    "b a b": (-0.34616125, None),
    "a b c": (-0.5587743, None),
}
BIGRAMS = {
    "c": (-0.6264193, -0.079181254),
    "<s> a": (-0.25606284, 0),
    "c </s>": (-0.43933266, 0),
    "a b": (-0.4616091, -0.059768185),
    "b c": (-0.61406887, -0.076090164),
    "a b </s>": (-0.5587743, None),
    "b c </s>": (-0.3316988, None),
    "a b c": (-0.5587743, None),
}


@pytest.mark.parametrize(
    ("prune", "sizes", "expected"),
    [((), (6, 11, 11), WHOLE), ((0, 0, 1), (6, 11, 5), TRIGRAMS), ((0, 1), (6, 7, 5), BIGRAMS)],
)
def test_a_small_text(prune, sizes, expected):
    counts = count([[IDS[w] for w in line.split()] for line in LINES], order=3, vocabulary=7)
    table = estimate(counts, SmoothingConfig(prune=prune)).table
    assert table.levels.sizes == [sizes[0] + 1, *sizes[1:]]  # PAD is one of ours
    model = BackOff(table)
    for text, value in UNIGRAMS.items():
        assert model.log_probs[(IDS[text],)] / math.log(10) == pytest.approx(value, abs=1e-6)
    for text, (log_prob, backoff) in expected.items():
        gram = tuple(IDS[word] for word in text.split())
        assert model.log_probs[gram] / math.log(10) == pytest.approx(log_prob, abs=1e-6), text
        if backoff is not None:
            assert model.backoffs[gram] / math.log(10) == pytest.approx(backoff, abs=1e-6), text


@pytest.mark.skipif("SEQKIT_DATA" not in os.environ, reason="SEQKIT_DATA is not set")
@pytest.mark.parametrize(("order", "perplexity"), [(3, 148.281), (5, 141.186)])
def test_penn_treebank(order, perplexity):
    def read(split):
        with gzip.open(f"{os.environ['SEQKIT_DATA']}/ptb/ptb.{split}.txt.gz", "rt") as lines:
            return [line.split() for line in lines]

    train = read("train")
    ids = {word: i for i, word in enumerate(sorted({w for line in train for w in line}), start=4)}
    counts = count([[ids[w] for w in line] for line in train], order=order, vocabulary=len(ids) + 4)
    found = estimate(counts, SmoothingConfig())
    total, tokens = nats(found.table, [[ids[w] for w in line] for line in read("test")])
    assert tokens == 82_430
    assert math.exp(total / tokens) == pytest.approx(perplexity, abs=0.01)
    assert found.notes == []
