"""From prompts to texts: both kinds of corpus, every tokeniser, streaming, beams, bad input."""

import functools
import itertools
import logging

import pytest
import torch
from hand_made import Historian, Markov
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.decode import Sampling, generate_texts, stream_text
from seqkit.decode.continuation import Conventions, Draft, Prompt
from seqkit.errors import ConfigError
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
)

LINES = ["the white whale sank", "Well, (the) whale!", "naïve 東京 — don't…"]
NAMES = ["byte", "char", "sentencepiece", "spacy", "whitespace", "word"]
STREAM = {"first": Vocab.EOS, "line_end": True}
SENTENCES = {"first": Vocab.BOS, "line_end": False}
PLAIN = {"max_tokens": 12, "sampling": Sampling()}


@functools.cache
def pipeline(name: str) -> TextPipeline:
    if name == "sentencepiece":
        tokenizer = SentencePieceTokenizer.train(LINES * 9, vocab_size=512)
    elif name == "spacy":
        pytest.importorskip("spacy")
        tokenizer = SpacyTokenizer("en")
    else:
        kinds = [ByteTokenizer, CharTokenizer, WhitespaceTokenizer, WordTokenizer]
        tokenizer = next(kind for kind in kinds if kind.name == name)()
    return TextPipeline(Normalizer(), tokenizer, Vocab.build(map(tokenizer, LINES)))


def model(name: str) -> Historian:
    return Historian(len(pipeline(name).vocab))


def following(*order: str) -> Markov:
    """Make a word model in which each word is followed by the next one, the last by EOS."""
    vocab = pipeline("whitespace").vocab
    ids = [Vocab.EOS, *vocab.encode(order), Vocab.EOS]
    table = torch.full((len(vocab), len(vocab)), 1e-9)
    for before, after in itertools.pairwise(ids):
        table[before, after] = 1.0
    table[Vocab.BOS] = table[Vocab.EOS]
    return Markov(table.tolist())


WHALE = following("the", "white", "whale", "sank")
GREEDY = {"max_tokens": 7, "sampling": Sampling(temperature=0)}


def text(stepper, prompt: str, **options) -> str:
    (generation,) = generate_texts(stepper, pipeline("whitespace"), [prompt], **options)
    return generation.text


def test_in_a_running_text_the_end_of_a_line_is_a_line_break() -> None:
    assert text(WHALE, "", **GREEDY, **STREAM) == "the white whale sank\nthe white"
    assert text(WHALE, "the", **GREEDY, **STREAM) == " white whale sank\nthe white whale"
    assert text(WHALE, "sank\nthe\n", **GREEDY, **STREAM) == "the white whale sank\nthe white"
    assert text(WHALE, "sank\r\nthe", **GREEDY, **STREAM) == " white whale sank\nthe white whale"


def test_in_a_sentence_it_is_the_end() -> None:
    (whole,) = generate_texts(WHALE, pipeline("whitespace"), ["the"], **GREEDY, **SENTENCES)
    assert (whole.prompt, whole.text, whole.finished) == ("the", " white whale sank", "end")
    assert whole.tokens == ("white", "whale", "sank", "<eos>")
    assert whole.log_prob == pytest.approx(0, abs=1e-6)
    assert whole.seconds > 0
    (cut,) = generate_texts(
        WHALE, pipeline("whitespace"), [""], max_tokens=2, sampling=Sampling(), **SENTENCES
    )
    assert (cut.text, cut.finished, len(cut.tokens)) == ("the white", "length", 2)


def test_log_prob_is_the_model_s_own() -> None:
    stepper, vocab = model("word"), pipeline("word").vocab
    sampling = Sampling(temperature=0.5, top_k=4, repetition_penalty=1.3)
    for generation in generate_texts(
        stepper, pipeline("word"), ["the whale"], max_tokens=9, sampling=sampling, num=3, **STREAM
    ):
        ids = [Vocab.EOS if t == "<eos>" else vocab.encode([t])[0] for t in generation.tokens]
        history = [Vocab.EOS, *vocab.encode(["the", "whale"])]
        assert generation.log_prob == pytest.approx(stepper.log_prob(history, ids), abs=1e-5)
        assert not {"<pad>", "<bos>", "<unk>"} & {*generation.tokens}


def test_stop_strings_cut_the_text_and_end_it() -> None:
    (got,) = generate_texts(
        WHALE, pipeline("whitespace"), ["the"], stop=["ale s", "nothing"], **GREEDY, **STREAM
    )
    assert (got.text, got.finished) == (" white wh", "stop")
    assert got.tokens == ("white", "whale", "sank")
    assert text(WHALE, "the", stop=["\n"], **GREEDY, **STREAM) == " white whale sank"
    assert text(WHALE, "the", stop=["sank\nthem"], **GREEDY, **STREAM).endswith("\nthe white whale")


