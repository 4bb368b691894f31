"""What an index is told: refused in one line where it cannot be."""

import pytest

from seqkit.errors import ConfigError
from seqkit.search.analysis import AnalysisConfig
from seqkit.search.config import SearchConfig


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"analysis": "english"}, "analysis 'english': expected an AnalysisConfig, such as"),
        ({"analysis": None}, "analysis None: expected an AnalysisConfig"),
        ({"fields": "title"}, r"fields 'title': give several names: \('title',\)"),
        ({"fields": ()}, r"fields \(\): give one or more names, each once"),
        ({"fields": ("a", 1)}, r"fields \('a', 1\): give one or more names"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        SearchConfig(**options)


def test_what_is_allowed():
    analysis = AnalysisConfig(stopwords="english")
    assert SearchConfig(fields=("body",), analysis=analysis).analysis == analysis
