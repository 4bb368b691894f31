"""`seqkit generate` and `seqkit score` beside what the library says."""

import io
import json
import math
import os
import pty
import subprocess
import sys
from dataclasses import fields
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from conftest import COMMAND
from language_models import TEXT, save_model

import seqkit as library
from seqkit.commands.scored_text import ScoredText
from seqkit.commands.scoring import ScoreOptions
from seqkit.models.lm_cache import Cache
from seqkit.models.lm_dynamic import DynamicEvaluation, adapted_log_probs
from seqkit.text import Vocab

FEW = ["--max-tokens", "8"]


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("models") / "words")


@pytest.fixture(scope="module")
def sentences(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("models") / "sentences", sentences=True)


@pytest.fixture(scope="module")
def model(words):
    return library.load(words)


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


def rows(outcome):
    assert outcome.code == 0, outcome.err
    return [json.loads(line) for line in outcome.out.splitlines()]


def figures(outcome):
    return rows(outcome)[0]


def feed(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))


# generate


def test_a_prompt_is_shown_before_its_continuation(seqkit, words, model, caplog):
    outcome = seqkit("generate", words, "The cat", *FEW, "--seed", "3")
    assert outcome.out == "The cat" + model.generate("The cat", max_tokens=8, seed=3) + "\n"
    assert "8 tokens in " in caplog.text and " ms a token" in caplog.text


def test_several_are_parted_by_an_empty_line(seqkit, words, model):
    found = model.generate_many(["The", "He"], num=2, max_tokens=8)
    expected = "\n\n".join(g.prompt + g.text for g in found)
    assert seqkit("generate", words, "The", "He", "--num", "2", *FEW).out == expected + "\n"


def test_json_has_all_of_a_generation(seqkit, words, model):
    options = ["--temperature", "0.7", "--top-k", "5", "--top-p", "0.9", "--json", "--seed", "4"]
    options += ["--repetition-penalty", "1.2", "--stop", "cat", "--stop", "home"]
    found = model.generate_many(
        ["The", ""],
        max_tokens=8,
        temperature=0.7,
        top_k=5,
        top_p=0.9,
        repetition_penalty=1.2,
        stop=("cat", "home"),
        seed=4,
    )
    answers = rows(seqkit("generate", words, "The", "", *FEW, *options))
    assert [row["text"] for row in answers] == [g.text for g in found]
    assert [row["prompt"] for row in answers] == ["The", ""]
    for row, g in zip(answers, found, strict=True):
        assert row["tokens"] == list(g.tokens) and row["finished"] == g.finished
        assert row["log_prob"] == pytest.approx(g.log_prob, abs=1e-5)
        assert row["seconds_per_token"] > 0


def test_beam_and_greedy(seqkit, words, model):
    beam = figures(seqkit("generate", words, "The", *FEW, "--beam", "3", "--json"))
    assert beam["text"] == model.generate("The", max_tokens=8, beam=3)
    greedy = figures(seqkit("generate", words, "The", *FEW, "--temperature", "0", "--json"))
    assert greedy["text"] == model.generate("The", max_tokens=8, temperature=0)
    assert beam["log_prob"] >= greedy["log_prob"] - 1e-5


def test_prompts_from_a_file_and_from_stdin(seqkit, words, tmp_path, monkeypatch):
    expected = rows(seqkit("generate", words, "The cat", "He", *FEW, "--json"))
    (tmp_path / "p.txt").write_text("The cat\nHe\n")
    feed(monkeypatch, b"The cat\nHe\n")
    for source in (tmp_path / "p.txt", "-"):
        found = rows(seqkit("generate", words, "--file", source, *FEW, "--json"))
        assert [row["text"] for row in found] == [row["text"] for row in expected]


def test_without_a_prompt_the_model_starts_from_nothing(seqkit, words, model):
    assert seqkit("generate", words, *FEW).out == model.generate(max_tokens=8) + "\n"


def test_a_prompt_that_is_the_name_of_a_file_is_said(seqkit, words, text_file, caplog):
    assert seqkit("generate", words, text_file, *FEW).code == 0
    assert f"{text_file} is a file, taken as a text: --file" in caplog.text


def test_a_prompt_that_no_stream_can_hold(seqkit, words):
    assert seqkit("generate", words, "The \ud800", *FEW).out.startswith("The \ufffd")


