"""What the messages of our errors say."""

import sys

import pytest

from seqkit.errors import BundleError, ConfigError, DataError, SeqkitError, choices, require


def test_the_tree():
    assert issubclass(ConfigError, SeqkitError) and issubclass(ConfigError, ValueError)
    assert issubclass(DataError, SeqkitError) and issubclass(DataError, ValueError)
    assert issubclass(BundleError, SeqkitError)


def test_choices_are_sorted_with_the_nearest_pointed_out():
    assert choices("x", "abb", ["cc", "ab"]) == "x 'abb': choose from ab, cc (did you mean 'ab'?)"
    assert choices("x", 7, ["cc", "ab"]) == "x 7: choose from ab, cc"


def test_a_missing_library_is_answered_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ConfigError) as error:
        require("matplotlib", extra="plot", purpose="plots")
    message = 'plots needs matplotlib, which is not installed: pip install "seqkit[plot]"'
    assert str(error.value) == message


def test_a_library_that_lacks_another_is_not_taken_for_missing(tmp_path, monkeypatch):
    (tmp_path / "brokenlibrary.py").write_text("import something_else_missing")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="something_else_missing"):
        require("brokenlibrary", extra="plot", purpose="plots")
