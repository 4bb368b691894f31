"""Compiled loops that read a packed trie; `seqkit.ngram.frame` says how its bits lie.

All take the trie as three read-only arrays: `data` uint64, `shape` int64 and `codes` float64, the
last two as `Frame.arrays` makes them.
"""

import numpy as np

from seqkit.compiled import compiled

__all__ = ["fill_distributions", "score_ids", "unpack_level", "unpack_unigrams"]

_CHUNK = 256  # positions whose working arrays stay in the innermost cache
_PAD, _BOS, _EOS = np.uint64(0), np.uint64(1), np.uint64(2)
_U0, _U1, _U6, _U32, _U63 = (np.uint64(number) for number in (0, 1, 6, 32, 63))


@compiled
def _field(data, bit, mask):  # type: ignore[no-untyped-def]
    """Read a field that begins at `bit`."""
    word, shift = bit >> _U6, bit & _U63
    # the second half in two shifts: one by 64 is undefined
    return ((data[word] >> shift) | ((data[word + _U1] << _U1) << (_U63 - shift))) & mask


@compiled
def _level(shape, k):  # type: ignore[no-untyped-def]
    """Return what the functions below need to know of level k, as numbers in registers.

    0 first bit, 1 bits of a record; place and mask of 2 log-probability, 4 back-off weight and
    6 start; 8 mask of the word; 9, 10 where the two kinds are decoded in `codes`; 11 by a codebook;
    12 records of the next level, which no start exceeds, not even in a damaged file.
    """
    word, prob, backoff = np.uint64(shape[k, 2]), np.uint64(shape[k, 3]), np.uint64(shape[k, 4])
    start = np.uint64(shape[k, 5])
    return (
        np.uint64(shape[k, 0]),
        np.uint64(shape[k, 1]),
        word,
        (_U1 << prob) - _U1,
        word + prob,
        (_U1 << backoff) - _U1,
        word + prob + backoff,
        (_U1 << start) - _U1,
        (_U1 << word) - _U1,
        np.uint64(shape[k, 6]),
        np.uint64(shape[k, 7]),
        np.uint64(shape[k, 8]),
        np.uint64(shape[k, 9]),
    )


@compiled
def _decode(codes, first, is_book, code):  # type: ignore[no-untyped-def]
    """Return the value of a code; see `Coding`."""
    if is_book:
        return np.float32(codes[first + code])
    if code <= _U1:
        return np.float32(0.0 if code else -np.inf)
    return np.float32(codes[first] + codes[first + _U1] * np.float64(np.int64(code) - 2))


@compiled
def _log_prob(data, codes, level, bit):  # type: ignore[no-untyped-def]
    return _decode(codes, level[9], level[11], _field(data, bit + level[2], level[3]))


@compiled
def _backoff(data, codes, level, bit):  # type: ignore[no-untyped-def]
    return _decode(codes, level[10], level[11], _field(data, bit + level[4], level[5]))


@compiled
def _start(data, level, bit):  # type: ignore[no-untyped-def]
    return min(_field(data, bit + level[6], level[7]), level[12])


@compiled
def _unigram(data, shape, id):  # type: ignore[no-untyped-def]
    """Return log-probability, back-off weight, and first and last child of a word."""
    at = np.uint64(shape[0, 0]) + (id << _U1)
    pair = data[at]
    log_prob = np.uint32(pair & ((_U1 << _U32) - _U1)).view(np.float32)
    backoff = np.uint32(pair >> _U32).view(np.float32)
    most = np.uint64(shape[0, 9])
    first = min(data[at + _U1], most)
    return log_prob, backoff, first, max(first, min(data[at + _U1 + _U1 + _U1], most))


@compiled
def _find(data, level, low, high, id):  # type: ignore[no-untyped-def]
    """Return the bit of the last of the records `low` to `high` whose word is not above `id`.

    Where there is none it is that of `low`.
    """
    bit, count = level[0] + low * level[1], high - low
    while count > _U1:
        half = count >> _U1
        step = half * level[1]
        bit += step * np.uint64(_field(data, bit + step, level[8]) <= id)
        count -= half
    return bit