def test_a_terminal_gets_the_text_as_it_comes(words, model):
    control, terminal = pty.openpty()
    command = [*COMMAND, "generate", str(words), "The cat", "--max-tokens", "20"]
    command += ["--seed", "1"]
    done = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, timeout=120)
    os.close(terminal)
    shown = os.read(control, 10_000).decode().replace("\r\n", "\n")
    os.close(control)
    assert shown == "The cat" + model.generate("The cat", max_tokens=20, seed=1) + "\n"
    assert done.returncode == 0 and b"20 tokens in " in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["a", "--file", "b"], "give prompts or --file, not both"),
        (["--num", "0"], "--num 0: must be 1 or more"),
        (["--max-tokens", "0"], "max_tokens 0"),
        (["--top-p", "1.5"], "top_p 1.5"),
        (["--beam", "2", "--temperature", "0.5"], "--temperature has no effect with --beam"),
        (["--beam", "2", "--seed", "5"], "--seed has no effect with --beam"),
        (["--temperature", "0", "--top-k", "5"], "--top-k has no effect with --temperature 0"),
        (["--temperature", "0", "--num", "2"], "--num has no effect with --temperature 0"),
        (["a", "--max-chars", "9"], "--max-chars has no effect without --file"),
        (["--tempreature", "1"], "did you mean --temperature?"),
    ],
)
def test_options_of_generate_that_cannot_be(options, message, refused, words):
    assert message in refused("generate", words, *options)


# score


def by_steps(model, text):
    """Log-probabilities of a running text, one step of the protocol at a time."""
    state, found = model.start(1), []
    log_probs, state = model.read(state, torch.tensor([[model.first]]))
    for line in text.split("\n"):
        for token in model.pipeline.vocab.encode(model.pipeline.tokens(line), eos=True):
            found.append(log_probs[0, token].item())
            log_probs, state = model.step(state, torch.tensor([token]))
    return np.array(found)


def test_a_file_is_scored_as_one_text(seqkit, words, model, text_file):
    text_file.write_text(TEXT + "unseen thing\n")
    found = figures(seqkit("score", words, text_file, "--json"))
    steps = by_steps(model, TEXT + "unseen thing")
    assert found["tokens"] == len(steps) and found["unknown"] == 2
    assert found["log_prob"] == pytest.approx(steps.sum(), rel=1e-5)
    assert found["log10_prob"] == pytest.approx(steps.sum() / math.log(10), rel=1e-5)
    assert found["perplexity"] == pytest.approx(math.exp(-steps.mean()), rel=1e-5)
    assert found["perplexity_known"] == pytest.approx(
        math.exp(-np.delete(steps, [-3, -2]).mean()), rel=1e-5
    )
    size = len(TEXT + "unseen thing\n") - 2  # the indentation, which no word tells
    assert (found["characters"], found["bytes"]) == (size, size)
    assert found["bits_per_character"] == pytest.approx(-steps.sum() / math.log(2) / size)
    assert found["reads_the_text"] is None


def test_line_breaks_of_a_table_end_lines_too(seqkit, words, text_file, tmp_path):
    table = tmp_path / "text.jsonl"
    records = ['He said: "Go home, (now)!"\r\n', "  The cat saw 3 dogs; she ran home.\nThe end\n"]
    table.write_text("".join(json.dumps({"text": record}) + "\n" for record in records))
    text_file.write_text("".join(records).replace("\r", ""))
    for options in ([], ["--by-line"], ["--surprising", "3"], ["--cache", "20"]):
        found, expected = (
            figures(seqkit("score", words, path, "--json", *options)) for path in (table, text_file)
        )
        assert found == expected and found["tokens"] == 27


def test_a_prompt_of_a_table_may_have_lines(seqkit, words, tmp_path):
    (tmp_path / "p.jsonl").write_text(json.dumps({"text": "The end\nHe"}) + "\n")
    (row,) = rows(seqkit("generate", words, "--file", tmp_path / "p.jsonl", *FEW, "--json"))
    assert row["prompt"] == "The end\nHe"


def test_a_perplexity_that_no_number_holds(model):
    ids, log_probs = [[4, Vocab.EOS]], [np.array([-900.0, -900.0])]
    total = ScoredText(model, ["The"], ids, log_probs).total()
    assert total["perplexity"] == total["perplexity_known"] == math.inf


