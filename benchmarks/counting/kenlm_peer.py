"""KenLM: its programs lmplz and build_binary, and its Python package."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["NO_PACKAGE", "NO_PROGRAMS", "Programs", "Ran", "find_programs", "installed"]

NO_PROGRAMS = (
    "KenLM's programs were left out: no lmplz and build_binary on the PATH or in --kenlm DIR "
    "(benchmarks/README.md says how to build them)."
)
NO_PACKAGE = "kenlm.Model was left out: not installed (pip install -r benchmarks/peers.txt)."


@dataclass(frozen=True)
class Ran:
    """What a program took."""

    seconds: float
    """From its start to its end."""
    peak_mb: float
    """Highest resident memory."""


@dataclass(frozen=True)
class Programs:
    """Where the programs lie."""

    lmplz: Path
    build_binary: Path

    def estimate(self, text: Path, arpa: Path, *, order: int, log: Path) -> Ran:
        """Make an ARPA file: modified Kneser-Ney without pruning, 2 GB for sorting."""
        files = ["--text", text, "--arpa", arpa]
        return _run([self.lmplz, "-o", order, "-S", "2G", "-T", f"{arpa}.tmp", *files], log)

    def pack(self, arpa: Path, path: Path, kind: str, *, log: Path, bits: int | None = None) -> Ran:
        """Make a file to query, `probing` or `trie`; `bits` quantises a trie."""
        quantised = ["-q", bits, "-b", bits] if bits else []
        options = ["-S", "2G", "-T", f"{path}.tmp", *quantised] if kind == "trie" else []
        return _run([self.build_binary, *options, kind, arpa, path], log)


def find_programs(folder: Path | None) -> Programs | None:
    """Look for both programs in a folder, or on the PATH where none is given."""
    names = ("lmplz", "build_binary")
    found = [shutil.which(name, path=None if folder is None else str(folder)) for name in names]
    if None in found:
        return None
    return Programs(*(Path(path).resolve() for path in found if path))


def installed() -> bool:
    """Say whether the Python package can be imported."""
    return importlib.util.find_spec("kenlm") is not None


def _run(command: Sequence[object], log: Path) -> Ran:
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise SystemExit(f"{command[0]}: exit status {process.returncode}: {''.join(said)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Ran(seconds, usage.ru_maxrss * unit / 1e6)
