"""What the measurements were made on."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def description() -> str:
    """Return processor, cores, memory, system and Python, for people."""
    return (
        f"{_field('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores, {_memory('MemTotal') / 1e9:.0f} GB, "
        f"{platform.system()} {platform.machine()}, {platform.python_implementation()} {platform.python_version()}"
    )


def free_memory() -> float:
    """Return how many bytes can be had without swapping."""
    return _memory("MemAvailable")


def _memory(name: str) -> float:
    return float(_field("/proc/meminfo", name).removesuffix("kB")) * 1024


def _field(path: str, name: str) -> str:
    lines = Path(path).read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith(name))
