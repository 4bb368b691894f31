"""The inside of a fresh process: `python -m harness.job REQUEST ANSWER`; see `harness.process`."""

import importlib
import json
import resource
import sys
import time
from pathlib import Path

__all__ = ["main", "peak_mb"]


def main(request: str, answer: str) -> None:
    """Do the requested job, and write its value, seconds and memory to the file `answer`."""
    call = json.loads(request)
    for name in call["imports"]:
        importlib.import_module(name)
    imported = peak_mb()
    module, function = call["job"].split(":")
    work = getattr(importlib.import_module(module), function)
    started = time.perf_counter()
    result = work(**call["arguments"])
    seconds = time.perf_counter() - started
    measured = {
        "result": result,
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "imported_mb": imported,
    }
    Path(answer).write_text(json.dumps(measured))


def peak_mb() -> float:
    """Return the highest resident memory of this process until now."""
    # Linux hands the figure of the parent on to a child: the parent has to stay smaller than this
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])