PROMPTS = ["", "the", "the white whale", "Well,\n(", "東"]
SAMPLINGS = [Sampling(), Sampling(temperature=0), Sampling(temperature=0.8, top_k=9, top_p=0.9)]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8)
@given(
    prompt=st.sampled_from(PROMPTS),
    sampling=st.sampled_from(SAMPLINGS),
    stop=st.sampled_from([(), ("\n",), ("a", "wh"), (" w", "\ufffd")]),
    seed=st.integers(0, 9),
)
def test_pieces_of_a_stream_are_the_text(name, prompt, sampling, stop, seed) -> None:
    options = {"max_tokens": 40, "sampling": sampling, "stop": stop, "seed": seed, **STREAM}
    (whole,) = generate_texts(model(name), pipeline(name), [prompt], **options)
    pieces = list(stream_text(model(name), pipeline(name), prompt, **options))
    assert "".join(pieces) == whole.text
    assert all(pieces)
    assert not any(string in whole.text for string in stop)


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_that_of_the_tokens(name: str) -> None:
    for prompt in PROMPTS:
        (got,) = generate_texts(model(name), pipeline(name), [prompt], **PLAIN, **STREAM)
        lines: list[list[str]] = [pipeline(name).tokens(prompt.split("\n")[-1])]
        before = pipeline(name).tokenizer.join(lines[0])
        for token in got.tokens:
            if token == "<eos>":
                lines.append([])
            else:
                lines[-1].append(token)
        assert before + got.text == "\n".join(map(pipeline(name).tokenizer.join, lines))


@pytest.mark.parametrize("layout", [STREAM, SENTENCES], ids=["stream", "sentences"])
def test_many_prompts_equal_one_by_one(layout: dict[str, object]) -> None:
    prompts = ["the white", "", "whale", "the white whale sank", "Well, whale"]
    options = {**PLAIN, "num": 3, "seed": 4, "stop": ["!"], **layout}

    def drawn(prompts: list[str]) -> list[tuple[object, ...]]:
        found = generate_texts(model("word"), pipeline("word"), prompts, **options)
        return [(g.prompt, g.text, g.tokens, g.log_prob, g.finished) for g in found]

    together = drawn(prompts)
    assert together == [generation for prompt in prompts for generation in drawn([prompt])]
    assert [prompt for prompt, *_ in together] == [p for p in prompts for _ in range(3)]
    assert len({tokens for _, _, tokens, *_ in together}) > 12


def test_a_prompt_given_three_times_is_the_same_as_three_of_it() -> None:
    times = generate_texts(model("word"), pipeline("word"), ["the"] * 3, **PLAIN, **STREAM)
    num = generate_texts(model("word"), pipeline("word"), ["the"], num=3, **PLAIN, **STREAM)
    assert [g.text for g in times] == [g.text for g in num]


def test_more_sequences_than_are_in_work_at_once() -> None:
    options = {"max_tokens": 2, "sampling": Sampling(), **STREAM}
    many = generate_texts(model("word"), pipeline("word"), ["the", ""], num=300, **options)
    (alone,) = generate_texts(model("word"), pipeline("word"), [""], **options)
    assert len(many) == 600
    assert many[300].text == alone.text
    assert all(g.prompt == "the" for g in many[:300])
    assert generate_texts(model("word"), pipeline("word"), [], **options) == []


@pytest.mark.parametrize("prompt", ["", "the"])
def test_a_beam_finds_what_greedy_misses(prompt: str) -> None:
    table = following("the", "white").log_table.exp()
    words = pipeline("whitespace").vocab.encode(["the", "white", "whale", "sank"])
    the, white, whale, sank = words
    table[:] = 1e-9
    table[Vocab.BOS, the] = 1.0
    table[the, white], table[the, whale] = 0.6, 0.4
    table[white, words] = torch.tensor([0.25, 0.25, 0.25, 0.25])
    table[whale, sank] = 1.0
    table[sank, Vocab.EOS] = 1.0
    stepper, options = Markov(table.tolist()), {"max_tokens": 6, **SENTENCES}
    best, second = generate_texts(
        stepper, pipeline("whitespace"), [prompt], beam=3, num=2, sampling=Sampling(), **options
    )
    assert prompt + best.text == "the whale sank"
    assert (best.finished, best.tokens[-2:]) == ("end", ("sank", "<eos>"))
    assert best.log_prob == pytest.approx(torch.tensor(0.4).log().item())
    assert second.log_prob < best.log_prob
    (cut,) = generate_texts(
        stepper,
        pipeline("whitespace"),
        [prompt],
        beam=3,
        sampling=Sampling(),
        stop=["ale"],
        **options,
    )
    assert (prompt + cut.text, cut.finished) == ("the wh", "stop")


