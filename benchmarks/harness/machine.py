"""The machine and the libraries that figures come from."""

import datetime
import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

__all__ = ["describe"]

_LIBRARIES = ("seqkit", "torch", "numpy", "scikit-learn")


def describe(*peers: str) -> dict[str, Any]:
    """Describe processor, memory, load and versions, without the name of the machine.

    Args:
        *peers: modules of peers, each listed with the distribution it is from, or as not installed.
    """
    owners = importlib.metadata.packages_distributions()
    distributions = [*_LIBRARIES, *(owners.get(peer, [peer])[0] for peer in peers)]
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {"python": platform.python_version(), **dict(map(_version, distributions))},
    }


def _version(distribution: str) -> tuple[str, str]:
    try:
        return distribution, importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return distribution, "not installed"


def _processor() -> str:
    """Name the processor as Linux does; elsewhere as Python knows it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
