"""Put an index that was built elsewhere in the place of what stands in a folder."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqkit import bundle
from seqkit.search.index import SearchIndex
from seqkit.search.manifest import Manifest, read_manifest, remove_leftovers, write_manifest
from seqkit.search.writer import lock_index

__all__ = ["install_index"]


def install_index(
    source: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    provenance: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Any] | None = None,
) -> SearchIndex:
    """Move an index to a folder on the same disk, over an earlier index there.

    A kill meanwhile leaves a folder without `bundle.json`, which nothing opens. Who has the earlier
    index open goes on reading it, and sees this one when it refreshes.

    Args:
        source: the index; what is left of it there is no index any more.
        folder: where to; other files in it are left alone.
        provenance, metrics: for `bundle.json`, see `seqkit.bundle.write`.

    Returns:
        The index in its new place.

    Raises:
        BundleError: there is no whole index at `source`.
        ConfigError: somebody writes to the index that stands in the folder.
        DataError: the disk is full.
    """
    source, folder = Path(source), Path(folder)
    saved, manifest = bundle.read(source), read_manifest(source)
    lock = lock_index(folder)
    try:
        (folder / "bundle.json").unlink(missing_ok=True)
        (folder / "manifest.json").unlink(missing_ok=True)
        remove_leftovers(folder, Manifest())
        (source / "bundle.json").unlink()
        for name in manifest.files:
            os.replace(source / name, folder / name)
        write_manifest(folder, manifest)
        bundle.write(
            folder,
            kind=saved.kind,
            files=saved.files(),
            provenance=provenance,
            metrics=metrics,
        )
    finally:
        if lock is not None:
            lock.close()
    return SearchIndex.open(folder)
