"""Figures as a table, kept with the machine that they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqkit.files import write_bytes, write_json
from seqkit.train.evaluation import format_table

__all__ = ["Outcome", "save"]

_FOLDER = Path(__file__).parents[1] / "results"


@dataclass(frozen=True)
class Outcome:
    """What one part of a benchmark found."""

    title: str
    rows: Sequence[Sequence[str]]
    """The table, its heading first."""
    notes: Sequence[str]
    """Sentences that the table needs: settings, what was left out."""
    data: Mapping[str, Any]
    """Every figure, JSON-ready."""

    def text(self) -> str:
        """Render for the terminal."""
        return "\n".join([self.title, "", format_table(self.rows), "", *self.notes])


def save(name: str, outcome: Outcome, machine: Mapping[str, Any]) -> Path:
    """Write `results/NAME.json` and `results/NAME.md`; returns the latter."""
    write_json(
        _FOLDER / f"{name}.json",
        {"title": outcome.title, "machine": machine, "notes": outcome.notes, **outcome.data},
    )
    versions = ", ".join(f"{library} {version}" for library, version in machine["versions"].items())
    lines = [
        f"# {outcome.title}",
        format_table(outcome.rows, markdown=True),
        *outcome.notes,
        f"{machine['date']}; {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_gb']} GB, {machine['system']}, load {machine['load_before']} before "
        f"the run. {versions}.",
    ]
    path = _FOLDER / f"{name}.md"
    write_bytes(path, ("\n\n".join(lines) + "\n").encode())
    return path
