"""Write files whole or not at all, and read the small ones back."""

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

__all__ = ["atomic_write", "json_bytes", "read_json", "sha256", "write_bytes", "write_json"]


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
