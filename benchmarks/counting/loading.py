"""From nothing to the first score of a saved model."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.process import Measured, fresh
from harness.results import Outcome

__all__ = ["run"]


def run(
    models: Mapping[tuple[int, str], tuple[str, Path]], notes: Sequence[str], *, rounds: int
) -> Outcome:
    """Load each model in fresh processes, taking turns.

    Args:
        models: by order and name, the function of `loading_job` and the model's path.
        notes: what was left out.
        rounds: how many turns each has.
    """
    runs: dict[tuple[int, str], list[Measured]] = {key: [] for key in models}
    for _ in range(rounds):
        for key, (job, path) in models.items():
            runs[key].append(fresh(f"counting.loading_job:{job}", path=str(path)))
    rows = [
        ["order", "", "import ms", "load ms", "first line ms", "all ms", "load again ms", "peak MB"]
    ]
    for (order, name), measured in runs.items():
        steps = [[each.result[step] for each in measured] for step in ("import", "load", "score")]
        steps.append([sum(parts) for parts in zip(*steps, strict=True)])
        steps.append([each.result["again"] for each in measured])
        cells = [f"{1000 * statistics.median(values):.1f}" for values in steps]
        peak = f"{statistics.median(each.peak_mb for each in measured):,.0f}"
        rows.append([str(order), name, *cells, peak])
    torch = any(each.result.get("torch") for many in runs.values() for each in many)
    about = (
        f"Medians of {rounds} fresh processes each, taking turns, the files in the system's cache; "
        "the start of Python itself is not counted. First line: seven words, scored. seqkit "
        f"{'imports' if torch else 'does not import'} torch; its first load imports the modules of "
        "n-grams and numba, its first line reads the compiled loops from their cache. Load again: "
        "the same model a second time in the same process."
    )
    data = {
        "runs": {
            f"{name}, order {order}": [each.result for each in measured]
            for (order, name), measured in runs.items()
        }
    }
    return Outcome("First score of a saved IMDB model", rows, [about, *notes], data)
