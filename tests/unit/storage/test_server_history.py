"""Which server may be the one that was written to."""

import pytest

from storage.postgres.server_history import ServerPosition, objection

SEEN = ServerPosition(system=7, timeline=3, flushed=1000)


@pytest.mark.parametrize(
    ("now", "refused"),
    [
        (ServerPosition(7, 3, 1000), None),
        (ServerPosition(7, 3, 5000), None),
        (ServerPosition(7, 4, 900), None),  # a standby was promoted
        (ServerPosition(7, 3, 999), "left behind"),  # a copy of a machine, as it once was
        (ServerPosition(7, 2, 9000), "left behind"),  # the primary of before the failover
        (ServerPosition(8, 3, 1000), "another database cluster"),
    ],
)
def test_a_server_goes_on_from_where_it_was_seen(now: ServerPosition, refused: str | None) -> None:
    reason = objection(SEEN, now)
    assert reason is None if refused is None else refused in (reason or "")
