"""子进程: how a child is started so that Ctrl-C reaches its parent alone."""

import subprocess
import sys
from typing import Final, TypedDict


class StartOptions(TypedDict, total=False):
    """What `subprocess` and `asyncio` take; only what this system knows is set."""

    start_new_session: bool
    creationflags: int


def _apart() -> StartOptions:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


APART: Final = _apart()
"""Starts a child in a group of its own: what interrupts the parent does not reach it."""
