"""What this machine trains on, without loading a backend."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Gpu:
    """One graphics card; memory in bytes."""

    index: int
    name: str
    memory: int


@dataclass(frozen=True, slots=True)
class Machine:
    """The processor and its cards; memory in bytes."""

    cpu: str
    cores: int
    memory: int
    gpus: tuple[Gpu, ...]

    def __str__(self) -> str:
        cpu = f"{self.cpu}, {self.cores} cores, {self.memory / 2**30:.0f} GiB"
        cards = [f"{g.name}, {g.memory / 2**30:.0f} GiB" for g in self.gpus]
        return " + ".join([*cards, cpu])


@cache
def machine() -> Machine:
    """Looks at this machine once."""
    import psutil

    return Machine(_cpu(), cores(), int(psutil.virtual_memory().total), _gpus())


def cores() -> int:
    """Returns the cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def default_slots() -> int:
    """Returns how many runs train at once: `DLT_SLOTS`, one a GPU, or cores/2."""
    given = os.environ.get("DLT_SLOTS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    return len(machine().gpus) or max(1, cores() // 2)


def label(device: str = "auto") -> str:
    """Names what a run with this `device` trains on."""
    gpus = machine().gpus
    if device == "cpu" or not gpus:
        return machine().cpu
    index = int(device.partition(":")[2] or 0)
    return gpus[min(index, len(gpus) - 1)].name


def visible(device: str) -> dict[str, str]:
    """Returns the environment that shows a process only `device`."""
    if device == "cpu":
        return {"CUDA_VISIBLE_DEVICES": "-1"}
    if device.startswith("gpu:"):
        return {"CUDA_VISIBLE_DEVICES": device.partition(":")[2]}
    return {}


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "CPU"


def _gpus() -> tuple[Gpu, ...]:
    program = shutil.which("nvidia-smi")
    if not program:
        return ()
    query = "--query-gpu=index,name,memory.total"
    try:
        out = subprocess.run(  # noqa: S603  # a fixed command
            [program, query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    rows = [line.split(", ") for line in out.splitlines() if line.count(", ") == 2]
    return tuple(Gpu(int(i), name, int(m) * 2**20) for i, name, m in rows)