@compiled
def _find_all(data, level, low, high, words, count, found, read, todo):  # type: ignore[no-untyped-def]
    """Do as `_find` for each position, among the children of the one before it.

    All take the same step before any takes the next, without a branch on what was read: the
    processor has many reads under way while it waits for the memory.

    Args:
        found: written: the bits of the records.
        read: written: the words of these records.
        todo: written over: the positions that go on.
    """
    left, going = read, 0  # how many records are in question
    for i in range(1, count):
        found[i] = level[0] + low[i - 1] * level[1]
        # the words of a range ascend, from 2 on at least: less than `words[i]` stand before it
        left[i] = min(high[i - 1] - low[i - 1], words[i])
        todo[going] = i
        going += left[i] > _U1
    while going > 0:
        these, going = going, 0
        for j in range(these):
            i = todo[j]
            half = left[i] >> _U1
            step = half * level[1]
            found[i] += step * np.uint64(_field(data, found[i] + step, level[8]) <= words[i])
            left[i] -= half
            todo[going] = i
            going += left[i] > _U1
    for i in range(1, count):
        read[i] = _field(data, found[i], level[8])


@compiled
def score_ids(data, shape, codes, unseen, ids, context, log_probs, matched):  # type: ignore[no-untyped-def]
    """Write the log-probability of each id, and the length of the n-gram that was found for it.

    All positions of a chunk are looked up in one level, then in the next: of the level before,
    a position needs only what its neighbour found there, so that no search waits for another one.

    Args:
        unseen: nats for each word of context beyond the longest known one.
        ids: (n,) uint32, lines that end with EOS.
        context: (c,) uint32, what stands before them; nothing where a line begins.
        log_probs: (n,) float32, written.
        matched: (n,) uint8, written.

    Returns:
        The first id that the model does not have, -1 where it has all.
    """
    order, vocabulary = len(shape), np.uint64(shape[0, 1])
    history = order - 1
    room = min(_CHUNK, 2 * (len(ids) + history) + 1)
    working = np.empty((6, room), np.uint64)  # few arrays: making them is felt in a short line
    words, low, high = working[0], working[1], working[2]
    found, read, todo = working[3], working[4], working[5]
    weights = np.empty((2, room), np.float32)
    total, backoff = weights[0], weights[1]
    target, length = np.empty(room, np.int64), np.empty(room, np.uint8)

    first, done = -min(history, len(context)), 0  # negative positions are those of the context
    while done < len(ids):
        # The ids of the chunk, behind those of their context; BOS after each EOS.
        count, at = 0, max(done - history, first)
        if at == 0 and len(context) == 0:
            words[0], target[0], count = _BOS, -1, 1
        while at < len(ids) and count + 1 < room:
            id = np.uint64(ids[at] if at >= 0 else context[len(context) + at])
            if id >= vocabulary:
                return np.int64(id)
            words[count], target[count] = id, at if at >= done else -1
            count += 1
            at += 1
            if id == _EOS:
                words[count], target[count] = _BOS, -1
                count += 1
        done = at

        for i in range(count):
            total[i], backoff[i], low[i], high[i] = _unigram(data, shape, words[i])
            length[i] = 1
        for k in range(1, order):
            level = _level(shape, k)
            _find_all(data, level, low, high, words, count, found, read, todo)
            for i in range(count - 1, 0, -1):  # the neighbour must still hold the level before
                bit = found[i]
                if low[i - 1] < high[i - 1] and read[i] == words[i]:
                    total[i] = _log_prob(data, codes, level, bit)
                    length[i] = k + 1
                    if k < history:
                        backoff[i] = _backoff(data, codes, level, bit)
                        low[i] = _start(data, level, bit)
                        high[i] = max(low[i], _start(data, level, bit + level[1]))
                else:
                    total[i] += backoff[i - 1]
                    backoff[i], low[i], high[i] = 0.0, _U0, _U0
            backoff[0], low[0], high[0] = 0.0, _U0, _U0  # nothing stands before it

        there = 0  # words of context
        for i in range(count):
            there = 0 if words[i] == _BOS else there
            if target[i] >= 0:
                beyond = max(0, there - np.int64(length[i - 1])) if there else 0
                log_probs[target[i]] = total[i] + np.float32(unseen * beyond)
                matched[target[i]] = length[i]
            there = min(there + 1, history)
    return -1


