"""The folder of a run: configuration, log, checkpoints, metrics. It hides files, never the loop."""

import contextlib
import json
import logging
import math
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from seqkit.config import differences, from_dict, to_dict
from seqkit.errors import ConfigError, SeqkitError
from seqkit.files import lock_file, read_json, write_json
from seqkit.train.checkpoint import load_state, save_state

__all__ = ["Run"]

logger = logging.getLogger(__name__)

_LOCK = ".lock"

# what may differ when a run is resumed
_FREE = (
    *("out", "resume", "device", "check", "checkpoint_seconds"),
    # what only comes after training
    *("baselines", "compare_vectors", "ngram.order", "prompt", "adapt.cache", "adapt.dynamic"),
    *("decoding.beam", "decoding.length_penalty", "decoding.coverage_penalty"),
    *("decoding.long", "decoding.unknown"),
    *("adapt.dynamic_lr", "adapt.dynamic_decay"),
)
# what may be changed to get a run that failed over that point
_MENDS = ("optim.lr", "optim.clip", "precision")
# all that is ever removed: what a run or its report writes, by exactly these names
_RESULT = (
    *("bundle.json", "metrics.json", "report.md"),
    *("curves.png", "confusion.png", "calibration.png", "roc_pr.png", "lags.png", "lr_range.png"),
    *("orders.png", "hits.png", "alignment.png", "map.html"),
)
_BEST = re.compile(r"best-\d+-\d+\.safetensors")
# by a run that was killed
_LEFT = re.compile(r"\..+\.\d+\.\d+\.tmp|\.bundle-.*|\.probe-\d+|\.scratch-.*")
_KINDS_OF_OURS = {
    "config.json": {"recipe", "config"},
    "bundle.json": {"kind", "format", "files"},
}


