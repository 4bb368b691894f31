"""What takes a language model takes one that counts, and two as one."""

import json
import math

import numpy as np
import pytest
import torch
from language_models import TEXT, save_model, save_ngrams

import seqkit as library
from seqkit.metrics import mix
from seqkit.models.interpolation import Interpolation
from seqkit.ngram.arpa_writer import write_arpa
from seqkit.text import Vocab

FEW = ["--max-tokens", "8"]


@pytest.fixture(scope="module")
def ngrams(tmp_path_factory):
    return save_ngrams(tmp_path_factory.mktemp("models") / "ngrams")


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("models") / "words")


@pytest.fixture(scope="module")
def arpa(ngrams, tmp_path_factory):
    """The same n-grams as a file of another tool, whose text is cut at white space."""
    model = library.load(ngrams)
    path = tmp_path_factory.mktemp("models") / "model.arpa"
    write_arpa(path, model.pipeline.vocab, model.trie.table())
    return path


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT + "unseen thing\n")
    return path


def figures(outcome):
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def by_steps(model, text):
    """Log-probabilities by the Stepper alone."""
    found = []
    for line in text.split("\n"):
        log_probs, state = model.read(model.start(1), torch.tensor([[Vocab.BOS]]))
        for token in model.pipeline.vocab.encode(model.pipeline.tokens(line), eos=True):
            found.append(log_probs[0, token].item())
            log_probs, state = model.step(state, torch.tensor([token]))
    return np.array(found)


def test_score(seqkit, ngrams, text_file):
    model = library.load(ngrams)
    steps = by_steps(model, TEXT + "unseen thing")
    found = figures(seqkit("score", ngrams, text_file, "--json", "--by-line", "--surprising", "3"))
    assert found["tokens"] == len(steps) and found["unknown"] == 2 and found["impossible"] == 0
    assert found["log_prob"] == pytest.approx(steps.sum(), rel=1e-5)
    assert [row["log_prob"] for row in found["surprising"]] == pytest.approx(sorted(steps)[:3])
    assert sum(row["log_prob"] for row in found["lines"]) == pytest.approx(steps.sum(), rel=1e-5)
    page = seqkit("score", ngrams, text_file, "--by-line", "--surprising", "2").out
    assert f"{found['perplexity']:,.2f}" in page and "weight" not in page and "»thing«" in page
    texts = figures(seqkit("score", ngrams, "--text", "The cat", "--text", "cat The", "--json"))
    assert texts["in_all"]["likelier"] == 0


def test_score_an_arpa_file(seqkit, ngrams, arpa, tmp_path):
    cut = tmp_path / "cut.txt"
    model = library.load(ngrams)
    lines = [" ".join(model.pipeline.tokens(line)) for line in TEXT.splitlines()]
    cut.write_text("\n".join(lines) + "\n")
    expected = figures(seqkit("score", ngrams, cut, "--json"))
    found = figures(seqkit("score", arpa, cut, "--json"))
    assert found["log_prob"] == pytest.approx(expected["log_prob"], abs=1e-3)
    assert found["tokens"] == expected["tokens"]


def test_tokens_that_are_impossible(seqkit, text_file, tmp_path):
    model = save_ngrams(tmp_path / "mle", method="mle")
    found = figures(seqkit("score", model, text_file, "--json"))
    assert found["impossible"] == 2 and found["perplexity"] is found["log_prob"] is None
    page = seqkit("score", model, text_file).out
    assert "impossible tokens                  2, of no probability at all" in page
    assert "perplexity                         inf" in page
    both = ["--text", "The end", "--text", "zq"]
    assert "text 1, infinitely more likely than the next" in seqkit("score", model, *both).out
    none = seqkit("score", model, "--text", "zq", "--text", "zq zq")
    assert none.code == 0 and "likelier in all" not in none.out


def test_generate(seqkit, ngrams):
    model = library.load(ngrams)
    outcome = seqkit("generate", ngrams, "The", *FEW, "--seed", "3")
    assert outcome.out == "The" + model.generate("The", max_tokens=8, seed=3) + "\n"
    beam = figures(seqkit("generate", ngrams, "The", *FEW, "--beam", "3", "--json"))
    assert beam["text"] == model.generate("The", max_tokens=8, beam=3)


