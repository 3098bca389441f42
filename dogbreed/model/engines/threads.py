"""How many threads an engine may use, so that the server processes of one machine do not compete for its cores."""

import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")  # where Linux shows a container its limits


def inference_threads(processes: int) -> int:
    """This process's share of the cores, at least one, if `processes` run side by side."""
    return max(1, available_cores() // processes)


def available_cores(cgroups: Path = CGROUPS) -> int:
    """Whole cores that this process may use: its CPU affinity, limited by its container's quota.

    A quota of 2.5 cores gives 2: a third thread would use up the quota before the end of its period, and all threads
    would be paused until the next one, in the middle of an answer.
    """
    # Some systems, such as macOS, have no affinity.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, int(_quota(cgroups))))


def _quota(cgroups: Path) -> float:
    """A container's quota in cores (cgroup v2's `cpu.max`, v1's `cpu.cfs_*`); a very large number without one."""
    unlimited = 2.0**31
    try:
        if (cgroups / "cpu.max").is_file():
            quota, period = (cgroups / "cpu.max").read_text().split()
        else:
            quota, period = ((cgroups / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return int(quota) / int(period) if int(quota) > 0 else unlimited
    except (OSError, ValueError, ZeroDivisionError):  # no such files, or "max"
        return unlimited
