"""What this machine can give: memory for a job."""

from __future__ import annotations

from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_LIMITS = (
    (_CGROUP / "memory.max", _CGROUP / "memory.current"),
    (_CGROUP / "memory" / "memory.limit_in_bytes", _CGROUP / "memory" / "memory.usage_in_bytes"),
)


def available_memory() -> int:
    """Return the bytes that a new process can have: what is free, or what a container's limit leaves of it."""
    import psutil  # type: ignore[import-untyped]

    left = [_number(limit) - (_number(used) or 0) for limit, used in _LIMITS if _number(limit)]
    return int(min([psutil.virtual_memory().available, *left]))


def _number(path: Path) -> int:
    """Return the whole number in a file; 0 if there is none (no such file, or ``max``: no limit)."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0
