"""The documentation is true: its commands run, its examples hold, its names and links are there."""

import doctest
import importlib
import itertools
import json
import os
import re
import shlex
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import COMMAND, messages

from seqkit.cli import COMMANDS, main
from seqkit.commands import data, export, index, language, models, scoring
from seqkit.commands.evaluate_index import EvaluateIndexOptions
from seqkit.commands.evaluate_translator import EvaluateTranslatorOptions
from seqkit.commands.evaluate_vectors import EvaluateVectorsOptions
from seqkit.commands.export_vectors import ExportVectorsOptions
from seqkit.commands.recipes import configure, load_recipe, names
from seqkit.commands.search import SearchOptions
from seqkit.commands.similar import SimilarOptions
from seqkit.commands.topics import TopicsOptions
from seqkit.commands.translate import TranslateOptions
from seqkit.config import option_names
from seqkit.data import PUBLIC, read_labeled, read_pairs, read_text
from seqkit.train.run import Run

ROOT = Path(__file__).parents[1]
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "recipes/README.md"]
PAGES = [*GUIDES, ROOT / "CHANGELOG.md", *sorted(ROOT.glob("*/README.md"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RECIPES = {name: load_recipe(name) for name in names()}

BLOCK = re.compile(r"^```(\w+)?(?: ([\w.-]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"(?<![\w-])--([a-z][\w.-]*\w)")
FOREIGN = {"help", "index-url", "logdir"}  # of every command, pip, tensorboard


def blocks(page: Path, *languages: str) -> Iterator[tuple[str, str]]:
    """The name and the content of the fenced blocks of these languages."""
    for kind, name, content in BLOCK.findall(page.read_text()):
        if kind in languages:
            yield name, content


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(page: Path) -> list[str]:
    """The lines of the console blocks of a page, and the commands that begin a row of a table."""
    lines = "".join(content for _, content in blocks(page, "console")).splitlines()
    return [*lines, *re.findall(r"^\| `(seqkit [^`]+)`", page.read_text(), re.MULTILINE)]


@pytest.fixture
def workplace(tmp_path, monkeypatch, no_pictures):
    """A folder with the files that the pages speak of, small, and `seqkit` on the path."""
    rated = [(r.label, r.text) for r in read_labeled("bundled:sentiment")]
    for name, pairs in {
        "reviews.tsv": rated[:240],
        "reviews-test.tsv": rated[240:300],
        "messages.tsv": messages(240),
    }.items():
        (tmp_path / name).write_text("".join(f"{label}\t{text}\n" for label, text in pairs))
    paragraphs = list(itertools.islice(read_text("bundled:austen"), 1, 300))
    for name, lines in {
        "texts.txt": ["Would come again.", "Cold food."],
        "novels.txt": paragraphs[:110],
        "novels-test.txt": paragraphs[110:120],
        "chapter.txt": paragraphs[120:125],
        "letters.txt": paragraphs[130:200],
        "headlines.txt": [text for _, text in messages(240)],
        "prompts.txt": ["Elinor was", "He said"],
        "questions.txt": ["What heats a wing?", "jet noise"],
        "queries.tsv": ["a\theat transfer", "b\tjet engine noise"],
        "qrels.tsv": ["a\t1\t2", "a\t4\t1", "b\t3\t2"],
        "ids.txt": ["1", "2", "3"],
        "analogies.txt": [": family", "he she his her", "mother father she he"],
        "pairs-of-words.txt": ["mother\tsister\t8", "her\tthe\t2", "elinor\tmarianne\t9"],
    }.items():
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines))
    write_pairs(tmp_path)
    np.save(tmp_path / "vectors.npy", np.eye(3))
    write_documents(tmp_path)
    (tmp_path / "vectors.vec").write_text("2 8\nfood 1 2 3 4 5 6 7 8\nthe 8 7 6 5 4 3 2 1\n")
    command = tmp_path / "bin" / "seqkit"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_pairs(folder: Path) -> None:
    """Write sentences with translations, as a table and as two files, and words with sounds."""
    pairs = list(itertools.islice(read_pairs("bundled:translation"), 2000, 2300))
    words = itertools.islice(read_pairs("bundled:pronunciation"), 0, 60_000, 250)
    for name, rows in {
        "pairs.tsv": pairs[:240],
        "pairs-valid.tsv": pairs[240:270],
        "pairs-test.tsv": pairs[270:],
        "words.tsv": list(words),
    }.items():
        lines = [f"{pair.source}\t{pair.target}\n" for pair in rows]
        (folder / name).write_text("source\ttarget\n" + "".join(lines), "utf-8")
    for name, texts in {
        "train.en": [pair.source for pair in pairs[:240]],
        "train.fr": [pair.target for pair in pairs[:240]],
        "sentences.txt": [pair.source for pair in pairs[240:260]],
        "references.txt": [pair.target for pair in pairs[240:260]],
    }.items():
        (folder / name).write_text("".join(f"{text}\n" for text in texts), "utf-8")


def write_documents(folder: Path) -> None:
    """Write documents, others, new versions of some, and a collection in the BEIR layout."""
    papers = [
        ("1", "Heat transfer in a jet", "Heat was seen to pass from a jet to a wing.", "1958"),
        ("2", "Wing flutter", "A wing flutters at high speed; the engine does not.", "1961"),
        ("3", "Jet noise", "The noise of a jet engine grows with its speed.", "1963"),
        ("4", "Boundary layers", "Heat transfer on a blunt body, at the wing.", "1965"),
    ]
    lines = [
        json.dumps({"_id": id, "title": title, "text": text, "year": year, "kind": "report"})
        for id, title, text, year in papers
    ]
    for name, content in {
        "papers.jsonl": lines,
        "more.jsonl": ['{"id": "5", "title": "华为手机", "text": "华为发布了新手机。"}'],
        "changed.jsonl": ['{"id": "2", "text": "A stiff wing.", "year": 1966, "kind": "article"}'],
        "collection/corpus.jsonl": lines,
        "collection/queries.jsonl": ['{"_id": "a", "text": "heat transfer"}'],
        "collection/qrels/test.tsv": ["query-id\tcorpus-id\tscore", "a\t1\t2", "a\t4\t1"],
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("".join(f"{line}\n" for line in content), "utf-8")


def shortened(arguments: list[str]) -> list[str]:
    """The same training on little data, with options added that make it take a second."""
    import torch

    _, config = configure(arguments)
    small = small_classifier if hasattr(config, "baselines") else small_language_model
    small = small_ngram if hasattr(config, "merge") else small
    small = small_search if hasattr(config, "analysis") else small
    small = small_translator if hasattr(config, "shared_vocab") else small
    small = small_vectors if hasattr(config, "vectors") else small
    small = small_topics if hasattr(config, "lda") else small
    for option, values in small(config).items():
        if option not in arguments or option in ALWAYS:
            arguments = [*arguments, option, *values]
    if not torch.cuda.is_available():
        arguments = ["cpu" if argument == "cuda" else argument for argument in arguments]
    return arguments


ALWAYS = {"--folds", "--batch-size", "--window", "--model.dim", "--model.hidden"}
ALWAYS |= {"--model.encoder-hidden", "--model.decoder-hidden"}


def small_classifier(config: Any) -> dict[str, list[str]]:
    family = config.model.family
    extra = {"--baselines": ["majority"]}
    extra |= {"--epochs": ["1"]} if family in ("bag", "cnn", "rnn") else {}
    if "bundled:" in config.data.train:
        extra["--data.train"] = [f"{'reviews' if 'senti' in config.data.train else 'messages'}.tsv"]
    extra |= {"--folds": ["2"]} if config.folds > 1 else {}
    return extra | ({"--model.bag.buckets": ["100"]} if family == "bag" else {})


def small_ngram(config: Any) -> dict[str, list[str]]:
    named = config.data.train.startswith(("bundled:", "hf:"))
    return {"--data.train": ["novels.txt"]} if named and not config.merge else {}


def small_search(config: Any) -> dict[str, list[str]]:
    return {"--data.train": ["papers.jsonl"]} if config.data.train.startswith("bundled:") else {}


def small_translator(config: Any) -> dict[str, list[str]]:
    extra = {"--epochs": ["1"], "--baselines": ["copy"], "--model.dim": ["16"]}
    extra |= {"--model.encoder-hidden": ["8"], "--model.decoder-hidden": ["16"]}
    extra |= {"--no-check": []} if config.check else {}  # so small, it learns too slowly
    for side in ("source", "target"):
        if getattr(config, side).tokenizer == "sentencepiece":
            extra[f"--{side}.subwords"] = ["600"]
    if config.data.train.startswith(("bundled:", "hf:")):
        extra["--data.train"] = ["words.tsv" if config.kind == "sequence" else "pairs.tsv"]
    return extra


def small_vectors(config: Any) -> dict[str, list[str]]:
    extra = {"--vectors.epochs": ["1"], "--vectors.min-count": ["2"]}
    extra |= {"--vectors.buckets": ["500"]} if config.vectors.method == "fasttext" else {}
    named = config.data.train.startswith(("bundled:", "hf:"))
    return extra | ({"--data.train": ["novels.txt"]} if named else {})


def small_topics(config: Any) -> dict[str, list[str]]:
    named = config.data.train.startswith(("bundled:", "hf:"))
    return {"--lda.passes": ["1"], **({"--data.train": ["novels.txt"]} if named else {})}


def small_language_model(config: Any) -> dict[str, list[str]]:
    extra = {"--epochs": ["1"], "--batch-size": ["10"]}
    extra |= {} if config.sentences else {"--window": ["10"]}
    given = config.start_from or config.model.vectors  # whose sizes are those
    extra |= {} if given else {"--model.dim": ["16"], "--model.hidden": ["16"]}
    extra |= {"--model.rank": ["8"]} if config.model.rank else {}
    extra |= {"--no-cuda-graphs": []} if config.cuda_graphs else {}
    if config.data.train.startswith(("bundled:", "hf:")):
        extra["--data.train"] = ["novels.txt"]
    if config.data.test is not None:
        extra |= {"--data.valid": ["chapter.txt"], "--data.test": ["novels-test.txt"]}
    return extra


def stop_before_the_end(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave behind the run that `--resume` goes on with."""

    def interrupt(run: Run, figures: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Run, "finish", interrupt)
        assert main([argument for argument in arguments if argument != "--resume"]) == 130


def run_command(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run one line of a page, or check it where it would build the world or fetch it."""
    words = shlex.split(line)
    while "=" in words[0]:  # a variable, which changes no result
        words = words[1:]
    if words[0] == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert set(words[1:]) <= set(targets)
    elif words[:2] == ["pip", "install"]:
        extras = {name for extra in re.findall(r"\[(.*?)\]", line) for name in extra.split(",")}
        assert extras <= PROJECT["optional-dependencies"].keys()
    elif words[0].endswith("python") and words[1].startswith("benchmarks/"):
        assert (ROOT / words[1]).is_file()
    elif "hf:" in line:
        sets = re.findall(r"hf:([\w/-]+)", line)
        assert set(sets) <= PUBLIC.keys()
        configure(words[2:])
    elif re.search("[|<>]", re.sub(r"\".*?\"|'.*?'", "", line)):
        subprocess.run(line, shell=True, check=True, timeout=60)
    else:
        assert words[0] == "seqkit", line
        arguments = words[1:]
        if arguments[0] == "train":
            arguments = ["train", *shortened(arguments[1:])]
        if "--resume" in arguments:
            stop_before_the_end(arguments, monkeypatch)
        assert main(arguments) == 0


LONG = {"classify.md", "language-models.md", "scaling.md", "translation.md", "vectors.md"}
"""Pages whose commands take the longest, beside the recipes': run with the slow tests."""


def by_length(page: Path) -> Any:
    """Give the pages that take long the mark `slow`."""
    long = page.name in LONG or page.parent.name == "recipes"
    return pytest.param(page, marks=[pytest.mark.slow] if long else [], id=name_of(page))


@pytest.mark.parametrize("page", [by_length(page) for page in GUIDES])
def test_each_command_and_example_runs(page, workplace, monkeypatch, capsys):
    for line in commands(page):
        run_command(line, monkeypatch)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
    space: dict[str, object] = {}
    for _, code in blocks(page, "python"):
        exec(compile(code, str(page), "exec"), space)


@pytest.mark.parametrize("page", GUIDES, ids=name_of)
def test_each_layout_is_read(page, tmp_path):
    for name, content in blocks(page, "tsv", "csv", "json", "text"):
        if name:
            (tmp_path / name).write_text(content)
            found = list(read_labeled(str(tmp_path / name)))
            assert {record.label for record in found} == {"positive", "negative"}
            assert all(record.text[0].isupper() for record in found)


def test_each_command_is_documented():
    text = "\n".join(page.read_text() for page in GUIDES)
    assert [name for name in COMMANDS if f"seqkit {name} " not in text] == []


def test_each_preset_is_documented():
    text = (ROOT / "recipes/README.md").read_text()
    for name, recipe in RECIPES.items():
        assert [p for p in recipe.PRESETS if f"seqkit train {name} {p}" not in text] == []


@pytest.mark.parametrize("page", GUIDES, ids=name_of)
def test_each_option_exists(page):
    kinds = [recipe.Config for recipe in RECIPES.values()]
    kinds += [getattr(models, f"{n}Options") for n in ("Predict", "Evaluate", "Compare", "Inspect")]
    kinds += [data.AuditOptions, data.SplitOptions, language.GenerateOptions, scoring.ScoreOptions]
    kinds += [export.ExportOptions, SearchOptions, EvaluateIndexOptions]
    kinds += [index.UpdateOptions, index.DeleteOptions]
    kinds += [TranslateOptions, EvaluateTranslatorOptions]
    kinds += [EvaluateVectorsOptions, ExportVectorsOptions, SimilarOptions, TopicsOptions]
    known = {name.replace("_", "-") for kind in kinds for name in option_names(kind)} | FOREIGN
    known |= {re.sub(r"([^.]+)$", r"no-\1", name) for name in known}  # of a switch
    assert set(OPTION.findall(page.read_text())) - known == set()


def anchor(heading: str) -> str:
    """The name that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", sorted(set(PAGES)), ids=name_of)
def test_each_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"https?:", target):
            continue
        path, _, fragment = target.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), target
        if fragment:
            headings = re.findall(r"^#+ (.*)$", found.read_text(), re.MULTILINE)
            assert fragment in map(anchor, headings), target


@pytest.mark.parametrize("result", sorted((ROOT / "benchmarks/results").glob("scaling.md")))
def test_the_figures_of_scaling_are_the_measured_ones(result):
    table = re.findall(r"^\|.*$", result.read_text(), re.MULTILINE)
    assert "\n".join(table) in (ROOT / "docs/scaling.md").read_text()


WITH_EXAMPLES = [
    path
    for path in sorted(ROOT.glob("seqkit/**/*.py"))
    if re.search(r"^ +>>> (?!.*\+SKIP)", path.read_text(), re.MULTILINE)
]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=name_of)
def test_each_docstring_example_holds(path):
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    outcome = doctest.testmod(module)
    assert outcome.attempted and not outcome.failed


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> SimpleNamespace:
    """The wheel, installed alone into a folder that Python looks into first."""
    folder = tmp_path_factory.mktemp("wheel")
    python = [sys.executable, "-m"]
    build = [*python, "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    home = folder / "site"
    pip = [*python, "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", home, wheel]
    subprocess.run(pip, check=True)
    work = folder / "empty"
    work.mkdir()

    def run(*command: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(home), "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(
            command, cwd=work, env=environment, capture_output=True, text=True, timeout=280
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return SimpleNamespace(home=home, run=run, command=str(home / "bin/seqkit"))


@pytest.mark.slow
def test_the_wheel_brings_recipes_and_data(installed):
    where = installed.run(sys.executable, "-c", "import seqkit; print(seqkit.__file__)")
    assert Path(where.strip()).is_relative_to(installed.home)
    assert "classify: " in installed.run(installed.command, "recipes")
    page = installed.run(sys.executable, "-m", "recipes.classify", "--help")
    assert "--data.train" in page
    options = ["--epochs", "1", "--baselines", "majority", "--device", "cpu"]
    table = installed.run(installed.command, "train", "classify", "spam", *options)
    assert "majority" in table
    answer = installed.run(installed.command, "predict", "runs/classify-spam", "Call me later")
    assert '"label": "ham"' in answer
    licences = [path.name for path in installed.home.glob("seqkit/bundled/*/*")]
    assert {"ORIGIN.txt", "LICENSE-vaderSentiment.txt"} <= set(licences)
