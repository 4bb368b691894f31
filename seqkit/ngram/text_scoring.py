"""From the bytes of lines to their log-probabilities in one compiled call.

What comes between words and figures never becomes a Python object. The loops that are called here
stand in two other files: numba compiles this one anew when this file changes, not when those do.
"""

import numpy as np

from seqkit.compiled import compiled
from seqkit.ngram.querying import score_ids
from seqkit.text.scanning import encode_text

__all__ = ["score_line", "score_lines"]

_EOS, _UNK = 2, 3


@compiled
def score_lines(text, words, trie, log_probs, counts):  # type: ignore[no-untyped-def]
    """Score each line of a text for itself.

    Args:
        text: bytes whose lines all end with a line feed; see `encode_text`.
        words: the three arrays of a lexicon, and which bytes are white space.
        trie: the three arrays of a trie, and its number for unseen contexts.
        log_probs: (lines,) float64, written: nats, the line end included.
        counts: (4, lines) int64, written: tokens, those of them that are unknown, characters and
            bytes; all with the line end.
    """
    ids = np.empty(len(text) // 2 + len(log_probs), np.uint32)
    ids = ids[: encode_text(text, words[0], words[1], words[2], words[3], ids, counts[2:])]
    nats, matched = np.empty(len(ids), np.float32), np.empty(len(ids), np.uint8)
    score_ids(trie[0], trie[1], trie[2], trie[3], ids, ids[:0], nats, matched)
    at = 0
    for line in range(len(log_probs)):
        total, first, unknown = 0.0, at, 0
        while ids[at] != _EOS:
            total += nats[at]
            unknown += ids[at] == _UNK
            at += 1
        log_probs[line] = total + nats[at]
        at += 1
        counts[0, line], counts[1, line] = at - first, unknown


@compiled
def score_line(text, words, trie):  # type: ignore[no-untyped-def]
    """Return what `score_lines` writes for a text of one line, as five numbers."""
    log_probs, counts = np.empty(1, np.float64), np.empty((4, 1), np.int64)
    score_lines(text, words, trie, log_probs, counts)
    return log_probs[0], counts[0, 0], counts[1, 0], counts[2, 0], counts[3, 0]
