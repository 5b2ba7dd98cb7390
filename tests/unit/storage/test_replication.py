"""What a server's settings amount to: a commit is on two machines, or on one."""

import pytest

from storage.replication import Replication, replication


@pytest.mark.parametrize(
    ("names", "commit", "is_followed", "expected"),
    [
        ("", "on", False, Replication.NONE),
        (" ", "on", True, Replication.ASYNCHRONOUS),
        ("", "remote_apply", True, Replication.ASYNCHRONOUS),
        ("*", "on", True, Replication.SYNCHRONOUS),
        ("FIRST 1 (s1, s2)", "remote_apply", False, Replication.SYNCHRONOUS),  # commits wait for it
        ("*", "remote_write", True, Replication.SYNCHRONOUS),
        ("*", "local", True, Replication.ASYNCHRONOUS),
        ("*", "off", True, Replication.ASYNCHRONOUS),
        ("*", "local", False, Replication.NONE),
    ],
)
def test_only_a_commit_that_waits_for_a_standby_is_synchronous(
    names: str, commit: str, expected: Replication, *, is_followed: bool
) -> None:
    assert replication(names, commit, is_followed=is_followed) is expected
