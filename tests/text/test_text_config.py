"""From text options to a pipeline."""

import pytest

from seqkit.errors import ConfigError, DataError
from seqkit.text import TextConfig, Vocab, build_pipeline

TEXTS = ["The cat's <unk> sat. <b>Sat</b>", "the 3 cats", "THE DOG"]


def test_the_default_is_words_in_small_letters() -> None:
    pipeline = build_pipeline(TextConfig(), TEXTS)
    assert pipeline.tokens("The CAT's 12!") == ["the", "cat's", "12", "!"]
    assert pipeline.vocab.words[:2] == ["the", "sat"]
    assert pipeline.encode("the wolf") == [4, Vocab.UNK]


@pytest.mark.parametrize(
    ("options", "text", "tokens"),
    [
        ({"tokenizer": "whitespace", "case": "keep"}, "A <unk>", ["A", "<unk>"]),
        ({"tokenizer": "char"}, "Ab", ["a", "b"]),
        ({"tokenizer": "byte", "case": "keep"}, "é", ["Ã", "©"]),
        ({"html": True}, "<b>Sat</b> &amp;", ["sat", "&"]),
        ({"urls": True}, "see www.example.org", ["see", "<url>"]),
        ({"numbers": True}, "1,000 or 7", ["0", "or", "0"]),
        ({"unicode": "nfkc"}, "ﬁsh", ["fish"]),
        ({"case": "fold"}, "Straße", ["strasse"]),
        ({"tokenizer": "char", "whitespace": True}, "a  b", ["a", " ", "b"]),
    ],
)
def test_each_option_reaches_the_pipeline(options: dict, text: str, tokens: list[str]) -> None:
    assert build_pipeline(TextConfig(**options), TEXTS).tokens(text) == tokens


def test_the_vocabulary_s_limits() -> None:
    assert build_pipeline(TextConfig(min_count=2), TEXTS).vocab.words == ["the", "sat"]
    assert build_pipeline(TextConfig(max_vocab=1), TEXTS).vocab.words == ["the"]
    with pytest.raises(ConfigError, match="min_count 0"):
        build_pipeline(TextConfig(min_count=0), TEXTS)


def test_sentencepiece_is_trained_on_the_texts() -> None:
    texts = [f"lower lowest new newest number {i * i}" for i in range(500)]
    config = TextConfig(tokenizer="sentencepiece", subwords=512, subword_model="bpe")
    first, second = (build_pipeline(config, texts, seed=3) for _ in range(2))
    assert first.to_files() == second.to_files()
    assert len(first.tokens("lowest newest")) < 6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"subwords": 100}, r"--text\.subwords is for --text\.tokenizer sentencepiece, got word"),
        ({"tokenizer": "char", "spacy_model": "de"}, r"--text\.spacy-model is for .* spacy"),
        ({"tokenizer": "spacy", "subword_model": "bpe"}, r"--text\.subword-model is for"),
    ],
)
def test_an_option_of_another_tokenizer_is_refused(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_pipeline(TextConfig(**options), TEXTS)


def test_an_unknown_tokenizer_is_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean 'word'"):
        build_pipeline(TextConfig(tokenizer="words"), TEXTS)


@pytest.mark.parametrize(("texts", "options"), [(["a b", "c"], {"min_count": 5}), (["", " "], {})])
def test_a_vocabulary_of_nothing_is_refused(texts: list[str], options: dict) -> None:
    with pytest.raises(DataError, match="no word token is seen"):
        build_pipeline(TextConfig(**options), texts)
