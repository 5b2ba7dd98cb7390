"""处理器时间: how much processor time another process has used, from the system itself."""

import os
import sys
from pathlib import Path


def cpu_seconds(pid: int) -> float | None:
    """Return the seconds of processor time, user and system, of a process; None where unknown.

    Linux: the 14th and 15th value of /proc/PID/stat, proc(5). Elsewhere no file says it.

    Raises:
        OSError: There is no such process.
    """
    if sys.platform != "linux":
        return None
    stat = Path(f"/proc/{pid}/stat").read_bytes()
    values = stat.rpartition(b")")[2].split()  # the name before it may hold blanks and brackets
    return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")