def test_a_beam_with_stop_strings_writes_no_hypothesis_anew(monkeypatch) -> None:
    joined = []
    join = WhitespaceTokenizer.join

    def counting(self, tokens):
        joined.append(len(tokens))
        return join(self, tokens)

    monkeypatch.setattr(WhitespaceTokenizer, "join", counting)
    made, options = pipeline("whitespace"), {"sampling": Sampling(), "beam": 3, **STREAM}
    for tokens in (20, 80):
        joined.clear()
        generate_texts(WHALE, made, ["the"], max_tokens=tokens, stop=["nowhere"], **options)
        assert sum(joined) < 30 * tokens


@settings(max_examples=30)
@given(st.lists(st.text("aehklw \n", min_size=1, max_size=3), min_size=1, max_size=2))
def test_a_beam_stops_where_the_text_of_a_hypothesis_does(stop: list[str]) -> None:
    stepper, made = model("word"), pipeline("word")
    options = {"max_tokens": 7, "sampling": Sampling(), "beam": 4, "num": 4, **STREAM}
    for found in generate_texts(stepper, made, ["the"], stop=stop, **options):
        ids = [Vocab.EOS if t == "<eos>" else made.vocab.id(t) for t in found.tokens]
        whole = ""
        for count in range(1, len(ids) + 1):
            draft = Draft(Conventions(pipeline=made, **STREAM), Prompt("the", (2,), ("the",)), ())
            whole = "".join(draft.add(id, 0.0) for id in ids[:count])
            assert any(string in whole for string in stop) == (
                found.finished == "stop" and count == len(ids)
            )
        assert whole.startswith(found.text)


@pytest.mark.parametrize("layout", [STREAM, SENTENCES], ids=["stream", "sentences"])
@pytest.mark.parametrize("name", NAMES)
def test_a_stream_counts_what_it_draws(name: str, layout: dict[str, object]) -> None:
    for seed in range(4):
        options = {"max_tokens": 30, "sampling": Sampling(), "seed": seed, "stop": ["wh"], **layout}
        (whole,) = generate_texts(model(name), pipeline(name), ["the"], **options)
        stream = stream_text(model(name), pipeline(name), "the", **options)
        assert stream.tokens == 0
        assert "".join(stream) == whole.text
        assert stream.tokens == len(whole.tokens)


def test_unknown_words_are_named_and_the_prompt_works(caplog) -> None:
    with caplog.at_level(logging.WARNING):
        generate_texts(model("word"), pipeline("word"), ["Ahab Pequod Ahab"], **PLAIN, **STREAM)
    (record,) = caplog.records
    assert record.getMessage() == (
        "prompt: 3 of 3 tokens are unknown to the model, which takes them for one and the same "
        "word: 'Ahab', 'Pequod'"
    )
    caplog.clear()
    generate_texts(model("word"), pipeline("word"), ["the\nwhale", ""], **PLAIN, **STREAM)
    assert not caplog.records


@pytest.mark.parametrize(
    "prompts, options, message",
    [
        ("the", {}, "expected a list of texts, got one str"),
        ([3], {}, "a prompt is a str, got int 3"),
        (["the"], {"num": 0}, "num 0: must be 1 or more"),
        (["the"], {"max_tokens": 0}, "max_tokens 0: must be 1 or more"),
        (["the"], {"seed": -1}, "seed -1: must be 0 or more"),
        (["the"], {"stop": "."}, "stop '.': give a list of strings"),
        (["the"], {"stop": [""]}, "at least one character"),
        (["the"], {"beam": 0}, "beam 0: its width must be 1 or more"),
        (["the"], {"beam": 2, "num": 3}, "num 3: a beam of 2"),
        (["the"], {"beam": 2, "sampling": Sampling(top_k=3)}, "beam 2 takes the likeliest text"),
        (["the\nwhale"], SENTENCES, "prompt 'the.nwhale': 2 lines, but this model writes single"),
    ],
)
def test_bad_input(prompts: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        generate_texts(model("word"), pipeline("word"), prompts, **{**PLAIN, **STREAM, **options})


def test_a_stream_refuses_before_it_begins() -> None:
    for options in ({"max_tokens": 0}, {"stop": [""]}, {"seed": -1}):
        with pytest.raises(ConfigError):
            stream_text(model("word"), pipeline("word"), "the", **{**PLAIN, **STREAM, **options})