class Run:
    """The output folder of one training run.

    Nothing is written before the first row or checkpoint: a run that fails on its data leaves the
    folder as it was. Each row of the log goes to `log.jsonl` at once. A checkpoint holds everything
    that the rest of the run depends on, the length of the log included, so that a resumed run
    leaves the same files as one that was never stopped.

    A new run in the folder of an earlier one removes that one's result (bundle.json, metrics.json,
    report.md, pictures) when it writes its first row: a run that is stopped later is never taken
    for the model that stood there before. In a folder with files of another kind no run begins.
    Where something can be used until its successor is whole, `keep_bundle` leaves the earlier
    bundle.json there, for the recipe to replace.
    While it lives, the run holds a lock on the folder, where the system has such locks.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        config: Any,
        recipe: str,
        keep_bundle: bool = False,
    ) -> None:
        """Open the folder for a run, new or resumed.

        Args:
            folder: made where it is missing, and removed again if nothing is written.
            config: dataclass of the recipe; its field `resume`, where it has one, says to go on
                where a stopped run of the same configuration was.
            recipe: name of the recipe, for `config.json`.
            keep_bundle: do not remove an earlier bundle.json.

        Raises:
            ConfigError: the folder cannot be written, holds files that are not of a run, or is
                another run's at this moment; what is to be resumed is not there or was run with
                another configuration.
        """
        self.folder, self.started, self.before = Path(folder), time.monotonic(), 0.0
        self.saved = self.started
        self.checkpoint_path = self.folder / "checkpoint.safetensors"
        self.log_path = self.folder / "log.jsonl"
        self.failure_path = self.folder / "failure.json"
        options = to_dict(config)
        resume = options.get("resume", False)
        begun = {"resume": False} if resume else {}
        self._config = {"recipe": recipe, "config": {**options, **begun}}
        self._removed = [name for name in _RESULT if not (keep_bundle and name == "bundle.json")]
        self._log: IO[bytes] | None = None
        self._lock: IO[bytes] | None = None
        self._boards: dict[int, Any] = {}
        self._scratch: list[Path] = []
        self.state: dict[str, Any] | None = None
        self.finished: dict[int, int] = {}
        """Number of each network that is trained, and the step of its best weights."""
        if not resume:
            self._refuse_foreign()
        self._made = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
        self._make_writable()
        try:
            if resume:
                self._resume(config)
        except BaseException:
            self.close()
            raise

    def _refuse_foreign(self) -> None:
        """Refuse a folder of somebody's files: a run would write over them."""
        try:
            names = sorted(path.name for path in self.folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return  # `_make_writable` makes it, or says why it cannot
        except OSError as error:
            raise ConfigError(
                f"--out {self.folder}: cannot be read ({error.strerror}): choose another folder"
            ) from None
        # a range test leaves its picture in an empty folder, a killed search recipe a lock
        passed = (_LOCK, "lr_range.png", "write.lock")
        names = [name for name in names if name not in passed and not _LEFT.fullmatch(name)]
        if names and not any(_is_ours(self.folder / name) for name in _KINDS_OF_OURS):
            raise ConfigError(
                f"--out {self.folder}: holds files that no run of seqkit made ({names[0]}): choose "
                "another folder"
            )

    def _resume(self, config: Any) -> None:
        self._check_same(config)
        self.state = load_state(self.checkpoint_path)
        self.before, self.finished = self.state["seconds"], self.state["finished"]

    def _warn_of_earlier(self) -> None:
        if self.checkpoint_path.exists():
            logger.warning(
                "%s: holds a stopped run, which is now begun anew (--resume would continue it)",
                self.folder,
            )
        elif (self.folder / "bundle.json").exists():
            logger.warning(
                "%s: holds a finished run, which this one replaces (another --out would keep it)",
                self.folder,
            )

    def _make_writable(self) -> None:
        probe = self.folder / f".probe-{os.getpid()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"")
            probe.unlink()
            self._lock = lock_file(
                self.folder / _LOCK,
                where=f"--out {self.folder}",
                holder="another run",
                remedy="wait for it, or choose another folder",
            )
        except OSError as error:
            raise ConfigError(
                f"--out {self.folder}: cannot be written ({error.strerror}): choose another folder"
            ) from None

    def _begin(self, *, finished: bool = False) -> IO[bytes]:
        """Take the folder over, when there is first something to write; returns the log.

        Args:
            finished: the result that stands in the folder is this run's own.
        """
        if self._log is not None:
            return self._log
        if self.state is None:
            if not finished:
                self._warn_of_earlier()
                for name in self._removed:
                    (self.folder / name).unlink(missing_ok=True)
            self._clear()
            self._clear_boards()
        for left in self.folder.iterdir():
            if _LEFT.fullmatch(left.name) and left not in self._scratch:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        self.failure_path.unlink(missing_ok=True)
        write_json(self.folder / "config.json", self._config)
        self._log = open(self.log_path, "ab")  # noqa: SIM115 - lives as long as the run
        self._log.truncate(self.state["log_bytes"] if self.state else 0)
        self._log.seek(0, os.SEEK_END)  # or `tell` would answer with the length before
        return self._log

    def _check_same(self, config: Any) -> None:
        if not self.checkpoint_path.exists():
            raise ConfigError(
                f"--resume: {self.folder} holds no checkpoint; the run finished, or never reached "
                "its first: run it without --resume"
            )
        path = self.folder / "config.json"
        try:
            saved = read_json(path)["config"]
        except (FileNotFoundError, KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"--resume: {path} is missing or damaged ({error}): run without --resume"
            ) from None
        old = from_dict(type(config), saved, where=str(path))
        changes = [c for c in differences(old, config) if c.split(" ")[0] not in _FREE]
        mended = [c for c in changes if c.split(" ")[0] in _MENDS]
        if mended and mended == changes and self.failure_path.exists():
            logger.warning(
                "--resume with %s: no longer the run that was stopped, nor what its config.json "
                "would give again",
                " and ".join(mended),
            )
        elif changes:
            raise ConfigError(
                f"--resume: the stopped run in {self.folder} had other settings "
                f"({'; '.join(changes)}): give the same ones, or another --out"
            )

    def _board(self, network: int) -> Any:
        """Open the TensorBoard log of a network, each in a folder of its own; None without it."""
        if network in self._boards:
            return self._boards[network]
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ModuleNotFoundError:
            logger.info('tensorboard is not installed, no log for it: pip install "seqkit[plot]"')
            return self._boards.setdefault(network, None)
        folder = self.folder / "tensorboard"
        resumed = self.state and self.state["board_network"] == network
        board = SummaryWriter(
            str(folder / f"network-{network + 1}" if network else folder),
            purge_step=self.state["board_step"] + 1 if resumed else None,
            flush_secs=5,  # often: after a Ctrl-C while a row is added, closing waits for it
        )
        return self._boards.setdefault(network, board)

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        """Close the run; what stopped it gets a note where there is something to resume."""
        ours = self._log is not None or self.state is not None
        if isinstance(error, KeyboardInterrupt) and ours and self.checkpoint_path.exists():
            error.add_note("--resume goes on from the last checkpoint")
        if type(error) is SeqkitError and ours and self.checkpoint_path.exists():  # in training
            write_json(self.failure_path, {"error": str(error)})
            error.add_note(
                "the last good checkpoint is kept: --resume goes on from it, another --optim.lr, "
                "--optim.clip or --precision allowed"
            )
        self.close()

    @property
    def seconds(self) -> float:
        """Time spent in this run, earlier parts of a resumed one included."""
        return self.before + time.monotonic() - self.started

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a folder on the disk of the run for the length of the block."""
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".scratch-") as name:
            self._scratch.append(Path(name))
            yield Path(name)

    def log(self, event: str, *, step: int, network: int = 0, **values: Any) -> None:
        """Append a row to `log.jsonl` and its numbers to TensorBoard; networks count from 0."""
        which = {"network": network} if network else {}
        row = {"event": event, "step": step, **which, **{k: _finite(v) for k, v in values.items()}}
        log = self._begin()
        log.write(json.dumps(row).encode() + b"\n")
        log.flush()
        if board := self._board(network):
            for name, value in values.items():
                if isinstance(value, (int, float)):
                    board.add_scalar(f"{event}/{name}", value, step)

    def rows(self) -> list[dict[str, Any]]:
        """Read the log of this run back."""
        if self._log is None:
            return []
        return [json.loads(line) for line in self.log_path.read_bytes().splitlines()]

    def keep_best(self, weights: Mapping[str, Any], *, step: int, network: int = 0) -> None:
        """Write the best weights of a network so far, beside the best before.

        A kill between this and the checkpoint leaves the file that the older checkpoint knows.
        """
        self._begin()
        save_state(self._best_path(network, step), weights)

    def best(self, step: int, *, network: int = 0) -> dict[str, Any]:
        """Read the weights of a network kept at `step`."""
        return load_state(self._best_path(network, step))

    def _best_path(self, network: int, step: int) -> Path:
        return self.folder / f"best-{network}-{step}.safetensors"

    def due(self, seconds: float) -> bool:
        """Say whether the last checkpoint is `seconds` old."""
        return time.monotonic() - self.saved >= seconds

    def checkpoint(
        self, state: Mapping[str, Any], *, step: int, best_step: int, network: int = 0
    ) -> None:
        """Write the state to resume from; a full disk or a kill leaves the one before.

        Args:
            state: of the training of one network.
            step: updates of it so far.
            best_step: after which its best weights were kept.
            network: its number; those in `finished` are done.
        """
        extra = {
            "log_bytes": self._begin().tell(),
            "seconds": self.seconds,
            "board_network": network,
            "board_step": step,
            "finished": self.finished,
        }
        save_state(self.checkpoint_path, {**state, **extra})
        self.saved = time.monotonic()
        wanted = {self._best_path(*pair) for pair in self.finished.items()}
        wanted.add(self._best_path(network, best_step))
        for path in self._best_paths():
            if path not in wanted:
                path.unlink()

    def finish(self, metrics: Mapping[str, Any]) -> None:
        """Write `metrics.json` and drop the checkpoints: the bundle is there now."""
        self._begin(finished=True)
        write_json(self.folder / "metrics.json", metrics)
        self._clear()
        self.close()

    def _clear(self) -> None:
        self.checkpoint_path.unlink(missing_ok=True)
        for path in self._best_paths():
            path.unlink()

    def _best_paths(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if _BEST.fullmatch(path.name)]

    def _clear_boards(self) -> None:
        """Remove the TensorBoard logs of an earlier run, and the folders that are empty then."""
        folder = self.folder / "tensorboard"
        for place in [*folder.glob("network-*"), folder]:
            for path in place.glob("events.out.tfevents.*"):
                path.unlink()
            with contextlib.suppress(OSError):  # not there, or a user's file is in it
                place.rmdir()

    def close(self) -> None:
        """Close log and lock; safe to call twice. What was made for nothing is removed."""
        if self._log is not None:
            self._log.close()
        for board in filter(None, self._boards.values()):
            with contextlib.suppress(OSError):  # a full disk must not hide the first error
                board.close()
        if self._lock is not None:
            with contextlib.suppress(OSError):
                (self.folder / _LOCK).unlink()
            self._lock.close()
            self._lock = None
        if self._log is None:
            with contextlib.suppress(OSError):  # a folder that something was put in stays
                for folder in self._made:
                    folder.rmdir()


def _is_ours(path: Path) -> bool:
    """Say whether a JSON file is what a run of ours writes by this name."""
    try:
        content = read_json(path)
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and _KINDS_OF_OURS[path.name] <= content.keys()


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: they become null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
