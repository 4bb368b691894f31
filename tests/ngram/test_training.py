"""Training in one call: what it refuses, and that it reads its lines as often as it needs."""

import pytest

from seqkit.errors import ConfigError
from seqkit.ngram import NgramConfig, SmoothingConfig, train_ngram
from seqkit.text import TextConfig

LINES = ["a b", "a b", "a c"]


@pytest.mark.parametrize(
    ("lines", "heldout", "message"),
    [
        ("abc def", None, r"lines: expected lines of text, got one str: \['abc def'\]"),
        (LINES, "abc", r"heldout: expected lines of text, got one str: \['abc'\]"),
        (["a", None], None, "lines: line 2 is no str, got NoneType None"),
        (["a", "b", 7], None, "lines: line 3 is no str, got int 7"),
        ([b"a"], None, "lines: line 1 is no str, got bytes b'a'"),
        (LINES, ["a", 7], "heldout: line 2 is no str, got int 7"),
    ],
)
@pytest.mark.parametrize("tokenizer", ["whitespace", "char"])
def test_what_are_no_lines(lines, heldout, message, tokenizer, tmp_path):
    with pytest.raises(ConfigError, match=message) as caught:
        train_ngram(lines, heldout=heldout, text=TextConfig(tokenizer=tokenizer), tmp=str(tmp_path))
    assert "\n" not in str(caught.value) and not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"order": "3"}, "order '3': must be an int from 1 to 8"),
        ({"order": 3.0}, "order 3.0: must be an int from 1 to 8"),
        ({"order": 0}, "order 0: must be an int from 1 to 8"),
        ({"order": 9}, "order 9: must be an int from 1 to 8"),
        ({"order": True}, "order True: must be an int from 1 to 8"),
        ({"smoothing": "mle"}, "smoothing 'mle': give a SmoothingConfig"),
        ({"quantize": 3}, "quantize 3: choose from 4, 8, or None for neither"),
        ({"quantize": "8"}, "quantize '8': choose from 4, 8, or None for neither"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ConfigError) as caught:
        NgramConfig(**options)
    assert str(caught.value) == message


def test_lines_may_come_from_a_generator():
    jelinek = NgramConfig(order=2, smoothing=SmoothingConfig(method="jelinek-mercer"))
    for config in (NgramConfig(order=2), jelinek):
        one = train_ngram(LINES, config, heldout=LINES)
        other = train_ngram(iter(LINES), config, heldout=iter(LINES))
        assert one.score("a b c") == other.score("a b c")


def test_lines_are_read_again_for_a_trained_tokenizer():
    text = TextConfig(tokenizer="sentencepiece", subwords=512)
    model = train_ngram(["the cat sees", "a cat sees the dog"] * 9, NgramConfig(order=2), text=text)
    assert model.score("the dog").unknown == 0
