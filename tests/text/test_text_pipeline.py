import re
import subprocess
import sys

import pytest
from awkward import PIECES, any_text, relaxed
from hypothesis import given

from seqkit.errors import ConfigError, DataError
from seqkit.text import (
    ByteTokenizer,
    CharTokenizer,
    Normalizer,
    SentencePieceTokenizer,
    SpacyTokenizer,
    TextPipeline,
    Vocab,
    WhitespaceTokenizer,
    WordTokenizer,
    make_tokenizer,
)

TEXTS = ["The cat sat on the mat.", "A cat's <unk> hat, 1,000 times!", " ".join(PIECES)]
NORMALIZER = Normalizer(unicode="nfkc", case="fold", numbers=True)


@pytest.fixture(
    scope="module", params=["whitespace", "word", "char", "byte", "sentencepiece", "spacy"]
)
def pipeline(request):
    if request.param == "sentencepiece":
        tokenizer = SentencePieceTokenizer.train(TEXTS)
    else:
        tokenizer = make_tokenizer(request.param, options={}, files={})
    vocab = Vocab.build(tokenizer(NORMALIZER(text)) for text in TEXTS)
    return TextPipeline(NORMALIZER, tokenizer, vocab)


@given(text=any_text)
@relaxed
def test_a_restored_pipeline_gives_the_same_ids(pipeline, restored, text):
    assert restored.encode(text) == pipeline.encode(text)


@pytest.fixture(scope="module")
def restored(pipeline):
    return TextPipeline.from_files({**pipeline.to_files(), "weights": b"another file"})


def test_restoring_loses_nothing(pipeline, restored):
    assert restored.to_files() == pipeline.to_files()
    assert restored.normalizer == NORMALIZER
    assert type(restored.tokenizer) is type(pipeline.tokenizer)
    for text in TEXTS:
        assert Vocab.UNK not in restored.encode(text)
        assert restored.vocab.decode(restored.encode(text)) == pipeline.tokens(text)


@given(text=any_text)
@relaxed
def test_what_is_predicted_are_the_tokens_and_is_so_itself(pipeline, text):
    predicted = pipeline.predicted(text)
    assert pipeline.tokens(predicted) == pipeline.tokens(text)
    assert pipeline.predicted(predicted) == predicted
    if not pipeline.tokenizer.keeps_space:
        assert predicted == " ".join(predicted.split())


def test_what_the_tokens_do_not_tell(pipeline):
    kept = {"char", "byte", "sentencepiece"}
    space = [] if pipeline.tokenizer.name in kept else ["white space"]
    assert pipeline.lost() == ["compatibility forms", "case", "numbers", *space]
    plain = Normalizer(whitespace=True, html=True, urls=True)
    known = TextPipeline(plain, pipeline.tokenizer, pipeline.vocab)
    assert known.lost() == ["white space", "markup", "links"]
    assert TextPipeline(Normalizer(), pipeline.tokenizer, pipeline.vocab).lost() == space


def test_many_is_one_by_one_and_lazy(pipeline):
    texts = [*TEXTS, "", "never seen \ud800"]
    assert list(pipeline.encode_many(iter(texts))) == [pipeline.encode(text) for text in texts]


def test_hand_worked_example():
    pipeline = TextPipeline(Normalizer(case="lower"), WordTokenizer(), Vocab(["the", "cat", "!"]))
    assert pipeline.tokens("The CAT sat!") == ["the", "cat", "sat", "!"]
    assert pipeline.encode("The CAT sat!") == [4, 5, 3, 6]
    assert pipeline.encode("") == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("text.json", None, "text.json is missing"),
        ("vocab.txt", None, "vocab.txt is missing"),
        ("text.json", b"{", "text.json: not JSON"),
        ("text.json", b"\xff", "text.json: not JSON"),
        ("text.json", b"[]", "text.json: no format number"),
        ("text.json", b'{"format": 2}', "text.json: format 2 is newer than 1: update seqkit"),
        ("text.json", b'{"format": 1}', "text.json: damaged settings"),
        ("text.json", b'{"format": 1, "normalizer": {"cse": 1}}', "text.json: damaged settings"),
        ("text.json", b'{"format": 1, "normalizer": {"case": 1}}', "text.json: damaged settings"),
        (
            "text.json",
            b'{"format": 1, "normalizer": {}, "tokenizer": {"name": "word", "options": 5}}',
            "text.json: damaged settings",
        ),
        ("vocab.txt", b"the\ncat\n", "vocabulary:1:"),
    ],
)
def test_damage_is_named(name, content, message):
    files = TextPipeline(Normalizer(), WordTokenizer(), Vocab(["a"])).to_files()
    files[name] = content
    with pytest.raises(DataError, match=re.escape(message)):
        TextPipeline.from_files({name: value for name, value in files.items() if value is not None})


def test_make_tokenizer_knows_each_by_its_name():
    for kind in (WhitespaceTokenizer, WordTokenizer, CharTokenizer, ByteTokenizer):
        assert type(make_tokenizer(kind.name, options={}, files={})) is kind
    assert type(make_tokenizer("spacy", options={"model": "de"}, files={})) is SpacyTokenizer


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("wrod", {}, "tokenizer 'wrod': choose from byte, char, sentencepiece, spacy, whitespace"),
        ("word", {"lower": True}, "tokenizer word: option 'lower': it takes no options"),
        ("spacy", {"modl": "en"}, "tokenizer spacy: option 'modl': it takes only model"),
        ("sentencepiece", {}, "tokenizer sentencepiece: tokenizer.model is missing"),
    ],
)
def test_make_tokenizer_refuses(name, options, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        make_tokenizer(name, options=options, files={})


def test_importing_is_cheap():
    heavy = ["torch", "sentencepiece", "spacy"]
    code = f"import sys, seqkit.text; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
