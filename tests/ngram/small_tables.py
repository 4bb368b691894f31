"""Small models in back-off form, and the plain evaluator that the packed ones are held against."""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from seqkit.ngram.levels import Levels, NgramTable

BOS, EOS = 1, 2
Ngrams = dict[tuple[int, ...], tuple[float, float]]  # -> log-probability, back-off weight


def closed(ngrams, *, vocabulary):
    """Add the prefixes and suffixes of n-grams, and all unigrams."""
    found = {(word,) for word in range(vocabulary)}
    for gram in ngrams:
        found |= {gram[i:j] for i in range(len(gram)) for j in range(i + 1, len(gram) + 1)}
    return sorted(found)


def fill(ngrams, *, seed=0, special=0.2) -> Ngrams:
    """Give n-grams values at random, now and then -inf and 0.0."""
    rng = np.random.default_rng(seed)
    low = {gram: (-float(rng.exponential(4)), float(rng.normal(-1, 1))) for gram in ngrams}
    for gram, (log_prob, backoff) in low.items():
        if rng.random() < special:
            backoff = float(rng.choice([0.0, -np.inf]))
        if rng.random() < special:
            log_prob = float(rng.choice([0.0, -np.inf]))
        low[gram] = (-np.inf if gram[-1] <= BOS else log_prob, backoff)
    return {g: (float(np.float32(p)), float(np.float32(b))) for g, (p, b) in low.items()}


def table_of(ngrams: Ngrams, *, order: int, unseen_context: float = 0.0) -> NgramTable:
    """Put n-grams into arrays."""
    orders = [sorted(gram for gram in ngrams if len(gram) == k) for k in range(1, order + 1)]
    words = [np.array([gram[-1] for gram in grams], np.uint32) for grams in orders]
    starts = []
    for grams, longer in pairwise(orders):
        parents = [gram[:-1] for gram in longer]
        inner = [sum(parent < gram for parent in parents) for gram in grams]
        starts.append(np.array([*inner, len(longer)], np.uint32))
    log_probs = [np.array([ngrams[gram][0] for gram in grams], np.float32) for grams in orders]
    backoffs = [np.array([ngrams[gram][1] for gram in grams], np.float32) for grams in orders[:-1]]
    return NgramTable(Levels(words, starts), log_probs, backoffs, unseen_context)


def evaluate(ngrams: Ngrams, history, word, *, order, unseen_context=0.0) -> tuple[float, int]:
    """Back off as the definition says; returns log-probability and length of what was found.

    Args:
        history: the words before it in its line, from BOS on.
    """
    history = tuple(history)[max(0, len(history) - order + 1) :]
    known = history
    while known and known not in ngrams:
        known = known[1:]
    total = unseen_context * (len(history) - len(known))
    while (*known, word) not in ngrams:
        total += ngrams[known][1]
        known = known[1:]
    return total + ngrams[(*known, word)][0], len(known) + 1


def evaluate_block(ngrams: Ngrams, block, **options):
    """Evaluate ids of lines that end with EOS; returns two lists."""
    found, history = [], [BOS]
    for word in block:
        found.append(evaluate(ngrams, history, word, **options))
        history = [BOS] if word == EOS else [*history, word]
    return [log_prob for log_prob, _ in found], [length for _, length in found]


@st.composite
def models(draw, *, max_order=5):
    """Draw (order, vocabulary, n-grams with their values, nats for unseen contexts)."""
    order, vocabulary = draw(st.integers(1, max_order)), draw(st.integers(4, 9))
    word = st.integers(3, vocabulary - 1)
    gram = st.tuples(
        st.sampled_from([(), (BOS,)]),
        st.lists(word, min_size=0, max_size=order).map(tuple),
        st.sampled_from([(), (EOS,)]),
    ).map(lambda parts: sum(parts, ())[:order])
    ngrams = closed(draw(st.lists(gram, max_size=30)), vocabulary=vocabulary)
    values = fill(ngrams, seed=draw(st.integers(0, 99)), special=draw(st.sampled_from([0, 0.2])))
    return order, vocabulary, values, draw(st.sampled_from([0.0, -0.9]))
