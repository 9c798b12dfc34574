"""What it was measured on."""

import os
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def describe() -> Mapping[str, str]:
    """Processor, memory, kernel: for the report's head."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": _field("/proc/cpuinfo", "model name"),
        "processors": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, {_distribution()}",
    }


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return "unknown"


def fdatasync_times(folder: Path, count: int = 200) -> Sequence[float]:
    """Milliseconds that appending 4 KiB and fdatasync took, sorted: what a commit waits for."""
    path = folder / "fdatasync"
    block = os.urandom(4096)
    times = []
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for _ in range(count):
            begin = time.perf_counter()
            os.write(file, block)
            os.fdatasync(file)
            times.append((time.perf_counter() - begin) * 1000)
    finally:
        os.close(file)
        path.unlink()
    return sorted(times)