@pytest.mark.parametrize("kind", ["words", "ngrams"])
def test_complete(kind, seqkit, request):
    folder = request.getfixturevalue(kind)
    model = library.load(folder)
    expected = model.complete("The c", num=2)
    found = figures(seqkit("generate", folder, "The c", "--complete", "2", "--json"))
    assert found["prompt"] == "The c" and found["words"] == [each.word for each in expected]
    assert all(word.startswith("c") for word in found["words"])
    assert found["probabilities"] == pytest.approx(
        [each.probability for each in expected], abs=1e-6
    )
    page = seqkit("generate", folder, "The c", "The ", "--complete", "2").out
    first, second = page.split("\n\n")
    lines = [f"{each.probability:.4f}  {each.word}" for each in expected]
    assert first.splitlines() == lines and len(second.splitlines()) == 2


def test_complete_what_no_word_begins_with(seqkit, ngrams, caplog):
    outcome = seqkit("generate", ngrams, "The zq", "The c", "--complete", "2", "--json")
    none, some = map(json.loads, outcome.out.splitlines())
    assert outcome.code == 0 and none["words"] == none["probabilities"] == [] and some["words"]
    assert caplog.messages == ["prompt 'The zq': the model knows no word that begins so"]
    page = seqkit("generate", ngrams, "The zq", "--complete", "2")
    assert page.code == 0 and page.out == "" and len(caplog.messages) == 2


# two as one


def test_a_mixture_is_that_of_the_library(seqkit, words, ngrams, text_file):
    lines = text_file.read_text().splitlines()
    parts = [
        np.concatenate(library.load(folder).line_log_probs(lines)) for folder in (words, ngrams)
    ]
    given = ["--interpolate", ngrams, "--weight", "0.7", "--json"]
    found = figures(seqkit("score", words, text_file, *given))
    assert found["log_prob"] == pytest.approx(mix(parts, [0.3, 0.7]).sum(), rel=1e-5)
    assert found["weights"] == [
        {"model": str(words), "weight": pytest.approx(0.3)},
        {"model": str(ngrams), "weight": 0.7},
    ]
    page = seqkit("score", words, text_file, *given[:-1]).out
    assert page.startswith(f"weight                             0.3000  {words}\n")
    alike = figures(seqkit("score", words, text_file, "--interpolate", ngrams, "--json"))
    assert alike["log_prob"] == pytest.approx(mix(parts, [0.5, 0.5]).sum(), rel=1e-5)


def test_weights_are_fitted(seqkit, words, ngrams, text_file, tmp_path):
    valid = tmp_path / "valid.txt"
    valid.write_text("The dogs ran home\nThe cat saw dogs\n")
    options = ["--interpolate", ngrams, "--fit", valid, "--json"]
    found = figures(seqkit("score", words, text_file, *options))
    models = [library.load(folder) for folder in (words, ngrams)]
    fitted = Interpolation(models).fit(valid.read_text().splitlines())
    assert [each["weight"] for each in found["weights"]] == pytest.approx(fitted.weights)
    texts = figures(seqkit("score", words, "--text", "The cat", *options))
    assert texts["weights"] == found["weights"]
    assert texts["texts"][0]["log_prob"] == pytest.approx(fitted.score("The cat").log_prob)


def test_a_mixture_generates_and_completes(seqkit, words, ngrams):
    mixed = Interpolation([library.load(words), library.load(ngrams)], [0.2, 0.8])
    given = ["--interpolate", ngrams, "--weight", "0.8"]
    outcome = seqkit("generate", words, "The", *FEW, *given)
    assert outcome.out == "The" + mixed.generate("The", max_tokens=8) + "\n"
    found = figures(seqkit("generate", words, "The ", *given, "--complete", "3", "--json"))
    assert found["words"] == [each.word for each in mixed.complete("The ", num=3)]


