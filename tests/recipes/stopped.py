"""Ways to stop a run of a recipe, and what must be the same once it has been resumed."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny import result

from seqkit.train.run import Run

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")

# The command, with something put in the way of the n-th write of a checkpoint.
_STUMBLE = """
import os, signal, sys
from seqkit.cli import main
from seqkit.train import checkpoint

write, count = checkpoint.write_bytes, 0

def stumble(path, content):
    global count
    count += path.name == "checkpoint.safetensors"
    if count == {at} and path.name == "checkpoint.safetensors":
        {fault}
    write(path, content)

checkpoint.write_bytes = stumble
raise SystemExit(main())
"""
KILL_WHILE_WRITING = "os.replace = lambda *names: os.kill(os.getpid(), signal.SIGKILL)"
NO_SPACE = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))"


def stumbling(fault: str, *, at: int) -> list[str]:
    """The command, with a fault at the n-th checkpoint."""
    return [sys.executable, "-c", _STUMBLE.format(at=at, fault=fault)]


def start(command: list[str], options: list[str], folder: Path) -> subprocess.Popen[str]:
    """Begin a run that writes a checkpoint after every update."""
    args = [*command, *options, "--out", str(folder), "--checkpoint-seconds", "0"]
    return subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(run: subprocess.Popen[str], folder: Path, event: str) -> None:
    """Wait until the log of a run shows an event."""
    end = time.monotonic() + 60
    while not (folder / "log.jsonl").exists() or event not in (folder / "log.jsonl").read_text():
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Press Ctrl-C, in this process, when a checkpoint is written at or after a step."""
    write = Run.checkpoint

    def pressed(run, state, **where):
        write(run, state, **where)
        if where["step"] >= step:
            raise KeyboardInterrupt

    monkeypatch.setattr(Run, "checkpoint", pressed)


def check(expected: dict, folder: Path) -> None:
    """Compare a resumed run with the result of one that was never stopped, byte for byte."""
    got = result(folder)
    assert got["log"] == expected["log"]
    assert got["metrics"] == expected["metrics"]
    assert got["files"] == expected["files"]
    assert not list(folder.glob(".*")) and not list(folder.glob("checkpoint*"))
