"""Folders are layers: imports point one way, `__all__` is true, and the library never prints."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted([*ROOT.glob("seqkit/**/*.py"), *ROOT.glob("recipes/*.py")])

BELOW = {  # what each layer may import
    "errors": "",
    "compiled": "errors",
    "garbage": "",
    "threads": "",
    "files": "errors",
    "config": "errors",
    "bundle": "errors files",
    "text": "errors files compiled",
    "data": "errors files",
    "metrics": "errors",
    "vectors": "errors files bundle text metrics",
    "baselines": "errors files text metrics",
    "batching": "errors files text data",
    "decode": "errors text",
    "language": "errors text data metrics decode",
    "ngram": "errors files config compiled garbage threads bundle text data metrics decode "
    "language",
    "search": "errors files config compiled garbage threads bundle text data metrics",
    "nn": "errors",
    "models": "errors files config bundle text data metrics batching decode language nn",
    "train": "errors files config text data metrics vectors batching ngram search nn models",
    "commands": "errors files config bundle text data metrics vectors decode language ngram search "
    "nn models train",
    "cli": "errors commands",
    "recipes": "errors files config text data metrics vectors baselines batching ngram search nn "
    "models train cli",
    "plugins": "errors files bundle config text data metrics vectors models nn train commands "
    "recipes",
    "seqkit": "errors bundle data models ngram search text vectors",
}
NO_TORCH = ["seqkit.cli", "seqkit.baselines", "seqkit.models.classifier", "seqkit.models.bag"]
NO_TORCH += ["seqkit.text", "seqkit.data", "seqkit.metrics", "seqkit.vectors", "seqkit.bundle"]
NO_TORCH += ["seqkit.language", "seqkit.ngram", "seqkit.search"]


def layer(name: str) -> str:
    """seqkit.text.vocab -> text; recipes.classify -> recipes; seqkit -> seqkit."""
    parts = name.split(".")
    return parts[1] if parts[0] == "seqkit" and len(parts) > 1 else parts[0]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.Module) -> set[str]:
    """Names of the modules of ours that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative import: name the module in full"
            joined = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= joined if node.module == "seqkit" else {node.module}
    return {name for name in names if name.split(".")[0] in ("seqkit", "recipes")}


def name_order(name: str) -> tuple[int, str]:
    """CONSTANTS, then Classes, then functions: the order of ruff's RUF022."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_file(path):
    tree = ast.parse(path.read_text())
    here = layer(module_name(path))
    above = {layer(name) for name in imported(tree)} - {here, *BELOW[here].split()}
    above -= {"seqkit", "__version__"}  # the root for its version: it imports nothing but errors
    assert not above, f"{here} may import only: {BELOW[here]}"

    prints = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "print"]
    assert not prints or here in ("commands", "cli", "recipes"), "the library never prints"

    defined, listed, reexported = set(), None, set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            defined.add(node.name)
        elif isinstance(node, ast.ImportFrom) and path.name == "__init__.py":
            reexported |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            listed = ast.literal_eval(node.value)
    public = {name for name in defined | reexported if not name.startswith("_")}
    if here in ("recipes", "seqkit", "commands"):  # scripts, lazy names, options of commands
        return
    assert listed is not None or not public, "no __all__"
    assert listed is None or listed == sorted(listed, key=name_order)
    assert public <= set(listed or ()), "public, and not in __all__"


def test_the_layers_have_no_circle():
    seen: list[str] = []
    while len(seen) < len(BELOW):
        free = [name for name in BELOW if name not in seen and set(BELOW[name].split()) <= {*seen}]
        assert free, f"a circle among {BELOW.keys() - {*seen}}"
        seen += free


def test_each_name_of_all_is_there():
    names = [module_name(path) for path in FILES if path.parts[-2] != "recipes"]
    code = (
        "import importlib\n"
        f"for name in {names!r}:\n"
        "    module = importlib.import_module(name)\n"
        "    assert all(hasattr(module, n) for n in getattr(module, '__all__', ())), name\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["seqkit", *NO_TORCH])
def test_no_heavy_library_comes_with_the_import(name):
    heavy = {"torch", "spacy", "sklearn", "scipy", "datasets", "pyarrow", "sentencepiece", "gensim"}
    heavy |= {"numpy"} if name == "seqkit" else set()
    if name in ("seqkit.ngram", "seqkit.search"):
        heavy -= {"scipy"}  # numba looks for its version
    code = f"import sys, {name}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert heavy & set(done.stdout.split()) == set()