def test_models_that_do_not_mix(refused, words, ngrams, arpa, text_file, tmp_path):
    message = refused("score", words, text_file, "--interpolate", arpa)
    assert message.startswith("interpolation: model 2: its normaliser is Normalizer(")
    other = save_model(tmp_path / "chars", units="char")
    message = refused("generate", words, "a", "--interpolate", other)
    assert "model 2: its tokeniser is char, model 1 has word" in message


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("score", ["--weight", "0.5"], "--weight has no effect without --interpolate"),
        ("score", ["--fit", "x"], "--fit has no effect without --interpolate"),
        (
            "score",
            ["--interpolate", "M", "--weight", "0.5", "--fit", "x"],
            "--fit has no effect with",
        ),
        ("score", ["--interpolate", "M", "--cache", "5"], "adaptation is of a single model"),
        ("score", ["--interpolate", "M", "--weight", "0", "--cache", "5"], "of a single model"),
        ("score", ["--interpolate", "M", "--dynamic"], "adaptation is of a single model"),
        ("score", ["--interpolate", "M", "--weight", "1.5"], "--weight 1.5: 0 or more each"),
        ("score", ["--interpolate", "M", "--weight", "-0.5"], "--weight -0.5: 0 or more each"),
        ("score", ["--interpolate", "M", "--weight", "0.1", "--weight", "0.2"], "2 of them for 1"),
        ("score", ["--cache", "5"], "counts n-grams and learns nothing from what it reads"),
        ("score", ["--dynamic"], "counts n-grams and learns nothing from what it reads"),
        ("generate", ["--weight", "0.5"], "--weight has no effect without --interpolate"),
        ("generate", ["--complete", "-1"], "--complete -1: must be 1 or more"),
        ("generate", ["--complete", "0"], "--complete 0: must be 1 or more"),
        ("generate", ["--complete", "2", "--num", "3"], "--num has no effect with --complete"),
        ("generate", ["--complete", "2", "--beam", "3"], "--beam has no effect with --complete"),
        ("generate", ["--device", "cuda"], "an n-gram model runs on the CPU"),
    ],
)
def test_what_cannot_be(command, options, message, refused, ngrams, text_file):
    given = [ngrams if option == "M" else option for option in options]
    what = text_file if command == "score" else "The"
    assert message in refused(command, ngrams, what, *given)


# inspect


def test_inspect(seqkit, ngrams):
    page = seqkit("inspect", ngrams).out
    model = library.load(ngrams)
    sizes, discounts = model.trie.layout["sizes"], model.facts["discounts"]
    assert f"order 3, {sum(sizes):,} n-grams, modified-kneser-ney\n" in page
    for order, (size, row) in enumerate(zip(sizes, discounts, strict=True), start=1):
        shown = " ".join(f"{value:.4f}" for value in row)
        assert f"  {size:>12,} {order}-grams, discounts {shown}\n" in page
    assert "bytes  ngrams.bin" in page and "test: perplexity 2.5000" in page
    assert json.loads(seqkit("inspect", ngrams, "--json").out)["kind"] == "NgramModel"


def test_inspect_looks_at_what_is_mapped(refused, ngrams, tmp_path):
    damaged = save_ngrams(tmp_path / "damaged")
    content = bytearray((damaged / "ngrams.bin").read_bytes())
    content[-9] ^= 1
    (damaged / "ngrams.bin").write_bytes(content)
    message = refused("inspect", damaged)
    assert "ngrams.bin: its content does not match bundle.json" in message


def test_inspect_what_it_cannot(refused, ngrams, arpa, text_file):
    message = refused("inspect", ngrams, "--units", "--text", text_file)
    assert "a NgramModel, expected a LanguageModel" in message
    message = refused("inspect", arpa)
    assert "seqkit export with --format bundle makes one of an ARPA file" in message


def test_a_model_that_counts_is_no_classifier(refused, ngrams):
    hint = "a NgramModel, expected a TextClassifier: seqkit generate, score and export work"
    assert hint in refused("predict", ngrams, "a")


def test_nothing_is_infinite_in_json():
    from seqkit.commands.scored_text import finite

    value = {"a": [1.0, -math.inf, {"b": math.nan}], "c": "inf", "d": 3}
    assert finite(value) == {"a": [1.0, None, {"b": None}], "c": "inf", "d": 3}
