"""Write files whole or not at all, read small ones back, keep writers apart, tell a full disk."""

import contextlib
import errno
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from seqkit.errors import ConfigError, DataError

try:
    import fcntl
except ModuleNotFoundError:  # Windows: writers there are not kept apart
    fcntl = None

__all__ = [
    "atomic_write",
    "json_bytes",
    "lock_file",
    "read_json",
    "refuse_full_disk",
    "sha256",
    "write_bytes",
    "write_json",
]


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Yield a binary handle whose content appears at `path` only if the block succeeds.

    The bytes go to a temporary file in the same folder, are flushed to disk, and take the name in
    one rename: a reader sees the old file or the new one, and a full disk or a kill leaves the old.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with open(temporary, "wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to `path` atomically."""
    with atomic_write(path) as handle:
        handle.write(content)


def json_bytes(value: Any, *, indent: int | None = 2) -> bytes:
    """Render JSON as UTF-8; lone surrogates, which UTF-8 cannot hold, as their JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write `value` as JSON to `path` atomically."""
    write_bytes(path, json_bytes(value))


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read a JSON file (UTF-8)."""
    return json.loads(Path(path).read_bytes())


def sha256(path: str | os.PathLike[str]) -> str:
    """Hash a file without reading it whole, as 64 hexadecimal digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextlib.contextmanager
def refuse_full_disk(folder: str | os.PathLike[str], remedy: str) -> Iterator[None]:
    """Turn the OSError of a full disk, quota or size limit into a DataError of one line."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        reason = os.strerror(error.errno)
        raise DataError(f"{folder}: the disk is full ({reason}): {remedy}") from None


def lock_file(
    path: str | os.PathLike[str], *, where: str, holder: str, remedy: str
) -> IO[bytes] | None:
    """Lock a file against other processes until it is closed; None where there are no locks.

    The lock goes with the process that has it, however that one ends. Its number is in the file.

    Args:
        path: made where it is missing.
        where: what the message of the error begins with, such as an option and its value.
        holder: who has it then, such as "another run".
        remedy: what to do, for the end of the message.

    Raises:
        ConfigError: another one has it.
    """
    if fcntl is None:
        return None
    path = Path(path)
    while True:
        handle = open(path, "ab+")  # noqa: SIM115 - lives as long as its holder
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            number = handle.read(20).decode("ascii", "replace").strip()
            handle.close()
            process = f" (process {number})" if number else ""
            raise ConfigError(f"{where}: {holder} is at work there{process}: {remedy}") from None
        except OSError:  # a file system that cannot lock
            return handle
        # the one that had it may have removed the file since: then another may lock a new one
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle.fileno()), path.stat()):
                handle.truncate(0)
                handle.write(b"%d\n" % os.getpid())
                handle.flush()
                return handle
        handle.close()
