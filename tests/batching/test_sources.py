"""What an epoch reads, against the corpus itself."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqkit.batching import LineSource, Streams, StreamSource, TokenShards
from seqkit.errors import DataError
from seqkit.text import Vocab

CORPUS = TokenShards.from_array(np.arange(10, 10 + 203))


def stream_source(*, window=7, vary=False, seed=1):
    return StreamSource(CORPUS, batch=4, window=window, vary=vary, first=Vocab.EOS, seed=seed)


def equal(batches, others):
    return all(
        all(map(torch.equal, batch, other)) for batch, other in zip(batches, others, strict=True)
    )


@pytest.mark.parametrize("vary", [False, True])
@pytest.mark.parametrize("epoch", [0, 3])
def test_windows_cover_each_stream_once_and_in_order(vary, epoch):
    source = stream_source(vary=vary)
    batches = list(source.batches(epoch))
    assert [len(targets[0]) for _, targets in batches] == list(source.sizes(epoch))
    inputs, targets = (torch.cat(side, 1) for side in zip(*batches, strict=True))
    assert torch.equal(targets, torch.arange(10, 210).view(4, 50))
    assert inputs[:, 0].tolist() == [Vocab.EOS, 59, 109, 159]
    assert torch.equal(inputs[:, 1:], targets[:, :-1])


@given(vary=st.booleans(), epoch=st.integers(0, 5), begin=st.integers(0, 20))
def test_an_epoch_goes_on_where_it_was_stopped(vary, epoch, begin):
    source = stream_source(vary=vary)
    whole = list(source.batches(epoch))
    assert equal(stream_source(vary=vary).batches(epoch, begin), whole[begin:])


@pytest.mark.parametrize("vary", [False, True])
def test_steps_are_those_of_all_epochs(vary):
    source = stream_source(vary=vary)
    assert [source.steps(n) for n in (0, 1, 6)] == [
        sum(len(list(source.batches(epoch))) for epoch in range(n)) for n in (0, 1, 6)
    ]


def test_windows_that_vary_differ_by_epoch_and_seed_alone():
    sizes = {tuple(stream_source(vary=True, seed=s).sizes(e)) for s in (1, 2) for e in (0, 1, 2)}
    assert len(sizes) == 6
    assert len({tuple(stream_source().sizes(epoch)) for epoch in range(4)}) == 1


def test_the_windows_are_those_of_the_streams():
    streams = Streams(CORPUS, batch=4, first=Vocab.EOS)
    assert equal(
        stream_source(window=9).batches(0), [streams.window(s, 9) for s in range(0, 50, 9)]
    )


def test_a_corpus_shorter_than_a_window():
    with pytest.raises(DataError, match=r"4 streams of 50, shorter than a window of 51"):
        stream_source(window=51)


lines = st.lists(st.lists(st.integers(3, 40), max_size=12), min_size=1, max_size=40)


def line_source(texts, *, batch, seed=1):
    ids = [token for text in texts for token in [*text, Vocab.EOS]]
    return LineSource(TokenShards.from_array(ids), batch=batch, seed=seed)


@given(texts=lines, batch=st.integers(1, 9), epoch=st.integers(0, 2))
def test_every_line_comes_once_an_epoch_from_bos_to_eos(texts, batch, epoch):
    source = line_source(texts, batch=batch)
    seen = Counter()
    batches = list(source.batches(epoch))
    for inputs, targets, counts in batches:
        assert inputs.shape == targets.shape == counts.shape and counts.dtype == torch.bool
        for before, after, keep in zip(inputs, targets, counts, strict=True):
            length = int(keep.sum())
            assert keep[:length].all()  # padding is at the end alone
            assert before[0] == Vocab.BOS and after[length - 1] == Vocab.EOS
            assert torch.equal(before[1:length], after[: length - 1])
            seen[tuple(after[: length - 1].tolist())] += 1
    assert seen == Counter(map(tuple, texts))
    assert list(source.sizes(epoch)) == [len(inputs) for inputs, _, _ in batches]
    assert source.steps(3) == 3 * len(batches)
    assert equal(line_source(texts, batch=batch).batches(epoch, 1), batches[1:])


def test_lines_of_about_the_same_length_make_a_batch():
    texts = [[3] * length for length in range(60)] * 3
    source = line_source(texts, batch=6)
    for inputs, _, counts in source.batches(0):
        assert counts.float().mean() > 0.8 or inputs.shape[1] < 8


def test_the_order_of_lines_differs_by_epoch_and_seed():
    texts = [[3 + number] for number in range(30)]

    def order(seed, epoch):
        return [
            targets[:, 0].tolist()
            for _, targets, _ in line_source(texts, batch=3, seed=seed).batches(epoch)
        ]

    assert order(1, 0) == order(1, 0)
    assert len({str(order(seed, epoch)) for seed in (1, 2) for epoch in (0, 1)}) == 4
