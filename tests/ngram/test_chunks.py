"""Chunks cover a level, whatever their number."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit import threads
from seqkit.compiled import fixed
from seqkit.ngram import chunks
from seqkit.ngram.chunks import each_chunk
from seqkit.threads import thread_count


@given(st.lists(st.integers(0, 9), min_size=1), st.integers(1, 5))
def test_each_ngram_is_in_one_chunk(children, count):
    done, lock = [], threading.Lock()

    def work(first, last):
        with lock:
            done.extend(range(first, last))

    starts = np.cumsum([0, *children]).astype(np.uint32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "_SMALL", 0)
        for module in (chunks, threads):
            patch.setattr(module, "thread_count", lambda: count)
        each_chunk(work, starts)
    assert sorted(done) == list(range(len(children)))


def test_what_fails_in_a_thread_is_raised(monkeypatch):
    monkeypatch.setattr(chunks, "_SMALL", 0)
    for module in (chunks, threads):
        monkeypatch.setattr(module, "thread_count", lambda: 2)

    def work(first, last):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        each_chunk(work, np.array([0, 1, 2], dtype=np.uint32))


def test_thread_count(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert thread_count() == 1
    for unset in ("", "0", "many"):
        monkeypatch.setenv("OMP_NUM_THREADS", unset)
        assert thread_count() >= 1


def test_fixed_leaves_the_array_as_it_was():
    array = np.arange(3)
    assert not fixed(array).flags.writeable
    assert array.flags.writeable
