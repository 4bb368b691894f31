"""A text made into a model that can be asked, by seqkit and by KenLM, and what that took."""

import functools
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.process import fresh

from counting.corpora import first_lines
from counting.kenlm_peer import Programs

__all__ = ["MEMORY_MB", "Made", "by_kenlm", "by_seqkit"]

MEMORY_MB = 512
"""That seqkit's counting may hold, the default of `seqkit train ngram`."""


_FEW = 10_000  # lines
_LITTLE_MB = 16  # so that even they are spilled and merged


@dataclass(frozen=True)
class Made:
    """What it took from the text to the file or folder that is queried."""

    seconds: float
    peak_mb: float
    """Highest resident memory of a process."""
    disk_mb: float
    """Of what is queried, vocabulary included."""
    steps: Mapping[str, float]
    """Seconds of each step."""

    def plain(self) -> dict[str, Any]:
        """Return the figures, JSON-ready."""
        return asdict(self)


def by_seqkit(
    text: Path, out: Path, *, order: int, memory_mb: int = MEMORY_MB, **options: Any
) -> Made:
    """Count, estimate and save a bundle in a fresh process; options of `building_job.build`.

    A trial with the same options on some lines, which is not measured, lets numba compile first.
    """
    _try(text, out, json.dumps({"order": order, **options}))
    shutil.rmtree(out, ignore_errors=True)
    measured = fresh(
        "counting.building_job:build",
        text=str(text),
        out=str(out),
        order=order,
        memory=memory_mb << 20,
        **options,
    )
    disk = sum(path.stat().st_size for path in out.iterdir())
    return Made(measured.seconds, measured.peak_mb, disk / 1e6, measured.result)


@functools.cache
def _try(text: Path, out: Path, options: str) -> None:
    few = first_lines(text, Path(f"{out}.txt"), _FEW)
    where = {"text": str(few), "out": f"{out}.trial"}
    fresh("counting.building_job:build", **where, memory=_LITTLE_MB << 20, **json.loads(options))
    shutil.rmtree(where["out"])
    few.unlink()


def by_kenlm(
    programs: Programs,
    text: Path,
    stem: Path,
    *,
    order: int,
    kinds: tuple[str, ...],
    bits: int | None = None,
) -> dict[str, Made]:
    """Run lmplz once and build_binary for each kind; leaves the files `STEM.KIND`.

    `bits` quantises a trie.

    Returns:
        By kind: lmplz and the build_binary of that kind together.
    """
    arpa, log = Path(f"{stem}.arpa"), Path(f"{stem}.log")
    estimated = programs.estimate(text, arpa, order=order, log=log)
    made = {}
    for kind in kinds:
        path = Path(f"{stem}.{kind}")
        packed = programs.pack(arpa, path, kind, log=log, bits=bits)
        made[kind] = Made(
            seconds=estimated.seconds + packed.seconds,
            peak_mb=max(estimated.peak_mb, packed.peak_mb),
            disk_mb=path.stat().st_size / 1e6,
            steps={"lmplz": estimated.seconds, f"build_binary {kind}": packed.seconds},
        )
    arpa.unlink()
    return made
