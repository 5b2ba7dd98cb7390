"""Waking (唤醒) across processes: who enqueued a message says so, by LISTEN and NOTIFY.

It is told after the commit, in a statement of its own: inside, it would make all commits of the
server queue for one lock. A notice that is lost costs time only; the relay also looks by itself.
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

from gateway.adapters.ledger.session import Row
from gateway.adapters.storage.lanes import in_loop
from gateway.adapters.storage.postgres_session import connect

CHANNEL: Final = "duijie_outbox"
_PEERS_A_NOTICE: Final = 200  # of 20 characters at most; a notice holds 8000 bytes
_RETRY_S: Final = 1.0


def notify(connection: psycopg.Connection[Row], peers: set[str], sender: str) -> None:
    """Tell the other processes which peers got messages."""
    names = sorted(peers)
    for start in range(0, len(names), _PEERS_A_NOTICE):
        notice = json.dumps({"from": sender, "peers": names[start : start + _PEERS_A_NOTICE]})
        connection.execute(b"SELECT pg_notify(%s, %s)", (CHANNEL, notice))


class Wake:
    """Calls back, in the event loop, for messages enqueued here or by another process."""

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.name = secrets.token_hex(8)
        """Which notices are this process's own."""
        self._url, self._loop = url, loop
        self._callbacks: list[Callable[[set[str]], None]] = []
        self._ending, self._end = socket.socketpair()
        self._closed = threading.Event()
        self.listening = threading.Event()
        """Set once notices of others are heard."""
        self._thread = threading.Thread(target=self._listen, name="ledger-wake", daemon=True)
        self._thread.start()

    def add(self, callback: Callable[[set[str]], None]) -> None:
        """Have `callback` told which peers got messages."""
        self._callbacks.append(callback)

    def tell(self, peers: set[str]) -> None:
        """Call everybody back (in the event loop)."""
        for callback in self._callbacks:
            callback(peers)

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        self._end.close()
        self._thread.join()
        self._ending.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            with suppress(psycopg.Error), connect(self._url) as connection:
                connection.execute(f"LISTEN {CHANNEL}".encode(), prepare=False)
                self.listening.set()
                for peers in self._notices(connection):
                    in_loop(self._loop, self.tell, peers)
            self.listening.clear()
            self._closed.wait(_RETRY_S)  # the connection was lost, or cannot be had

    def _notices(self, connection: psycopg.Connection[Row]) -> Iterator[set[str]]:
        """Yield the peers of each notice from another process until this one is closed."""
        while True:
            select.select([connection.fileno(), self._ending.fileno()], [], [])
            if self._closed.is_set():
                return
            for notice in connection.notifies(timeout=0):
                said = json.loads(notice.payload)
                if said["from"] != self.name:
                    yield set(said["peers"])
