"""`seqkit translate` beside the library, asked one by one."""

import gzip
import io
import json
import lzma
import math
import subprocess
import sys
from types import SimpleNamespace
from typing import get_args, get_type_hints

import pytest
from conftest import COMMAND, Outcome
from translators import SHARES, letters, save_indifferent, save_random

import seqkit as library
from seqkit.cli import main
from seqkit.commands.decoding import DecodingOptions
from seqkit.models.translation import LONG, UNKNOWN
from seqkit.models.translator import Translator

TEXTS = ["a b c d", "", "a", "b b zzz a c d d a b", "中 \U0001f389 é", "a", " "]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_random(tmp_path_factory.mktemp("translator") / "model", seed=6)


@pytest.fixture(scope="module")
def unattending(tmp_path_factory):
    folder = tmp_path_factory.mktemp("translator") / "unattending"
    return save_random(folder, attention="none")


@pytest.fixture
def expected(model):
    """What the library says of the texts, one by one."""
    translator = library.load(model)
    return [translator.translate(text) for text in TEXTS]


def feed(monkeypatch, content, *, terminal=False):
    stdin = SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: terminal)
    monkeypatch.setattr(sys, "stdin", stdin)


def objects(outcome):
    assert outcome.code == 0, outcome.err
    return [json.loads(line) for line in outcome.out.splitlines()]


def rounded(values):
    return [pytest.approx(value, abs=1e-4) for value in values]


def test_from_arguments(seqkit, model, expected):
    outcome = seqkit("translate", model, *TEXTS)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.split("\n") == [*expected, ""]
    assert expected[1] == expected[6] == "" and len({*expected}) > 3


def test_texts_that_look_like_options(seqkit, model):
    assert len(seqkit("translate", model, "--", "--beam", "-x").out.splitlines()) == 2


@pytest.mark.parametrize("write", [open, gzip.open, lzma.open])
def test_from_a_file(seqkit, model, expected, tmp_path, write):
    path = tmp_path / f"texts.txt{ {open: '', gzip.open: '.gz', lzma.open: '.xz'}[write] }"
    with write(path, "wb") as file:
        file.write("\n".join(TEXTS).encode() + b"\n")
    assert seqkit("translate", model, "--file", path).out.split("\n") == [*expected, ""]


@pytest.mark.parametrize("options", [[], ["--file", "-"], ["--batch", "1"], ["--batch", "4"]])
def test_from_stdin(seqkit, model, expected, monkeypatch, options):
    feed(monkeypatch, "\r\n".join(TEXTS).encode())
    assert seqkit("translate", model, *options).out.split("\n") == [*expected, ""]


def test_from_a_column(seqkit, model, expected, tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps({"id": 1, "body": text}) + "\n" for text in TEXTS))
    outcome = seqkit("translate", model, "--file", path, "--text-column", "body")
    assert outcome.out.split("\n") == [*expected, ""]


def test_nothing_gives_nothing(seqkit, model, monkeypatch):
    feed(monkeypatch, b"")
    assert seqkit("translate", model) == Outcome(0, "", "")
    assert seqkit("translate", model, "") == Outcome(0, "\n", "")


