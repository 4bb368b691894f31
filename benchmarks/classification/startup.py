"""From nothing to the first prediction: the import, the load, the first text."""

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.results import Outcome

from classification import fasttext_peer, imdb

__all__ = ["run"]

_CLOCK = """
import json, resource, sys, time
path, marks = sys.argv[1], [time.perf_counter()]
def mark(): marks.append(time.perf_counter())
"""
_END = """
mark()
steps = [after - before for before, after in zip(marks, marks[1:])]
unit = 1 if sys.platform == "darwin" else 1024
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
print(json.dumps({"steps": steps, "peak_mb": peak_mb, "torch": "torch" in sys.modules}))
"""
_SEQKIT = """
import seqkit; mark()
classifier = seqkit.load(path); mark()
classifier.predict("a quiet film that stays with you")
"""
_FASTTEXT = """
import fasttext; mark()
model = fasttext.load_model(path); mark()
model.predict(["a quiet film that stays with you"])
"""


def run(data: Path, work: Path, *, repeat: int) -> Outcome:
    """Time the first prediction of each in fresh processes, taking turns for `repeat` rounds."""
    models = {"seqkit bag": (_SEQKIT, imdb.train_bag(data, work))}
    if fasttext_peer.installed():
        models["fastText"] = (_FASTTEXT, imdb.train_fasttext(data, work))
    runs: dict[str, list[dict]] = {name: [] for name in models}
    for _ in range(repeat):
        for name, (code, path) in models.items():
            runs[name].append(_started(code, path))
    return _outcome(runs, repeat)


def _started(code: str, path: Path) -> dict:
    """Run the steps in a Python that has imported nothing of ours yet."""
    command = [sys.executable, "-c", _CLOCK + code + _END, str(path)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def _outcome(runs: Mapping[str, Sequence[Mapping]], repeat: int) -> Outcome:
    rows = [["", "import ms", "load ms", "first text ms", "all ms", "peak MB"]]
    for name, rounds in runs.items():
        steps = [*zip(*(each["steps"] for each in rounds), strict=True)]
        steps.append([sum(each["steps"]) for each in rounds])
        times = [f"{1000 * statistics.median(values):.1f}" for values in steps]
        rows.append([name, *times, f"{statistics.median(each['peak_mb'] for each in rounds):.0f}"])
    torch = any(each["torch"] for each in runs["seqkit bag"])
    notes = [
        f"Medians of {repeat} fresh processes each, the files in the system's cache; the start of "
        f"Python itself is not counted. The bag {'loads' if torch else 'does not load'} torch.",
        *([] if "fastText" in runs else [fasttext_peer.MISSING]),
    ]
    return Outcome("First prediction of a saved IMDB model", rows, notes, {"runs": runs})
