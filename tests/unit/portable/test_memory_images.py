"""A crash of the gateway leaves no image of its memory."""

import subprocess
import sys
from typing import Final

_CHILD: Final = """
import ctypes, resource
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from portable.memory_images import forbid_core_dumps
forbid_core_dumps()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_a_process_that_forbids_core_dumps_can_write_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD], capture_output=True, text=True, timeout=60, check=True
    )
    dumpable = "0" if sys.platform == "linux" else done.stdout.rpartition(" ")[2].strip()
    assert done.stdout.strip() == f"(0, 0) {dumpable}"
