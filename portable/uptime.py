"""运行时长: a clock that nobody sets, and that goes on while the machine sleeps."""

import sys
import time


def uptime_s() -> float:
    """Return how long the machine has been up, the time it slept included.

    Linux: CLOCK_BOOTTIME, clock_gettime(2). macOS: CLOCK_MONOTONIC, which unlike Python's own
    monotonic clock counts sleep. Windows: the tick or performance counter, which counts it too.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()
