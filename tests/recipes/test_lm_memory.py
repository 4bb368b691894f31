"""A model is trained, whole run and all, on a text that its process could not hold.

The limit is on the data of the process (RLIMIT_DATA: its heap and every private mapping that can be
written to), above what it has once all is imported.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc and RLIMIT_DATA"),
]

MEGABYTE = 1 << 20

LIMITED = """
import resource, sys, tempfile
from pathlib import Path
from seqkit.batching import TokenShards
from seqkit.cli import main
from seqkit.commands.recipes import load_recipe
from seqkit.train import language_report
from seqkit.train.ngram_rows import NgramRowConfig, NgramRows

load_recipe("lm")
language_report._pictures = lambda *args: []  # what matplotlib takes is not the question
with tempfile.TemporaryDirectory() as folder:  # nor what numba takes to compile
    rows = NgramRows(NgramRowConfig(), Path(folder), vocabulary=9)
    rows._train(TokenShards.from_array([4, 5, 4, 2, 5, 2])).score([4, 2])

def limit(megabytes):
    has = next(l for l in open("/proc/self/status") if l.startswith("VmData")).split()[1]
    most = (int(has) << 10) + (megabytes << 20)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
"""


def run(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LIMITED + code, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


def text_of(folder: Path, megabytes: int) -> Path:
    """A text of so many megabytes, with 10,000 different lines of 15 words."""
    path = folder / "text.txt"
    words = [f"{'interminabilitatibusque'[number % 9 :]}-of-{number:05}" for number in range(90)]
    block = "".join(
        " ".join(words[(number * step) % 90] for step in range(1, 16)) + "\n"
        for number in range(10_000)
    )
    with open(path, "w") as handle:
        for _ in range(megabytes * MEGABYTE // len(block) + 1):
            handle.write(block)
    return path


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> Path:
    """320 MB: 10 million words and line ends."""
    return text_of(tmp_path_factory.mktemp("data"), 320)


def test_the_text_does_not_fit(text):
    done = run("limit(224)\nlen(open(sys.argv[1]).read())", text)
    assert "MemoryError" in done.stderr


def test_a_run_on_it(text, tmp_path):
    options = "--text.tokenizer whitespace --model.dim 4 --model.hidden 4 --batch-size 500"
    options += " --window 50 --epochs 1 --device cpu --optim.lr 0.02 --checkpoint-seconds 1"
    code = 'limit(224)\nraise SystemExit(main(["train", "lm", *sys.argv[1:]]))'
    done = run(code, "--data.train", text, "--out", tmp_path / "run", *options.split())
    assert done.returncode == 0, done.stderr
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["test"]["perplexity"] < metrics["others"]["unigram"]["perplexity"]


def test_what_is_measured_of_it_does_not_grow_with_it(tmp_path):
    """A text of characters with the shares of valid and test as they are by default."""
    path = text_of(tmp_path, 40)
    options = "--text.tokenizer char --model.dim 2 --model.hidden 2 --batch-size 500"
    options += " --window 50 --epochs 1 --device cpu --optim.lr 0.02"
    code = 'limit(int(sys.argv[1]))\nraise SystemExit(main(["train", "lm", *sys.argv[2:]]))'
    done = run(code, 224, "--data.train", path, "--out", tmp_path / "run", *options.split())
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert figures["audit"]["splits"][2]["characters"] == pytest.approx(1_000_000, rel=0.05)
    assert figures["test"]["tokens"] == pytest.approx(1_000_000, rel=0.05)
