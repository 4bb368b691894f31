"""What every test may use: the command, in this process or in its own; tiny data and models."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported, and for the processes we start

import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

from seqkit import cli
from seqkit.train import language_report, report, translation_report

# a busy machine is no fault of the code
hypothesis.settings.register_profile(
    "seqkit", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("seqkit")

COMMAND = [sys.executable, "-c", "from seqkit.cli import main; raise SystemExit(main())"]


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit status, standard output, standard error."""

    code: int
    out: str
    err: str


@pytest.fixture
def seqkit(capsys) -> Callable[..., Outcome]:
    """Run the command in this process."""

    def run(*args: object) -> Outcome:
        capsys.readouterr()
        code = cli.main([str(arg) for arg in args])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def refused(seqkit) -> Callable[..., str]:
    """Run a command that must exit with 2 and one line; returns that line."""

    def run(*args: object) -> str:
        outcome = seqkit(*args)
        assert outcome.code == 2
        assert outcome.out == ""
        assert outcome.err.startswith("seqkit: ") and outcome.err.count("\n") == 1, outcome.err
        return outcome.err.removeprefix("seqkit: ").strip()

    return run


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command in a process of its own."""

    def run(*args: object, **options: object) -> subprocess.CompletedProcess[str]:
        command = [*COMMAND, *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)

    return run


@pytest.fixture
def no_pictures(monkeypatch) -> None:
    """Leave the pictures of a report out: they take longer than training on tiny data."""
    draw_nothing(monkeypatch)


def draw_nothing(patch: pytest.MonkeyPatch) -> None:
    for module in (report, language_report, translation_report):
        patch.setattr(module, "_pictures", lambda *args: [])


def messages(count: int, *, seed: int = 0) -> list[tuple[str, str]]:
    """Make (label, text) pairs that a model can tell apart."""
    rng = random.Random(seed)
    words = {"ham": ["lunch", "home", "thanks", "later"], "spam": ["win", "free", "prize", "cash"]}
    noise = [f"w{i}" for i in range(30)]
    pairs = []
    for number in range(count):
        label = "spam" if number % 3 == 0 else "ham"
        text = rng.choices(words[label], k=rng.randint(1, 3)) + rng.choices(
            noise, k=rng.randint(1, 8)
        )
        rng.shuffle(text)
        pairs.append((label, " ".join(text)))
    return pairs


@pytest.fixture(scope="session")
def spam_file(tmp_path_factory) -> Path:
    """240 labelled messages."""
    path = tmp_path_factory.mktemp("data") / "spam.tsv"
    lines = ["label\ttext", *(f"{label}\t{text}" for label, text in messages(240))]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="session")
def saved_bag(spam_file, tmp_path_factory) -> Path:
    """A run of the recipe, finished: the bundle of a bag of words with a threshold."""
    folder = tmp_path_factory.mktemp("runs") / "bag"
    options = ["--data.train", str(spam_file), "--out", str(folder), "--device", "cpu"]
    options += ["--model.bag.dim", "4", "--model.bag.buckets", "100", "--optim.lr", "0.5"]
    options += ["--decision.positive", "spam", "--decision.max-blocked", "0.05"]
    assert cli.main(["train", "classify", "bag", *options, "--baselines", "naive-bayes"]) == 0
    return folder


def sentences(count: int, *, seed: int = 0) -> list[str]:
    """Make lines with a grammar, and now and then a word that is seen once."""
    rng = random.Random(seed)
    who = ["the cat", "a dog", "my friend", "the king", "every bird"]
    does, end = ["sees", "hears", "likes", "fears"], [" .", " today .", " slowly .", " !"]
    lines = []
    for number in range(count):
        line = f"{rng.choice(who)} {rng.choice(does)} {rng.choice(who)}{rng.choice(end)}"
        lines.append(f"rare{number} {line}" if number % 20 == 0 else line)
    return lines


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    """160 lines of running text, some 1,100 words."""
    path = tmp_path_factory.mktemp("data") / "corpus.txt"
    path.write_text("\n".join(sentences(160)) + "\n")
    return path


def spellings(count: int, *, seed: int = 0) -> list[tuple[str, str]]:
    """Make (word, sounds) pairs by rules that a model can learn; now and then a second way."""
    rng = random.Random(seed)
    sounds = {"a": "AH", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G"}
    pairs = []
    for _ in range(count):
        word = "".join(rng.choices("abcdefg", k=rng.randint(2, 6)))
        pairs.append((word, " ".join(sounds[letter] for letter in word)))
        if rng.random() < 0.05:
            pairs.append((word, " ".join(sounds[letter] for letter in word[:-1]) + " SH"))
    return pairs


@pytest.fixture(scope="session")
def pairs_file(tmp_path_factory) -> Path:
    """Some 250 words with their sounds."""
    path = tmp_path_factory.mktemp("data") / "pairs.tsv"
    lines = ["source\ttarget", *("\t".join(pair) for pair in spellings(240))]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="session")
def saved_lm(corpus, tmp_path_factory) -> Path:
    """A run of the recipe, finished: the bundle of a language model of words."""
    folder = tmp_path_factory.mktemp("runs") / "lm"
    options = ["--data.train", str(corpus), "--out", str(folder), "--device", "cpu"]
    options += ["--model.dim", "8", "--model.hidden", "10", "8", "--optim.lr", "0.03"]
    options += ["--batch-size", "4", "--window", "10", "--epochs", "3"]
    with pytest.MonkeyPatch.context() as patch:
        draw_nothing(patch)
        assert cli.main(["train", "lm", *options]) == 0
    return folder
