"""Telling other processes, by LISTEN and NOTIFY, for which peers something was committed.

A process sends after its commit, in a statement of its own: inside, the notices would make all
commits of the server queue for one lock. A notice that is lost costs time only: subscribers also
look by themselves.
"""

import asyncio
import json
import secrets
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

import psycopg

from storage.postgres.connection import Connect
from storage.session import Row
from storage.work import call_in_loop

CHANNEL: Final = "duijie_commits"
_PEERS_A_NOTICE: Final = 200  # of 20 characters at most; a notice holds 8000 bytes
_RETRY_S: Final = 1.0
_ASK_S: Final = 5.0
"""After how long without a notice the server is asked whether it is still there."""


def notify(connection: psycopg.Connection[Row], peers: set[str], sender: str) -> None:
    """Send the other processes the names of peers; `sender` says whose notice it is."""
    names = sorted(peers)
    for start in range(0, len(names), _PEERS_A_NOTICE):
        notice = json.dumps({"from": sender, "peers": names[start : start + _PEERS_A_NOTICE]})
        connection.execute(b"SELECT pg_notify(%s, %s)", (CHANNEL, notice))


class PgNotifier:
    """Calls subscribers, in the event loop, for commits of this process and of others."""

    def __init__(self, connect: Connect, loop: asyncio.AbstractEventLoop) -> None:
        self.name = secrets.token_hex(8)
        """The sender of this process's own notices."""
        self._connect, self._loop = connect, loop
        self._subscribers: list[Callable[[set[str]], None]] = []
        self._ending, self._end = socket.socketpair()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="store-notifier", daemon=True)
        self._thread.start()

    def add(self, subscriber: Callable[[set[str]], None]) -> None:
        """Have `subscriber` called with the peers of each commit."""
        self._subscribers.append(subscriber)

    def call(self, peers: set[str]) -> None:
        """Call every subscriber (in the event loop)."""
        for subscriber in self._subscribers:
            subscriber(peers)

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        self._end.close()
        self._thread.join()
        self._ending.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            with suppress(psycopg.Error, OSError), self._connect() as connection:
                connection.execute(f"LISTEN {CHANNEL}".encode(), prepare=False)
                for peers in self._notices(connection):
                    call_in_loop(self._loop, self.call, peers)
            self._closed.wait(_RETRY_S)  # the connection was lost, or cannot be had

    def _notices(self, connection: psycopg.Connection[Row]) -> Iterator[set[str]]:
        """Yield the peers of each notice from another process until this one is closed."""
        while True:
            ready = select.select([connection.fileno(), self._ending.fileno()], [], [], _ASK_S)
            if self._closed.is_set():
                return
            if not any(ready):
                connection.execute(b"SELECT 1", prepare=False)  # raises where the line is dead
            for notice in connection.notifies(timeout=0):
                if peers := self._peers_of(notice.payload):
                    yield peers

    def _peers_of(self, payload: str) -> set[str]:
        """Return whom another process's notice names; nobody where it cannot be read.

        Whoever may connect to the database may notify.
        """
        try:
            said = json.loads(payload)
            return set() if said["from"] == self.name else set(said["peers"])
        except (LookupError, RecursionError, TypeError, ValueError):
            return set()
