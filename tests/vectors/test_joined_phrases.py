"""Joining phrases: scores worked by hand."""

import itertools
import math

import pytest

from seqkit.vectors.config import VectorsConfig
from seqkit.vectors.phrases import join_phrases
from seqkit.vectors.token_file import write_token_file

pytest.importorskip("gensim", reason="needs the extra vectors")

SENTENCES = [
    *[["new", "york", "is", "big"]] * 6,
    *[["new", "shoes", "is", "what", "york", "wants"]] * 2,
    *[["big", "is", "what", "is"]] * 4,
]


def joined(tmp_path, sentences=SENTENCES, watch=None, **options):
    config = VectorsConfig(**{"phrases": 1, "phrase_min_count": 1, **options})
    tokens = write_token_file(sentences, tmp_path)
    watching = {} if watch is None else {"watch": watch}
    text, rounds = join_phrases(tokens, config, folder=tmp_path, **watching)
    return [*text], rounds, text


def score(both, a, b, *, distinct, least=1):
    """Mikolov et al. 2013, equation 6, times the number of units that were counted."""
    return (both - least) / (a * b) * distinct


def test_a_pair_is_joined_above_its_score(tmp_path):
    # units that gensim counts: 7 words, and their 9 pairs
    words = {word for line in SENTENCES for word in line}
    pairs = {pair for line in SENTENCES for pair in itertools.pairwise(line)}
    value = score(6, 8, 8, distinct=len(words) + len(pairs))
    text, rounds, _ = joined(tmp_path / "below", phrase_threshold=value - 1e-6)
    assert text[0] == ["new_york", "is", "big"]
    assert text[6] == ["new", "shoes", "is", "what", "york", "wants"]
    assert ("new_york", 6) in rounds[0].frequent
    text, _, _ = joined(tmp_path / "above", phrase_threshold=value + 1e-6)
    assert text[0][:2] == ["new", "york"]


def test_normalised_information(tmp_path):
    total = sum(map(len, SENTENCES))
    together, own = 6 / total, 8 / total
    value = math.log(together / own**2) / -math.log(together)
    options = {"phrase_scoring": "npmi", "phrase_min_count": 6}
    text, rounds, _ = joined(tmp_path / "below", phrase_threshold=value - 1e-6, **options)
    assert text[0][0] == "new_york" and rounds[0].frequent[0][0] in ("new_york", "is_big")
    text, rounds, _ = joined(tmp_path / "above", phrase_threshold=value + 1e-6, **options)
    assert text[0][0] == "new"


def test_two_rounds_join_three_words(tmp_path):
    sentences = [*[["the", "new", "york", "times"]] * 9, *[[f"w{n}", f"v{n}"] for n in range(40)]]
    seen = []

    def watch(sentences, doing):
        seen.append(doing)
        return sentences

    text, rounds, tokens = joined(
        tmp_path, sentences, watch, phrases=2, phrase_threshold=5.0, phrase_min_count=3
    )
    assert text[0] == ["the_new_york_times"]
    assert [found.phrases for found in rounds] == [3, 1]
    assert rounds[0].frequent[:2] == (("the_new", 9), ("york_times", 9))
    assert rounds[1].to_dict() == {"phrases": 1, "frequent": {"the_new_york_times": 9}}
    assert seen == ["counting pairs", "joining phrases"] * 2
    assert sorted(tmp_path.iterdir()) == [part.path for part in tokens.parts]  # the others are gone
    assert tokens.counts["the_new_york_times"] == 9


def test_a_word_with_an_underscore_joins_as_any_other(tmp_path):
    sentences = [*[["snake_case", "names"]] * 9, *[[f"w{n}", f"v{n}"] for n in range(40)]]
    text, _, _ = joined(tmp_path, sentences, phrase_min_count=3, phrase_threshold=5.0)
    assert text[0] == ["snake_case_names"]


@pytest.mark.parametrize("mark", [",", "--", "🙂", "_", "。"])
def test_marks_are_never_joined(tmp_path, mark):
    sentences = [*[["été", mark, "৪২"]] * 9, *[[f"w{n}", f"v{n}"] for n in range(40)]]
    options = {"phrase_min_count": 3, "phrase_threshold": 5.0, "phrases": 2}
    text, rounds, _ = joined(tmp_path / "with", sentences, **options)
    assert text[0] == ["été", mark, "৪২"] and rounds[0].phrases == 0
    text, rounds, _ = joined(
        tmp_path / "without", [[t for t in s if t != mark] for s in sentences], **options
    )
    assert text[0] == ["été_৪২"] and rounds[0].phrases == 1  # other letters and digits count


def test_without_rounds_nothing_is_read(tmp_path):
    tokens = write_token_file(SENTENCES, tmp_path)
    assert join_phrases(tokens, VectorsConfig(), folder=tmp_path) == (tokens, [])