@compiled
def fill_distributions(data, shape, codes, unseen, contexts, log_probs):  # type: ignore[no-untyped-def]
    """Write the log-probabilities of all ids after each context.

    Args:
        unseen: as in `score_ids`.
        contexts: (B, C) uint32, PAD on the left where no word is.
        log_probs: (B, V) float32, written.

    Returns:
        The first id that the model does not have, -1 where it has all.
    """
    order, vocabulary = len(shape), np.uint64(shape[0, 1])
    rows, width = contexts.shape
    low, high = np.empty(order, np.uint64), np.empty(order, np.uint64)
    backoff = np.empty(order, np.float32)
    for row in range(rows):
        there = 0
        while there < min(width, order - 1) and contexts[row, width - 1 - there] != _PAD:
            there += 1
            if contexts[row, width - there] >= vocabulary:
                return np.int64(contexts[row, width - there])
        known = 0
        for words in range(1, there + 1):  # the contexts of 1, 2, ... words, each from its first
            at = width - words
            _, weight, begin, end = _unigram(data, shape, np.uint64(contexts[row, at]))
            k = 1
            while k < words and begin < end:
                level, id = _level(shape, k), np.uint64(contexts[row, at + k])
                bit = _find(data, level, begin, end, id)
                if _field(data, bit, level[8]) != id:
                    break
                weight = _backoff(data, codes, level, bit)
                begin = _start(data, level, bit)
                end = max(begin, _start(data, level, bit + level[1]))
                k += 1
            if k < words:
                break
            known = words
            low[words], high[words], backoff[words] = begin, end, weight

        rest = np.float32(unseen * (there - known))
        for words in range(known, 0, -1):  # what a word pays that is found after fewer words
            backoff[words] += rest if words == known else backoff[words + 1]
        below = backoff[1] if known else rest
        for id in range(vocabulary):
            log_probs[row, id] = _unigram(data, shape, np.uint64(id))[0] + below
        for words in range(1, known + 1):
            below = backoff[words + 1] if words < known else rest
            level = _level(shape, words)
            for child in range(low[words], high[words]):
                bit = level[0] + np.uint64(child) * level[1]
                id = min(_field(data, bit, level[8]), vocabulary - _U1)
                log_probs[row, id] = _log_prob(data, codes, level, bit) + below
    return -1


@compiled
def unpack_unigrams(data, shape, log_probs, backoffs, starts):  # type: ignore[no-untyped-def]
    """Write the unigrams: log-probabilities and back-off weights (V,), starts (V + 1,)."""
    for i in range(len(starts)):
        log_prob, backoff, start, _ = _unigram(data, shape, np.uint64(i))
        starts[i] = start
        if i < len(log_probs):
            log_probs[i], backoffs[i] = log_prob, backoff


@compiled
def unpack_level(data, shape, codes, k, words, log_probs, backoffs, starts):  # type: ignore[no-untyped-def]
    """Write the (k+1)-grams; the last two are empty in the highest order."""
    level = _level(shape, k)
    for i in range(max(len(words), len(starts))):
        bit = level[0] + np.uint64(i) * level[1]
        if i < len(words):
            words[i] = _field(data, bit, level[8])
            log_probs[i] = _log_prob(data, codes, level, bit)
        if i < len(backoffs):
            backoffs[i] = _backoff(data, codes, level, bit)
        if i < len(starts):
            starts[i] = _start(data, level, bit)
