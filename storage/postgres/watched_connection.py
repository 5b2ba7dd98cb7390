"""A PostgreSQL connection that does not wait for ever: a line that died without a word is dropped.

Where nothing comes back for a while, a second connection asks the server what became of the
statement. If the server is not at it, or cannot be reached, the answer will never come: the line
has swallowed it. If the server is at it, the wait goes on up to a limit.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from storage.session import Row

SILENCE_S: Final = 2.0
"""After how long without a word the server is asked about a statement."""
LONGEST_ANSWER_S: Final = 75.0
"""Longest wait for one answer; longer than any limit that the server itself keeps."""
CONNECT_TIMEOUT_S: Final = 3
DENIALS: Final = 2
"""How often in a row the server has to deny it: at the first an answer may be under way."""
_LINE: Final = {
    "connect_timeout": str(CONNECT_TIMEOUT_S),
    "keepalives": "1",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",  # ms
}
_AT_IT: Final = b"SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active'"

V = TypeVar("V")
Gen = Generator[Any, Any, V]  # of a driver: what it waits for, what is ready, its result


def line_settings(url: str) -> dict[str, Any]:
    """Return the parameters of a URL, with limits for a silent network where it names none."""
    return {**_LINE, **conninfo_to_dict(url)}


@dataclass(slots=True)
class _Wait:
    """The wait for one answer: since when, when it was last asked about, denied how often."""

    started: float = field(default_factory=time.monotonic)
    asked: float = field(default_factory=time.monotonic)
    denials: int = 0


class BoundedConnection(psycopg.Connection[Row]):
    """A connection that is dropped when nothing comes back for `silence_s`."""

    silence_s: float = SILENCE_S

    def wait(self, gen: Gen[V], *args: Any, **limits: Any) -> V:  # Any: the driver's own
        """Wait for the server.

        Raises:
            psycopg.OperationalError: No answer is to be expected on this connection any more.
        """
        return super().wait(self._watched(gen), *args, **limits)

    def _watched(self, gen: Gen[V]) -> Gen[V]:
        """Pass on what the driver waits for, and look at the clock while there is no answer.

        Notices that come in between are no answer.
        """
        wait = _Wait()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                self._look_at(wait)
                wanted = gen.send(ready)
        except StopIteration as end:
            result: V = end.value
            return result

    def _look_at(self, wait: "_Wait") -> None:
        """Ask, now and then, whether an answer may still come; drop the connection if not."""
        now = time.monotonic()
        if now - wait.asked <= self.silence_s:
            return
        silent_s = now - wait.started
        wait.denials = 0 if self._is_served(silent_s) else wait.denials + 1
        wait.asked = time.monotonic()
        if wait.denials == DENIALS:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer for {silent_s:.0f} s: connection dropped")

    def _is_served(self, silent_s: float) -> bool:
        """Say whether an answer may still come."""
        return False


class WatchedConnection(BoundedConnection):
    """A connection whose long statements are told from a line that died."""

    url: str = ""

    def _is_served(self, silent_s: float) -> bool:
        """Ask the server, on another connection, whether it is at our statement."""
        if silent_s > LONGEST_ANSWER_S:
            return False
        try:
            with BoundedConnection.connect(**line_settings(self.url), autocommit=True) as other:
                found = other.execute(_AT_IT, (self.info.backend_pid,)).fetchone()
        except errors.TooManyConnections:
            return True  # it lives; more cannot be known
        except psycopg.Error:
            return False
        return found is not None
