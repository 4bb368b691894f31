"""Load a saved model and score a first line: what runs in a fresh process.

Nothing is imported with this module, so that the imports are part of what is timed.
"""

import itertools
import sys
import time
from typing import Any

__all__ = ["with_kenlm", "with_seqkit"]

_LINE = "a quiet film that stays with you"


def with_seqkit(*, path: str) -> dict[str, Any]:
    """Return seconds of `import`, `load`, `score` and `again`, and if `torch` was imported."""
    begun = time.perf_counter()
    import seqkit

    imported = time.perf_counter()
    model = seqkit.load(path)
    loaded = time.perf_counter()
    model.score(_LINE)
    scored = time.perf_counter()
    seqkit.load(path)
    return {**_seconds(begun, imported, loaded, scored), "torch": "torch" in sys.modules}


def with_kenlm(*, path: str) -> dict[str, Any]:
    """Return seconds of `import`, `load`, `score` and `again`."""
    begun = time.perf_counter()
    import kenlm

    imported = time.perf_counter()
    model = kenlm.Model(path)
    loaded = time.perf_counter()
    model.score(_LINE)
    scored = time.perf_counter()
    kenlm.Model(path)
    return _seconds(begun, imported, loaded, scored)


def _seconds(*marks: float) -> dict[str, Any]:
    lasted = [after - before for before, after in itertools.pairwise([*marks, time.perf_counter()])]
    return dict(zip(("import", "load", "score", "again"), lasted, strict=True))
