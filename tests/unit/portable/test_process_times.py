"""The processor time of a process is read from the system, whatever the process is called."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from portable.process_times import cpu_seconds

_TICK_S: Final = 0.01
"""In which the system counts, and what it may lag behind."""
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="no other system has the file")


@linux_only
def test_the_time_of_this_process_is_what_it_counts_itself() -> None:
    before = time.process_time()
    used = cpu_seconds(os.getpid())
    after = time.process_time()

    assert used is not None
    assert before - 5 * _TICK_S <= used <= after + 5 * _TICK_S


@linux_only
def test_a_name_with_blanks_and_brackets_is_passed_over(tmp_path: Path) -> None:
    named = tmp_path / "a) 9 (b"
    named.symlink_to(sys.executable)
    child = subprocess.Popen([named, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        used = cpu_seconds(child.pid)
    finally:
        child.communicate(b"\n")

    assert used is not None
    assert 0 <= used < 60


@linux_only
def test_a_process_that_is_gone_has_no_time() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()

    with pytest.raises(OSError, match=str(child.pid)):
        cpu_seconds(child.pid)
