"""内存映像: no image of the memory is written to disk, which holds keys and personal data."""

import ctypes
import sys
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def forbid_core_dumps() -> None:
    """Let a crash write no core file, and on Linux no other process of this user read the memory.

    The limit is lowered for good, so children cannot raise it. Nothing is done on Windows, where
    error reporting is a setting of the machine. Source: core(5), prctl(2).
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not there on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # a core piped to a handler ignores the limit; it heeds this, and so do ptrace and /proc
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
