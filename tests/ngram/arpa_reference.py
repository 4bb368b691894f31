"""A second reader of ARPA files and a second way to score: plain dicts, a line at a time."""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from seqkit.ngram.levels import Levels, NgramTable
from seqkit.text import Vocab

NAMES = {Vocab.BOS: "<s>", Vocab.EOS: "</s>", Vocab.UNK: "<unk>"}

Model = dict[tuple[str, ...], tuple[float, float]]
"""N-grams of all orders: log10 of the probability, and of the back-off weight."""

# as lmplz writes: <unk> and <s> first, words in the order of its hashes, bigrams by their last word
LMPLZ = """\\data\\
ngram 1=5
ngram 2=6
ngram 3=3

\\1-grams:
-0.9542425\t<unk>\t0
0\t<s>\t-0.30103
-0.6532125\t</s>\t0
-0.4771213\tthe\t-0.2218488
-0.7781513\tcat\t-0.1249387

\\2-grams:
-0.3979400\tcat </s>\t0
-0.6020600\tthe </s>\t0
-0.1549020\t<s> the\t-0.0969100
-0.5228787\tcat the\t0
-0.3010300\tthe cat\t-0.1760913
-0.8239087\tthe the\t0

\\3-grams:
-0.2041200\tthe cat </s>
-0.1760913\t<s> the cat
-0.6989700\t<s> the the

\\end\\
"""


def parse(text: str) -> Model:
    """Read an ARPA file that is as it should be."""
    model, order = {}, 0
    for line in text.splitlines():
        fields = line.split()
        if line.startswith("\\"):
            order = int(line[1]) if line[1].isdigit() else 0
        elif fields and order:
            weight = float(fields[order + 1]) if len(fields) > order + 1 else 0.0
            model[tuple(fields[1 : order + 1])] = (float(fields[0]), weight)
    return model


def as_text(model: Model) -> str:
    """Write an ARPA file, in the order of the dict."""
    orders = range(1, max(map(len, model)) + 1)
    lines = ["\\data\\", *(f"ngram {k}={sum(len(g) == k for g in model)}" for k in orders)]
    for k in orders:
        lines += ["", f"\\{k}-grams:"]
        for gram, (log_prob, weight) in model.items():
            end = f"\t{weight!r}" if k < orders[-1] else ""
            lines += [f"{log_prob!r}\t{' '.join(gram)}{end}"] if len(gram) == k else []
    return "\n".join([*lines, "", "\\end\\", ""])


def as_model(vocab: Vocab, table: NgramTable) -> Model:
    """Turn a table into a dict; PAD is left out."""
    names = [NAMES.get(id) or vocab.word(id) for id in range(len(vocab))]
    grams, model = [(id,) for id in table.levels.words[0].tolist()], {}
    for level, words in enumerate(table.levels.words):
        if level:
            starts = table.levels.starts[level - 1].tolist()
            ends = itertools.pairwise(starts)
            prefixes = [gram for gram, (i, j) in zip(grams, ends, strict=True) for _ in range(i, j)]
            grams = [(*gram, w) for gram, w in zip(prefixes, words.tolist(), strict=True)]
            assert grams == sorted(set(grams))
        weights = table.backoffs[level] if level < len(table.backoffs) else np.zeros(len(grams))
        for gram, log_prob, weight in zip(grams, table.log_probs[level], weights, strict=True):
            if gram != (Vocab.PAD,):
                log10 = float(log_prob) / math.log(10), float(weight) / math.log(10)
                model[tuple(names[id] for id in gram)] = log10
    return model


def as_table(grams: dict[tuple[int, ...], tuple[float, float]], vocabulary: int) -> NgramTable:
    """Turn a dict of n-grams of ids, in nats, closed under prefix and suffix, into a table."""
    full = {(id,): (-math.inf, 0.0) for id in range(vocabulary)} | grams
    words, starts, log_probs, backoffs, above = [], [], [], [], [()]
    order = max(map(len, full))
    for k in range(1, order + 1):
        level = sorted(gram for gram in full if len(gram) == k)
        words.append(np.array([gram[-1] for gram in level], np.uint32))
        log_probs.append(np.array([full[gram][0] for gram in level], np.float32))
        if k < order:
            backoffs.append(np.array([full[gram][1] for gram in level], np.float32))
        if k > 1:
            children = [sum(gram[:-1] == prefix for gram in level) for prefix in above]
            starts.append(np.cumsum([0, *children]).astype(np.uint32))
        above = level
    return NgramTable(Levels(words, starts), log_probs, backoffs)


def table_of(grams: dict[tuple[int, ...], tuple[float, float]], vocabulary: int) -> NgramTable:
    """Do as `as_table` from log10."""
    nats = {g: (p * math.log(10), weight * math.log(10)) for g, (p, weight) in grams.items()}
    return as_table(nats, vocabulary)


def log10_prob(model: Model, context: tuple[str, ...], word: str) -> float:
    """Back off as the definition says: one word of the context after the other."""
    if (*context, word) in model:
        return model[(*context, word)][0]
    if not context:
        raise KeyError(word)
    return model.get(context, (0.0, 0.0))[1] + log10_prob(model, context[1:], word)


def score(model: Model, words: Sequence[str]) -> list[float]:
    """Return log10 probabilities of the words of a line and of its end."""
    order = max(map(len, model))
    line = ["<s>", *(word if (word,) in model else "<unk>" for word in words), "</s>"]
    return [
        log10_prob(model, tuple(line[max(0, at + 1 - order) : at]), line[at])
        for at in range(1, len(line))
    ]
