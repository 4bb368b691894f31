import random

import pytest
import sentencepiece
from awkward import MEGABYTES, any_text, relaxed
from hypothesis import given

from seqkit.errors import ConfigError, DataError
from seqkit.text import SentencePieceTokenizer, subword

WORDS = ["the", "whale", "<unk>", "swam", "past", "<0x0A>", "ship's", "été", "東京", "1,000"]


def corpus(size=300, seed=0):
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=8)) for _ in range(size)]


@pytest.fixture(scope="module", params=["bpe", "unigram"])
def tokenizer(request):
    return SentencePieceTokenizer.train(corpus(), vocab_size=512, model_type=request.param)


@given(text=any_text)
@relaxed
def test_joining_gives_the_text_back(tokenizer, text):
    expected = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    assert tokenizer.join(tokenizer(text)) == expected.replace("▁", " ")


@given(text=any_text)
@relaxed
def test_offsets_tile_the_text(tokenizer, text):
    spans = tokenizer.spans(text)
    assert [token.text for token in spans] == tokenizer(text)
    at = 0
    for token, start, end in spans:
        assert start == at or (start == at - 1 and token.startswith("<0x"))
        at = end
        if not token.startswith("<0x") and end - start == len(token):
            assert text[start:end].replace(" ", "▁").replace("\ud83d", "\ufffd")[:1] in (
                token[:1],
                "\ufffd",
            )
    assert at == len(text)


def test_hand_worked_offsets(tokenizer):
    first, *rest = tokenizer.spans("the 😀")
    assert (first.text, first.start, first.end) == ("▁the", 0, 3)
    assert [tuple(token) for token in rest] == [
        ("▁", 3, 4),
        ("<0xF0>", 4, 5),
        ("<0x9F>", 4, 5),
        ("<0x98>", 4, 5),
        ("<0x80>", 4, 5),
    ]


def test_the_file_is_sentencepieces_own(tokenizer):
    model = tokenizer.to_files()["tokenizer.model"]
    reference = sentencepiece.SentencePieceProcessor(model_proto=model)
    for text in corpus(20, seed=1):
        assert tokenizer(text) == reference.encode(text, out_type=str)
    assert SentencePieceTokenizer(model)("the whale") == tokenizer("the whale")
    assert list(tokenizer.many(["the", ""])) == [tokenizer("the"), []]


def test_a_literal_unk_is_a_word_like_any_other(tokenizer):
    pieces = tokenizer("the <unk>")
    assert pieces[0] == "▁the" and "".join(pieces[1:]) == "▁<unk>"


def test_training_is_quiet_and_deterministic(capfd):
    first = SentencePieceTokenizer.train(iter(corpus()), vocab_size=512)
    again = SentencePieceTokenizer.train(iter(corpus()), vocab_size=512)
    assert first.to_files() == again.to_files()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("model_type", ["bpe", "unigram"])
def test_the_default_size_fits_a_small_text(model_type):
    tokenizer = SentencePieceTokenizer.train(["a small text"], model_type=model_type)
    assert tokenizer.join(tokenizer("another text")) == "another text"


def test_long_lines_are_cut_not_dropped():
    long = " ".join(WORDS * 100) + "x" * 2500 + "\nnext line\n"
    parts = list(subword._sentences([long, "", "end"]))
    assert max(map(len, parts)) <= 200
    assert "".join(parts).replace(" ", "") == "".join(long.split()).replace(" ", "") + "end"
    only_long = SentencePieceTokenizer.train(["wordy " * 5000])
    assert "▁wordy" in only_long("wordy")


def test_the_sample_is_even_and_seeded():
    items = [str(number) for number in range(40)]
    assert subword._sample(items, 40, random.Random(1)) == items
    draws = [subword._sample(items, 10, random.Random(seed)) for seed in range(2000)]
    assert draws[3] == subword._sample(iter(items), 10, random.Random(3))
    hits = [sum(item in draw for draw in draws) for item in items]
    assert all(len(set(draw)) == 10 for draw in draws)
    assert min(hits) > 400 and max(hits) < 600  # 500 expected, standard deviation 19


@pytest.mark.parametrize("kind", ["letters", "prose", "surrogates", "han"])
def test_a_megabyte_on_one_line(tokenizer, kind):
    text = MEGABYTES[kind][:200_000] if kind == "han" else MEGABYTES[kind]
    assert len(tokenizer.join(tokenizer(text))) == len(text)


def test_a_foreign_model_that_changes_the_text_has_no_offsets(tmp_path):
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()),
        model_prefix=str(tmp_path / "m"),
        vocab_size=60,
        hard_vocab_limit=False,
        normalization_rule_name="nfkc_cf",
        minloglevel=2,
    )
    foreign = SentencePieceTokenizer((tmp_path / "m.model").read_bytes())
    assert foreign.join(foreign("THE whale")) == "the whale"
    with pytest.raises(DataError, match="has no offsets"):
        foreign.spans("THE whale")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model_type": "unigrm"}, "model_type 'unigrm': choose from bpe, unigram (did you"),
        ({"vocab_size": 511}, "vocab_size 511: must be 512 or more"),
        ({"max_sentences": 0}, "max_sentences 0: must be 1 or more"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ConfigError) as error:
        SentencePieceTokenizer.train(corpus(), **options)
    assert str(error.value).startswith(message)


def test_more_characters_than_pieces():
    with pytest.raises(ConfigError, match=r"^vocab_size 600: .*required_chars") as error:
        SentencePieceTokenizer.train(["".join(map(chr, range(0x4E00, 0x5300)))] * 2, vocab_size=600)
    assert "\n" not in str(error.value)


def test_no_text_and_no_model():
    with pytest.raises(DataError, match="no text to train on"):
        SentencePieceTokenizer.train(["", "\n"])
    for content in (b"", b"not a model"):
        with pytest.raises(DataError, match=r"tokenizer\.model: \d+ bytes that are no"):
            SentencePieceTokenizer(content)