def test_the_plain_output_has_the_same_figures(seqkit, words, text_file):
    found = figures(seqkit("score", words, text_file, "--json"))
    page = seqkit("score", words, text_file).out
    assert f"{found['tokens']:,} with line ends, 0 unknown" in page
    assert f"\nperplexity                         {found['perplexity']:,.2f}\n" in page
    assert f"{found['bits_per_byte']:.4f}" in page and "reads" not in page


def test_sentences_are_scored_each_for_itself(seqkit, sentences, text_file):
    model = library.load(sentences)
    found = figures(seqkit("score", sentences, text_file, "--json", "--by-line"))
    each = [model.score(line).log_prob for line in TEXT.splitlines()]
    assert [row["log_prob"] for row in found["lines"]] == pytest.approx(each, rel=1e-5)
    assert found["log_prob"] == pytest.approx(sum(each), rel=1e-5)


def test_by_line(seqkit, words, text_file):
    found = figures(seqkit("score", words, text_file, "--json", "--by-line"))
    assert [row["text"] for row in found["lines"]] == TEXT.splitlines()
    assert [row["line"] for row in found["lines"]] == [1, 2, 3, 4]
    for name in ("log_prob", "tokens", "characters", "bytes"):
        assert sum(row[name] for row in found["lines"]) == pytest.approx(found[name])
    page = seqkit("score", words, text_file, "--by-line").out
    heading, first, *_ = page.splitlines()
    assert heading.split() == ["line", "log-prob", "tokens", "unknown", "perplexity", "text"]
    assert first.split()[0] == "1" and first.endswith(TEXT.splitlines()[0])


def test_the_most_surprising_tokens(seqkit, words, model, text_file):
    found = figures(seqkit("score", words, text_file, "--json", "--surprising", "4"))["surprising"]
    expected = sorted(model.token_scores(TEXT), key=lambda score: score.log_prob)[:4]
    assert [row["log_prob"] for row in found] == pytest.approx([s.log_prob for s in expected])
    assert [row["token"].replace("↵", "\n") for row in found] == [s.token for s in expected]
    lines = [*TEXT.splitlines()]
    for row in found:
        place = row["before"] + row["token"].replace("↵", "") + row["after"]
        assert place in lines[row["line"] - 1]
    page = seqkit("score", words, text_file, "--surprising", "1").out
    assert f"{found[0]['before']}»{found[0]['token']}«" in page


def test_all_tokens_when_fewer_than_asked_for(seqkit, words, text_file):
    found = figures(seqkit("score", words, text_file, "--json", "--surprising", "1000"))
    assert len(found["surprising"]) == found["tokens"]


def test_unknown_words_are_said_to_flatter(seqkit, words, tmp_path):
    page = seqkit("score", words, "--text", "zq zq", "--text", "zq zq").out
    assert page.splitlines()[-1].startswith("text 1, 2: unknown tokens cost what any unknown")
    file = tmp_path / "text.txt"
    file.write_text("zq zq\n")
    assert "it looks likelier than it is" in seqkit("score", words, file).out


def test_texts_are_compared(seqkit, words, model):
    texts = ["The cat ran home", "home dogs", "cat The home ran"]
    options = [part for text in texts for part in ("--text", text)]
    found = figures(seqkit("score", words, *options, "--json"))
    scores = [model.score(text) for text in texts]
    in_all = [score.log_prob for score in scores]
    assert [row["log_prob"] for row in found["texts"]] == pytest.approx(in_all, rel=1e-5)
    first, second, _ = sorted(in_all, reverse=True)
    assert found["in_all"] == {
        "likelier": in_all.index(first),
        "ahead": pytest.approx(first - second, abs=1e-4),
    }
    each = [score.log_prob / score.tokens for score in scores]
    assert found["per_token"]["likelier"] == each.index(max(each))
    page = seqkit("score", words, *options).out
    assert f"likelier in all: text {in_all.index(first) + 1}, " in page
    assert f"likelier per token: text {each.index(max(each)) + 1}, " in page


def test_one_text_is_not_compared(seqkit, words):
    assert "likelier" not in seqkit("score", words, "--text", "The cat").out
    assert figures(seqkit("score", words, "--text", "The cat", "--json")).keys() == {"texts"}


