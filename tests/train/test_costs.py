"""Seconds, memory, sizes."""

import re
import sys
from pathlib import Path

import pytest

from seqkit.errors import ConfigError
from seqkit.train.costs import StepTimes, peak_memory, size_bytes, size_text
from seqkit.train.reading_bar import ReadingBar


def test_times_of_a_step_add_up(monkeypatch):
    clock = iter([0.0, 2.0, 10.0, 11.5])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    times = StepTimes()
    for _ in range(2):
        with times("count"):
            pass
    assert times.seconds == {"count": 3.5}


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_peak_memory_is_what_the_system_says():
    status = Path("/proc/self/status").read_text()
    held = 1024 * int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])
    assert 0.9 * held < peak_memory() < 1000 * held


@pytest.mark.parametrize(
    ("text", "size"),
    [("16777216", 2**24), ("64M", 2**26), ("64mb", 2**26), ("2G", 2**31), (" 1.5 GiB ", 3 * 2**29)],
)
def test_sizes(text, size):
    assert size_bytes(text, option="memory") == size


@pytest.mark.parametrize("text", ["", "M", "-1M", "1MM", "1 2M", "٣M", "1e9", "inf", "1P"])
def test_sizes_that_are_none(text):
    with pytest.raises(ConfigError, match=r"--memory .*give a size as in 64M or 2G"):
        size_bytes(text, option="memory")


def test_sizes_are_written_in_decimal_units():
    assert [size_text(n) for n in (999, 1000, 121_300_000, 3 * 10**9)] == [
        *("999 bytes", "1.0 kB", "121.3 MB", "3.0 GB")
    ]


def test_a_bar_passes_lines_on_each_time():
    bar = ReadingBar(["a", "b"])
    assert list(bar) == list(bar) == ["a", "b"]
