"""Streams and windows, against the corpus laid out by hand and numpy's own reshape."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqkit.batching import Streams, TokenShards, streams
from seqkit.errors import ConfigError, DataError

EOS = 2


def make(count: int, *, batch: int) -> Streams:
    return Streams(TokenShards.from_array(np.arange(10, 10 + count)), batch=batch, first=EOS)


@pytest.mark.parametrize("ahead", [1, 40, 1 << 18])
@given(
    count=st.integers(1, 200), batch=st.integers(1, 7), size=st.integers(1, 60), vary=st.booleans()
)
def test_windows_lay_the_corpus_out(ahead, count, batch, size, vary):
    if count < batch:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "_AHEAD", ahead)
        found = make(count, batch=batch)
        windows = found.windows(size, vary=vary, seed=1, epoch=0)
        parts = [found.window(*window) for window in windows]
    for (_, length), (inputs, targets) in zip(windows, parts, strict=True):
        assert inputs.shape == targets.shape == (batch, length)
        assert inputs.dtype == targets.dtype == torch.int64
        assert inputs.is_contiguous() and targets.is_contiguous()
    kept = count - found.dropped
    assert found.dropped == count % batch and found.length == kept // batch
    corpus = np.concatenate([[EOS], np.arange(10, 10 + count)])
    inputs, targets = (torch.cat(side, dim=1).numpy() for side in zip(*parts, strict=True))
    assert (inputs == corpus[:kept].reshape(batch, -1)).all()
    assert (targets == corpus[1 : kept + 1].reshape(batch, -1)).all()


@given(st.integers(1, 80), st.integers(0, 79), st.integers(1, 90))
def test_any_window_is_a_slice_of_the_stream(count, start, size):
    found = make(2 * count, batch=2)
    if start >= count:
        return
    found.window(count // 2, 3)  # what was read before does not matter
    inputs, targets = found.window(start, size)
    stop = min(start + size, count)
    assert targets.tolist() == [[10 + b * count + t for t in range(start, stop)] for b in (0, 1)]
    assert inputs[:, 1:].equal(targets[:, :-1])
    assert inputs[:, 0].tolist() == [9 + start if start else EOS, 9 + count + start]


def test_windows_are_a_sequence():
    windows = make(23, batch=1).windows(5, vary=False, seed=1, epoch=0)
    plain = [(0, 5), (5, 5), (10, 5), (15, 5), (20, 3)]
    assert list(windows) == plain and len(windows) == 5 and windows[-1] == (20, 3)
    for cut in (slice(2, None), slice(None, 3), slice(4, 2), slice(9, 12)):
        assert list(windows[cut]) == plain[cut] and len(windows[cut]) == len(plain[cut])
    assert repr(windows[3:]) == "Windows([(15, 5), (20, 3)])"
    with pytest.raises(IndexError):
        windows[5]
    with pytest.raises(ConfigError, match=r"^windows\[::-1\]: a slice of windows has no step$"):
        windows[::-1]


def test_varied_lengths_are_drawn_as_in_awd_lstm():
    found = make(400_000, batch=1)
    windows = found.windows(70, vary=True, seed=1, epoch=0)
    sizes = np.array([size for _, size in windows])[:-1]
    assert sizes.min() >= 5 and sizes.sum() + windows[-1][1] == 400_000
    half = sizes < 52  # 17 is more than three deviations from either mean
    assert 0.035 < half.mean() < 0.065
    assert sizes[~half].mean() == pytest.approx(69.5, abs=0.3)  # rounded down
    assert sizes[half].mean() == pytest.approx(34.5, abs=1.2)
    assert sizes[~half].std() == pytest.approx(5, abs=0.3)


def test_lengths_are_a_function_of_seed_and_epoch():
    def drawn(seed: int, epoch: int) -> list[tuple[int, int]]:
        return list(make(3000, batch=3).windows(35, vary=True, seed=seed, epoch=epoch))

    assert drawn(1, 4) == drawn(1, 4)
    assert drawn(1, 4) != drawn(1, 5) != drawn(2, 4)


def test_too_short():
    with pytest.raises(DataError) as caught:
        Streams(TokenShards.from_array([4, 5]), batch=3, first=EOS)
    assert str(caught.value) == (
        "a corpus of 2 tokens makes 3 streams of 0: "
        "give more text, a smaller batch or a shorter window"
    )
    tokens = TokenShards.from_array(np.arange(1_000))
    assert Streams(tokens, batch=20, first=EOS, least=50).length == 50
    with pytest.raises(DataError, match=r"^a corpus of 1,000 tokens makes 20 streams of 50, short"):
        Streams(tokens, batch=20, first=EOS, least=51)
    with pytest.raises(DataError, match=r"makes 1 stream of 0: give more text"):
        Streams(TokenShards.from_array([]), batch=1, first=EOS)


def test_what_cannot_be_is_refused():
    with pytest.raises(ConfigError, match=r"^batch 0: must be 1 or more$"):
        make(9, batch=0)
    found = make(9, batch=2)
    with pytest.raises(ConfigError, match=r"^window 0: must be 1 or more$"):
        found.windows(0, vary=False, seed=1, epoch=0)
    for window in ((0, 0), (4, 1), (-1, 1)):
        with pytest.raises(ConfigError, match=r"expected 1 or more, within 4 tokens$"):
            found.window(*window)
