"""Bars show where the command runs, on a terminal at once, and not in an app."""

import logging
import sys

import pytest

from seqkit.train.bar import show_bar
from seqkit.train.progress import Progress, progress_bar
from seqkit.train.reading_bar import ReadingBar

BARS = {
    "any": lambda: show_bar("abc"),
    "an epoch": lambda: progress_bar("xabc", Progress(batch=1)),
    "a text": lambda: ReadingBar("abc"),
}


@pytest.mark.parametrize("bar", BARS)
@pytest.mark.parametrize(("asker", "level"), [("command", logging.INFO), ("app", logging.WARNING)])
def test_the_command_shows_one_and_an_app_none(bar, asker, level, caplog, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with caplog.at_level(level, "seqkit"):
        assert list(BARS[bar]()) == ["a", "b", "c"]
    assert bool(capsys.readouterr().err) == (asker == "command")


def test_an_app_may_have_no_stderr(caplog, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with caplog.at_level(logging.WARNING, "seqkit"):
        assert list(show_bar("abc")) == ["a", "b", "c"]


def test_a_log_file_gets_no_bar_of_a_short_while(caplog, capsys):
    with caplog.at_level(logging.INFO, "seqkit"):
        assert list(show_bar("abc")) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""