def test_each_line_is_answered_while_stdin_is_open(model, expected):
    with subprocess.Popen(
        [*COMMAND, "translate", str(model), "--batch", "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        for text, answer in zip(TEXTS[:3], expected, strict=False):
            run.stdin.write(text + "\n")
            run.stdin.flush()
            assert run.stdout.readline() == answer + "\n"
        run.stdin.close()
        assert run.stdout.read() == ""
    assert run.returncode == 0


def test_each_line_that_is_typed_is_answered_at_once(seqkit, model, expected, monkeypatch):
    typed = b"a b c d\n\na\nb\xff\n"
    feed(monkeypatch, typed, terminal=True)
    outcome = seqkit("translate", model)
    assert outcome.out.splitlines() == expected[:3]
    assert outcome.code == 2 and outcome.err.startswith("seqkit: stdin:4: not UTF-8 at byte 1")
    feed(monkeypatch, typed)
    assert seqkit("translate", model).out == ""


def test_json(seqkit, model):
    found = objects(seqkit("translate", model, *TEXTS, "--json", "--alignment"))
    wanted = library.load(model).translate_many(TEXTS, attention=True)
    assert [row["source"] for row in found] == TEXTS
    for row, each in zip(found, wanted, strict=True):
        assert row["text"] == each.text and tuple(row["tokens"]) == each.tokens
        assert (
            row["finished"] == each.finished and tuple(row["source_tokens"]) == each.source_tokens
        )
        assert [row["log_prob"], row["score"]] == rounded([each.log_prob, each.score])
        assert [sum(weights) for weights in row["alignment"]] == [pytest.approx(1, abs=1e-3)] * len(
            each.tokens
        )
        assert row["alignment"] == [rounded(weights) for weights in each.attention.tolist()]
    plain = objects(seqkit("translate", model, *TEXTS, "--json"))
    assert plain[0].keys() == {"source", "text", "log_prob", "score", "tokens", "finished"}


def test_json_has_the_characters_themselves_where_stdout_is_utf_8(seqkit, model, monkeypatch):
    text = "中 é \U0001f389 \ud800"
    line = seqkit("translate", model, text, "--json").out
    assert (
        line.startswith('{"source": "中 é \U0001f389 \\ud800"')
        and json.loads(line)["source"] == text
    )
    line.encode("utf-8")
    latin = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", latin)
    assert main(["translate", str(model), text, "--json"]) == 0
    latin.flush()
    written = latin.buffer.getvalue().decode("ascii")
    assert json.loads(written) == json.loads(line)


def test_n_best(seqkit, model):
    wanted = library.load(model).n_best(TEXTS, num=3)
    lines = seqkit("translate", model, *TEXTS, "--num", "3").out.splitlines()
    rows = [line.split("\t") for line in lines]
    assert [(int(number), text) for number, _, text in rows] == [
        (number, each.text) for number, found in enumerate(wanted, 1) for each in found
    ]
    scores = [each.score for found in wanted for each in found]
    assert [float(score) for _, score, _ in rows] == rounded(scores)
    found = objects(seqkit("translate", model, *TEXTS, "--num", "3", "--json"))
    assert [[each["text"] for each in row["translations"]] for row in found] == [
        [each.text for each in of_text] for of_text in wanted
    ]


def test_samples(seqkit, model, monkeypatch):
    options = ["--sample", "--temperature", "0.8", "--top-k", "4", "--top-p", "0.9", "--seed", "3"]
    drawing = {"temperature": 0.8, "top_k": 4, "top_p": 0.9, "seed": 3}
    translator = library.load(model)
    lines = seqkit("translate", model, *TEXTS, *options).out.split("\n")
    assert lines[:-1] == [each.text for each in translator.sample(TEXTS, **drawing)]
    drawn = [each.text for each in translator.sample(["a"] * 40, **drawing)]
    assert len({*drawn}) > 5
    rows = seqkit("translate", model, "a", "a", *options, "--num", "20").out.splitlines()
    assert [row.split("\t")[2] for row in rows] == drawn
    assert [row.split("\t")[0] for row in rows] == ["1"] * 20 + ["2"] * 20
    feed(monkeypatch, b"a\n" * 40)
    assert seqkit("translate", model, *options).out.splitlines() == drawn
    greedy = seqkit("translate", model, *TEXTS, "--sample", "--temperature", "0").out
    assert greedy == seqkit("translate", model, *TEXTS, "--beam", "1").out


def test_an_ensemble(seqkit, refused, model, tmp_path):
    others = [save_random(tmp_path / str(seed), seed=seed) for seed in (2, 3)]
    together = Translator.ensemble([library.load(folder) for folder in (model, *others)])
    options = ["--ensemble", others[0], "--ensemble", others[1]]
    lines = seqkit("translate", model, *TEXTS, *options).out.split("\n")
    assert lines[:-1] == [each.text for each in together.translate_many(TEXTS)]
    save_random(tmp_path / "foreign", target="uvw")
    message = refused("translate", model, "a", "--ensemble", tmp_path / "foreign")
    assert message.startswith("ensemble: translator 2 writes with another vocabulary (7 ids, char)")


def test_options_reach_the_library(seqkit, model):
    translator = library.load(model)
    for options in (
        {"beam": 2, "length_penalty": 0.0, "coverage_penalty": 0.3},
        {"max_tokens": 3, "unknown": "avoid"},
        {"unknown": "keep", "beam": 9},
        {"unknown": "drop", "length_penalty": 2.0},
    ):
        given = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
        lines = seqkit("translate", model, *TEXTS, *given).out.split("\n")
        assert lines[:-1] == [translator.translate(text, **options) for text in TEXTS]


def test_the_choices_are_those_of_the_library():
    hints = get_type_hints(DecodingOptions)
    assert get_args(hints["long"]) == LONG
    assert get_args(get_args(hints["unknown"])[0]) == UNKNOWN


def test_characters_never_seen_are_translated(seqkit, model):
    outcome = seqkit("translate", model, "a \x00 中文 \ud800", "--unknown", "source")
    assert outcome.code == 0 and len(outcome.out.splitlines()) == 1


def test_line_breaks_that_a_model_writes_do_not_break_lines(seqkit, tmp_path):
    shares = dict(zip(SHARES, [0.0, 0.0, 0.2, 0.0, 0.5, 0.3], strict=True))
    folder = save_indifferent(tmp_path / "breaks", shares=shares, target=letters("\nx"))
    outcome = seqkit("translate", folder, "a", "b", "--beam", "1", "--max-tokens", "3")
    assert outcome.out == " " * 2 + "\n" + " " * 2 + "\n"
    (row,) = objects(seqkit("translate", folder, "a", "--beam", "1", "--max-tokens", "3", "--json"))
    assert row["text"] == "\n\n\n" and row["finished"] == "length"


def test_texts_longer_than_the_limit(seqkit, refused, tmp_path, caplog):
    folder = save_random(tmp_path / "short", max_tokens=3)
    translator, text = library.load(folder), "a b c , d d a"
    for long in ("split", "truncate"):
        caplog.clear()
        outcome = seqkit("translate", folder, "a", text, "--long", long)
        (warning,) = caplog.messages
        assert "1 of 2 texts are longer than the 3 tokens that the model was trained" in warning
        assert outcome.out.splitlines()[1] == translator.translate(text, long=long)
    message = refused("translate", folder, "a", text, "--long", "refuse")
    assert message.startswith("text 2 has 7 tokens, more than the 3 that the model was trained on")
    (tmp_path / "t.txt").write_text(f"a\nb\n{text}\nc\n")
    options = ["--long", "refuse", "--batch", "2"]
    outcome = seqkit("translate", folder, "--file", tmp_path / "t.txt", *options)
    assert outcome.code == 2 and len(outcome.out.splitlines()) == 2
    assert outcome.err.startswith("seqkit: of the texts from 3 on, text 1 has 7 tokens, more than")


# attention


def test_a_page_of_attention(seqkit, model, tmp_path):
    page = tmp_path / "page.html"
    outcome = seqkit("translate", model, *TEXTS, "--attention", page)
    assert outcome.out == seqkit("translate", model, *TEXTS).out
    text = page.read_text()
    assert text.count("<table>") == sum(bool(line) for line in outcome.out.splitlines())
    assert all(f">{word}<" in text for word in ("zzz", "中", "é"))


def test_a_picture_of_attention(seqkit, refused, model, tmp_path):
    pytest.importorskip("matplotlib", reason="needs the extra plot")
    picture = tmp_path / "picture.png"
    assert seqkit("translate", model, "a b", "c", "--attention", picture).code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    picture.unlink()
    message = refused("translate", model, *["a"] * 31, "--attention", picture)
    assert "more than 30 texts" in message and message.endswith("give fewer, or write .html")
    assert not picture.exists()
    page = tmp_path / "many.html"
    assert seqkit("translate", model, *["a"] * 31, "--attention", page).code == 0


def test_attention_of_a_model_that_has_none(refused, seqkit, model, unattending, tmp_path):
    page, texts = tmp_path / "page.html", tmp_path / "texts.txt"
    texts.write_text("a\n")
    for options in (["--attention", page], ["--json", "--alignment"], ["--unknown", "source"]):
        message = refused("translate", unattending, "a b", *options)
        assert message.startswith("this model has no weights of attention to show or to copy by")
    assert not page.exists()
    assert "covers" in refused("translate", unattending, "a", "--coverage-penalty", "1")
    assert seqkit("translate", unattending, "a b").code == 0
    together = refused("translate", model, "a", "--ensemble", unattending, "--attention", page)
    assert "an ensemble has some where all its members do" in together


def test_attention_to_nothing(seqkit, model, tmp_path):
    outcome = seqkit("translate", model, "", "--attention", tmp_path / "page.html")
    assert outcome.code == 2 and "no sentence with a token on both sides" in outcome.err


# given translations


@pytest.fixture
def indifferent(tmp_path):
    return save_indifferent(tmp_path / "indifferent")


def test_scores_by_hand(seqkit, indifferent, tmp_path):
    sources, targets = tmp_path / "s.txt", tmp_path / "t.txt"
    sources.write_text("a b\n\nc\n")
    targets.write_text("x zzz y\n\n\n")
    out = seqkit("translate", indifferent, "--file", sources, "--score", targets).out
    lines = [line.split() for line in out.splitlines()]
    # log of 0.4 * 0.1 * 0.3 * 0.2 for three words and the end; nothing of nothing; the end alone
    assert lines[1] == ["1", "-6.03", "4", "1", "4.52", "x", "zzz", "y"]
    assert lines[2] == ["2", "0.00", "1", "0", "1.00"]
    assert lines[3] == ["3", "-1.61", "1", "0", "5.00"]
    assert lines[5] == ["tokens", "6", "with", "their", "ends,", "1", "unknown"]
    assert lines[6] == ["log-probability", "-7.64", "nats"]
    assert lines[7] == ["perplexity", "3.57"]
    assert "likelier than they are" in out
    (found,) = objects(
        seqkit("translate", indifferent, "--file", sources, "--score", targets, "--json")
    )
    assert found["log_prob"] == pytest.approx(math.log(0.0024 * 0.2), abs=1e-5)
    assert [row["target"] for row in found["lines"]] == ["x zzz y", "", ""]
    assert found["tokens"] == 6 and found["lines"][0]["unknown"] == 1


def test_what_is_impossible_is_not_a_number_in_json(seqkit, indifferent, tmp_path):
    (tmp_path / "t.txt").write_text("x\n")
    options = ["--score", tmp_path / "t.txt"]
    assert seqkit("translate", indifferent, "", *options).out.splitlines()[1].split()[1] == "-inf"
    (found,) = objects(seqkit("translate", indifferent, "", *options, "--json"))
    assert found["log_prob"] is found["perplexity"] is None and found["tokens"] == 2


def test_targets_from_stdin(seqkit, indifferent, monkeypatch):
    feed(monkeypatch, b"x\ny\n")
    (found,) = objects(seqkit("translate", indifferent, "a", "b", "--score", "-", "--json"))
    assert [row["target"] for row in found["lines"]] == ["x", "y"]


def test_unequal_numbers_of_lines(refused, indifferent, tmp_path):
    sources, targets = tmp_path / "s.txt", tmp_path / "t.txt"
    sources.write_text("a\nb\nc\n")
    targets.write_text("x\ny\n")
    message = refused("translate", indifferent, "--file", sources, "--score", targets)
    assert message == (
        f"--score: 3 sources ({sources}) and 2 targets ({targets}): give one target for each source"
    )
    message = refused("translate", indifferent, "a", "--score", targets)
    assert "1 sources (the arguments) and 2 targets" in message


# what cannot be


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["a", "--beam", "0"], "beam 0: its width must be 1 or more"),
        (["a", "--num", "6"], "num 6: a beam of 5 finds 1 to 5 texts: widen the beam"),
        (["a", "--num", "0"], "translate: --num 0: must be 1 or more"),
        (["--batch", "0"], "translate: --batch 0: must be 1 or more"),
        (["a", "--batch", "3"], "--batch has no effect without --file or stdin"),
        (["a", "--max-tokens", "0"], "max_tokens 0: must be 1 or more"),
        (["a", "--length-penalty", "-1"], "length_penalty -1.0: must be 0 or more"),
        (["a", "--length-penalty", "400"], "length_penalty 400.0: must be 10 or less"),
        (["a", "--length-penalty", "nan"], "--length-penalty nan: give a finite number"),
        (["a", "--beam", "1", "--length-penalty", "1"], "length_penalty 1.0: beam 1 ranks nothing"),
        (["a", "--beam", "1", "--coverage-penalty", "0.2"], "coverage_penalty 0.2: beam 1 ranks"),
        (["a", "--long", "cut"], "--long 'cut': choose from refuse, split, truncate"),
        (["a", "--unknown", "sourc"], "did you mean 'source'?"),
        (["a", "--baem", "3"], "unknown option --baem: did you mean --beam?"),
        (["a", "--file", "x"], "translate: give texts or --file, not both"),
        (["--file", "nowhere.txt"], "nowhere.txt: no such file"),
        (["a", "--max-chars", "3"], "--max-chars has no effect without --file"),
        (["--file", "x", "--max-chars", "0"], "translate: --max-chars 0: must be 1 or more"),
        (["--text-column", "x"], "--text-column has no effect without a file that has columns"),
        (["a", "--temperature", "0.5"], "--temperature has no effect without --sample"),
        (["a", "--seed", "5"], "--seed has no effect without --sample"),
        (["a", "--sample", "--beam", "3"], "--beam has no effect with --sample, which draws"),
        (["--sample", "--batch", "3"], "--batch has no effect with --sample, which reads all"),
        (["a", "--sample", "--temperature", "0", "--num", "2"], "--num has no effect with"),
        (["a", "--sample", "--temperature", "0", "--top-k", "2"], "top_k would have no effect"),
        (["a", "--sample", "--top-p", "2"], "top_p 2.0: a share of the probability"),
        (["a", "--sample", "--temperature", "-1"], "temperature -1.0"),
        (["a", "--alignment"], "--alignment has no effect without --json"),
        (["a", "--score", "t.txt", "--beam", "3"], "--beam has no effect with --score, which"),
        (["a", "--score", "t.txt", "--attention", "a.png"], "--attention has no effect with"),
        (["a", "--score", "nowhere.txt"], "nowhere.txt: no such file"),
        (["--score", "-"], "sources and --score cannot both be stdin: name a --file"),
        (["a", "--attention", "a.gif"], "--attention a.gif: kind of file '.gif': choose from .htm"),
        (["a", "--attention", "none/a.png"], "--attention none/a.png: no such folder as none"),
        (["a", "--attention", "a.html", "--num", "2"], "one translation of each text: leave --num"),
        (["a", "--device", "gpu"], "device 'gpu'"),
    ],
)
def test_what_cannot_be(refused, model, options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused("translate", model, *options)
    assert list(tmp_path.iterdir()) == []


def test_folders_that_are_no_translator(refused, saved_bag, model, tmp_path):
    assert "no such folder" in refused("translate", tmp_path / "nowhere", "a")
    message = refused("translate", saved_bag, "a")
    assert message.endswith(
        "a TextClassifier, expected a Translator: seqkit predict, evaluate and compare work with it"
    )
    message = refused("translate", model, "a", "--ensemble", saved_bag)
    assert "a TextClassifier, expected a Translator" in message
    message = refused("predict", model, "a")
    assert message.endswith("a TextClassifier: seqkit translate and evaluate work with it")
    assert "expected a LanguageModel or NgramModel" in refused("generate", model, "a")


def test_a_vocabulary_that_does_not_match(refused, model, tmp_path):
    saved = library.bundle.read(model)
    files = {**saved.files(), "target.vocab.txt": letters("xyz").vocab.to_bytes()}
    library.bundle.write(tmp_path / "other", kind="Translator", files=files)
    message = refused("translate", tmp_path / "other", "a")
    assert "the vocabulary of the target has 7 ids, the network 8" in message
    assert message.startswith(f"{tmp_path / 'other'}: its files do not fit together")


# other commands


def test_inspect(seqkit, model, tmp_path):
    page = seqkit("inspect", model).out
    assert page.startswith("Translator, bundle format 1")
    assert "lstm, bidirectional encoder of 1 x 4, decoder of 1 x 8, additive attention" in page
    assert "source: whitespace tokens, 8 ids\ntarget: char tokens, 8 ids\n" in page
    assert "trained on" not in page and "split between sentences" not in page
    assert "answers of up to 2 tokens for each of the source, and 10 more\n" in page
    lengths = {"max_tokens": 9, "usual": 7, "ratio": 4.5678}
    page = seqkit("inspect", save_random(tmp_path / "m", attention="fixed", **lengths)).out
    assert "a fixed context" in page and "trained on sources of up to 9 tokens\n" in page
    assert "texts of more than 7 tokens are split between sentences\n" in page
    assert "answers of up to 4.57 tokens for each of the source, and 10 more\n" in page
    files = library.bundle.read(model).files()  # as older ones are
    head = {k: v for k, v in json.loads(files["model.json"]).items() if k not in lengths}
    files["model.json"] = json.dumps({**head, "max_tokens": 5}).encode()
    library.bundle.write(tmp_path / "old", kind="Translator", files=files)
    page = seqkit("inspect", tmp_path / "old").out
    assert "of up to 5 tokens\nanswers of up to 2 tokens for each of the source" in page
    assert json.loads(seqkit("inspect", model, "--json").out)["kind"] == "Translator"
    (model_file := tmp_path / "m/model.json").write_text("{}")
    files = {**library.bundle.read(model).files(), "model.json": model_file.read_bytes()}
    library.bundle.write(tmp_path / "m", kind="Translator", files=files)
    outcome = seqkit("inspect", tmp_path / "m")
    assert outcome.code == 2 and "its files are not those of a translator (KeyError" in outcome.err
