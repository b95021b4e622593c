"""Why a run ended, in words."""

import re
import signal
from pathlib import Path

_MEMORY = (
    "ResourceExhausted",
    "RESOURCE_EXHAUSTED",
    "OutOfMemory",
    "out of memory",
    "MemoryError",
    "Unable to allocate",
    "failed to allocate memory",
)
_CALLING = re.compile(r"Exception encountered when calling (\w+)\.call\(\)\.")
_ADVICE = "a smaller batch size or a smaller model needs less"


class NonFiniteLossError(ArithmeticError):
    """The loss became NaN or infinite."""


def describe(error: BaseException) -> str:
    """Puts an exception into one or two lines, with the layer where it is known."""
    text = str(error).strip()
    kind = type(error).__name__
    if isinstance(error, NonFiniteLossError):
        return text
    if isinstance(error, MemoryError) or any(m in f"{kind} {text}" for m in _MEMORY):
        return f"out of memory: {_first(text) or kind}; {_ADVICE}"
    layer = _CALLING.search(text)
    if layer:
        inner = _CALLING.sub("", text).strip()
        inner = re.split(r"\n\s*\n(?:Arguments received|Call arguments)", inner)[0]
        return f"in layer {layer.group(1)}: {_first(inner)}"
    return f"{kind}: {_first(text)}" if text else kind


def _first(text: str) -> str:
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", x).strip() for x in text.splitlines()]
    lines = [line for line in lines if line]
    return " ".join(lines[:2])[:600]


def describe_exit(code: int | None, *, killed_for_memory: bool = False) -> str:
    """Says how a process ended: `code` as in `Popen.returncode`, None if unknown."""
    if killed_for_memory:
        return f"the system ended the process because memory ran out; {_ADVICE}"
    if code is None:
        return "the process that trained it is gone"
    if code >= 0:
        return f"the process ended with exit code {code} before the run was over"
    name = signal.Signals(-code).name
    text = f"the process was killed by signal {-code} ({name})"
    if -code == signal.SIGKILL:
        return f"{text}; the system also does that when memory runs out"
    return text


def memory_kills() -> int:
    """Counts the processes that the kernel killed for memory in our group so far."""
    for path in (
        "/sys/fs/cgroup/memory.events",
        "/sys/fs/cgroup/memory/memory.oom_control",
    ):
        try:
            found = re.search(r"oom_kill (\d+)", Path(path).read_text())
        except OSError:
            continue
        if found:
            return int(found.group(1))
    return 0