def test_stdin(seqkit, words, text_file, monkeypatch):
    expected = figures(seqkit("score", words, text_file, "--json"))
    for source in ([], ["-"]):
        feed(monkeypatch, TEXT.encode())
        assert figures(seqkit("score", words, *source, "--json")) == expected


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["--cache", "50", "--cache-weight", "0"], "cache of 50"),
        (["--dynamic", "--dynamic-lr", "0"], "dynamic evaluation"),
        (
            ["--cache", "9", "--cache-weight", "0", "--dynamic", "--dynamic-lr", "0"],
            "cache of 9 and dynamic evaluation",
        ),
    ],
)
def test_an_adaptation_that_does_nothing_changes_no_figure(options, name, seqkit, words, text_file):
    plain = figures(seqkit("score", words, text_file, "--json"))
    found = figures(seqkit("score", words, text_file, "--json", *options))
    assert found.pop("reads_the_text") == name and plain.pop("reads_the_text") is None
    assert found == {key: pytest.approx(value, rel=1e-5) for key, value in plain.items()}


def test_the_cache_is_that_of_the_library_and_its_rows_say_so(seqkit, words, model, text_file):
    options = ["--cache", "20", "--cache-theta", "0.1", "--cache-weight", "0.3"]
    ids = [[*row, Vocab.EOS] for row in model.pipeline.encode_many(TEXT.splitlines())]
    cache = Cache(size=20, theta=0.1, weight=0.3)
    network, tokens = model.network, np.concatenate(ids)
    expected = adapted_log_probs(network, tokens, first=Vocab.EOS, cache=cache)
    found = figures(seqkit("score", words, text_file, "--json", *options))
    assert found["log_prob"] == pytest.approx(expected.sum())
    page = seqkit("score", words, text_file, *options).out.splitlines()
    marked = [line for line in page if "(with cache of 20: reads the text being scored)" in line]
    assert len(marked) == len(page) - 1 and page[0].startswith("tokens")


def test_adaptation_has_the_defaults_of_the_library():
    options = {field.name: field.default for field in fields(ScoreOptions)}
    for part, kind in (("cache", Cache), ("dynamic", DynamicEvaluation)):
        for field in fields(kind):
            if f"{part}_{field.name}" in options:
                assert options[f"{part}_{field.name}"] == field.default
            else:
                assert (part, field.name) == ("cache", "size")  # which --cache asks for


def test_the_help_says_what_reads_the_text(process, words):
    page = " ".join(process("score", "--help").stdout.replace("│", " ").split())
    assert page.count("reads the text being scored") == 1
    assert "learns from the text being scored" in page
    assert "--adapt.dynamic-lr is for gradients scaled" in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["f", "--text", "b"], "give a file or --text, not both"),
        (["--text", "a", "--by-line"], "--by-line has no effect with --text"),
        (["--text", "a", "--cache", "5"], "--cache has no effect with --text"),
        (["f", "--cache-theta", "1"], "--cache-theta has no effect without --cache"),
        (["f", "--dynamic-window", "9"], "--dynamic-window has no effect without --dynamic"),
        (["f", "--surprising", "-1"], "--surprising -1: must be 0 or more"),
        (["f", "--cache", "-1"], "--cache -1: must be 0 or more"),
        (["f", "--max-chars", "0"], "--max-chars 0"),
        (["nowhere.txt"], "nowhere.txt: no such file"),
        (["a b"], "a b: no such file; --text scores a text itself"),
    ],
)
def test_options_of_score_that_cannot_be(options, message, refused, words):
    assert message in refused("score", words, *options)


def test_nothing_to_score(refused, words, tmp_path, monkeypatch):
    feed(monkeypatch, b"")
    assert refused("score", words) == "stdin: no lines in it"
    (tmp_path / "none.txt").write_text("")
    assert "the file is empty" in refused("score", words, tmp_path / "none.txt")


def test_sentences_do_not_adapt(refused, sentences, text_file):
    message = refused("score", sentences, text_file, "--cache", "5")
    assert "reads each line for itself" in message


# models of another kind


def test_a_classifier_is_no_language_model(refused, saved_bag, text_file):
    hint = "a TextClassifier, expected a LanguageModel or NgramModel: seqkit predict, evaluate and"
    assert hint in refused("generate", saved_bag, "a")
    assert hint in refused("score", saved_bag, text_file)


def test_a_language_model_is_no_classifier(refused, words, spam_file):
    hint = "a LanguageModel, expected a TextClassifier: seqkit generate and seqkit score work"
    assert hint in refused("predict", words, "a")
    assert hint in refused("evaluate", words, "--data", spam_file)
