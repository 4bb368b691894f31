"""Queries of a packed trie against the definition of backing off, over dictionaries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_tables import BOS, EOS, closed, evaluate, evaluate_block, fill, models, table_of

from seqkit.errors import ConfigError
from seqkit.ngram import trie as trie_module
from seqkit.ngram.trie import PackedTrie


def packed(model) -> PackedTrie:
    order, _, ngrams, unseen = model
    return PackedTrie.pack(table_of(ngrams, order=order, unseen_context=unseen))


def options(model):
    return {"order": model[0], "unseen_context": model[3]}


def random_block(vocabulary, length, *, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(EOS, vocabulary, length).astype(np.uint32)


@given(models(), st.data())
def test_scores_are_those_of_the_definition(model, data):
    ids = data.draw(st.lists(st.integers(0, model[1] - 1).filter(lambda id: id != BOS)))
    log_probs, matched = packed(model).score(np.array(ids, np.uint32))
    wanted, lengths = evaluate_block(model[2], ids, **options(model))
    np.testing.assert_allclose(log_probs, wanted, atol=1e-5)
    assert matched.tolist() == lengths
    assert log_probs.dtype == np.float32 and matched.dtype == np.uint8


@given(models(max_order=4), st.data())
def test_a_text_cut_anywhere_scores_the_same(model, data):
    block = random_block(model[1], 12, seed=data.draw(st.integers(0, 99)))
    cut = data.draw(st.integers(0, len(block)))
    trie = packed(model)
    line = [BOS, *block[:cut].tolist()]
    begins = max(i for i, id in enumerate(line) if id in (BOS, EOS))
    context = [BOS, *line[begins + 1 :]]
    parts = [trie.score(block[:cut]), trie.score(block[cut:], context)]
    for whole, cut_up in zip(trie.score(block), zip(*parts, strict=True), strict=True):
        assert np.array_equal(whole, np.concatenate(cut_up))


@given(models(max_order=4), st.data())
def test_a_context_is_what_the_caller_gives_and_no_more(model, data):
    context = data.draw(st.lists(st.integers(3, model[1] - 1), min_size=1, max_size=6))
    log_probs, matched = packed(model).score(np.array([3], np.uint32), context)
    wanted = evaluate(model[2], context, 3, **options(model))
    np.testing.assert_allclose([log_probs[0], matched[0]], wanted, atol=1e-5)


@given(models(), st.data())
def test_a_distribution_is_the_score_of_every_id(model, data):
    order, vocabulary, _, _ = model
    trie = packed(model)
    lines = data.draw(
        st.lists(st.lists(st.integers(3, vocabulary - 1), max_size=6), min_size=1, max_size=4)
    )
    contexts = np.zeros((len(lines), order - 1), np.uint32)
    for row, line in zip(contexts, lines, strict=True):
        known = [BOS, *line][-(order - 1) :][: order - 1]
        row[order - 1 - len(known) :] = known
    found = trie.distribution(contexts)
    assert found.shape == (len(lines), vocabulary) and found.dtype == np.float32
    assert np.isneginf(found[:, : BOS + 1]).all()
    for row, line in zip(found, lines, strict=True):
        each = [trie.score([id], [BOS, *line])[0][0] for id in range(vocabulary)]
        np.testing.assert_allclose(row, each, atol=1e-5)


@settings(max_examples=10)
@given(models(max_order=4), st.integers(0, 99))
def test_long_texts_cross_the_borders_of_the_chunks(model, seed):
    block = random_block(model[1], 1500, seed=seed)
    log_probs, matched = packed(model).score(block)
    wanted, lengths = evaluate_block(model[2], block.tolist(), **options(model))
    np.testing.assert_allclose(log_probs, wanted, atol=1e-5)
    assert matched.tolist() == lengths


@pytest.mark.parametrize("order", [1, 2, 8])
def test_threads_find_the_same(order, monkeypatch):
    rng = np.random.default_rng(1)
    grams = [tuple(rng.integers(3, 30, order).tolist()) for _ in range(200)]
    ngrams = fill(closed(grams, vocabulary=30))
    trie = PackedTrie.pack(table_of(ngrams, order=order, unseen_context=-0.5))
    block = np.concatenate([np.array(gram, np.uint32) for gram in grams])
    block[::23] = EOS
    whole = trie.score(block)
    monkeypatch.setattr(trie_module, "_THREADED", 64)
    monkeypatch.setattr(trie_module, "thread_count", lambda: 3)
    for one, many in zip(whole, trie.score(block), strict=True):
        assert np.array_equal(one, many)


def test_every_record_of_a_large_level_is_found():
    rng = np.random.default_rng(2)
    vocabulary = 70_000  # 17 bits
    pairs = np.unique(rng.integers(4, vocabulary, (3000, 2)), axis=0)
    pairs[:1000, 0] = 5  # many children of one word
    grams = [tuple(pair) for pair in pairs.tolist()]
    bigrams = fill(sorted(set(grams)))
    ngrams = {(id,): (-3.0 if id > BOS else -np.inf, -0.5) for id in range(vocabulary)} | bigrams
    words = np.array([gram[1] for gram in bigrams], np.uint32)
    firsts = np.array([gram[0] for gram in bigrams])
    starts = np.searchsorted(firsts, np.arange(vocabulary + 1)).astype(np.uint32)
    table = table_of({gram: ngrams[gram] for gram in ngrams if len(gram) == 1}, order=1)
    table.levels.words.append(words)
    table.levels.starts.append(starts)
    table.log_probs.append(np.array([value[0] for value in bigrams.values()], np.float32))
    table.backoffs.append(np.full(vocabulary, -0.5, np.float32))
    trie = PackedTrie.pack(table)
    for pair, (log_prob, _) in list(bigrams.items())[::7]:
        found, matched = trie.score(np.array(pair, np.uint32)[1:], pair[:1])
        assert matched[0] == 2 and found[0] == pytest.approx(log_prob, abs=1e-6)
    missing = trie.score(np.array([vocabulary - 1, 4], np.uint32))[1]
    assert missing.tolist() == [1, 1 + ((vocabulary - 1, 4) in bigrams)]


def test_levels_may_be_empty():
    ngrams = fill(closed([(BOS, 4)], vocabulary=6), special=0)
    trie = PackedTrie.pack(table_of(ngrams, order=5))
    block = np.array([4, 5, EOS, EOS], np.uint32)
    wanted, lengths = evaluate_block(ngrams, block.tolist(), order=5)
    log_probs, matched = trie.score(block)
    np.testing.assert_allclose(log_probs, wanted, atol=1e-5)
    assert matched.tolist() == lengths and trie.order == 5 and trie.vocabulary == 6
    assert trie.distribution(np.array([[0, 0, BOS, 4]], np.uint32))[0, 5] == log_probs[1]


def test_no_ids_and_ids_of_other_types():
    trie = PackedTrie.pack(table_of(fill(closed([(4, 5)], vocabulary=6)), order=2))
    assert len(trie.score([])[0]) == 0
    kept = np.array([4, 5, 2], np.uint32)
    kept.flags.writeable = False
    for ids in ([4, 5, 2], np.array([4, 5, 2]), np.array([4, 0, 5, 0, 2, 0])[::2], kept):
        assert np.array_equal(trie.score(ids)[0], trie.score(kept)[0])


def test_an_unknown_id_is_refused():
    trie = PackedTrie.pack(table_of(fill(closed([(4, 5)], vocabulary=6)), order=2))
    said = "id 6: this model has the ids 0 to 5"
    with pytest.raises(ConfigError, match=said):
        trie.score([4, 6])
    with pytest.raises(ConfigError, match=said):
        trie.score([4], [6])
    with pytest.raises(ConfigError, match=said):
        trie.distribution(np.array([[6]], np.uint32))
