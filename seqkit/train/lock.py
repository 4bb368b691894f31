"""One run at a time in a folder."""

import contextlib
import os
from pathlib import Path
from typing import IO

from seqkit.errors import ConfigError

try:
    import fcntl
except ModuleNotFoundError:  # Windows: runs there are not kept apart
    fcntl = None

__all__ = ["LOCK", "lock_folder"]

LOCK = ".lock"
"""Name of the file that is locked."""


def lock_folder(folder: Path) -> IO[bytes] | None:
    """Lock the folder against other runs until the file is closed; None where there are no locks.

    Raises:
        ConfigError: another run has it.
    """
    if fcntl is None:
        return None
    path = folder / LOCK
    while True:
        handle = open(path, "ab")  # noqa: SIM115 - lives as long as the run
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            raise ConfigError(
                f"--out {folder}: another run is at work there: wait for it, or choose another "
                "folder"
            ) from None
        except OSError:  # a file system that cannot lock
            return handle
        # the run that had it may have removed the file since: then another may lock a new one
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle.fileno()), path.stat()):
                return handle
        handle.close()
