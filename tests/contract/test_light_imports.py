"""What an import may bring along, seen from a fresh interpreter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from classifier_cases import SCORERS

from seqkit.models.classifier import TextClassifier

OPTIONAL = {"spacy", "sklearn", "scipy", "gensim", "datasets", "pyarrow", "matplotlib", "pandas"}
HEAVY = OPTIONAL | {"torch", "sentencepiece", "tyro", "tensorboard", "IPython"}


def loaded(code: str, *arguments: str) -> set[str]:
    """Run code in a fresh interpreter; return the top-level modules that it ended with."""
    tail = "\nimport sys, json\nprint(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code + tail, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_seqkit_brings_nothing_along() -> None:
    assert not loaded("import seqkit") & (HEAVY | {"numpy", "safetensors", "tqdm"})


def test_the_layers_without_torch() -> None:
    code = "import seqkit.text, seqkit.vectors, seqkit.models.bag, seqkit.models.classifier"
    assert not loaded(f"{code}, seqkit.baselines, seqkit.bundle") & HEAVY


def test_the_layers_with_torch_bring_no_optional_library() -> None:
    code = "import seqkit.nn, seqkit.batching, seqkit.models.network"
    assert not loaded(code) & (OPTIONAL | {"sentencepiece"})


@pytest.mark.parametrize("name", ["bag-trigrams", "naive-bayes", "majority", "tfidf-lr", "nb-svm"])
def test_using_a_model_of_arrays_needs_neither_torch_nor_scikit_learn(
    name: str, tmp_path: Path
) -> None:
    if name in ("tfidf-lr", "nb-svm"):
        pytest.importorskip("sklearn")
    TextClassifier(SCORERS[name]()).save(tmp_path)
    code = "import sys, seqkit; print(seqkit.load(sys.argv[1]).predict('free prize').label)"
    assert not loaded(code, str(tmp_path)) & HEAVY
