"""Standbys (备库): whether a commit waits for one, or a failover may lose what was acknowledged."""

from enum import StrEnum
from typing import Final

_WAITS_FOR_NOBODY: Final = frozenset({"local", "off"})


class Replication(StrEnum):
    """How the standbys of a database server take part in a commit."""

    NONE = "none"
    """No standby follows: what is acknowledged is on one disk."""
    ASYNCHRONOUS = "asynchronous"
    """A standby follows and no commit waits for it: a failover may lose the last of them."""
    SYNCHRONOUS = "synchronous"
    """A commit is answered once a standby has it."""


def replication(names: str, commit: str, *, is_followed: bool) -> Replication:
    """Return what a server's `synchronous_standby_names` and `synchronous_commit` amount to."""
    if names.strip() and commit not in _WAITS_FOR_NOBODY:
        return Replication.SYNCHRONOUS
    return Replication.ASYNCHRONOUS if is_followed else Replication.NONE
