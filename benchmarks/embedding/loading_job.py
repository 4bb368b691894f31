"""Open saved word vectors and ask: what runs in a fresh process.

Nothing is imported with this module, so that the imports are part of what is timed.
"""

import importlib.util
import itertools
import time
from pathlib import Path
from typing import Any

__all__ = ["save", "with_gensim", "with_seqkit"]

_ASKED = ("abba", "caba")  # both are among the first words


def save(*, folder: str, words: int) -> dict[str, Any]:
    """Save the same vectors in each way; returns by name what reads it, `path` and `mb`."""
    from embedding.made import DIM, make_vectors
    from seqkit.vectors.word_vectors import WordVectors

    spelled, vectors = make_vectors(words)
    saved = {}
    for precision in ("float32", "float16", "int8"):
        path = Path(folder) / precision
        WordVectors(spelled, vectors).save(path, precision=precision)
        saved[f"seqkit, {precision}"] = _entry("with_seqkit", path, path.iterdir())
    if importlib.util.find_spec("gensim"):
        from gensim.models import KeyedVectors

        theirs = KeyedVectors(DIM)
        theirs.add_vectors(spelled, vectors)
        path = Path(folder) / "gensim.kv"
        theirs.save(str(path))
        saved["gensim, mapped"] = _entry("with_gensim", path, Path(folder).glob("gensim.kv*"))
    return saved


def with_seqkit(*, path: str) -> dict[str, float]:
    """Return seconds of `import`, `open`, `first` and `next`."""
    begun = time.perf_counter()
    import seqkit
    import seqkit.vectors.word_vectors

    imported = time.perf_counter()
    vectors = seqkit.load(path)
    opened = time.perf_counter()
    vectors.most_similar(_ASKED[0])
    answered = time.perf_counter()
    vectors.most_similar(_ASKED[1])
    return _seconds(begun, imported, opened, answered)


def with_gensim(*, path: str) -> dict[str, float]:
    """Return seconds of `import`, `open`, `first` and `next`."""
    begun = time.perf_counter()
    from gensim.models import KeyedVectors

    imported = time.perf_counter()
    vectors = KeyedVectors.load(path, mmap="r")
    opened = time.perf_counter()
    vectors.most_similar(_ASKED[0])
    answered = time.perf_counter()
    vectors.most_similar(_ASKED[1])
    return _seconds(begun, imported, opened, answered)


def _entry(job: str, path: Path, files: Any) -> dict[str, Any]:
    return {"job": job, "path": str(path), "mb": sum(file.stat().st_size for file in files) / 1e6}


def _seconds(*marks: float) -> dict[str, float]:
    lasted = [after - before for before, after in itertools.pairwise([*marks, time.perf_counter()])]
    return dict(zip(("import", "open", "first", "next"), lasted, strict=True))
