"""Run one job in a Python of its own, and measure it there."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqkit.cli import ENVIRONMENT

__all__ = ["THREADS", "Measured", "fresh"]

THREADS = 2
"""Of every job, seqkit's and the peers', unless it says otherwise; whatever the machine has."""

_HOME = Path(__file__).parents[1]


@dataclass(frozen=True)
class Measured:
    """What a job returned, and what it took."""

    result: Any
    """Its value, through JSON."""
    seconds: float
    """Of the job itself: neither the start of Python nor the imports asked for."""
    peak_mb: float
    """Highest resident memory of the process."""
    imported_mb: float
    """The same before the job began, the imports done."""

    @property
    def beyond_mb(self) -> float:
        """Highest resident memory beyond that of the imports."""
        return self.peak_mb - self.imported_mb


def fresh(
    job: str, *, imports: Sequence[str] = (), threads: int = THREADS, **arguments: Any
) -> Measured:
    """Call `module:function` with JSON-ready arguments in a fresh process.

    What the job prints goes to stderr.

    Args:
        job: `module:function`, of a module in this folder.
        imports: modules imported before memory and time begin to count.
        threads: that the libraries of the job may use.
        **arguments: of the function.

    Raises:
        subprocess.CalledProcessError: the job failed; its traceback is on stderr.
    """
    path = os.pathsep.join(filter(None, [str(_HOME), os.environ.get("PYTHONPATH")]))
    limits = {"PYTHONPATH": path, "OMP_NUM_THREADS": str(threads)}
    environment = {**ENVIRONMENT, **os.environ, **limits}  # as the command sets it
    request = json.dumps({"job": job, "imports": list(imports), "arguments": arguments})
    with tempfile.TemporaryDirectory(prefix="seqkit-job-") as scratch:
        answer = Path(scratch) / "answer.json"
        # -P: the folder that the user stands in must not hide a module of the same name
        command = [sys.executable, "-P", "-m", "harness.job", request, str(answer)]
        subprocess.run(command, check=True, stdout=sys.stderr, env=environment)
        return Measured(**json.loads(answer.read_bytes()))
